"""The SMTP courier against servers that hang, drip, lie and break off. What it does with decent ones stands in its contract."""

import contextlib
import dataclasses
import gc
import logging
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maild.errors import CourierAway, LoginRefused
from maild.ports import Outcome
from maild.transport.smtp import SmtpCourier, SmtpSettings
from tests.contracts.courier_contract import agreed, parcel, refused, send
from tests.servers.scripted_smtp import Conversation, Reply, Script, ScriptedSmtp, drip, drop, for_ever, hang, last_words

LONG = b"a line of a long mail\r\n" * 1_000_000
"""More than any socket buffer holds."""
GARBAGE = b"\xff\xfe\x00 nonsense\r\n"

away = pytest.raises(CourierAway)


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


@contextlib.contextmanager
def courier_to(server: ScriptedSmtp, **changes: Any) -> Iterator[SmtpCourier]:
    plain = SmtpSettings(
        host="localhost", port=server.port, tls="none", username=None, password=str, ca_file=None, local_hostname="maild.test"
    )
    courier = SmtpCourier(dataclasses.replace(plain, **changes))
    try:
        yield courier
    finally:
        courier.close()


def patience(script: Script) -> dict[str, float]:
    """Short time limits where a server lets us wait, else those of every day."""
    return dict.fromkeys(["connect_timeout", "command_timeout", "dot_timeout"], 0.5) if hang in script.values() else {}


def commands(server: ScriptedSmtp, connection: int = 0) -> list[bytes]:
    """The lines a server heard, mails left out."""
    conversation = server.conversations[connection]
    heard = bytes(conversation.heard)
    for mail in conversation.mails:
        heard = heard.replace(mail, b"")
    return heard.splitlines()


AWAY: list[tuple[str, Script]] = [
    ("421 as a greeting", {"greeting": b"421 too busy\r\n"}),
    ("554 as a greeting", {"greeting": b"554 no mail here\r\n"}),
    ("another kind of server", {"greeting": b"+OK POP3 ready\r\n"}),
    ("garbage as a greeting", {"greeting": GARBAGE}),
    ("no greeting", {"greeting": hang}),
    ("an end instead of a greeting", {"greeting": drop}),
    ("a greeting without an end", {"greeting": for_ever(b"220-and another thing\r\n")}),
    ("a greeting without a line end", {"greeting": for_ever(b"220 and ")}),
    ("a line longer than 8 KiB", {"greeting": b"220 " + b"x" * 9000 + b"\r\n"}),
    ("421 to EHLO", {"EHLO": b"421 going down\r\n"}),
    ("EHLO refused", {"EHLO": b"550 who are you?\r\n"}),
    ("EHLO unknown", {"EHLO": b"502 what?\r\n"}),
    ("no answer to EHLO", {"EHLO": hang}),
    ("an end instead of an answer to EHLO", {"EHLO": drop}),
    ("garbage as an answer to EHLO", {"EHLO": GARBAGE}),
    ("an answer to EHLO without an end", {"EHLO": for_ever(b"250-X-MORE\r\n")}),
    ("421 to MAIL", {"MAIL": b"421 going down\r\n"}),
    ("no answer to MAIL", {"MAIL": hang}),
    ("an end instead of an answer to MAIL", {"MAIL": drop}),
    ("garbage as an answer to MAIL", {"MAIL": GARBAGE}),
    ("an answer out of turn to MAIL", {"MAIL": b"354 go ahead\r\n"}),
    ("421 to RCPT", {"RCPT": b"421 going down\r\n"}),
    ("no answer to RCPT", {"RCPT": hang}),
    ("an end instead of an answer to RCPT", {"RCPT": drop}),
    ("garbage as an answer to RCPT", {"RCPT": GARBAGE}),
    ("half an answer to RCPT", {"RCPT": last_words(b"250 recip")}),
]


@pytest.mark.parametrize(("why", "script"), AWAY)
def test_away(why: str, script: Script) -> None:
    """A server that fails before it agreed is away, soon; nothing was sent, nobody is named, and the next connection is a new chance."""
    with ScriptedSmtp(script, {}) as server, courier_to(server, **patience(script)) as courier:
        with pytest.raises(CourierAway) as caught:
            courier.offer(parcel())
        assert server.mails == []
        assert "@" not in str(caught.value)
        assert send(courier, parcel()).outcome is Outcome.DELIVERED, why


