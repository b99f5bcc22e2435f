"""Writes TNEF as Outlook does (MS-OXTNEF): attributes with a level, a number, a length and a checksum; properties in a block."""

import struct

SIGNATURE = struct.pack("<IH", 0x223E9F78, 1)
BODY, PROPERTIES, CODE_PAGE = 0x0002800C, 0x00069003, 0x00069007
NEW, TITLE, DATA, ATTACHMENT = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
LONG_NAME, SHORT_NAME, TEXT, HTML, OBJECT = 0x3707, 0x3704, 0x1000, 0x1013, 0x3701


def attribute(number: int, value: bytes, *, level: int = 1) -> bytes:
    """One attribute."""
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*told: bytes) -> bytes:
    """A block of properties."""
    return struct.pack("<I", len(told)) + b"".join(told)


def fixed(number: int, value: int) -> bytes:
    """A property of four bytes."""
    return struct.pack("<HHI", 0x03, number, value)


def several(kind: int, number: int, *values: bytes) -> bytes:
    """A property with values whose lengths stand before them."""
    padded = (struct.pack("<I", len(value)) + value + b"\0" * (-len(value) % 4) for value in values)
    return struct.pack("<HHI", kind, number, len(values)) + b"".join(padded)


def text(number: int, value: str) -> bytes:
    """A property in Unicode."""
    return several(0x1F, number, (value + "\0").encode("utf-16-le"))


def named(value: bytes, *, name: str = "") -> bytes:
    """A property of somebody's own, by number or by name."""
    letters = (name + "\0").encode("utf-16-le")
    called = struct.pack("<II", 1, len(letters)) + letters + b"\0" * (-len(letters) % 4) if name else struct.pack("<II", 0, 7)
    return struct.pack("<HH", 0x1E, 0x8001) + b"\1" * 16 + called + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def attached(title: str, octets: bytes, *told: bytes) -> bytes:
    """One attachment, as three attributes or four."""
    block = attribute(ATTACHMENT, properties(*told), level=2) if told else b""
    return attribute(NEW, b"\0" * 14, level=2) + attribute(TITLE, title.encode() + b"\0") + attribute(DATA, octets) + block
