"""The reader child: a real process that is killed, starved and misused, and the daemon's side that survives it."""

import io
import os
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild.errors import Unreadable
from maild.mail import reader
from maild.mail.identity import Own, loop_mark
from maild.mail.message import Sort
from maild.mail.parse import parse
from maild.mail.reading import Reader, from_headers
from maild.mail.wire import ask, pack, pack_own, unpack, unpack_own

HOUSE = str(Path(__file__).parents[2])
RAW = b"From: Lea <lea@visitor.example>\r\nSubject: At the workshop\r\n\r\nSomething happened.\r\n"
HOSTILE = b"Subject: hostile\r\n\r\n"


class Misread(Reader):
    """A reader whose child runs `code` for every mail whose Subject is `hostile`."""

    def __init__(self, own: Own, *, code: str, deadline: float = 30) -> None:
        super().__init__(own, deadline=deadline)
        self.code = code

    def command(self) -> list[str]:
        start = (
            "import sys; sys.path.append(sys.argv[1])\n"
            "import os, resource, signal\n"
            "from maild.mail import reader\n"
            "from maild.mail.parse import parse\n"
            "def hostile():\n"
            f"    {self.code}\n"
            "def misread(raw, *, own):\n"
            "    return hostile() if b'hostile' in raw else parse(raw, own=own)\n"
            "reader.CPU_SECONDS = 1\n"
            "reader.main(parse=misread)\n"
        )
        return [sys.executable, "-I", "-c", start, HOUSE]


@pytest.fixture
def child(own: Own) -> Iterator[Reader]:
    reader = Reader(own)
    yield reader
    reader.close()


def test_a_mail_is_read_by_the_child(child: Reader, own: Own) -> None:
    """What the child says is what reading the same bytes here says, mail after mail, by the same process."""
    first = child.read(RAW)
    assert first == parse(RAW, own=own)
    pid = child.pid
    assert child.read(RAW.replace(b"workshop", b"dinner")).subject == "At the dinner"
    assert child.pid == pid is not None


def test_what_is_ours_reaches_the_child(child: Reader, own: Own) -> None:
    """The child knows mailbox, key and server: it recognises a letter of ours."""
    mark = loop_mark(own.loop_key, "mfrggzdfmztwq2lknnwg23tpob").encode()
    assert child.read(b"X-Maild-Loop: " + mark + b"\r\n" + RAW).sort is Sort.LOOP
    assert unpack_own(pack_own(own)) == own