REFUSALS: list[tuple[str, Script, Outcome, int]] = [
    ("the sender for now", {"MAIL": b"451 try later\r\n"}, Outcome.DEFERRED, 451),
    ("the sender for good", {"MAIL": b"550 no\r\n"}, Outcome.FAILED, 550),
    ("the size", {"MAIL": b"552 too big\r\n"}, Outcome.FAILED, 552),
    ("the recipient for now", {"RCPT": b"450 try later\r\n"}, Outcome.DEFERRED, 450),
    ("the recipient for good, in many words", {"RCPT": b"550-no\r\n550-really\r\n550 no\r\n"}, Outcome.FAILED, 550),
    ("the recipient, byte by byte", {"RCPT": drip(b"550 no\r\n")}, Outcome.FAILED, 550),
    ("the recipient, and RSET too", {"RCPT": b"550 no\r\n", "RSET": b"500 what?\r\n"}, Outcome.FAILED, 550),
    ("the recipient, and then all", {"RCPT": b"550 no\r\n", "RSET": drop}, Outcome.FAILED, 550),
]


@pytest.mark.parametrize(("what", "script", "outcome", "code"), REFUSALS)
def test_refused(what: str, script: Script, outcome: Outcome, code: int) -> None:
    """A refusal of sender or recipient is an answer, and the next parcel can be offered."""
    with ScriptedSmtp(script, {}) as server, courier_to(server) as courier:
        answer = refused(courier.offer(parcel()))
        assert (answer.outcome, answer.code) == (outcome, code), what
        assert b"RSET" in commands(server)
        assert server.mails == []
        courier.offer(parcel())


ANSWERS: list[tuple[str, Script, Outcome, int]] = [
    ("all by the book", {}, Outcome.DELIVERED, 250),
    ("251 to RCPT means yes", {"RCPT": b"251 will forward\r\n"}, Outcome.DELIVERED, 250),
    ("421 to DATA", {"DATA": b"421 going down\r\n"}, Outcome.DEFERRED, 421),
    ("DATA refused for now", {"DATA": b"451 try later\r\n"}, Outcome.DEFERRED, 451),
    ("DATA refused for good", {"DATA": b"554 no\r\n"}, Outcome.FAILED, 554),
    ("an answer out of turn to DATA", {"DATA": b"250 fine\r\n"}, Outcome.DEFERRED, 0),
    ("no answer to DATA", {"DATA": hang}, Outcome.DEFERRED, 0),
    ("an end instead of an answer to DATA", {"DATA": drop}, Outcome.DEFERRED, 0),
    ("garbage as an answer to DATA", {"DATA": GARBAGE}, Outcome.DEFERRED, 0),
    ("half an answer to DATA", {"DATA": last_words(b"354 go")}, Outcome.DEFERRED, 0),
    ("250 byte by byte", {"dot": drip(b"250-so\r\n250 queued\r\n")}, Outcome.DELIVERED, 250),
    ("250 and an end", {"dot": last_words(b"250 queued\r\n")}, Outcome.DELIVERED, 250),
    ("250 in many words that are no text", {"dot": b"250-\xff\xfe\r\n250-\x00\r\n250\r\n"}, Outcome.DELIVERED, 250),
    ("421 after the dot: not taken", {"dot": last_words(b"421 going down\r\n")}, Outcome.DEFERRED, 421),
    ("451 after the dot: not taken", {"dot": b"451 try later\r\n"}, Outcome.DEFERRED, 451),
    ("550 after the dot: not taken", {"dot": b"550 spam\r\n"}, Outcome.FAILED, 550),
    ("an end after the dot", {"dot": drop}, Outcome.UNCERTAIN, 0),
    ("no answer to the dot", {"dot": hang}, Outcome.UNCERTAIN, 0),
    ("garbage as an answer to the dot", {"dot": GARBAGE}, Outcome.UNCERTAIN, 0),
    ("an empty answer to the dot", {"dot": b"\r\n"}, Outcome.UNCERTAIN, 0),
    ("half an answer to the dot", {"dot": last_words(b"250 que")}, Outcome.UNCERTAIN, 0),
    ("half of an answer of many lines", {"dot": last_words(b"250-queued\r\n")}, Outcome.UNCERTAIN, 0),
    ("an answer to the dot without an end", {"dot": for_ever(b"250-and another thing\r\n")}, Outcome.UNCERTAIN, 0),
    ("an answer to the dot out of turn", {"dot": b"354 go ahead\r\n"}, Outcome.UNCERTAIN, 0),
    ("an answer to the dot that is none", {"dot": b"999 beyond\r\n"}, Outcome.UNCERTAIN, 0),
    ("a negative answer to the dot", {"dot": b"-25 below\r\n"}, Outcome.UNCERTAIN, 0),
]


