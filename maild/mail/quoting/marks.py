"""What each line of a mail is, as far as it shows: the one reading that both views of a mail are made from."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum

from maild.mail.quoting import words
from maild.mail.quoting.lines import Line, next_written
from maild.mail.quoting.openings import (
    COLONS,
    QUOTE_BY_NAME,
    attribution_length,
    begins_dated,
    begins_named,
    headers_length,
    is_arrowed,
    is_forward_divider,
    is_original_divider,
    may_open_headers,
    names_a_writer,
)

DEVICE_WORDS = 12
"""A mail program's own last line is not longer than this many words."""
BREAKING_WIDTH = 74
"""Mail programs break lines at 76 or 78 characters; a person who answers in the middle of a quote seldom begins just there."""
_SENTENCE_ENDS = frozenset((*".!?:;…", ""))
FOOTER_LINES = 6
"""A mailing list's footer tells what it is within this many lines."""


class Mark(Enum):
    """What a line is. New text is made of `TEXT`, `BLANK` and what is doubtful; commands stand in `TEXT` and `BLANK` only."""

    BLANK = "blank"
    TEXT = "text"
    QUOTE = "quote"
    """Behind a quote mark."""
    QUOTED_OPENING = "quoted opening"
    """Behind a quote mark, and it says whose mail is quoted."""
    ATTRIBUTION = "attribution"
    """`On 3 May, Ana wrote:`: an older mail follows."""
    HEADERS = "headers"
    """A header block, or a divider: an older mail follows."""
    FORWARD = "forward"
    """The divider above a mail that is passed on."""
    QUOTED_FORWARD = "quoted forward"
    SEPARATOR = "separator"
    """Our own `write above this line`: a letter of ours follows."""
    SIGNATURE = "signature"
    """`-- ` (RFC 3676 section 4.3), or what a mailing list puts in its place."""
    DEVICE = "device"
    """`Sent from my phone`: the mail program speaks."""
    RULE = "rule"
    """A line of dashes or underscores: no words, and perhaps the edge of something."""
    DOUBT = "doubt"
    """It may be the beginning of a quote or of a signature, or a person's own words."""


_RULE = re.compile(r"[-_—–─ ]{2,}|[—–─]")
_LINK = re.compile(r"<[^<>]*>|\([^()]*\)")


def read_marks(lines: Sequence[Line]) -> Iterator[Mark]:
    """A mark for each line; in linear time, because every rule looks at a bounded number of lines and characters."""
    at = 0
    while at < len(lines):
        mark, length = _mark(lines, at)
        yield from [mark] * length
        at += length


def _mark(lines: Sequence[Line], at: int) -> tuple[Mark, int]:
    """The mark of the line at `at`, and how many lines share it."""
    line = lines[at]
    if line.ours:
        return (Mark.QUOTED_OPENING if line.quoted else Mark.SEPARATOR), 1
    if not line.bare:
        return (Mark.QUOTE if line.quoted else Mark.BLANK), 1
    if _is_broken_off(lines, at):
        return Mark.QUOTE, 1
    if is_forward_divider(line.bare):
        return (Mark.QUOTED_FORWARD if line.quoted else Mark.FORWARD), 1
    if line.quoted and is_arrowed(lines, at):
        return Mark.ATTRIBUTION, 1
    attributes = attribution_length(lines, at, unsure=True)
    if attributes and (length := attribution_length(lines, at)):
        return (Mark.QUOTED_OPENING if line.quoted else Mark.ATTRIBUTION), length
    if length := headers_length(lines, at) or int(is_original_divider(lines, at)):
        return (Mark.QUOTED_OPENING if line.quoted else Mark.HEADERS), length
    return (Mark.DOUBT if attributes and not line.quoted else _mark_alone(lines, at)), 1


def _is_broken_off(lines: Sequence[Line], at: int) -> bool:
    """The end of a quoted line that a mail program found too long: alone between quote marks, begun in the middle of a sentence."""
    line = lines[at]
    if line.quoted or not 0 < at < len(lines) - 1 or not (lines[at - 1].quoted and lines[at + 1].quoted):
        return False
    above = lines[at - 1]
    would_have_fitted = len(above.raw) + 1 + len(line.bare.split(None, 1)[0]) <= BREAKING_WIDTH
    return line.bare[0].islower() and len(line.raw) < len(above.raw) and above.bare[-1:] not in _SENTENCE_ENDS and not would_have_fitted


def _mark_alone(lines: Sequence[Line], at: int) -> Mark:
    """The mark of a line that opens nothing."""
    line = lines[at]
    if line.quoted:
        return Mark.QUOTE
    if line.bare in ("--", "- --") or _is_list_footer(lines, at):
        return Mark.SIGNATURE
    if _RULE.fullmatch(line.bare):
        return Mark.RULE
    if _is_device(line.bare):
        return Mark.DEVICE
    return Mark.DOUBT if _is_doubtful(lines, at) else Mark.TEXT


def _is_list_footer(lines: Sequence[Line], at: int) -> bool:
    if lines[at].bare.strip("_"):
        return False
    below = " ".join(line.bare for line in lines[at + 1 : at + 1 + FOOTER_LINES]).casefold()
    return any(word in below for word in words.LIST_FOOTER)


def _is_device(bare: str) -> bool:
    text = _LINK.sub("", bare).strip("*_ ").casefold()
    said = text.startswith(words.SENT_FROM) or text.endswith(words.SENT_FROM_ENDS)
    return (
        said and ("," not in text or _is_of_a_network(text)) and len(text.split()) <= DEVICE_WORDS and words.DEVICE.search(text) is not None
    )


def _is_of_a_network(text: str) -> bool:
    """`Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone`."""
    before, _, behind = text.partition(", ")
    return behind.endswith("smartphone") and "," not in behind and behind.startswith(("an ", *words.MAKERS)) and before != text


def _is_doubtful(lines: Sequence[Line], at: int) -> bool:
    """Words that a person may have written, and that would leak a notice or run its examples if a mail program did."""
    line = lines[at]
    return (
        line.doubtful
        or QUOTE_BY_NAME.match(line.bare) is not None
        or line.bare.startswith("-----BEGIN PGP")
        or line.bare.casefold().startswith(words.SENT_FROM)
        or may_open_headers(lines, at)
        or (line.bare.endswith(COLONS) and "@" in line.bare and line.bare.casefold().startswith(words.CITES))
        or (line.bare.endswith(COLONS) and (begins_named(line.bare) or (begins_dated(line.bare) and names_a_writer(line.bare))))
        or (line.bare.endswith(COLONS) and _is_above_a_quote(lines, at))
    )


def _is_above_a_quote(lines: Sequence[Line], at: int) -> bool:
    """Whatever its words, a mail program may have written a line that ends in a colon and has a quote below it."""
    below = next_written(lines, at + 1, within=3)
    return below is not None and (below.quoted or QUOTE_BY_NAME.match(below.bare) is not None)
