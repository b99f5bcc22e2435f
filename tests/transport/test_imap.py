"""The real mailbox with servers that hang, lie and break off, with every kind of TLS, and with what only some servers do.

What holds for every mailbox stands in tests/contracts.
"""

import base64
import socket
import ssl
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, active_count

import pytest

from maild.errors import CertificateRefused, LoginRefused, MailboxAway, MaildError, SecretUnreadable
from maild.transport import wire
from maild.transport.imap import ImapMailbox, ImapSettings
from maild.transport.tls import is_loopback, tls_context
from tests.contracts.mailbox_contract import meanwhile
from tests.servers.dovecot import PASSWORD, Account, Dovecot, free_port
from tests.servers.scripted_imap import GREETING, RAW, Peer, ScriptedImap, Turn, breaks_off, idles, says, tag
from tests.servers.tls import Authority, Certificate

LIMIT = 25 * 1024 * 1024
MIB = 1024 * 1024
OPERATION = 0.6
"""Seconds that the mailboxes of these tests give an operation."""
SOON = 3.0
"""Seconds in which every test of a bad server is over: far above `OPERATION`, far below the server's own patience."""
MEMORY = 32 * MIB
"""Bytes that a bad server may make us hold, its own included."""
SECRET = "correct horse"


@contextmanager
def opened(server: ScriptedImap, **changes) -> Iterator[ImapMailbox]:
    """A mailbox on a scripted server, not connected yet."""
    settings = {"host": "127.0.0.1", "port": server.port, "tls": "none", "username": "info", "password": lambda: SECRET}
    patience = {"connect_timeout": OPERATION, "read_timeout": OPERATION / 2, "operation_timeout": OPERATION}
    mailbox = ImapMailbox(ImapSettings(**settings | patience | changes))
    try:
        yield mailbox
    finally:
        mailbox.close()


def take_in(mailbox: ImapMailbox) -> bytes:
    """What intake does: open, search, fetch, wait."""
    mailbox.select("INBOX")
    (fetched,) = mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)
    mailbox.wait(0.1)
    return fetched.raw


@contextmanager
def bounded() -> Iterator[None]:
    """Time and memory hold, whatever the other side does."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        yield
        assert time.monotonic() - began < SOON
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def drips(peer: Peer, line: bytes) -> None:
    peer.say(b"* 1 FETCH (UID 1 BODY[]<0> {40}\r\n")
    peer.drip(b"x" * 40, every=0.05)


def promises_eight_gigabytes(peer: Peer, line: bytes) -> None:
    peer.say(b"* 1 FETCH (UID 1 BODY[]<0> {8000000000}\r\n")
    peer.flood(b"x" * MIB)


def only_for_bodies(turn: Turn) -> Turn:
    """Sizes are told well; the turn is for BODY.PEEK[] only."""

    def either(peer: Peer, line: bytes) -> None:
        if b"BODY.PEEK[]" in line:
            turn(peer, line)
        else:
            says(b'1 FETCH (UID 1 RFC822.SIZE %d INTERNALDATE "03-Feb-2026 04:05:06 +0000")' % len(RAW))(peer, line)

    return either


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
    "floods IDLE": {"turns": {"IDLE": lambda peer, _: peer.flood(b"* OK still here\r\n" * 1000)}},
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
            take_in(mailbox)
        assert str(raised.value).startswith(f"The IMAP server 127.0.0.1:{server.port} ")
        assert not any(word in str(raised.value) for word in (SECRET, "Hello", "busy", "sorry", "lovely"))
        assert take_in(mailbox) == RAW
    assert active_count() == threads


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
    sizes = {uid: 100 if uid <= 50 else 400_000 for uid in range(1, 101)}

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


REFUSED = {
    "with a code": (b"NO [AUTHENTICATIONFAILED] no", LoginRefused),
    "without a code": (b"NO login failed for info", LoginRefused),
    "as expired": (b"NO [EXPIRED] password", LoginRefused),
    "as nonsense": (b"BAD what", LoginRefused),
    "for now: the password server is down": (b"NO [UNAVAILABLE] later", MailboxAway),
    "for now: somebody has it": (b"NO [INUSE] locked", MailboxAway),
    "for now: too many": (b"NO [LIMIT] connections", MailboxAway),
    "for now: its own fault": (b"NO [SERVERBUG] oops", MailboxAway),
}


@pytest.mark.parametrize(("status", "error"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("verb", ["LOGIN", "AUTHENTICATE"])
def test_a_login_is_refused(status: bytes, error: type[MaildError], verb: str) -> None:
    """RFC 5530 tells whose fault it is; without a code it is the password's. The sentence names neither user nor password."""

    def authenticate(peer: Peer, line: bytes) -> None:
        peer.say(b"+ \r\n")
        peer.hear()
        says(status=status)(peer, line)

    turn = authenticate if verb == "AUTHENTICATE" else says(status=status)
    capabilities = b"IMAP4rev1 IDLE" + (b" AUTH=PLAIN" if verb == "AUTHENTICATE" else b"")
    with (
        ScriptedImap(turns={verb: turn}, capabilities=capabilities) as server,
        opened(server) as mailbox,
        bounded(),
        pytest.raises(error) as raised,
    ):
        mailbox.select("INBOX")
    assert str(server.port) in str(raised.value)
    assert "info" not in str(raised.value)
    assert SECRET not in str(raised.value)


