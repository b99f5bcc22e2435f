"""Mails that nobody would write: those of tests/mails, torn, doubled, spliced and full of what parsers trip over, read in-process.

`make test-deep` does it for ten minutes. Who finds one that hurts makes a fixture of it.
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.parse import parse
from maild.mail.reader import CPU_SECONDS
from maild.mail.text import ATTACHMENTS_LIMIT, TEXT_LIMIT
from maild.mail.wire import pack, unpack

TESTS = Path(__file__).parents[1]
MAILS = tuple(path.read_bytes() for folder in ("mails", "quoting") for path in sorted((TESTS / folder).glob("*.eml")))

QUICK = 400
"""Mails of the quick run."""
MINUTES = 10
LARGEST = 200_000
"""Bytes of a mail that has grown."""

PIECES = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\x1b$B",
    b"\x1b(B",
    b" ",
    b"\t",
    b">",
    b"> ",
    b"-- \n",
    b"--b\r\n",
    b"--b--\r\n",
    b'"',
    b"(",
    b"<",
    b"<>",
    b"@",
    b";",
    b"=",
    b"=\r\n",
    b"=?utf-8?q?",
    b"=?utf-8?b?4pyT?=",
    b"=?x?y?z?=",
    b"?=",
    b"[",
    b"]",
    b"[resolve:nothing]\r\n",
    b"[reply]\n",
    b"On Monday Ben wrote:\n",
    b"From: x\r\n",
    b"From ",
    b"Subject: =?",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: text/html\r\n",
    b"Content-Type: text/plain; charset=utf-7; format=flowed; delsp=yes\r\n",
    b"Content-Type: application/ms-tnef\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"begin 644 a\n#86)C\nend\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''%e2; filename*1=../a\r\n",
    b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\n\r\n",
    b"<blockquote>",
    b"</div>",
    b"<div class=gmail_quote>",
    b"<table>",
    b"<!--",
    b"&#x110000;",
    b"&#0;",
    b"550 5.1.1 <a@b.example>",
    "ħġż".encode(),
    "é".encode("latin-1"),
    b"Received: by x.example\r\n",
    b"Authentication-Results: mail.pymalta.example; dmarc=pass\r\n",
    b"Auto-Submitted: auto-replied\r\n",
)
"""What headers, structures, encodings, quotes and delivery reports are made of."""

Change = Callable[[random.Random, bytes], bytes]


def _spot(chance: random.Random, raw: bytes) -> tuple[int, int]:
    """A stretch of a mail, mostly a short one."""
    begin = chance.randrange(len(raw) + 1)
    return begin, min(len(raw), begin + int(2 ** chance.uniform(0, 12)))


def insert(chance: random.Random, raw: bytes) -> bytes:
    """One piece, once or many times."""
    begin, _ = _spot(chance, raw)
    return raw[:begin] + chance.choice(PIECES) * chance.choice((1, 1, 1, 2, 50, 2_000)) + raw[begin:]


def remove(chance: random.Random, raw: bytes) -> bytes:
    """A stretch is gone."""
    begin, end = _spot(chance, raw)
    return raw[:begin] + raw[end:]


def repeat(chance: random.Random, raw: bytes) -> bytes:
    """A stretch is there again and again."""
    begin, end = _spot(chance, raw)
    return raw[:end] + raw[begin:end] * chance.choice((1, 2, 30)) + raw[end:]


def splice(chance: random.Random, raw: bytes) -> bytes:
    """The beginning of one mail and the end of another."""
    other = chance.choice(MAILS)
    return raw[: _spot(chance, raw)[0]] + other[_spot(chance, other)[0] :]


def garble(chance: random.Random, raw: bytes) -> bytes:
    """A few bytes are others."""
    octets = bytearray(raw)
    for _ in range(chance.choice((1, 5, 50)) if octets else 0):
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    return bytes(octets)


def cut(chance: random.Random, raw: bytes) -> bytes:
    """The connection broke."""
    return raw[: _spot(chance, raw)[0]]


CHANGES: tuple[Change, ...] = (insert, insert, insert, remove, repeat, splice, garble, cut)


def torn(chance: random.Random) -> bytes:
    """A mail that nobody would write."""
    raw = chance.choice(MAILS)
    for _ in range(chance.randint(1, 8)):
        raw = chance.choice(CHANGES)(chance, raw)[:LARGEST]
    return raw


def check(seed: int, own: Own) -> Message:
    """The mail of this seed is read whole, in time, within the limits, and passes the pipe."""
    raw, began = torn(random.Random(seed)), time.process_time()
    message = parse(raw, own=own)
    assert time.process_time() - began < CPU_SECONDS, f"seed {seed}: {len(raw)} bytes"
    assert not any("cannot be read" in defect for defect in message.defects), f"seed {seed}: {message.defects}"
    assert unpack(pack(message)) == message, f"seed {seed}"
    assert len(message.text) <= TEXT_LIMIT, f"seed {seed}"
    assert len(message.attachments) <= ATTACHMENTS_LIMIT, f"seed {seed}"
    shown = (message.subject, *(one.name for one in message.attachments))
    assert not any(mark in text for text in shown for mark in "\r\n\0"), f"seed {seed}: {shown}"
    return message


def test_a_few_torn_mails(own: Own) -> None:
    """Whatever comes is read, in the quick run the same ones each time; they are not all alike."""
    assert len({check(seed, own).sort for seed in range(QUICK)}) > 2


@pytest.mark.deep
@pytest.mark.timeout(MINUTES * 60 + 120)
def test_ten_minutes_of_torn_mails(own: Own, capsys: pytest.CaptureFixture[str]) -> None:
    """Each run tries others; the seed of one that hurts stands in the error."""
    seed = first = random.SystemRandom().randrange(2**48)
    until = time.monotonic() + MINUTES * 60
    while time.monotonic() < until:
        check(seed, own)
        seed += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{seed - first} torn mails read, from seed {first} on.\n")
