"""A cheap look at the bytes before any parser sees them: what is over a limit is cut, the cut is noted, nothing is refused.

Every limit names the attack it stops. The figures are those of security.md (P-32); the costs were measured on CPython 3.11.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

HEADER_BYTES = 256 * 1024
"""A header block without an end: 1 MB of it in one Subject cost mail-parser 15 s."""
FIELD_BYTES = 64 * 1024
"""One endless field: address lists and parameters are where parsers turn quadratic."""
FIELDS = 500
"""A million fields of one letter."""
LINE_BYTES = 64 * 1024
"""One endless line of a body. It is broken and not cut: that harms neither text nor base64."""
LINES = 1_000_000
"""Ten million empty lines: compat32 holds up to 90 bytes for each."""
PARTS = 1_000
"""A million empty parts: 11.7 s and 451 MB."""
DASHED_LINES = 20_000
"""A million boundaries that are all different."""
MULTIPARTS = 5_000
"""As many multiparts beside each other."""
NESTING = 50
"""3,000 multiparts inside each other: RecursionError, and every line is held against every boundary around it."""
COMPARISONS = 10_000_000
"""Lines times the multiparts around them: a million lines at depth 50 cost compat32 4 s."""
TYPE_BYTES = 1024
"""One Content-Type of a multipart: 4 kB of `;` between its quotes cost compat32 8 ms, in every part again; 64 kB cost 2.2 s."""
BARE_RETURNS = 10_000
"""Lines that end in CR alone, so that nobody counts them."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENVELOPE_LINE = re.compile(rb"\s*(?:>?From [^\n]*\n\s*)?")
_HEADER_END = re.compile(rb"\r?\n\r*+\n")
_FIELD = re.compile(rb"^[!-9;-~]++[ \t]*+:.*+(?:\n[ \t].*+)*+", re.MULTILINE)
"""Possessive: six million folded lines would cost half a gigabyte of what to go back to."""
_SPACED_COLON = re.compile(rb"\A([!-9;-~]++)[ \t]++:")
"""Blanks between a name and its colon (RFC 5322 section 4.5); to the standard library the headers end above such a line."""
_NO_FIELD = re.compile(rb"^(?![!-9;-~]+[ \t]*:|[ \t\r])", re.MULTILINE)
_KNOWN_FIELD = re.compile(rb"^(?:from|to|subject|date|message-id|mime-version|content-type|received):", re.MULTILINE | re.IGNORECASE)
_DASHED_LINE = re.compile(rb"^--([^\r\n]{0,80})", re.MULTILINE)
_PART_START = re.compile(rb"[^\n]*\n(?:\r?\n|[!-9;-~]{1,80}:)")
_STRUCTURE = re.compile(
    rb"^(?:--(?P<line>[^\r\n]{0,80})|content-type:\s{0,4}(?P<type>multipart|message)/(?P<rest>[^\n]{0,998}(?:\n[ \t][^\n]{0,998}){0,9}))",
    re.MULTILINE | re.IGNORECASE,
)
_LONG_TYPE = re.compile(rb"(?:[^\n]|\n[ \t]){%d}" % TYPE_BYTES)
_BOUNDARY = re.compile(rb"boundary\s{0,9}=\s{0,9}(?:\"([^\"\r\n]{1,80})|([^\s\";]{1,80}))", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A message within bounds: its header block (LF line ends, no blank line), its body, and what was wrong."""

    head: bytes
    body: bytes
    defects: tuple[str, ...]

    @property
    def raw(self) -> bytes:
        """Both together, as a parser wants them."""
        return self.head + b"\n\n" + self.body

    def without_body(self, reason: str) -> "Scanned":
        """The header block alone, with a defect saying why."""
        return replace(self, body=b"", defects=(*self.defects, reason))


def scan(raw: bytes) -> Scanned:
    """Bound `raw`. Never raises; linear in its length."""
    defects: list[str] = []
    raw = _unwrapped(raw, defects)
    head, body = _split(raw, defects)
    head = _bounded_head(head.replace(b"\r\n", b"\n").replace(b"\r", b" "), defects)
    body = _bounded_lines(body, defects)
    cuts = (_parts_cut(body, defects), _types_cut(body, defects), _nesting_cut(head, body, defects))
    return Scanned(head=head, body=body[: min(cuts)], defects=tuple(defects))


def _unwrapped(raw: bytes, defects: list[str]) -> bytes:
    """Without what mailboxes put before a message (RFC 4155), and with LF where an old Mac wrote bare CR."""
    if b"\n" not in raw and b"\r" in raw:
        defects.append("lines end in bare CR")
        raw = raw.replace(b"\r", b"\n")
    raw = raw.removeprefix(_BYTE_ORDER_MARK)
    before = _ENVELOPE_LINE.match(raw)
    if before and before.end():
        defects.append("something stands before the first header")
        raw = raw[before.end() :]
    return raw


def _split(raw: bytes, defects: list[str]) -> tuple[bytes, bytes]:
    """Header block and body. The block ends at the blank line, or before the first line that cannot belong to it."""
    blank = _HEADER_END.search(raw)
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    foreign = _NO_FIELD.search(head)
    if not foreign:
        return head, body
    if _KNOWN_FIELD.search(head, foreign.start(), foreign.start() + HEADER_BYTES):
        defects.append("a line of the header block is no header")
        return head, body
    defects.append("no blank line after the headers")
    return raw[: foreign.start()].rstrip(b"\r\n"), raw[foreign.start() :]


def _bounded_head(head: bytes, defects: list[str]) -> bytes:
    """At most `FIELDS` fields of at most `FIELD_BYTES`, together at most `HEADER_BYTES`; lines that are no field are dropped."""
    fields = [_SPACED_COLON.sub(rb"\1:", match[0]) for match in islice(_FIELD.finditer(head), FIELDS + 1)]
    fields = [_bounded_type(field) for field in fields]
    if len(fields) > FIELDS:
        defects.append(f"more than {FIELDS} headers; the rest is not read")
    if any(len(field) > FIELD_BYTES for field in fields):
        defects.append(f"a header over {FIELD_BYTES} bytes is cut")
    bounded = b"\n".join(field[:FIELD_BYTES] for field in fields[:FIELDS])
    if len(bounded) > HEADER_BYTES:
        defects.append(f"more than {HEADER_BYTES} bytes of headers; the rest is not read")
    return bounded[:HEADER_BYTES]


def _bounded_type(field: bytes) -> bytes:
    return field[:TYPE_BYTES] if field[:13].lower() == b"content-type:" and b"multipart" in field[:FIELD_BYTES].lower() else field


def _bounded_lines(body: bytes, defects: list[str]) -> bytes:
    """At most `LINES` lines of at most `LINE_BYTES` bytes."""
    if body.count(b"\r") - body.count(b"\r\n") > BARE_RETURNS:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if body.count(b"\n") > LINES:
        defects.append(f"more than {LINES} lines; the rest is not read")
        body = b"\n".join(body.split(b"\n", LINES)[:LINES])
    if _has_long_line(body):
        defects.append(f"a line over {LINE_BYTES} bytes is broken")
        body = b"\n".join(line[i : i + LINE_BYTES] for line in body.split(b"\n") for i in range(0, len(line) or 1, LINE_BYTES))
    return body


def _has_long_line(body: bytes) -> bool:
    start = 0
    while len(body) - start > LINE_BYTES:
        end = body.rfind(b"\n", start, start + LINE_BYTES)
        if end < 0:
            return True
        start = end + 1
    return False


def _parts_cut(body: bytes, defects: list[str]) -> int:
    """Where the first part over the limit begins; the body's length where there is none."""
    if body.count(b"\n--") <= PARTS:
        return len(body)
    seen: Counter[bytes] = Counter()
    for number, line in enumerate(_DASHED_LINE.finditer(body)):
        boundary = line[1].rstrip()
        seen[boundary] += bool(_PART_START.match(body, line.end()))
        if number > DASHED_LINES or seen[boundary] > PARTS:
            defects.append(f"more than {PARTS} parts; the rest is not read")
            return line.start()
    return len(body)


def _types_cut(body: bytes, defects: list[str]) -> int:
    """Where a multipart stands whose Content-Type is longer than any honest one, or the first one over the limit."""
    lowered, position = body.lower(), -1
    for _ in range(MULTIPARTS):
        position = lowered.find(b"multipart/", position + 1)
        if position < 0:
            return len(body)
        if _LONG_TYPE.match(lowered, position):
            break
    defects.append("a Content-Type over any measure; the rest is not read")
    return position


def _nesting_cut(head: bytes, body: bytes, defects: list[str]) -> int:
    """Where parts lie too deep inside each other, or too many lines in them; counted exactly only where there could be enough of both."""
    lowered = body.lower()
    multiparts = lowered.count(b"multipart/") + lowered.count(b"message/")
    if multiparts < NESTING and multiparts * body.count(b"\n") < COMPARISONS:
        return len(body)
    whole, around, work, before = head + b"\n\n" + body, list[bytes | None](), 0, 0
    for found in _STRUCTURE.finditer(whole):
        work += whole.count(b"\n", before, found.start()) * len(around)
        if work > COMPARISONS or len(around) > NESTING:
            break
        before = found.start()
        _enter_or_leave(around, found)
    else:
        work += whole.count(b"\n", before) * len(around)
    if work <= COMPARISONS and len(around) <= NESTING:
        return len(body)
    defects.append(f"parts nested more than {NESTING} deep, or too long for their depth; the rest is not read")
    return max(0, before - len(head) - 2)


def _enter_or_leave(around: list[bytes | None], found: re.Match[bytes]) -> None:
    """Follow one boundary line, or one Content-Type of a multipart or message, through what is open `around` it."""
    if found["line"] is not None:
        _leave(around, found["line"].rstrip())
    else:
        boundary = _BOUNDARY.search(found["rest"])
        around.append((boundary[1] or boundary[2]) if boundary else None)


def _leave(around: list[bytes | None], line: bytes) -> None:
    """A boundary line ends every part that is open inside the multipart it belongs to."""
    for depth in reversed(range(len(around))):
        if around[depth] in (line, line.removesuffix(b"--")):
            del around[depth + (around[depth] == line) :]
            return