def test_the_password_is_asked_for_at_every_login() -> None:
    """A secret that was changed is used at the next connection."""
    secrets = iter(("first", "second"))
    turns = {"EXAMINE": breaks_off()}
    with ScriptedImap(turns=turns) as server, opened(server, password=lambda: next(secrets)) as mailbox:
        with pytest.raises(MailboxAway):
            mailbox.select("INBOX")
        mailbox.select("INBOX")
    assert [line.split()[2:] for line in server.heard if b"LOGIN" in line] == [[b'"info"', b'"first"'], [b'"info"', b'"second"']]


def test_a_secret_that_cannot_be_read_is_said_as_such() -> None:
    """The house's own errors pass through; nothing was sent."""

    def unreadable() -> str:
        raise SecretUnreadable("The password file is missing.")

    with ScriptedImap() as server, opened(server, password=unreadable) as mailbox, pytest.raises(SecretUnreadable):
        mailbox.select("INBOX")


def answers_of(capabilities: bytes, **changes) -> list[bytes]:
    """What a client says to two challenges of AUTHENTICATE, decoded."""
    answers = []

    def turn(peer: Peer, line: bytes) -> None:
        answers.append(line.split()[2])
        for challenge in (b"+ \r\n", b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n"):
            peer.say(challenge)
            answers.append(base64.b64decode(peer.hear()))
        says(status=b"NO no")(peer, line)

    with (
        ScriptedImap(turns={"AUTHENTICATE": turn}, capabilities=capabilities) as server,
        opened(server, **changes) as mailbox,
        pytest.raises(LoginRefused),
    ):
        mailbox.select("INBOX")
    return answers


def test_plain_carries_any_letter() -> None:
    """Where the server takes SASL PLAIN (RFC 4616), name and password go as UTF-8 and cannot break the line."""
    expected = [b"PLAIN", "\0żgħir\0sé\r\ncret".encode(), b""]
    assert answers_of(b"IMAP4rev1 AUTH=PLAIN", username="żgħir", password=lambda: "sé\r\ncret") == expected


def test_a_token_goes_by_xoauth2() -> None:
    """Google's and Microsoft's form; the explanation of a refusal is answered with nothing."""
    expected = [b"XOAUTH2", b"user=info\1auth=Bearer ya29\1\1", b""]
    assert answers_of(b"IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2", auth="xoauth2", password=lambda: "ya29") == expected


@pytest.mark.parametrize("secret", ["sé", "a\r\nb LOGOUT", "a\0b"])
def test_login_carries_printable_ascii_only(secret: str) -> None:
    """What LOGIN cannot carry is refused here: above all a line end, which would start a command of its own."""
    with ScriptedImap() as server, opened(server, password=lambda: secret) as mailbox, pytest.raises(LoginRefused):
        mailbox.select("INBOX")
    assert not any(b"LOGIN" in line or b"LOGOUT" in line for line in server.heard)


def test_a_name_is_quoted() -> None:
    """Spaces and quotes of a user name stay inside it."""
    with ScriptedImap() as server, opened(server, username='in "fo', password=lambda: 'a"\\b') as mailbox:
        mailbox.select("INBOX")
    assert any(line.endswith(b' LOGIN "in \\"fo" "a\\"\\\\b"\r\n') for line in server.heard)


LISTS = {
    "by its special use": ([b'LIST (\\HasNoChildren \\Junk) "/" Reklama', b'LIST () "/" Spam'], "Reklama"),
    "by its special use, however spelt": ([b'LIST (\\JUNK) "/" Reklama'], "Reklama"),
    "by its name": ([b'LIST () "/" INBOX', b'LIST () "/" Spam'], "Spam"),
    "by its name below INBOX": ([b'LIST () "." INBOX', b'LIST () "." INBOX.spam'], "INBOX.spam"),
    "by Gmail's name": ([b'LIST (\\Noselect) "/" [Gmail]', b'LIST () "/" [Gmail]/Spam'], "[Gmail]/Spam"),
    "by Exchange's name": ([b'LIST () "/" "Junk E-mail"'], "Junk E-mail"),
    "the nearest of several": ([b'LIST () "/" Old/2019/Junk', b'LIST () "/" Junk'], "Junk"),
    "in another alphabet": ([b'LIST (\\Junk) "/" "&BCEEPwQwBDw-"'], "Спам"),
    "without a delimiter": ([b"LIST () NIL Junk"], "Junk"),
    "not where it cannot be opened": ([b'LIST (\\Noselect \\Junk) "/" Junk', b'LIST (\\NonExistent) "/" Spam'], None),
    "not by half a name": ([b'LIST () "/" Junkyard', b'LIST () "/" "Not Spam"'], None),
    "not in an empty list": ([], None),
}


@pytest.mark.parametrize(("lines", "expected"), LISTS.values(), ids=LISTS)
def test_the_junk_folder_is_found(lines: list[bytes], expected: str | None) -> None:
    """RFC 6154 first, then the names that servers without it use."""
    with ScriptedImap(turns={"LIST": says(*lines)}) as server, opened(server) as mailbox:
        assert mailbox.junk() == expected


def test_the_junk_folder_may_be_named() -> None:
    """The operator's word goes, and nobody is asked."""
    with ScriptedImap() as server, opened(server, junk_folder="Quarantine") as mailbox:
        assert mailbox.junk() == "Quarantine"
        assert server.connections == 0


def waits(mailbox: ImapMailbox, seconds: float) -> tuple[bool, float]:
    """What `wait` says, and how long it takes."""
    began = time.monotonic()
    news = mailbox.wait(seconds)
    return news, time.monotonic() - began


@contextmanager
def looked_at(server: ScriptedImap, **changes) -> Iterator[ImapMailbox]:
    """A mailbox whose folder is open and was searched."""
    with opened(server, **changes) as mailbox:
        mailbox.select("INBOX")
        mailbox.uids_above(0)
        yield mailbox


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
    turns = {"NOOP": says(b"1 EXPUNGE"), "IDLE": idles(b"* 1 EXISTS\r\n")}
    with ScriptedImap(turns=turns) as server, looked_at(server) as mailbox:
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


def test_what_has_come_already_is_not_worked_off_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines in the buffer cost time too: here several times as much as there is."""
    monkeypatch.setattr(wire, "CHATTER_LIMIT", 16 * MIB)
    with ScriptedImap(turns={"IDLE": idles(b"* OK still here\r\n" * 800_000)}) as server, looked_at(server) as mailbox:
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            mailbox.wait(0.1)
        assert time.monotonic() - began < OPERATION * 2.5


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


def test_a_folder_is_opened_for_reading_only_unless_told() -> None:
    """EXAMINE cannot change anything; SELECT is for whoever flags or moves."""
    turns = {"SELECT": says(b"1 EXISTS", b"OK [UIDVALIDITY 7] valid")}
    for read_only, verb in ((True, b"EXAMINE"), (False, b"SELECT")):
        with ScriptedImap(turns=turns) as server, opened(server, read_only=read_only) as mailbox:
            assert mailbox.select("INBOX").uidnext == (2 if read_only else 0)
        assert any(line.split()[1] == verb for line in server.heard)


def test_no_answer_to_a_search_is_nothing_found() -> None:
    """Some servers leave the untagged line out where there is nothing to list."""
    with ScriptedImap(turns={"SEARCH": says()}) as server, opened(server) as mailbox:
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == []


def test_nothing_that_is_sent_sets_a_flag() -> None:
    """No word of a whole session could mark a mail as read."""
    with ScriptedImap() as server, opened(server) as mailbox:
        take_in(mailbox)
    assert not any(word in line for line in server.heard for word in (b"STORE", b"BODY[", b"RFC822 ", b"RFC822.TEXT", b"SELECT"))


def test_the_name_of_a_folder_starts_no_command() -> None:
    """A line end in it is a letter like any other."""
    with ScriptedImap() as server, opened(server) as mailbox:
        mailbox.select("INBOX\r\nZ9 LOGOUT")
        assert server.heard[-1].endswith(b' EXAMINE "INBOX&AA0ACg-Z9 LOGOUT"\r\n')


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


def test_settings_do_not_show_who_logs_in() -> None:
    """Neither name nor secret stand in what a careless log line would print."""
    assert "info" not in repr(ImapSettings(host="h", port=1, tls="implicit", username="info", password=lambda: SECRET))


# TLS


def dovecot_settings(dovecot: Dovecot, account: Account, **changes) -> ImapSettings:
    settings = {"host": "localhost", "port": dovecot.port, "username": account.user, "password": lambda: PASSWORD}
    return ImapSettings(**settings | {"operation_timeout": 10} | changes)


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_every_way_in_works(dovecot: Dovecot, account: Account, authority: Authority, tls: str) -> None:
    """TLS from the start, STARTTLS, and clear text on loopback."""
    uid = account.append(RAW)
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, port=port, tls=tls, ca_file=authority.ca_file))
    try:
        mailbox.select("INBOX")
        assert isinstance(mailbox._client.wire.sock, ssl.SSLSocket) == (tls != "none")
        assert [(each.source.uid, each.raw) for each in mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)] == [(uid, RAW)]
        assert not mailbox.wait(0.1)
    finally:
        mailbox.close()


def test_a_wrong_password_is_refused(dovecot: Dovecot, account: Account) -> None:
    """Dovecot's own refusal."""
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, tls="none", password=lambda: "wrong"))
    try:
        with pytest.raises(LoginRefused):
            mailbox.select("INBOX")
    finally:
        mailbox.close()


