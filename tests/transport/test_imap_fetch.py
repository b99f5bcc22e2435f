"""Searching and fetching where servers are wrong about sizes, or say more or less than they should."""

import time
from datetime import UTC, datetime

import pytest

from maild.errors import MailboxAway
from maild.transport import wire
from tests.servers.scripted_imap import RAW, Peer, ScriptedImap, says
from tests.transport.imap_rig import LIMIT, MIB, OPERATION, bounded, only_for_bodies, opened, take_in


@pytest.mark.parametrize("size", [0, 1, len(RAW) - 1, len(RAW) + 1, 20 * MIB])
def test_a_wrong_size_costs_no_byte(size: int) -> None:
    """A server that is wrong about RFC822.SIZE, in either direction, still hands over the whole mail."""
    with ScriptedImap(size=size) as server, opened(server) as mailbox:
        assert take_in(mailbox) == RAW


@pytest.mark.parametrize("size", [10, MIB, 3 * MIB])
def test_a_large_mail_that_claims_to_be_small_is_whole(size: int) -> None:
    """What is larger than announced is read on, piece by piece, to its end."""
    raw = RAW.ljust(3 * MIB, b"x")
    with ScriptedImap(size=size, raw=raw) as server, opened(server) as mailbox:
        assert take_in(mailbox) == raw


def test_pieces_smaller_than_asked_for_are_put_together() -> None:
    """A server that gives less at a time than it is asked for has not come to the end."""

    def sparingly(peer: Peer, line: bytes) -> None:
        start = int(line.partition(b"<")[2].partition(b".")[0])
        piece = RAW[start : start + 10]
        says(b"1 FETCH (UID 1 BODY[]<%d> {%d}\r\n%s)" % (start, len(piece), piece))(peer, line)

    with ScriptedImap(turns={"FETCH": only_for_bodies(sparingly)}) as server, opened(server) as mailbox:
        assert take_in(mailbox) == RAW


def test_a_mail_over_the_limit_that_claims_to_be_small_is_cut() -> None:
    """The limit holds for what comes, not for what was announced."""
    raw = RAW.ljust(5 * MIB, b"x")
    with ScriptedImap(size=10, raw=raw) as server, opened(server) as mailbox, bounded():
        mailbox.select("INBOX")
        (fetched,) = mailbox.fetch([1], size_limit=2 * MIB)
    assert (fetched.truncated, fetched.raw) == (True, raw[: 256 * 1024])
    assert sum(b"BODY.PEEK" in line for line in server.heard) == 3


def test_a_mail_over_the_limit_costs_one_piece() -> None:
    """Nothing of it is asked for but its beginning."""
    raw = RAW.ljust(5 * MIB, b"x")
    with ScriptedImap(raw=raw) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        (fetched,) = mailbox.fetch([1], size_limit=2 * MIB)
    assert (fetched.truncated, fetched.size, fetched.raw) == (True, 5 * MIB, raw[: 256 * 1024])
    assert [line.split()[-1] for line in server.heard if b"BODY.PEEK" in line] == [b"(BODY.PEEK[]<0.262144>)"]


