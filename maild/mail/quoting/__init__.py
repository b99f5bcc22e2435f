"""What the writer of a mail wrote now, apart from what the mail program quoted: three views of one reading of the lines.

`new_text` is for people: where it is unsure it keeps. `own_words` is the same without a mail that is passed on below them. `command_text`
is for the machine and for letters that leave: where it is unsure it stops. All take time linear in their input. HTML has become text before
(quotes behind `> `, signatures behind `-- `).
"""

from itertools import takewhile
from typing import NamedTuple

from maild.mail.quoting import words
from maild.mail.quoting.lines import Line, split_lines
from maild.mail.quoting.marks import Mark, read_marks
from maild.mail.quoting.openings import COLONS

SIGNATURE_LINES = 10
"""What stands below `-- ` and has more written lines than this is no signature but somebody's text."""
SIGNATURE_WIDTH = 600
"""The same in characters."""

_COMMANDS_STAND_IN = frozenset({Mark.TEXT, Mark.BLANK})
_QUOTES = frozenset({Mark.QUOTE, Mark.QUOTED_OPENING, Mark.QUOTED_FORWARD})
_OPENINGS = frozenset({Mark.ATTRIBUTION, Mark.HEADERS, Mark.SEPARATOR})
_WRITTEN = frozenset({Mark.TEXT, Mark.DOUBT})
_FORWARD_OPENS = frozenset({Mark.FORWARD, Mark.QUOTED_FORWARD, Mark.HEADERS})
_GO_AT_THE_END = _OPENINGS | {Mark.BLANK, Mark.RULE, Mark.DEVICE, Mark.SIGNATURE}
_FORWARD_STANDS_BELOW = frozenset({Mark.TEXT, Mark.BLANK, Mark.RULE, Mark.DOUBT, Mark.SIGNATURE, Mark.DEVICE})


def new_text(text: str, *, separator: str, subject: str = "") -> str:
    """Only what was written now.

    Left out is everything below our `separator` or below an attribution, header block or divider; quotes with nothing new below them;
    a signature at the end. Quotes with an answer below them stay, so that the answer can be understood, unless the quote is of a letter
    of ours. Quotes that nobody is named for stay: they may be what is reported. A forward is kept whole.
    """
    return views(text, separator=separator, subject=subject).new_text


class Views(NamedTuple):
    """What a text says, for people, for telling the writer from whom they quote, and for the machine."""

    new_text: str
    own_words: str
    command_text: str


def views(text: str, *, separator: str, subject: str = "") -> Views:
    """Every view, for the price of one reading."""
    lines = split_lines(text, separator=separator)
    marks = list(read_marks(lines))
    if _is_forward(marks, subject):
        return Views(_joined(lines), _above_forward(lines, marks) or _joined(lines), "")
    new = _new(lines, marks)
    return Views(new, new, _commands(lines, marks, subject))


def _above_forward(lines: list[Line], marks: list[Mark]) -> str:
    """The words above a mail that is passed on, without the signature below them. Empty where it is not sure which words are the writer's:
    none stand above, some stand below what is marked as quoted, or nothing says where the other mail begins."""
    at = next((at for at, mark in enumerate(marks) if mark in _FORWARD_OPENS), 0)
    above, below = marks[:at], marks[at:]
    said = any(mark in _WRITTEN for mark in takewhile(lambda mark: mark is not Mark.SIGNATURE, above))
    if not said or (below[0] is Mark.QUOTED_FORWARD and any(mark in _WRITTEN for mark in below)):
        return ""
    return _joined(lines[: _without_tail(lines, above)])


def _new(lines: list[Line], marks: list[Mark]) -> str:
    if _is_introduced(lines, marks):
        return _joined(lines)
    marks = marks[: _old_begins(marks)]
    marks = marks[: _without_tail(lines, marks)]
    return _joined([line for line, stays in zip(lines, _stays(lines, marks), strict=False) if stays])


def command_text(text: str, *, separator: str, subject: str = "") -> str:
    """The beginning of the mail where commands may stand and from which letters may leave: whole lines, unchanged and in order.

    It stops at the first thing that may be a quote, an attribution, a divider, a separator or a signature; a forward gives nothing.
    """
    lines = split_lines(text, separator=separator)
    return _commands(lines, _marks_above(lines), subject)


def _commands(lines: list[Line], marks: list[Mark], subject: str) -> str:
    if _is_forward(marks, subject):
        return ""
    stop = next((at for at, mark in enumerate(marks) if mark not in _COMMANDS_STAND_IN), len(lines))
    return _joined(lines[:stop])