@pytest.mark.parametrize(("why", "script", "outcome", "code"), ANSWERS)
def test_answered(why: str, script: Script, outcome: Outcome, code: int) -> None:
    """`send` never raises for the network; the outcome says on which side of the dot it broke; the next parcel goes."""
    with ScriptedSmtp(script, {}) as server, courier_to(server, **patience(script)) as courier:
        answer = agreed(courier.offer(parcel())).send()
        assert (answer.outcome, answer.code) == (outcome, code), why
        assert "@" not in answer.text
        agreed(courier.offer(parcel()))


@pytest.mark.parametrize(("why", "act"), [("reads nothing", hang), ("breaks off", drop)])
def test_long_mail_not_read(why: str, act: Callable[[Conversation], None]) -> None:
    """A server that agrees and does not read on has not got the dot: surely not sent."""

    def agree(conversation: Conversation) -> None:
        conversation.say(b"354 go ahead\r\n")
        act(conversation)

    with ScriptedSmtp({"DATA": agree}, {}) as server, courier_to(server, command_timeout=0.5) as courier:
        assert send(courier, parcel(body=LONG)).outcome is Outcome.DEFERRED, why
        assert send(courier, parcel()).outcome is Outcome.DELIVERED


def take_one(conversation: Conversation) -> None:
    """Take this mail, agree to another one, and break off at its DATA."""
    for reply in (b"250 queued\r\n", b"250 sender fine\r\n", b"250 recipient fine\r\n"):
        conversation.say(reply)
        conversation.line()
    drop(conversation)


def test_second_mail_lost_before_its_dot() -> None:
    """That an earlier mail got past its dot says nothing about the next one on the same connection."""
    with ScriptedSmtp({"dot": take_one}) as server, courier_to(server) as courier:
        assert send(courier, parcel(number=1)).outcome is Outcome.DELIVERED
        assert send(courier, parcel(number=2)).outcome is Outcome.DEFERRED
        assert len(server.conversations) == 1


@pytest.mark.parametrize(
    ("why", "script"),
    [
        ("421 means the end, even where the server stays", {"dot": b"421 going down\r\n"}),
        ("after an answer out of turn nobody knows where the server is", {"RCPT": b"550 no\r\n", "RSET": b"354 go ahead\r\n"}),
        ("so it is after garbage", {"RCPT": b"550 no\r\n", "RSET": GARBAGE}),
        ("so it is after an answer that was none", {"dot": b"354 go ahead\r\n"}),
    ],
)
def test_connection_not_used_again(why: str, script: Script) -> None:
    """Where the two sides may have lost step, the next parcel goes over a new connection, and the old one is closed."""
    with ScriptedSmtp(script, {}) as server, courier_to(server) as courier:
        send(courier, parcel(number=1))
        assert send(courier, parcel(number=2)).outcome is Outcome.DELIVERED
        assert len(server.conversations) == 2, why
        assert server.conversations[0].ended.wait(10)


def test_busy_is_not_idle() -> None:
    """`max_age` counts from the last answer, not from the beginning."""
    slow = drip(b"250 " + b"." * 40 + b"\r\n")
    with ScriptedSmtp({"dot": slow}) as server, courier_to(server, max_age=0.5) as courier:
        for _ in range(2):
            assert send(courier, parcel()).outcome is Outcome.DELIVERED
        assert len(server.conversations) == 1


OPTIONS: list[tuple[str, bytes, bytes, str, bytes]] = [
    ("nothing is offered", b"250 book.test\r\n", b"\xc3\xb1\r\n", "ana@else.test", b""),
    ("the size is told without the second dots", b"250-book.test\r\n250 SIZE\r\n", b"..\r\n", "ana@else.test", b" SIZE=%d"),
    ("8BITMIME is offered and not needed", b"250-book.test\r\n250 8BITMIME\r\n", b"n\r\n", "ana@else.test", b""),
    ("8BITMIME is needed", b"250-book.test\r\n250 8BITMIME\r\n", b"\xc3\xb1\r\n", "ana@else.test", b" BODY=8BITMIME"),
    ("SMTPUTF8 is offered and not needed", b"250-book.test\r\n250 SMTPUTF8\r\n", b"n\r\n", "ana@else.test", b""),
    ("SMTPUTF8 is needed", b"250-book.test\r\n250 SMTPUTF8\r\n", b"n\r\n", "għażiż@else.test", b" SMTPUTF8"),
]