def test_pieces_that_never_end_are_cut_by_the_limit() -> None:
    """A server with a piece for every question stops being asked when the limit is passed."""

    def endless(peer: Peer, line: bytes) -> None:
        start = line.partition(b"<")[2].partition(b".")[0]
        says(b"1 FETCH (UID 1 BODY[]<%s> {1000}\r\n%s)" % (start, b"x" * 1000))(peer, line)

    with ScriptedImap(turns={"FETCH": only_for_bodies(endless)}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        with bounded(), pytest.raises(MailboxAway):
            mailbox.fetch([1], size_limit=100_000)


def test_a_mail_that_vanishes_between_its_pieces_is_left_out() -> None:
    """Half a mail is no mail: it has vanished."""
    raw = RAW.ljust(3 * MIB, b"x")

    def half(peer: Peer, line: bytes) -> None:
        first = b"1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)" % (MIB, raw[:MIB])
        says(*[first] if b"<0." in line else [])(peer, line)

    def turn(peer: Peer, line: bytes) -> None:
        sizes = says(b'1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "03-Feb-2026 04:05:06 +0000")' % len(raw))
        (half if b"BODY" in line else sizes)(peer, line)

    with ScriptedImap(turns={"FETCH": turn}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.fetch([1], size_limit=LIMIT)) == []


def test_what_nobody_asked_for_is_no_mail() -> None:
    """Flags of the message with that *number*, and mail with another UID, are not taken for the mail with that UID."""
    others = b"1 FETCH (FLAGS (\\Seen))", b'9 FETCH (UID 9 RFC822.SIZE 1 INTERNALDATE "03-Feb-2026 04:05:06 +0000" BODY[]<0> "x")'
    with ScriptedImap(turns={"FETCH": says(*others)}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.fetch([1], size_limit=LIMIT)) == []


@pytest.mark.parametrize(
    ("internaldate", "expected"),
    [
        (b" 3-Feb-2026 04:05:06 +0545", datetime(2026, 2, 2, 22, 20, 6, tzinfo=UTC)),
        (b"03-Feb-2026 04:05:06 -0930", datetime(2026, 2, 3, 13, 35, 6, tzinfo=UTC)),
        (b"29-Feb-2024 23:59:59 +0000", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        (b"01-Jan-2026 00:00:00 -0000", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"25-Oct-2026 02:30:00 +0200", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_internaldate_is_a_moment(internaldate: bytes, expected: datetime) -> None:
    """Half-hour zones, a day with one digit, `-0000` and a clock that is set back: the moment in UTC, exactly."""
    with ScriptedImap(internaldate=internaldate) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        (fetched,) = mailbox.fetch([1], size_limit=LIMIT)
    assert fetched.received_at == expected
    assert fetched.received_at.tzinfo is UTC


def test_a_slow_line_gets_a_large_mail_across(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail that keeps coming earns its time: the whole takes longer than an operation may, no piece of it does."""
    monkeypatch.setattr(wire, "PACE", 2 * MIB)
    raw = RAW.ljust(4 * MIB, b"x")

    def slowly(peer: Peer, line: bytes) -> None:
        peer.stopped.wait(OPERATION / 3)
        ScriptedImap._fetch(peer.server, peer, line)

    with ScriptedImap(raw=raw, turns={"FETCH": slowly}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        began = time.monotonic()
        (fetched,) = mailbox.fetch([1], size_limit=LIMIT)
        assert time.monotonic() - began > OPERATION
    assert fetched.raw == raw


def test_fifty_mails_come_in_one_fetch_and_large_ones_in_few() -> None:
    """Small mail shares a FETCH, and no FETCH asks for more than 8 MiB."""
    sizes = {uid: 100 if uid % 5 < 3 else 400_000 for uid in range(1, 101)}

    def turn(peer: Peer, line: bytes) -> None:
        uids = [int(uid) for uid in line.split()[3].split(b",")]
        if b"BODY" in line:
            says(*(b"%d FETCH (UID %d BODY[]<0> {%d}\r\n%s)" % (uid, uid, sizes[uid], b"x" * sizes[uid]) for uid in uids))(peer, line)
        else:
            date = b'INTERNALDATE "03-Feb-2026 04:05:06 +0000"'
            says(*(b"%d FETCH (UID %d RFC822.SIZE %d %s)" % (uid, uid, sizes[uid], date) for uid in uids))(peer, line)

    with ScriptedImap(turns={"FETCH": turn}) as server, opened(server, operation_timeout=10) as mailbox:
        mailbox.select("INBOX")
        fetched = mailbox.fetch(list(sizes), size_limit=LIMIT)
    assert {each.source.uid: len(each.raw) for each in fetched} == sizes
    asked = [line.split() for line in server.heard if b"BODY" in line]
    counts = [(words[3].count(b",") + 1, int(words[4].rpartition(b".")[2].rstrip(b">)"))) for words in asked]
    assert counts == [(50, 101), (20, 400_001), (20, 400_001), (10, 400_001)]
    assert all(count <= 50 and count * length <= 8 * MIB for count, length in counts)


def test_a_folder_of_a_million_is_searched_in_ranges() -> None:
    """No SEARCH asks for more than 50,000 UIDs, and the last message tells how far to go."""
    there = [1, 2, 49_999, 50_000, 50_001, 120_000, 150_001]

    def turn(peer: Peer, line: bytes) -> None:
        first, last = map(int, line.split()[4].removesuffix(b",*").split(b":"))
        found = sorted({uid for uid in there if first <= uid <= last} | {there[-1]})
        says(b"SEARCH " + b" ".join(b"%d" % uid for uid in found))(peer, line)

    with ScriptedImap(turns={"SEARCH": turn}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == there
        assert list(mailbox.uids_above(50_000)) == [50_001, 120_000, 150_001]
        assert list(mailbox.uids_above(150_001)) == []
    ranges = [line.split()[-1] for line in server.heard if b"SEARCH" in line]
    assert ranges[:4] == [b"1:50000,*", b"50001:100000,*", b"100001:150000,*", b"150001:200000,*"]
    assert ranges[4:] == [b"50001:100000,*", b"100001:150000,*", b"150001:200000,*", b"150002:200001,*"]


def test_what_cannot_be_a_uid_is_none() -> None:
    """UIDs have 32 bits; a number beyond is neither fetched nor searched up to."""
    with ScriptedImap(turns={"SEARCH": says(b"SEARCH 1 0 99999999999")}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == [1]


def test_no_answer_to_a_search_is_nothing_found() -> None:
    """Some servers leave the untagged line out where there is nothing to list."""
    with ScriptedImap(turns={"SEARCH": says()}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == []


def test_nothing_that_is_sent_sets_a_flag() -> None:
    """No word of a whole session could mark a mail as read, move it or delete it."""
    with ScriptedImap() as server, opened(server) as mailbox:
        take_in(mailbox)
    changing = (b"STORE", b"BODY[", b"RFC822 ", b"RFC822.TEXT", b"SELECT", b"MOVE", b"COPY", b"EXPUNGE", b"APPEND", b"DELETE", b"RENAME")
    assert not any(word in line.upper() for line in server.heard for word in changing)