def is_forward(text: str, *, separator: str, subject: str) -> bool:
    """Passed on, not answered: the subject says so, or the divider of a forward is the first thing in the text that opens another mail."""
    return _is_forward(_marks_above(split_lines(text, separator=separator)), subject)


def _marks_above(lines: list[Line]) -> list[Mark]:
    """The marks down to the first that tells a forward from an answer: what lies below is not needed to tell them apart."""
    marks = []
    for mark in read_marks(lines):
        marks.append(mark)
        if mark not in _FORWARD_STANDS_BELOW:
            break
    return marks


def _is_forward(marks: list[Mark], subject: str) -> bool:
    prefix, colon, _ = subject.replace("：", ":").partition(":")
    if colon and prefix.strip().casefold() in words.FORWARD_SUBJECTS:
        return True
    first = next((mark for mark in marks if mark not in _FORWARD_STANDS_BELOW), None)
    return first in (Mark.FORWARD, Mark.QUOTED_FORWARD)


def _joined(lines: list[Line]) -> str:
    """The lines as they came, without empty ones at both ends."""
    written = [at for at, line in enumerate(lines) if line.raw.strip()]
    return "\n".join(line.raw for line in lines[written[0] : written[-1] + 1]) if written else ""


def _is_introduced(lines: list[Line], marks: list[Mark]) -> bool:
    """The words above the first opening end in a colon: `this is what he sent me:`. What follows is shown, not quoted by habit."""
    last = None
    for line, mark in zip(lines, marks, strict=True):
        if mark in _OPENINGS or mark is Mark.QUOTED_OPENING:
            return last is not None and last.bare.endswith(COLONS) and not last.bare.split()[-1].startswith(":")
        last = line if mark in _WRITTEN else last
    return False


def _old_begins(marks: list[Mark]) -> int:
    """The first line below which everything is old, although no quote marks say so.

    Nothing is old in a mail that has no words above its first opening: somebody wrote below, or sent a mail without words.
    """
    written, opened = False, None
    for at, mark in enumerate(marks):
        if mark in _OPENINGS:
            opened = at if written and opened is None else opened
            if mark is Mark.SEPARATOR and opened is not None:
                return opened
        elif mark in _QUOTES:
            opened = None
        elif mark is not Mark.BLANK:
            if opened is not None:
                return opened
            written = written or mark in _WRITTEN
    return len(marks) if opened is None else opened


def _without_tail(lines: list[Line], marks: list[Mark]) -> int:
    """The end of the lines without what may go at the end: one signature, the mail program's words, quotes with nothing below them."""
    end, signed = len(marks), False
    opened = next((at for at, mark in enumerate(marks) if mark in _OPENINGS or mark is Mark.QUOTED_OPENING), end)
    while end:
        start = _tail_begins(lines, marks, end, opened=opened)
        if start == end and not signed:
            start, signed = _signature_begins(lines, marks, end), True
        if start == end:
            break
        end = start
    return end


def _tail_begins(lines: list[Line], marks: list[Mark], end: int, *, opened: int) -> int:
    """Where the last thing begins that may go: `end` itself where the last line stays. `opened`: the first line that names a mail."""
    if marks[end - 1] in _GO_AT_THE_END:
        return end - 1
    start = end
    while start and marks[start - 1] in _QUOTES:
        start -= 1
    unnamed = any(line.bare.strip("-_ ") for line in lines[start : min(opened, end)])
    return end if unnamed else start


def _signature_begins(lines: list[Line], marks: list[Mark], end: int) -> int:
    """Where the signature begins that ends here: `end` itself where there is none, or no words above it."""
    width = written = 0
    for at in range(end - 1, -1, -1):
        if marks[at] is Mark.SIGNATURE:
            return at if any(mark in _WRITTEN for mark in marks[:at]) else end
        width, written = width + len(lines[at].raw), written + bool(lines[at].bare)
        if marks[at] in _QUOTES or marks[at] in _OPENINGS or width > SIGNATURE_WIDTH or written > SIGNATURE_LINES:
            break
    return end


def _stays(lines: list[Line], marks: list[Mark]) -> list[bool]:
    """Which of the lines that are new, or between new ones, are shown: no attributions, and no quotes of our own letters."""
    answers_us = any(line.ours for line in lines[: len(marks)])
    return [mark not in (Mark.ATTRIBUTION, Mark.SEPARATOR) and not (answers_us and mark in _QUOTES) for mark in marks]
