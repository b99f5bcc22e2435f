"""The MIME tree of a message: compat32 finds the parts, everything written in their headers is read here.

compat32 (`email.policy.compat32`) is the one parser of the standard library that stays linear; `email.policy.default` needs more
than 20 s for one hostile header (finding F2).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Compat32
from email.parser import BytesParser
from email.policy import compat32
from functools import cached_property
from itertools import chain
from quopri import decodestring
from typing import Any
from urllib.parse import unquote_to_bytes

from maild.mail import charset, uuencode
from maild.mail.fields import Fields, one_line
from maild.mail.scan import PARTS, scan

_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")
_PARAMETER = re.compile(r";\s*+([^\s=;\"]{1,100}+)\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*+))", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\([\"\\])")
_CONTINUATION = re.compile(r"(.+?)\*(?:(\d{1,3})(\*)?)?")
_PARAMETERS_LENGTH = 4096
"""Characters of one field that are read for parameters: a file name of 255 letters outside ASCII needs 2,300."""
_NAME_LIMIT = 255
"""Characters of an attachment's name that are kept."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part: its headers, and either what lies inside it or its bytes. `inside` of a message/rfc822 is the message."""

    fields: Fields
    type: str
    """Lower case, always with a slash; text/plain where the mail says nothing readable (RFC 2045 section 5.2)."""
    inside: tuple["Part", ...]
    encoded: bytes
    """The body as it came, still in its transfer encoding; empty where there are parts inside."""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of Content-Type: charset, boundary, name, format, report-type …"""
        return parameters(self.fields.first("content-type"))

    @cached_property
    def disposition(self) -> str:
        """`inline`, `attachment`, whatever else the mail says, or empty (RFC 2183)."""
        return self.fields.first("content-disposition").partition(";")[0].strip().lower()

    @cached_property
    def name(self) -> str:
        """The file name, decoded, on one line, without any directory; empty where there is none. Never a path."""
        told = parameters(self.fields.first("content-disposition")).get("filename") or self.parameters.get("name", "")
        return file_name(charset.words(told))

    @property
    def octets(self) -> bytes:
        """The body with its transfer encoding undone as far as it goes."""
        encoding = self.fields.first("content-transfer-encoding").strip(" ;\"'").lower()
        if encoding == "base64":
            return charset.from_base64(self.encoded)
        if encoding == "quoted-printable":
            return decodestring(self.encoded)
        if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
            return uuencode.decoded(self.encoded)
        return self.encoded

    @property
    def size(self) -> int:
        """Bytes of the decoded body; of base64 without decoding it."""
        if self.inside:
            return sum(part.size for part in self.inside)
        if "base64" in self.fields.first("content-transfer-encoding").lower():
            return (len(self.encoded) - self.encoded.count(b"\n") - self.encoded.count(b"\r")) * 3 // 4 - self.encoded[-4:].count(b"=")
        return len(self.octets)

    def walk(self) -> Iterator["Part"]:
        """This part and those inside it in their order, but not the parts of an attached message: they are somebody else's words."""
        yield self
        if self.type.startswith("multipart/"):
            yield from chain.from_iterable(part.walk() for part in self.inside)


def file_name(told: str) -> str:
    """A name as somebody else wrote it: on one line, without any directory."""
    return one_line(told).replace("\\", "/").rpartition("/")[2][:_NAME_LIMIT]


def parts_of(raw: bytes, *, below: bytes = b"") -> Part:
    """The tree of a message within the bounds of `scan`. `below` is its body, which may tell the charset of raw 8-bit headers."""
    return _part(BytesParser(policy=compat32).parsebytes(raw), below)


def _part(found: Compat32, below: bytes = b"") -> Part:
    pairs = ((name.lower(), value.encode("utf-8", "surrogateescape")) for name, value in found.raw_items())
    fields = Fields(pairs, below=below)
    inside = tuple(_part(part) for part in _payload(found)[:PARTS]) if found.is_multipart() else ()
    if inside and inside[0].encoded and "base64" in fields.first("content-transfer-encoding").lower():
        inside = _unpacked(found.get_content_type(), inside)
    encoded = b"" if found.is_multipart() else _payload(found)
    return Part(fields=fields, type=_type(fields.first("content-type"), found.get_default_type()), inside=inside, encoded=encoded)


def _payload(found: Compat32) -> Any:
    """The parts inside, or the bytes as they came: without its name, compat32 does not undo the transfer encoding."""
    if found.is_multipart():
        return found.get_payload()
    del found["content-transfer-encoding"]
    return found.get_payload(decode=True)


def _type(value: str, default: str) -> str:
    """The media type in a Content-Type, up to whatever ends it: mailers forget the semicolon."""
    found = _TYPE.match(value)
    return found[0].lower() if found else default


def _unpacked(kind: str, blocks: tuple[Part, ...]) -> tuple[Part, ...]:
    """A message/… in base64: RFC 2046 section 5.2.1 forbids it, mailers write it, and compat32 takes the base64 for its text."""
    packed = b"".join(block.encoded for block in blocks)
    return parts_of(scan(b"Content-Type: " + kind.encode("ascii", "replace") + b"\n\n" + charset.from_base64(packed)).raw).inside


def parameters(value: str) -> dict[str, str]:
    """The parameters of a Content-Type or Content-Disposition, RFC 2231 continuations joined and decoded; the first of a name counts."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for name, quoted, bare in _PARAMETER.findall(value[:_PARAMETERS_LENGTH]):
        told = _QUOTED_PAIR.sub(r"\1", quoted) if quoted else bare.strip().strip('"')
        piece = _CONTINUATION.fullmatch(name.lower())
        if piece:
            pieces.setdefault(piece[1], {})[int(piece[2] or 0)] = (told, bool(piece[3]) or not piece[2])
        else:
            plain.setdefault(name.lower(), told)
    return plain | {name: _joined(told) for name, told in pieces.items()}


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """The pieces of one parameter in order; the first names the charset of all that are percent-encoded (RFC 2231 section 4.1)."""
    texts = [pieces[number] for number in sorted(pieces)]
    label, _, rest = texts[0][0].partition("'")
    if not texts[0][1] or "'" not in rest:
        return "".join(text for text, _ in texts)
    texts[0] = (rest.partition("'")[2], True)
    octets = b"".join(unquote_to_bytes(text) if percent else text.encode("utf-8", "replace") for text, percent in texts)
    return charset.decode(octets, label)
