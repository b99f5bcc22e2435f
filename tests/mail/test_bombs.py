"""The mails of finding F2 and their kin in ten sizes, read by the real child: what it costs, and what the daemon notices (security.md P-32).

In the quick run some of them in one size; `make test-deep` reads all and prints the figures.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from maild.errors import Unreadable
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.reader import ADDRESS_SPACE, CPU_SECONDS
from maild.mail.reading import Reader, from_headers

LARGEST = 25 * 1024 * 1024
"""Bytes: no larger mail is fetched."""
SIZES = tuple(LARGEST >> halved for halved in range(10))
QUICK_SIZE = 1024 * 1024
LATENCY = 1.0
"""Seconds that anything else in the daemon may have to wait."""
TICK = 0.005

Bomb = Callable[[int], bytes]


def grown(piece: bytes, size: int) -> bytes:
    return (piece * (size // len(piece) + 1))[:size]


def numbered(form: bytes, size: int) -> bytes:
    return b"".join(form % number for number in range(size // (len(form) + 6)))


HTML = b"Content-Type: text/html\r\n\r\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
BOMBS: dict[str, Bomb] = {
    "From of opening brackets": lambda size: b"From: " + grown(b"(", size) + b"\r\n\r\n",
    "From of quotes": lambda size: b"From: " + grown(b'"', size) + b"\r\n\r\n",
    "From of angle brackets": lambda size: b"From: " + grown(b"<", size) + b"\r\n\r\n",
    "a group that does not end": lambda size: b"From: " + grown(b"a:b@c.example,", size) + b"\r\n\r\n",
    "Message-ID of angle brackets": lambda size: b"Message-ID: " + grown(b"<", size) + b"\r\n\r\n",
    "References without an end": lambda size: b"References: " + grown(b"<a@b.example> ", size) + b"\r\n\r\n",
    "a Subject without an end": lambda size: b"Subject: " + grown(b"x", size) + b"\r\n\r\n",
    "a Subject of encoded words": lambda size: b"Subject: " + grown(b"=?utf-8?q?bomb?= ", size) + b"\r\n\r\n",
    "a Subject of beginnings of words": lambda size: b"Subject: " + grown(b"=?", size) + b"\r\n\r\n",
    "headers without an end": lambda size: numbered(b"X-%d: x\r\n", size) + b"\r\n",
    "a folded header": lambda size: b"Comments:" + grown(b"\r\n x", size) + b"\r\n\r\n",
    "a folded Received": lambda size: b"Received:" + grown(b"\r\n by (", size) + b"\r\n\r\n",
    "Authentication-Results of brackets": lambda size: b"Authentication-Results: a; " + grown(b"(", size) + b"\r\n\r\n",
    "To of commas": lambda size: b"To: " + grown(b",", size) + b"\r\n\r\n",
    "multiparts inside each other": lambda size: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (number, number) for number in range(size // 64)
    ),
    "messages inside each other": lambda size: grown(b"Content-Type: message/rfc822\r\n\r\n", size),
    "empty parts": lambda size: MIXED + grown(b"--b\r\n\r\n\r\n", size),
    "boundaries that are all different": lambda size: MIXED + numbered(b"--b%d\r\n\r\n\r\n", size),
    "parts with long types": lambda size: MIXED + grown(b"--b\r\nContent-Type: multipart/x; a=" + b";" * 400 + b"\r\n\r\n", size),
    "parameters": lambda size: b"Content-Type: text/plain" + grown(b"; a*0*=x", size) + b"\r\n\r\n",
    "one line": lambda size: b"\r\n" + grown(b"x", size),
    "empty lines": lambda size: b"\r\n" + grown(b"\n", size),
    "lines that end in CR": lambda size: b"\r\n" + grown(b"x\r", size),
    "NUL": lambda size: b"\r\n" + grown(b"\0", size),
    "quote marks": lambda size: b"\r\n" + grown(b"> \n>> On 1.1.2026 12:00 a@b wrote:\n", size),
    "attributions": lambda size: b"\r\n" + grown(b"On 20 Nov 2026 at 9:42, Ana <ana@example.org>\n", size),
    "tags": lambda size: b"\r\n" + grown(b"[resolve:nothing ", size),
    "base64 that is none": lambda size: b"Content-Transfer-Encoding: base64\r\n\r\n" + grown(b"!A=", size),
    "base64": lambda size: b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + grown(b"QUFB" * 19 + b"\r\n", size),
    "quoted-printable": lambda size: b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + grown(b"=\r\n", size),
    "uuencode": lambda size: b"\r\n" + grown(b"begin 644 a\n#86)C\n`\nend\n", size),
    "escapes of ISO-2022-JP": lambda size: b"\r\n" + grown(b"\x1b$B\x1b(B", size),
    "UTF-7": lambda size: b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + grown(b"+AGE-", size),
    "elements inside each other": lambda size: HTML + grown(b"<div>", size),
    "quotes inside each other": lambda size: HTML + grown(b"<blockquote>x", size),
    "tables inside each other": lambda size: HTML + grown(b"<table><td>", size),
    "attributes": lambda size: HTML + b"<a " + numbered(b"a%d ", size) + b">",
    "entities": lambda size: HTML + grown(b"&#1114111;&amp;", size),
    "a comment without an end": lambda size: HTML + b"<!--" + grown(b"--!", size),
    "a style sheet": lambda size: HTML + b"<p style='" + grown(b"display:", size) + b"'>",
    "format=flowed": lambda size: b"Content-Type: text/plain; format=flowed\r\n\r\n" + grown(b">x \n", size),
    "delivery status": lambda size: (
        b"Content-Type: message/delivery-status\r\n\r\n" + grown(b"Final-Recipient: rfc822; a@b.example\n\n", size)
    ),
    "a notice of failure": lambda size: b"From: MAILER-DAEMON@b.example\r\n\r\n" + grown(b"550 5.1.1 <a@b.example> unknown\n", size),
    "TNEF": lambda size: (
        b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + grown(b"\x02\x90\x06\0\0\0\0\0\0\0\0", size)
    ),
}


@dataclass(slots=True, kw_only=True)
class Bill:
    """What reading cost at worst."""

    cpu: float = 0.0
    memory: int = 0
    pause: float = 0.0
    unread: list[str] = field(default_factory=list)


def used(pid: int) -> tuple[float, int]:
    """Processor seconds and peak address space, in bytes, of a process."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    peak = re.search(r"VmPeak:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert peak
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) * 1024