@pytest.mark.parametrize(("why", "ehlo", "body", "recipient", "options"), OPTIONS)
def test_options(why: str, ehlo: bytes, body: bytes, recipient: str, options: bytes) -> None:
    """MAIL tells what the server knows and the parcel needs."""
    sent = parcel(recipient, body=body)
    wanted = options % len(sent.raw) if b"%" in options else options
    with ScriptedSmtp({"EHLO": ehlo}) as server, courier_to(server) as courier:
        assert send(courier, sent).outcome is Outcome.DELIVERED
        heard = [b"EHLO maild.test", b"MAIL FROM:<info@pymalta.test>" + wanted, b"RCPT TO:<%s>" % recipient.encode(), b"DATA"]
        assert commands(server) == heard, why


def test_address_the_server_cannot_take() -> None:
    """An address beyond ASCII fails, with a reason, where the server has no SMTPUTF8; the next one goes."""
    with ScriptedSmtp() as server, courier_to(server) as courier:
        answer = refused(courier.offer(parcel("għażiż@else.test")))
        assert (answer.outcome, answer.code) == (Outcome.FAILED, 0)
        assert "SMTPUTF8" in answer.text
        assert send(courier, parcel()).outcome is Outcome.DELIVERED


def test_poisonous_recipient() -> None:
    """A recipient on whom the server breaks off twice running is deferred: else everybody behind would wait for ever."""
    with ScriptedSmtp({"RCPT": drop}) as server, courier_to(server) as courier:
        with away:
            courier.offer(parcel(number=1))
        with away:
            courier.offer(parcel(number=2))
        with away:
            courier.offer(parcel(number=1))
        answer = refused(courier.offer(parcel(number=1)))
        assert (answer.outcome, answer.code) == (Outcome.DEFERRED, 0)


def test_recipient_no_longer_suspect() -> None:
    """Breaking off for one recipient now and then, with an agreement in between, is the server's state again."""
    with ScriptedSmtp({"RCPT": drop}, {}, {"RCPT": drop}) as server, courier_to(server) as courier:
        with away:
            courier.offer(parcel())
        assert send(courier, parcel()).outcome is Outcome.DELIVERED
        courier.close()
        with away:
            courier.offer(parcel())


@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
def test_login_wanted(verb: str, code: int) -> None:
    """A server that wants a login first is the operator's business, and no fault of the parcel's."""
    with ScriptedSmtp({verb: b"%d 5.7.0 log in first\r\n" % code}, {}) as server, courier_to(server) as courier:
        with pytest.raises(LoginRefused, match=str(code)):
            courier.offer(parcel())
        assert send(courier, parcel()).outcome is Outcome.DELIVERED


def farewell(conversation: Conversation) -> None:
    """Answer the dot, then end the idle connection with 421, as Postfix does after five minutes."""
    conversation.say(b"250 queued\r\n")
    conversation.over.wait(0.02)
    conversation.say(b"421 4.4.2 timeout exceeded\r\n")
    drop(conversation)


@pytest.mark.parametrize(("how", "act"), [("at once", last_words(b"250 queued\r\n")), ("later, with 421", farewell)])
def test_kept_connection_found_dead(how: str, act: Callable[[Conversation], None]) -> None:
    """A kept connection that the server has ended is replaced without a word, however it ended."""
    with ScriptedSmtp({"dot": act}, {}) as server, courier_to(server) as courier:
        assert send(courier, parcel(number=1)).outcome is Outcome.DELIVERED
        assert server.conversations[0].ended.wait(10)
        assert send(courier, parcel(number=2)).outcome is Outcome.DELIVERED, how
        assert len(server.conversations) == len(server.mails) == 2


def test_only_one_new_connection() -> None:
    """Where the new connection fails as well, the server is away."""
    with ScriptedSmtp({"dot": last_words(b"250 queued\r\n")}, {"MAIL": drop}) as server, courier_to(server) as courier:
        send(courier, parcel())
        with away:
            courier.offer(parcel())
        assert len(server.conversations) == 2


def test_idle_for_too_long() -> None:
    """A connection older than `max_age` is left with QUIT, whether the server answers that or not."""
    with ScriptedSmtp({"QUIT": drop}, {}) as server, courier_to(server, max_age=0) as courier:
        for _ in range(3):
            assert send(courier, parcel()).outcome is Outcome.DELIVERED
        assert [commands(server, number)[-1] for number in range(2)] == [b"QUIT", b"QUIT"]


def refuse_to_part(conversation: Conversation) -> None:
    """Do not understand QUIT, and stay."""
    conversation.say(b"500 what?\r\n")
    hang(conversation)