def refused(server: ScriptedImap, **changes) -> str:
    """The sentence of a server that is not trusted; nothing secret reached it."""
    with server, opened(server, **changes) as mailbox, bounded(), pytest.raises(CertificateRefused) as raised:
        mailbox.select("INBOX")
    said = b"".join(server.heard)
    assert not any(word in said for word in (b"LOGIN", b"AUTHENTICATE", SECRET.encode()))
    return str(raised.value)


def starts_tls(certificate: Certificate, *, injected: bytes = b"") -> Turn:
    """STARTTLS, with something said in clear text after the OK."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(tag(line) + b" OK go ahead\r\n" + injected)
        peer.secure(certificate.server_context())

    return turn


def expired(authority: Authority) -> Certificate:
    return authority.issue(valid_until=datetime.now(UTC) - timedelta(hours=1))


BAD_CERTIFICATES: dict[str, Callable[[Authority, Path], Certificate]] = {
    "certificate has expired": lambda authority, _: expired(authority),
    "Hostname mismatch": lambda authority, _: authority.issue("mail.example.org"),
    "unable to get local issuer certificate": lambda _, elsewhere: Authority(elsewhere).issue(),
}


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize(("why", "make"), BAD_CERTIFICATES.items(), ids=BAD_CERTIFICATES)
def test_a_certificate_is_refused(authority: Authority, tmp_path: Path, tls: str, why: str, make) -> None:
    """Expired, for another name, or from an authority nobody named: the reason is said, and nothing secret was."""
    certificate = make(authority, tmp_path)
    if tls == "implicit":
        server = ScriptedImap(tls=certificate.server_context())
    else:
        server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starts_tls(certificate)})
    sentence = refused(server, tls=tls, host="localhost", ca_file=authority.ca_file)
    assert why in sentence or "certificate signature failure" in sentence
    assert f"localhost:{server.port}" in sentence


def test_starttls_that_is_not_offered_is_refused(authority: Authority) -> None:
    """A server without it, or somebody between who took it out of the answer: no clear text instead."""
    server = ScriptedImap(capabilities=b"IMAP4rev1 AUTH=PLAIN")
    assert "offers no STARTTLS" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_starttls_that_is_offered_and_not_done_is_refused(authority: Authority) -> None:
    """NO to STARTTLS is the same."""
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": says(status=b"NO not today")})
    assert "offers no STARTTLS" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_clear_text_after_starttls_is_refused(authority: Authority, certificate: Certificate) -> None:
    """Lines that came before the handshake would be taken for the server's own after it (as CVE-2011-0411): they end it."""
    injected = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 99 EXISTS\r\n"
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starts_tls(certificate, injected=injected)})
    assert "clear text" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_what_was_said_before_tls_is_forgotten(authority: Authority, certificate: Certificate) -> None:
    """Capabilities from before the handshake do not count: here they would have hidden that the server takes PLAIN."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"* CAPABILITY IMAP4rev1 FORGED\r\n* NO [UNAVAILABLE] forged\r\n")
        starts_tls(certificate)(peer, line)
        peer.server.capabilities = b"IMAP4rev1 AUTH=PLAIN"

    def authenticate(peer: Peer, line: bytes) -> None:
        peer.say(b"+ \r\n")
        peer.hear()
        says(status=b"NO no")(peer, line)

    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": turn, "AUTHENTICATE": authenticate})
    with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, pytest.raises(LoginRefused):
        mailbox.select("INBOX")
    assert any(line.split()[1:] == [b"AUTHENTICATE", b"PLAIN"] for line in server.heard)


def test_a_greeting_that_skips_the_login_does_not_skip_tls(authority: Authority) -> None:
    """PREAUTH forbids STARTTLS, so somebody between could say it: no folder is opened."""
    greeting = lambda peer, _: peer.say(b"* PREAUTH welcome\r\n")  # noqa: E731
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", greeting=greeting)
    with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, pytest.raises(MaildError):
        mailbox.select("INBOX")
    assert not any(b"EXAMINE" in line or b"LOGIN" in line for line in server.heard)


def test_a_port_without_tls_is_refused(authority: Authority) -> None:
    """TLS from the start on a port that speaks clear text: a mistake that waiting does not mend."""
    assert "speaks no TLS" in refused(ScriptedImap(), tls="implicit", ca_file=authority.ca_file)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_before_1_2_is_refused(authority: Authority, certificate: Certificate) -> None:
    """RFC 8996: TLS 1.0 and 1.1 are no TLS."""
    old = certificate.server_context()
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert "none newer than 1.1" in refused(ScriptedImap(tls=old), tls="implicit", ca_file=authority.ca_file)


def test_a_handshake_that_breaks_off_passes_by_itself(authority: Authority, certificate: Certificate) -> None:
    """A server that hangs up, or falls silent, during the handshake is away."""
    for greeting in (breaks_off(), lambda peer, _: peer.stopped.wait(SOON)):
        starttls = lambda peer, line, end=greeting: (peer.say(tag(line) + b" OK go\r\n"), end(peer, line))  # noqa: E731
        server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starttls})
        with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, bounded(), pytest.raises(MailboxAway):
            mailbox.select("INBOX")


def test_clear_text_stays_on_this_machine() -> None:
    """`tls = "none"` is refused for any other host before a connection is made."""
    settings = ImapSettings(host="mail.example.org", port=143, tls="none", username="info", password=lambda: SECRET)
    mailbox = ImapMailbox(settings)
    try:
        with pytest.raises(CertificateRefused, match="loopback only"):
            mailbox.select("INBOX")
    finally:
        mailbox.close()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n"])
def test_a_ca_file_must_be_one(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty or damaged: the sentence names the file."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CertificateRefused, match=r"ca\.pem"):
        tls_context(path)


def test_the_context_verifies() -> None:
    """Certificate and name, TLS 1.2 or newer, with the system's authorities too."""
    context = tls_context(None)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