def test_a_big_mail_passes_the_pipe_and_leaves_nothing_behind(child: Reader) -> None:
    """A mail larger than any pipe's buffer is read, and the next one gets a fresh child."""
    child.read(RAW)
    pid = child.pid
    big = (
        RAW.replace(b"\r\n\r\n", b"\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
        + b"QUFB\r\n" * 1_000_000
    )
    assert child.read(big).attachments[0].name == "a.pdf"
    assert child.pid is None
    child.read(RAW)
    assert child.pid != pid


def test_a_killed_child_is_replaced(child: Reader) -> None:
    """A child that is gone before a mail costs nothing: another reads it."""
    child.read(RAW)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.read(RAW).subject == "At the workshop"


DEATHS = {
    "it ends": ("os._exit(1)", "died"),
    "it is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "died"),
    "it needs too much time of the processor": ("any(iter(int, 1))", "died"),
    "it wants more memory than it may have": ("bytearray(1 << 30)", "MemoryError"),
    "it raises": ("1 / 0", "ZeroDivisionError"),
    "it writes a file": ("os.write(os.open('/tmp', os.O_TMPFILE | os.O_WRONLY), b'x')", "OSError|died"),
    "it stops answering": ("signal.pause()", "in time"),
    "it says nonsense": ("print('{', flush=True) or os._exit(1)", "JSON|nonsense"),
    "it says no end": ("[sys.stdout.write('x' * 65536) for _ in iter(int, 1)]", "in time|died|nonsense|Memory"),
}


@pytest.mark.parametrize(("code", "words"), DEATHS.values(), ids=DEATHS)
def test_a_mail_that_hurts_the_child_hurts_nobody_else(own: Own, code: str, words: str) -> None:
    """Whatever happens to the child, the daemon gets `Unreadable`, and the next mail is read."""
    misread = Misread(own, code=code, deadline=3 if "pause" in code else 30)
    try:
        misread.read(RAW)
        with pytest.raises(Unreadable) as caught:
            misread.read(HOSTILE)
        assert re.search(words, str(caught.value)), str(caught.value)
        assert misread.pid is None
        assert misread.read(RAW).subject == "At the workshop"
    finally:
        misread.close()


BOMBS = {
    "3,000 multiparts inside each other": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3_000)
    ),
    "1 MB of encoded words in a header": b"Comments: " + b"=?utf-8?q?bomb?= " * 65_000 + b"\r\n\r\n",
    "600 kB of commas in To": b"To: " + b"," * 600_000 + b"\r\n\r\n",
    "100,000 empty parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\r\n" * 100_000,
    "a Received without an end": b'Received: envelope-from ("' + b"<" * 240_000 + b'")\r\n\r\n',
    "25 MB of empty lines": b"\r\n" + b"\n" * 25_000_000,
    "25 MB in one line": b"\r\n" + b"x" * 25_000_000,
    "an attachment of 25 MB": b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + (b"QUFB" * 19 + b"\r\n") * 320_000,
    "150,000 attributes": b"Content-Type: text/html\r\n\r\n<a " + b"".join(b"a%d " % n for n in range(150_000)) + b">",
    "a Content-Type full of semicolons": b'Content-Type: multipart/mixed; a="' + b";" * 64_000 + b'"\r\n\r\n',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_do_not_go_off(child: Reader, bomb: bytes) -> None:
    """The child reads the worst mails within its limits: sender and Subject are there, the rest is cut."""
    message = child.read(b"From: Lea <lea@visitor.example>\r\nSubject: At the workshop\r\n" + bomb)
    assert (message.subject, message.answer_to) == ("At the workshop", "lea@visitor.example")
    assert not any("cannot be read" in defect for defect in message.defects)


def test_a_child_that_never_reads_is_given_up(own: Own) -> None:
    """The deadline holds for sending a mail too, not only for the answer."""

    class Deaf(Reader):
        def command(self) -> list[str]:
            return [sys.executable, "-I", "-c", "import signal; signal.pause()"]

    deaf = Deaf(own, deadline=1)
    started = time.monotonic()
    with pytest.raises(Unreadable, match="in time"):
        deaf.read(RAW + b"x" * 10_000_000)
    assert time.monotonic() - started < 10
    assert deaf.pid is None


def test_a_child_that_hangs_up_has_died(own: Own) -> None:
    """A child that closes its standard input in the middle of a mail reads no more."""

    class Rude(Reader):
        def command(self) -> list[str]:
            return [sys.executable, "-I", "-c", "import os, signal; os.read(0, 1); os.close(0); signal.pause()"]

    with pytest.raises(Unreadable, match="died"):
        Rude(own).read(RAW + b"x" * 10_000_000)


def test_a_child_that_cannot_start_is_an_unreadable_mail(own: Own) -> None:
    """Where the child ends at once, the mail is unreadable and the daemon goes on."""

    class Stillborn(Reader):
        def command(self) -> list[str]:
            return [sys.executable, "-I", "-c", ""]

    stillborn = Stillborn(own)
    for _ in range(2):
        with pytest.raises(Unreadable, match="died"):
            stillborn.read(RAW + b"x" * 1_000_000)


def test_errors_hold_no_words_of_the_mail(own: Own) -> None:
    """What a library says of a mail stays in the child: the error names a class."""
    misread = Misread(own, code="raise ValueError('secret words')")
    try:
        with pytest.raises(Unreadable) as caught:
            misread.read(HOSTILE)
        assert "secret" not in f"{caught.value!r}{caught.value.__cause__!r}"
        assert caught.value.__context__ is None
    finally:
        misread.close()