@pytest.mark.parametrize(
    ("how", "reply"),
    [
        ("by the book", b"221 bye\r\n"),
        ("with an end", drop),
        ("with a refusal", refuse_to_part),
        ("with garbage", GARBAGE),
        ("never", hang),
    ],
)
def test_goodbye(how: str, reply: Reply) -> None:
    """`close` says QUIT and leaves, soon, however that is answered."""
    with ScriptedSmtp({"QUIT": reply}) as server, courier_to(server) as courier:
        send(courier, parcel())
        begun = time.monotonic()
        courier.close()
        assert time.monotonic() - begun < 10, how
        assert commands(server)[-1] == b"QUIT"
        gc.collect()  # a connection that is still open would complain


def test_interrupt_while_connecting(thread: ThreadPoolExecutor) -> None:
    """A server that does not greet does not hold up the end."""
    connected = threading.Event()

    def greet(conversation: Conversation) -> None:
        connected.set()
        hang(conversation)

    with ScriptedSmtp({"greeting": greet}) as server, courier_to(server) as courier:
        offering = thread.submit(courier.offer, parcel())
        assert connected.wait(10)
        courier.interrupt()
        with away:
            offering.result(10)


def test_interrupt_meets_an_answer(thread: ThreadPoolExecutor) -> None:
    """An interrupt that comes at the same moment as an answer is not lost."""
    for _ in range(30):

        def agree(conversation: Conversation) -> None:
            courier.interrupt()
            conversation.say(b"354 go ahead\r\n")
            hang(conversation)

        with ScriptedSmtp({"DATA": agree}) as server, courier_to(server) as courier:
            sending = thread.submit(agreed(courier.offer(parcel())).send)
            assert sending.result(10).outcome in {Outcome.DEFERRED, Outcome.UNCERTAIN}


def test_keyboard_interrupt() -> None:
    """Ctrl-C in the main thread stays what it is, and the connection it cut in half is not used again."""

    def press(conversation: Conversation) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        hang(conversation)

    with ScriptedSmtp({"MAIL": press}, {}) as server, courier_to(server) as courier:
        with pytest.raises(KeyboardInterrupt):
            courier.offer(parcel())
        assert send(courier, parcel()).outcome is Outcome.DELIVERED


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever breaks, no file and no thread stays open, and no library writes an address into the log."""
    caplog.set_level(logging.DEBUG)
    scripts = [script for _, script in AWAY if hang not in script.values()]
    files, threads = open_files(), threading.active_count()
    with ScriptedSmtp(*scripts, {}) as server, courier_to(server) as courier:
        for number, _ in enumerate(scripts):
            with away:
                courier.offer(parcel(number=number))
        agreed(courier.offer(parcel()))
    assert (open_files(), threading.active_count()) == (files, threads)
    assert "@" not in caplog.text


@pytest.fixture(scope="module")
def book() -> Iterator[tuple[ScriptedSmtp, SmtpCourier]]:
    with ScriptedSmtp() as server, courier_to(server) as courier:
        yield server, courier


PIECES = [
    b"\r\n",
    b"\r",
    b"\n",
    b".",
    b"..",
    b"x",
    b" ",
    b"\0",
    b"\x85",
    b"\xe2\x80\xa8",
    b"MAIL FROM:<evil@else.test>",
    b"RCPT TO:<evil@else.test>",
]
PIECES += [b"DATA", b"QUIT", b"BDAT 0 LAST", b"STARTTLS"]


@settings(max_examples=500)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=20))
def test_smuggling(book: tuple[ScriptedSmtp, SmtpCourier], pieces: list[bytes]) -> None:
    """Whatever the bytes of a parcel are, they are refused or arrive as one mail: never as a second one, never as a command (P-31)."""
    server, courier = book
    sent = parcel(body=b"".join(pieces) + b"\r\n")
    for conversation in server.conversations:
        conversation.heard.clear()
        conversation.mails.clear()
    try:
        outcome = send(courier, sent).outcome
    except ValueError:
        assert re.search(rb"\r(?!\n)|(?<!\r)\n", sent.raw)
        assert not any(conversation.heard for conversation in server.conversations)
        return
    assert outcome is Outcome.DELIVERED
    lines = server.mails[-1].split(b"\r\n")
    assert lines[-2:] == [b".", b""]
    assert b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:-2]) == sent.raw
    said = [line.partition(b" SIZE=")[0] for line in commands(server) if line != b"EHLO maild.test"]
    assert said == [b"MAIL FROM:<info@pymalta.test>", b"RCPT TO:<ana@else.test>", b"DATA"]
