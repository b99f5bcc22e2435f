"""Waiting: what is news, what is not, and servers that fall silent."""

import time
from threading import Event, Timer

import pytest

from maild.errors import MailboxAway
from maild.transport import wire
from tests.contracts.mailbox_contract import meanwhile
from tests.servers.scripted_imap import RAW, Peer, ScriptedImap, Turn, idles, says
from tests.transport.imap_rig import MIB, OPERATION, SOON, bounded, looked_at, take_in, waits

NEWS = {
    "one more message": (b"* 2 EXISTS\r\n", True),
    "a message that came with others' lines": (b"* OK still here\r\n* 1 FETCH (FLAGS ())\r\n* 2 EXISTS\r\n* 1 RECENT\r\n", True),
    "a message less": (b"* 1 EXPUNGE\r\n", True),
    "one came, one went": (b"* 1 EXPUNGE\r\n* 1 EXISTS\r\n", True),
    "the same number again, as some servers say at every IDLE": (b"* 1 EXISTS\r\n", False),
    "a flag": (b"* 1 FETCH (FLAGS (\\Seen))\r\n", False),
    "a sign of life": (b"* OK Still here\r\n", False),
    "half a line": (b"* 2 EXIS", False),
    "half a line's end": (b"* 2 EXISTS\r", False),
}


@pytest.mark.parametrize(("raw", "news"), NEWS.values(), ids=NEWS)
def test_only_news_ends_a_wait(raw: bytes, news: bool) -> None:
    """What tells of messages that come or go ends it at once; all else, half a line included, costs neither error nor time."""
    with ScriptedImap(turns={"IDLE": idles(raw)}) as server, looked_at(server) as mailbox:
        spent = time.thread_time()
        said, lasted = waits(mailbox, 0.3)
        assert said == news
        assert lasted < 0.2 if news else 0.3 <= lasted < 1
        assert time.thread_time() - spent < 0.1, "it spins"


def test_a_line_in_two_parts_is_a_line() -> None:
    """What TCP took apart is put together."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"+ idling\r\n")
        peer.drip(b"* 2 EXISTS\r\n", every=0.005)
        peer.hear()
        says()(peer, line)

    with ScriptedImap(turns={"IDLE": turn}) as server, looked_at(server) as mailbox:
        assert mailbox.wait(OPERATION)


def test_news_in_the_answer_to_a_search_is_no_secret() -> None:
    """A message that comes while the server searches is announced once, in that answer: the wait must know of it."""
    with ScriptedImap(turns={"SEARCH": says(b"SEARCH 1", b"2 EXISTS")}) as server, looked_at(server) as mailbox:
        assert mailbox.wait(OPERATION)
    assert not any(b"IDLE" in line for line in server.heard)


def test_a_message_in_the_place_of_one_that_went_is_news() -> None:
    """The number is the old one again, and it is another message all the same."""

    def expunged(peer: Peer, line: bytes) -> None:
        says(b"1 EXPUNGE")(peer, line)
        peer.server.turns["NOOP"] = says()

    with ScriptedImap(turns={"NOOP": expunged, "IDLE": idles(b"* 1 EXISTS\r\n")}) as server, looked_at(server) as mailbox:
        assert waits(mailbox, SOON)[1] < 1


def test_a_server_that_is_silent_about_what_came_before_idle_is_asked() -> None:
    """Some tell in IDLE only of what comes after it began: a NOOP before it brings the rest."""

    def once_and_then(peer: Peer, line: bytes) -> None:
        says()(peer, line)
        peer.server.turns["NOOP"] = says(b"2 EXISTS")

    with ScriptedImap(turns={"NOOP": once_and_then}) as server, looked_at(server) as mailbox:
        assert waits(mailbox, SOON)[1] < 1


def test_a_message_before_the_answer_to_idle_is_seen() -> None:
    """Lines that come before `+` count as well."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"* 2 EXISTS\r\n+ idling\r\n")
        peer.hear()
        says()(peer, line)

    with ScriptedImap(turns={"IDLE": turn}) as server, looked_at(server) as mailbox:
        assert mailbox.wait(OPERATION)
        assert list(mailbox.uids_above(0)) == [1]


@pytest.mark.parametrize("raw", [b"", b"* 2 EXIS"])
def test_interrupt_ends_idle_within_a_tenth_of_a_second(raw: bytes) -> None:
    """Also in the middle of a line; and the connection is kept."""
    entered = Event()
    rung_at: list[float] = []
    with ScriptedImap(turns={"IDLE": idles(raw, entered=entered)}) as server, looked_at(server) as mailbox:

        def ring() -> None:
            entered.wait(SOON)
            rung_at.append(time.monotonic())
            mailbox.interrupt()

        with meanwhile(ring):
            assert not mailbox.wait(SOON)
            assert time.monotonic() - rung_at[0] < 0.1
        assert list(mailbox.uids_above(0)) == [1] if not raw else True
        assert server.connections == 1


