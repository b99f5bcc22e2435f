"""uuencode: a file between `begin 644 NAME` and `end` in a text, as mail programs sent them before MIME and a few still do (POSIX, uuencode)."""

import re
from binascii import Error as BrokenLine
from binascii import a2b_uu
from collections.abc import Sequence
from dataclasses import dataclass

_BEGIN = re.compile(r"begin [0-7]{3,4} (\S.{0,254})")
_ENDS = frozenset(("end", "`", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file that stood in a text: its name as it was written, and its bytes."""

    name: str
    octets: bytes


def decoded(encoded: bytes) -> bytes:
    """The bytes of the first file in a body that is said to be uuencoded, as far as its lines are whole."""
    lines = encoded.decode("latin-1").splitlines()
    begin = next((number for number, line in enumerate(lines) if line.startswith("begin ")), len(lines))
    return _octets(lines[begin + 1 :])


def taken_out(text: str) -> tuple[str, tuple[File, ...]]:
    """A text without the files in it, and the files. One that has no end is text: somebody only wrote about it."""
    if "begin " not in text:
        return text, ()
    left, files, lines = list[str](), list[File](), text.split("\n")
    ends, number = _next_ends(lines), 0
    while number < len(lines):
        found, end = _BEGIN.fullmatch(lines[number]), ends[number]
        if found and end is not None and _is_encoded(lines[number + 1]):
            files.append(File(name=found[1].strip(), octets=_octets(lines[number + 1 : end])))
            number = end
        else:
            left.append(lines[number])
        number += 1
    return "\n".join(left), tuple(files)


def _next_ends(lines: Sequence[str]) -> list[int | None]:
    """For every line the next one that says `end`, found in one walk from below."""
    ends: list[int | None] = []
    for number in range(len(lines) - 1, -1, -1):
        ends.append(number if lines[number].rstrip() == "end" else ends[-1] if ends else None)
    return ends[::-1]


def _is_encoded(line: str) -> bool:
    """Whether a line has the length that it tells by its first letter: hardly any sentence does."""
    told = (((ord(line[0]) - 32) & 63) * 4 + 2) // 3 if line else -1
    return line in _ENDS or len(line.rstrip("\r")) - 1 in range(told, told + 3)


def _octets(lines: Sequence[str]) -> bytes:
    out = []
    for line in lines:
        if line.strip() in _ENDS:
            break
        out.append(_line(line.encode("latin-1", "replace")))
    return b"".join(out)


def _line(line: bytes) -> bytes:
    """One line; writers that pad it too long are forgiven, a broken line is left out."""
    try:
        return a2b_uu(line[: (((line[0] - 32) & 63) * 4 + 5) // 3])
    except BrokenLine:
        return b""
