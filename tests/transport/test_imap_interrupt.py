"""When maild stops, whatever it asks of the IMAP server is broken off, and nothing is lost by it: the mail stays there."""

import time
from threading import Event, Thread

import pytest

from maild.errors import MailboxAway
from maild.transport.imap import ImapMailbox
from tests.servers.scripted_imap import Peer, ScriptedImap, Turn, tag
from tests.servers.tls import Authority, Certificate
from tests.transport.imap_rig import LIMIT, SOON, only_for_bodies, opened, take_in

HANGS: dict[str, bytes] = {
    "says nothing": b"",
    "stops in a line": b"* 1 FETCH (UID 1",
    "stops in a mail": b"* 1 FETCH (UID 1 BODY[]<0> {10000}\r\nFrom: ana",
}


def hangs(raw: bytes, *, reached: Event) -> Turn:
    """A turn that says so much, and then nothing for as long as anybody waits."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(raw)
        reached.set()
        peer.hush()

    return turn


def broken_off(server: ScriptedImap, reached: Event, **changes: object) -> None:
    """A fetch that hangs is over at once when it is interrupted, and the next connection works."""
    with server, opened(server, read_timeout=60.0, operation_timeout=60.0, connect_timeout=SOON, **changes) as mailbox:
        mailbox.select("INBOX")
        uids = mailbox.uids_above(0)
        rung_at: list[float] = []

        def ring() -> None:
            reached.wait(SOON)
            rung_at.append(time.monotonic())
            mailbox.interrupt()

        thread = Thread(target=ring)
        thread.start()
        with pytest.raises(MailboxAway):
            mailbox.fetch(uids, size_limit=LIMIT)
        thread.join()
        assert time.monotonic() - rung_at[0] < 1
        assert take_in(mailbox)


@pytest.mark.parametrize("raw", HANGS.values(), ids=HANGS)
def test_a_fetch_that_hangs_is_broken_off(raw: bytes) -> None:
    """Wherever in its answer the server fell silent."""
    reached = Event()
    broken_off(ScriptedImap(turns={"FETCH": only_for_bodies(hangs(raw, reached=reached))}), reached)


@pytest.mark.parametrize("raw", HANGS.values(), ids=HANGS)
def test_a_fetch_that_hangs_is_broken_off_over_tls(authority: Authority, certificate: Certificate, raw: bytes) -> None:
    """The same where the other thread is inside TLS."""
    reached = Event()
    server = ScriptedImap(tls=certificate.server_context(), turns={"FETCH": only_for_bodies(hangs(raw, reached=reached))})
    broken_off(server, reached, host="localhost", tls="implicit", ca_file=authority.ca_file)


def look(mailbox: ImapMailbox) -> None:
    """Select and search, as intake does before it fetches."""
    mailbox.select("INBOX")
    mailbox.uids_above(0)


@pytest.mark.parametrize("verb", ["EXAMINE", "SEARCH", "NOOP"])
def test_every_other_question_is_broken_off_too(verb: str) -> None:
    """Selecting and searching hang no less than fetching."""
    reached = Event()
    server = ScriptedImap(turns={verb: hangs(b"", reached=reached)})
    with server, opened(server, read_timeout=60.0, operation_timeout=60.0) as mailbox:
        thread = Thread(target=lambda: (reached.wait(SOON), mailbox.interrupt()))
        thread.start()
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            look(mailbox)
        thread.join()
        assert time.monotonic() - began < SOON


def test_what_was_answered_is_not_broken_off() -> None:
    """Interrupted between two questions, the mailbox is as it was."""

    def answers(peer: Peer, line: bytes) -> None:
        peer.say(b"* SEARCH 1\r\n" + tag(line) + b" OK done\r\n")

    with ScriptedImap(turns={"SEARCH": answers}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        mailbox.interrupt()
        assert list(mailbox.uids_above(0)) == [1]
        assert server.connections == 1
