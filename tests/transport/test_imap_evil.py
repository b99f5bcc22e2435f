"""Servers that hang, drip, flood, lie and break off: one error each, in time and within bounds."""

import socket
import time
import tracemalloc
from contextlib import suppress
from threading import active_count

import pytest

from maild.errors import MailboxAway
from maild.transport import wire
from tests.servers.dovecot import free_port
from tests.servers.scripted_imap import GREETING, RAW, Peer, ScriptedImap, breaks_off, idles, says
from tests.transport.imap_rig import (
    MEMORY,
    MIB,
    OPERATION,
    SECRET,
    SOON,
    bounded,
    looked_at,
    only_for_bodies,
    opened,
    take_in,
)


def drips(peer: Peer, line: bytes) -> None:
    peer.say(b"* 1 FETCH (UID 1 BODY[]<0> {40}\r\n")
    peer.drip(b"x" * 40, every=0.05)


def promises_eight_gigabytes(peer: Peer, line: bytes) -> None:
    peer.say(b"* 1 FETCH (UID 1 BODY[]<0> {8000000000}\r\n")
    peer.flood(b"x" * MIB)


EVIL = {
    "says nothing": {"greeting": lambda peer, _: peer.hush()},
    "drips its greeting": {"greeting": lambda peer, _: peer.drip(b"* OK " + b"x" * 200)},
    "greets without an end": {"greeting": lambda peer, _: peer.flood(b"x" * MIB)},
    "greets with endless lines": {"greeting": lambda peer, _: peer.flood(b"* OK [ALERT] hello\r\n" * 1000)},
    "greets with goodbye": {"greeting": lambda peer, _: peer.say(b"* BYE too busy\r\n")},
    "greets in HTTP": {"greeting": lambda peer, _: peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")},
    "greets and hangs up": {"greeting": breaks_off(GREETING)},
    "hangs up": {"greeting": breaks_off()},
    "says it knows us already": {"greeting": lambda peer, _: peer.say(b"* PREAUTH welcome\r\n")},
    "has no capabilities": {"turns": {"CAPABILITY": says()}},
    "has capabilities of another alphabet": {"turns": {"CAPABILITY": says(b"CAPABILITY \xff\xfe")}},
    "is no IMAP4rev1": {"turns": {"CAPABILITY": says(b"CAPABILITY IMAP2")}},
    "hangs up at the login": {"turns": {"LOGIN": breaks_off()}},
    "says goodbye at the login": {"turns": {"LOGIN": breaks_off(b"* BYE shutting down\r\n")}},
    "answers a command nobody sent": {"turns": {"EXAMINE": lambda peer, _: peer.say(b"ZZZZ9 OK done\r\n")}},
    "never opens the folder": {"turns": {"EXAMINE": lambda peer, _: peer.hush()}},
    "opens the folder without UIDVALIDITY": {"turns": {"EXAMINE": says(b"1 EXISTS")}},
    "counts the folder in words": {"turns": {"EXAMINE": says(b"x EXISTS", b"OK [UIDVALIDITY one] valid")}},
    "floods a NOOP": {"turns": {"NOOP": lambda peer, _: peer.flood(b"* 1 FETCH (FLAGS (\\Seen))\r\n" * 1000)}},
    "refuses a NOOP": {"turns": {"NOOP": says(status=b"BAD what")}},
    "says goodbye instead of searching": {"turns": {"SEARCH": breaks_off(b"* BYE maintenance\r\n")}},
    "finds words": {"turns": {"SEARCH": says(b"SEARCH one two")}},
    "finds the same message for ever": {"turns": {"SEARCH": lambda peer, _: peer.flood(b"* SEARCH " + b"1 " * 100_000 + b"\r\n")}},
    "finds in a line that is too long by a byte": {"turns": {"SEARCH": says(b"SEARCH 1 ".ljust(1_000_001 - 4, b"1"))}},
    "fails to search": {"turns": {"SEARCH": says(status=b"NO [SERVERBUG] sorry")}},
    "finds the same last message for ever": {"turns": {"SEARCH": says(b"SEARCH 4294967295")}},
    "drips a mail": {"turns": {"FETCH": only_for_bodies(drips)}},
    "announces a mail of 8 GB": {"turns": {"FETCH": only_for_bodies(promises_eight_gigabytes)}},
    "sends a byte more than was asked for": {
        "turns": {"FETCH": only_for_bodies(says(b"1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)" % (len(RAW) + 2, RAW + b"xx")))}
    },
    "sends more than it announced": {"turns": {"FETCH": only_for_bodies(says(b"1 FETCH (UID 1 BODY[]<0> {5}\r\n%s)" % RAW))}},
    "sends less than it announced": {
        "turns": {"FETCH": only_for_bodies(breaks_off(b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s" % (len(RAW), RAW[:-5])))}
    },
    "says goodbye in the middle of a mail": {
        "turns": {"FETCH": only_for_bodies(breaks_off(b"* 1 FETCH (UID 1 BODY[]<0> {9}\r\nFrom* BYE\r\n"))}
    },
    "nests without end": {"turns": {"FETCH": says(b"1 FETCH " + b"(" * 100_000)}},
    "sends a number for a mail": {"turns": {"FETCH": only_for_bodies(says(b"1 FETCH (UID 1 BODY[]<0> 123)"))}},
    "ignores how much was asked for": {
        "turns": {"FETCH": only_for_bodies(says(b"1 FETCH (UID 1 BODY[] {%d}\r\n%s)" % (len(RAW), RAW)))},
    },
    "tells all sorts of things": {"turns": {"FETCH": lambda peer, _: peer.flood(b"* 1 FETCH (UID 1" + b" A 1" * 10_000 + b")\r\n")}},
    "tells all sorts of things about all sorts of mail": {
        "turns": {"FETCH": says(*(b"%d FETCH (UID %d A B)" % (n, n) for n in range(70_000)))}
    },
    "fetches nothing but trouble": {"turns": {"FETCH": says(status=b"NO [UNAVAILABLE] later")}},
    "does not know when mail came": {"turns": {"FETCH": says(b'1 FETCH (UID 1 RFC822.SIZE 10 INTERNALDATE "yesterday")')}},
    "does not know how large mail is": {
        "turns": {"FETCH": says(b'1 FETCH (UID 1 RFC822.SIZE NIL INTERNALDATE "03-Feb-2026 04:05:06 +0000")')},
    },
    "hangs up in IDLE": {"turns": {"IDLE": breaks_off(b"+ idling\r\n")}},
    "says goodbye in IDLE": {"turns": {"IDLE": breaks_off(b"+ idling\r\n* BYE idle too long\r\n")}},
    "says goodbye in IDLE and stays": {"turns": {"IDLE": idles(b"* BYE idle too long\r\n")}},
    "floods IDLE without a line": {"turns": {"IDLE": lambda peer, _: peer.flood(b"x" * MIB)}},
    "talks nonsense in IDLE": {"turns": {"IDLE": idles(b"what a lovely day\r\n")}},
    "announces a literal in IDLE": {"turns": {"IDLE": idles(b"* 1 FETCH (BODY[] {5}\r\n")}},
    "refuses IDLE": {"turns": {"IDLE": says(status=b"NO not now")}},
}


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_a_bad_server_is_away_and_a_good_one_is_fetched_next(evil) -> None:
    """Every bad server ends in one error within its time and memory, without a word of its own in it; the next connection works."""
    threads = active_count()
    with ScriptedImap(**evil) as server, opened(server) as mailbox:
        with bounded(), pytest.raises(MailboxAway) as raised:
            take_in(mailbox, wait=SOON / 2)
        assert str(raised.value).startswith(f"The IMAP server 127.0.0.1:{server.port} ")
        assert not any(word in str(raised.value) for word in (SECRET, "Hello", "busy", "sorry", "lovely"))
        assert take_in(mailbox) == RAW
    assert active_count() == threads


def sends_large_mails(peer: Peer, line: bytes) -> None:
    if b"BODY" in line:
        peer.flood(b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)\r\n" % (MIB, b"x" * MIB))
    else:
        says(b'1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "03-Feb-2026 04:05:06 +0000")' % MIB)(peer, line)


LINES = b"* 1 FETCH (UID 1" + b" A 1" * 10_000 + b")\r\n"

ENDLESS = {
    "lines at the greeting": {"greeting": lambda peer, _: peer.flood(b"* OK still greeting\r\n" * 1000)},
    "lines at a NOOP": {"turns": {"NOOP": lambda peer, _: peer.flood(LINES)}},
    "UIDs": {"turns": {"SEARCH": lambda peer, _: peer.flood(b"* SEARCH" + b" 1" * 10_000 + b"\r\n")}},
    "facts": {"turns": {"FETCH": lambda peer, _: peer.flood(LINES)}},
    "literals among the facts": {"turns": {"FETCH": lambda peer, _: peer.flood(b"* 1 FETCH (UID 1 X {9}\r\n123456789)\r\n" * 1000)}},
    "lines beside the mail": {"turns": {"FETCH": only_for_bodies(lambda peer, _: peer.flood(LINES))}},
    "small mails": {
        "turns": {"FETCH": only_for_bodies(lambda peer, _: peer.flood(b"* 1 FETCH (UID 1 BODY[]<0> {9}\r\n123456789)\r\n" * 1000))}
    },
    "large mails": {"turns": {"FETCH": sends_large_mails}},
    "lines in IDLE": {"turns": {"IDLE": lambda peer, _: peer.flood(b"+ idling\r\n" + LINES)}},
    "one line in IDLE": {"turns": {"IDLE": lambda peer, _: peer.flood(b"x" * MIB)}},
}


@pytest.mark.parametrize("evil", ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_ended_by_its_amount(evil) -> None:
    """Where there is all the time in the world, the amount still bounds what a server makes us hold."""
    with ScriptedImap(**evil) as server, opened(server, operation_timeout=600, read_timeout=600) as mailbox:
        tracemalloc.start()
        with pytest.raises(MailboxAway):
            take_in(mailbox, wait=600)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
        tracemalloc.stop()


def test_what_has_come_already_is_not_worked_off_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines in the buffer cost time too: here several times as much as there is."""
    monkeypatch.setattr(wire, "CHATTER_LIMIT", 16 * MIB)
    with ScriptedImap(turns={"IDLE": idles(b"* OK still here\r\n" * 800_000)}) as server, looked_at(server) as mailbox:
        began = time.monotonic()
        with suppress(MailboxAway):  # or the wait is over before
            mailbox.wait(0.1)
        assert time.monotonic() - began < OPERATION * 2.5


def test_a_closed_port_is_away() -> None:
    """Nobody listens: that passes by itself."""
    server = ScriptedImap()
    server.port = free_port()
    with opened(server) as mailbox, pytest.raises(MailboxAway, match="does not listen"):
        mailbox.select("INBOX")


def test_a_connection_that_nobody_accepts_is_away() -> None:
    """A full backlog, as behind a firewall that drops: the time-out for connecting holds."""
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        server = ScriptedImap()
        server.port = full.getsockname()[1]
        with opened(server) as mailbox, bounded(), pytest.raises(MailboxAway, match="in time"):
            mailbox.select("INBOX")


def test_keepalive_is_on() -> None:
    """The kernel asks a silent connection after a minute whether it still exists."""
    with ScriptedImap() as server, looked_at(server) as mailbox:
        sock = mailbox._client.wire.sock
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60