class Watched(Reader):
    """A reader that looks what its child used before it lets it go."""

    def __init__(self, own: Own, bill: Bill) -> None:
        super().__init__(own)
        self._bill, self._before = bill, 0.0

    def read(self, raw: bytes) -> Message:
        """Read one mail; the child has no other."""
        self.wake()
        assert self.pid is not None
        self._before = used(self.pid)[0]
        try:
            return super().read(raw)
        finally:
            self.close()

    def close(self) -> None:
        """Look, then end the child."""
        if self.pid is not None:
            with suppress(AttributeError, AssertionError, FileNotFoundError):  # a child that is dead already has no memory
                spent, peak = used(self.pid)
                self._bill.cpu = max(self._bill.cpu, spent - self._before)
                self._bill.memory = max(self._bill.memory, peak)
        super().close()


@contextmanager
def ticking(bill: Bill) -> Iterator[None]:
    """Another thread of the same process, as the daemon has them, wants its turn all the time; how long it had to wait at worst."""
    ended = threading.Event()

    def tick() -> None:
        before = time.monotonic()
        while not ended.wait(TICK):
            now = time.monotonic()
            bill.pause, before = max(bill.pause, now - before - TICK), now

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def detonate(bombs: dict[str, Bomb], sizes: tuple[int, ...], own: Own) -> Bill:
    bill = Bill()
    reader = Watched(own, bill)
    for name, bomb in bombs.items():
        for size in sizes:
            raw = bomb(size)[:LARGEST]
            with ticking(bill):
                try:
                    reader.read(raw)
                except Unreadable:
                    bill.unread.append(f"{name}, {size} bytes")
                    from_headers(raw, own=own)
    return bill


def check(bill: Bill) -> None:
    assert bill.cpu <= CPU_SECONDS
    assert bill.memory <= ADDRESS_SPACE
    assert bill.pause <= LATENCY
    assert bill.unread == []


QUICK = ("From of quotes", "a Subject of encoded words", "empty parts", "quote marks", "tables inside each other", "format=flowed")


def test_some_once(own: Own) -> None:
    """A megabyte of each is read within the child's limits, and nobody waits for it."""
    check(detonate({name: BOMBS[name] for name in QUICK}, (QUICK_SIZE,), own))


@pytest.mark.deep
@pytest.mark.timeout(1_800)
def test_all_sizes(own: Own, capsys: pytest.CaptureFixture[str]) -> None:
    """From 50 kB to what is the most that is fetched."""
    for name, bomb in BOMBS.items():
        bill = detonate({name: bomb}, SIZES, own)
        with capsys.disabled():
            sys.stdout.write(f"\n{name}: {bill.cpu:.2f} s, {bill.memory >> 20} MiB, others wait {bill.pause * 1000:.0f} ms {bill.unread}")
        check(bill)