def talks_without_end(peer: Peer, line: bytes) -> None:
    peer.say(b"+ idling\r\n")
    peer.flood(b"* OK still here\r\n" * 1000)


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_talkative_server_keeps_no_wait_from_ending(monkeypatch: pytest.MonkeyPatch, interrupted: bool) -> None:
    """However fast it talks, the wait ends in time or when it is interrupted. Best of three: its flood is made by this same process."""
    monkeypatch.setattr(wire, "CHATTER_LIMIT", 1024 * MIB)
    waited = [waits_through_a_flood(interrupted) for _ in range(3)]
    assert not any(news for news, _ in waited)
    assert 0.2 <= min(lasted for _, lasted in waited) < 0.4


def waits_through_a_flood(interrupted: bool) -> tuple[bool, float]:
    with ScriptedImap(turns={"IDLE": talks_without_end}) as server, looked_at(server) as mailbox:
        timer = Timer(0.2, mailbox.interrupt)
        if interrupted:
            timer.start()
        waited = waits(mailbox, SOON if interrupted else 0.2)
        timer.cancel()
        return waited


def never_goes_into_idle(peer: Peer, line: bytes) -> None:
    peer.hush()


def never_leaves_idle(peer: Peer, line: bytes) -> None:
    peer.say(b"+ idling\r\n")
    peer.hush()


def answers_once(peer: Peer, line: bytes) -> None:
    peer.server.turns["NOOP"] = lambda peer, _: peer.hush()
    says()(peer, line)


@pytest.mark.parametrize("turn", [never_goes_into_idle, never_leaves_idle])
def test_a_hung_idle_is_never_late(turn: Turn) -> None:
    """A server that fell silent delays the wait by nothing; the next operation finds out."""
    with ScriptedImap(turns={"IDLE": turn}) as server, looked_at(server) as mailbox:
        news, lasted = waits(mailbox, 0.3)
        assert (news, lasted < 0.5) == (False, True)
        with bounded(), pytest.raises(MailboxAway):
            mailbox.uids_above(0)
        assert take_in(mailbox) == RAW


def test_a_literal_in_idle_is_not_waited_for() -> None:
    """Nothing that IDLE tells of needs one, and waiting for the rest of it could not be interrupted."""
    with ScriptedImap(turns={"IDLE": idles(b"* 1 FETCH (BODY[] {5}\r\n")}) as server, looked_at(server) as mailbox:
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            mailbox.wait(SOON)
        assert time.monotonic() - began < OPERATION / 3


@pytest.mark.parametrize("verb", ["NOOP", "IDLE"])
def test_a_dead_connection_is_found_out_promptly(monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """What any server answers at once is waited for much shorter than a mail."""
    monkeypatch.setattr(wire, "PROMPT_LIMIT", 0.2)
    turns = {"NOOP": answers_once} if verb == "NOOP" else {"IDLE": never_leaves_idle}
    with ScriptedImap(turns=turns) as server, looked_at(server, read_timeout=SOON, operation_timeout=SOON) as mailbox:
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            mailbox.uids_above(int(mailbox.wait(0)))
        assert 0.2 <= time.monotonic() - began < 1


def test_without_idle_the_time_passes_and_then_there_may_be_news() -> None:
    """Nobody can know, so the wait says: look. It can be interrupted like any other."""
    with ScriptedImap(capabilities=b"IMAP4rev1") as server, looked_at(server) as mailbox:
        news, lasted = waits(mailbox, 0.2)
        assert (news, 0.2 <= lasted < 1) == (True, True)
        mailbox.interrupt()
        assert waits(mailbox, SOON)[1] < 0.1
    assert not any(b"IDLE" in line for line in server.heard)


def test_idle_is_left_after_four_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long it is told to wait."""
    monkeypatch.setattr("maild.transport.imap.IDLE_LIMIT", 0.1)
    with ScriptedImap() as server, looked_at(server) as mailbox:
        assert waits(mailbox, 1000)[1] < 1


def test_a_wait_may_be_longer_than_an_operation() -> None:
    """The deadline of operations is not that of waiting."""
    with ScriptedImap() as server, looked_at(server) as mailbox:
        assert waits(mailbox, OPERATION * 1.5)[1] >= OPERATION * 1.5
        assert list(mailbox.uids_above(0)) == [1]