def test_the_child_has_no_environment_of_ours(own: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that stand in the environment do not reach the child."""
    monkeypatch.setenv("MAILD_IMAP_PASSWORD", "secret")
    child = Reader(own)
    try:
        child.read(RAW)
        assert b"secret" not in Path(f"/proc/{child.pid}/environ").read_bytes()
        assert own.loop_key.hex().encode() not in Path(f"/proc/{child.pid}/cmdline").read_bytes()
        assert os.readlink(f"/proc/{child.pid}/cwd") == "/"
    finally:
        child.close()


def test_the_child_is_bounded(child: Reader) -> None:
    """Address space, processor time, files and core dumps of the child are limited, and SIGTERM is left to the daemon."""
    child.read(RAW)
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    soft = {line[:26].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert soft["Max address space"] == str(reader.ADDRESS_SPACE)
    assert 0 < int(soft["Max cpu time"]) <= 2 * reader.CPU_SECONDS
    assert soft["Max core file size"] == soft["Max file size"] == "0"
    assert child.pid is not None
    os.kill(child.pid, signal.SIGTERM)
    pid = child.pid
    assert child.read(RAW).subject == "At the workshop"
    assert child.pid == pid


def test_closing_twice_is_harmless(child: Reader) -> None:
    """A closed reader has no child, and a further mail starts one."""
    child.close()
    child.read(RAW)
    child.close()
    child.close()
    assert child.pid is None


@pytest.fixture
def spare_cpu() -> Iterator[None]:
    """Serving limits the process that does it; here that one has other tests to run."""
    before = resource.getrlimit(resource.RLIMIT_CPU)
    yield
    resource.setrlimit(resource.RLIMIT_CPU, before)


@pytest.mark.usefixtures("spare_cpu")
def test_serving_ends_with_its_input(own: Own) -> None:
    """The child answers mail after mail and ends when the daemon does."""
    answered = io.BytesIO()
    reader.serve(io.BytesIO(pack_own(own) + ask(RAW) + RAW + ask(b"") + b""), answered)
    first, second = answered.getvalue().splitlines(keepends=True)
    assert unpack(first) == parse(RAW, own=own)
    assert unpack(second).text == ""


@pytest.mark.usefixtures("spare_cpu")
def test_a_mail_that_cannot_be_read_is_refused_by_its_class(own: Own) -> None:
    """A refusal is a line too, and unpacking it raises `Unreadable`."""

    def misread(raw: bytes, *, own: Own) -> None:
        raise KeyError(raw)

    answered = io.BytesIO()
    reader.serve(io.BytesIO(pack_own(own) + ask(RAW) + RAW), answered, parse=misread)
    with pytest.raises(Unreadable, match="KeyError"):
        unpack(answered.getvalue())


def test_a_line_that_is_no_message_is_no_message() -> None:
    """Whatever else comes out of the child is `Unreadable`."""
    for line in (b"", b"{", b"[]\n", b'{"a": 1}\n', b"[1, 2]\n", b"\xff\n", pack(parse(RAW, own=Own(mailbox="a@b.example")))[:-20]):
        with pytest.raises(Unreadable):
            unpack(line)


def test_headers_alone() -> None:
    """The last resort: sender and Subject without the child, held back where the header says machine."""
    own = Own(mailbox="info@pymalta.example")
    message = from_headers(RAW, own=own)
    assert (message.subject, message.strict_sender, message.answerable) == ("At the workshop", "lea@visitor.example", True)
    assert message.defects == ("the reader child died on it; read from its headers only",)
    report = from_headers(b"Content-Type: Multipart/Report; boundary=b\r\n" + RAW, own=own)
    assert (report.sort, report.answerable) == (Sort.AUTOMATIC, False)
    odd = from_headers(RAW.replace(b"Lea <", b'"Borg, Lea" <'), own=own)
    assert (odd.sender, odd.strict_sender, odd.answerable) == (None, "lea@visitor.example", False)