LOOPBACK = {
    "localhost": True,
    "127.0.0.1": True,
    "127.9.9.9": True,
    "::1": True,
    "0.0.0.0": False,
    "192.168.0.1": False,
    "::": False,
    "localhost.example.org": False,
    "mail.example.org": False,
    "": False,
}


@pytest.mark.parametrize(("host", "expected"), LOOPBACK.items())
def test_loopback_is_known_without_asking(host: str, expected: bool) -> None:
    """By the name localhost or by the address, never by what a name server says."""
    assert is_loopback(host) is expected


# Dovecot in other shapes


def test_a_dovecot_without_idle_is_polled(tmp_path: Path) -> None:
    """A server whose CAPABILITY lacks IDLE is asked again after the time that was given."""
    server = Dovecot(extra="imap_capability = IMAP4rev1 UIDPLUS LITERAL+")
    try:
        account = server.start().account()
        mailbox = ImapMailbox(dovecot_settings(server, account, tls="none"))
        mailbox.select("INBOX")
        assert list(mailbox.uids_above(0)) == []
        uid = account.append(RAW)
        assert mailbox.wait(0.1)
        assert list(mailbox.uids_above(0)) == [uid]
        mailbox.close()
    finally:
        server.remove()


def test_mail_by_lmtp_keeps_the_detail_of_its_address(dovecot: Dovecot, account: Account) -> None:
    """The rig itself: a plus-address is delivered to its owner and stands in Delivered-To."""
    account.deliver(RAW, detail="b.token")
    mailbox = ImapMailbox(dovecot_settings(dovecot, account, tls="none"))
    mailbox.select("INBOX")
    (fetched,) = mailbox.fetch(mailbox.uids_above(0), size_limit=LIMIT)
    mailbox.close()
    name, _, domain = account.user.partition("@")
    assert f"Delivered-To: {name}+b.token@{domain}\r\n".encode() in fetched.raw
    assert fetched.raw.endswith(RAW)


def test_only_listed_people_may_log_in() -> None:
    """The rig itself: with `users` Dovecot knows these and nobody else."""
    server = Dovecot(users={"ana@pymalta.test": "hers"})
    try:
        server.start()
        for password, error in (("hers", None), (PASSWORD, LoginRefused)):
            account = Account(server=server, user="ana@pymalta.test", password=password)
            mailbox = ImapMailbox(dovecot_settings(server, account, tls="none", password=lambda password=password: password))
            if error is None:
                assert mailbox.select("INBOX").exists == 0
            else:
                with pytest.raises(error):
                    mailbox.select("INBOX")
            mailbox.close()
    finally:
        server.remove()
