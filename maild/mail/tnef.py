"""TNEF: the `winmail.dat` into which Outlook and Exchange pack attachments, and sometimes the text (MS-OXTNEF).

Only what is listed and read: names, sizes, and the body where it stands as text. The numbers are those of MS-OXTNEF and MS-OXPROPS.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

SIGNATURE = 0x223E9F78
ATTRIBUTES_LIMIT = 10_000
"""Attributes and properties of one file that are read: each of them may be a few bytes of a large mail."""

_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
_NEW_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005

_PR_BODY, _PR_HTML, _PR_DISPLAY_NAME, _PR_DATA, _PR_SHORT_NAME, _PR_LONG_NAME = 0x1000, 0x1013, 0x3001, 0x3701, 0x3704, 0x3707
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_MANY = 0x1000
"""Added to the type of a property that has several values."""
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of one value, by the type of a property."""
_NAMED = 0x8000
"""From here on a property brings its name along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """One attachment inside: its name and its size in bytes."""

    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is inside; `text` is empty where the body is not there as text."""

    text: str = ""
    markup: bytes = b""
    """The body as HTML, where it stands so."""
    attachments: tuple[Packed, ...] = ()


def contents(octets: bytes) -> Contents:
    """What a TNEF file holds, as far as it can be read: one that breaks off still tells what came before."""
    found, encoding = Contents(), "latin-1"
    for attribute, value in _attributes(octets):
        last = found.attachments[-1] if found.attachments else Packed()
        if attribute == _CODE_PAGE and len(value) >= 4:
            encoding = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _BODY:
            found = replace(found, text=_text(value, encoding))
        elif attribute == _MESSAGE_PROPERTIES:
            told = dict(_properties(value))
            found = replace(found, text=_named(told, encoding, _PR_BODY) or found.text, markup=told.get(_PR_HTML, (0, b""))[1])
        elif attribute == _NEW_ATTACHMENT:
            found = replace(found, attachments=(*found.attachments, Packed()))
        elif attribute in _OF_ATTACHMENTS:
            found = replace(found, attachments=(*found.attachments[:-1], _better(last, attribute, value, encoding)))
    return found


_OF_ATTACHMENTS = frozenset((_TITLE, _DATA, _ATTACHMENT_PROPERTIES))


def _better(known: Packed, attribute: int, value: bytes, encoding: str) -> Packed:
    """An attachment with what one more attribute tells of it; the long name is better than the one of eight letters."""
    if attribute == _DATA:
        return replace(known, size=len(value))
    if attribute == _TITLE:
        return replace(known, name=known.name or _text(value, encoding))
    told = dict(_properties(value))
    name = _named(told, encoding, _PR_LONG_NAME, _PR_DISPLAY_NAME, _PR_SHORT_NAME)
    return Packed(name=name or known.name, size=known.size or len(told.get(_PR_DATA, (0, b""))[1]))


def _attributes(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and value of each attribute: a byte of level, the number, the length, the value and a checksum nobody needs."""
    if len(octets) < 6 or struct.unpack_from("<I", octets)[0] != SIGNATURE:
        return
    at = 6
    for _ in range(ATTRIBUTES_LIMIT):
        if at + 9 > len(octets):
            return
        number, length = struct.unpack_from("<II", octets, at + 1)
        yield number, octets[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _named(told: dict[int, tuple[int, bytes]], encoding: str, *numbers: int) -> str:
    """The first of these properties that says something."""
    values = (told[number] for number in numbers if number in told)
    texts = (_text(value, "utf-16-le" if kind == _UNICODE else encoding) for kind, value in values)
    return next((text for text in texts if text), "")


def _text(value: bytes, encoding: str) -> str:
    try:
        return value.decode(encoding, "replace").partition("\0")[0].strip()
    except LookupError:
        return value.decode("latin-1").partition("\0")[0].strip()


def _properties(block: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """Number, type and (last) value of each property; ends where the block does, or where a type is unknown."""
    try:
        yield from _read_properties(block)
    except (struct.error, KeyError):
        return


def _read_properties(block: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    at = 4
    for _ in range(min(struct.unpack_from("<I", block)[0], ATTRIBUTES_LIMIT)):
        kind, number = struct.unpack_from("<HH", block, at)
        at = _after_name(block, at + 4) if number >= _NAMED else at + 4
        plain = kind & ~_MANY
        counted = kind & _MANY or plain not in _FIXED
        count = struct.unpack_from("<I", block, at)[0] if counted else 1
        at, value = at + (4 if counted else 0), b""
        for _ in range(min(count, ATTRIBUTES_LIMIT)):
            size = _FIXED[plain] if plain in _FIXED else _length(block, at, plain)
            at += 0 if plain in _FIXED else 4
            value = block[at : at + size]
            at += size + -size % 4
        yield number, (plain, value)


def _length(block: bytes, at: int, kind: int) -> int:
    """The length that stands before a value. Raises `KeyError` for a type that is none, `struct.error` behind the end."""
    if kind not in (_STRING8, _UNICODE, _BINARY, _OBJECT):
        raise KeyError(kind)
    return int(struct.unpack_from("<I", block, at)[0])


def _after_name(block: bytes, at: int) -> int:
    """Where a named property goes on: after its 16 bytes of set, and a number or a padded name."""
    if struct.unpack_from("<I", block, at + 16)[0] == 0:
        return at + 24
    length: int = struct.unpack_from("<I", block, at + 20)[0]
    return at + 24 + length + -length % 4
