"""The look at the bytes before any parser: what is over a limit is cut, whatever is below passes untouched."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.mail import scan as limits
from maild.mail.parts import parts_of
from maild.mail.scan import scan

HEAD = b"From: a@b.example\r\nSubject: s\r\n"


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth))


def parts(count: int) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n\r\n" * count


ORDINARY = {
    "two headers and a body": HEAD + b"\r\nWords.\r\n",
    "LF alone ends lines": HEAD.replace(b"\r\n", b"\n") + b"\nWords.\n",
    "a thousand parts": HEAD + parts(limits.PARTS),
    "as deep as allowed": HEAD + nested(limits.NESTING) + b"\r\nx",
    "dashes that are no boundaries": HEAD + b"\r\n" + b"--\r\n-- a comment of SQL\r\n" * 5_000,
    "sixty messages beside each other": HEAD
    + b"Content-Type: multipart/digest; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nx\r\n" * 60,
    "a long attachment": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + (b"QUFB" * 19 + b"\r\n") * 1000,
}


@pytest.mark.parametrize("raw", ORDINARY.values(), ids=ORDINARY)
def test_ordinary_mail_passes_untouched(raw: bytes) -> None:
    """What is within all limits comes out as it went in."""
    scanned = scan(raw)
    assert scanned.defects == ()
    assert scanned.raw.replace(b"\r\n", b"\n") == raw.replace(b"\r\n", b"\n")


CUT = {
    "an endless Subject": (HEAD + b"X: " + b"=?utf-8?q?a?= " * 80_000 + b"\r\n\r\nx", "a header over 65536 bytes is cut"),
    "endless headers": (HEAD + (b"X: " + b"y" * 60_000 + b"\r\n") * 20 + b"\r\nx", "more than 262144 bytes of headers"),
    "too many headers": (HEAD + b"a: b\r\n" * 1_000 + b"\r\nx", "more than 500 headers"),
    "a line that is no header": (b"From: a@b.example\r\nnot a header\r\nSubject: s\r\n\r\nx", "no header"),
    "no blank line": (HEAD + b"Words begin at once.\r\n\r\nAnd go on.", "no blank line after the headers"),
    "too many parts": (HEAD + parts(limits.PARTS + 2), "more than 1000 parts"),
    "boundaries that are all different": (HEAD + b"\r\n" + b"".join(b"--%d\r\nx\r\n" % n for n in range(30_000)), "more than 1000 parts"),
    "parts inside parts": (HEAD + nested(3_000), "nested more than 50 deep"),
    "messages inside messages": (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3_000, "nested more than 50 deep"),
    "many lines deep inside": (HEAD + nested(45) + b"\r\n" + b"x\r\n" * 400_000, "too long for their depth"),
    "multiparts beside each other": (HEAD + b"\r\n" + b"Content-Type: multipart/mixed\r\n" * 6_000, "over any measure"),
    "a Content-Type without measure": (
        HEAD + parts(1) + b'--b\r\nContent-Type: multipart/mixed; a="' + b";" * 5_000 + b'"\r\n\r\n',
        "over any measure",
    ),
    "a million lines and more": (HEAD + b"\r\n" + b"\n" * 1_100_000, "more than 1000000 lines"),
    "as many lines that end in CR": (HEAD + b"\r\n" + b"\r" * 1_100_000, "more than 1000000 lines"),
    "an endless line": (HEAD + b"\r\n" + b"x" * 200_000, "a line over 65536 bytes is broken"),
    "an envelope line": (b"From a@b.example Sat Nov 21 10:12:03 2026\n" + HEAD + b"\r\nx", "before the first header"),
    "lines of an old Mac": (HEAD.replace(b"\r\n", b"\r") + b"\rx\r", "lines end in bare CR"),
}


@pytest.mark.parametrize(("raw", "defect"), CUT.values(), ids=CUT)
def test_what_is_over_a_limit_is_cut_and_noted(raw: bytes, defect: str) -> None:
    """From and Subject survive every cut, a defect says what was cut, and what is left is quickly parsed."""
    scanned = scan(raw)
    assert any(defect in noted for noted in scanned.defects), scanned.defects
    assert b"From: a@b.example" in scanned.head
    assert len(scanned.head) <= limits.HEADER_BYTES
    started = time.process_time()
    assert sum(1 for _ in parts_of(scanned.raw).walk()) <= 2 * limits.PARTS + 2
    assert time.process_time() - started < 5


def test_a_broken_line_loses_nothing() -> None:
    """A line that is broken keeps all its bytes."""
    body = bytes(range(65, 91)) * 20_000
    assert scan(HEAD + b"\r\n" + body).body.replace(b"\n", b"") == body


def test_a_cut_between_headers_keeps_the_first() -> None:
    """A long header is cut in its own place; the ones below it are still read."""
    scanned = scan(b"X: " + b"y" * 100_000 + b"\r\nFrom: a@b.example\r\n\r\nx")
    assert scanned.head.startswith(b"X: yyy")
    assert scanned.head.endswith(b"\nFrom: a@b.example")


def test_without_its_body() -> None:
    """A message can be reduced to its headers, with the reason."""
    bare = scan(HEAD + b"\r\nWords.").without_body("because")
    assert (bare.body, bare.defects) == (b"", ("because",))
    assert bare.head == scan(HEAD + b"\r\n").head


GROWING: dict[str, Callable[[int], bytes]] = {
    "fields": lambda n: b"a: b\r\n" * n,
    "folded lines": lambda n: b"a: b\r\n" + b" c\r\n" * n,
    "no fields": lambda n: b"abc\r\n" * n,
    "colons": lambda n: b":" * n * 5,
    "names without a colon": lambda n: b"a" * n * 5,
    "dashes": lambda n: HEAD + b"\r\n" + b"--b\r\n\r\n" * n,
    "multiparts": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * n,
    "boundary words": lambda n: HEAD + b"Content-Type: multipart/mixed;" + b" boundary=" * n + b"\r\n\r\n" + b"multipart/" * 60,
    "spaces": lambda n: HEAD + b"\r\n" + b" " * n * 5,
    "returns": lambda n: HEAD + b"\r\n" + b"\r" * n * 5,
}


@pytest.mark.parametrize("grow", GROWING.values(), ids=GROWING)
def test_twice_the_bytes_cost_twice_the_time(grow: Callable[[int], bytes]) -> None:
    """Nothing here is worse than linear: four times the input costs less than ten times the time."""

    def spent(raw: bytes) -> float:
        times = []
        for _ in range(3):
            started = time.process_time()
            scan(raw)
            times.append(time.process_time() - started)
        return min(times)

    assert spent(grow(80_000)) < 10 * spent(grow(20_000)) + 0.05


@given(
    raw=st.lists(
        st.sampled_from([b"From: a", b"\r\n", b"\n", b"\r", b" ", b"--b", b"--", b"Content-Type: multipart/x; boundary=b", b"\0", b"x"])
    )
)
def test_any_bytes_come_out_bounded(raw: list[bytes]) -> None:
    """Whatever the bytes, the head holds fields only and the rest is body."""
    scanned = scan(b"".join(raw))
    assert b"\n\n" not in scanned.head
    assert all(line[:1] in (b" ", b"\t") or b":" in line for line in scanned.head.split(b"\n") if line)
