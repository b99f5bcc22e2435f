"""The tag grammar: what staff write in brackets, read into commands (product.md section 6).

    line = 1*tag          ; alone on a line of the new text, or in the Subject of a new mail
    tag  = "[" verb [":" value ["=" value]] *(SP (key "=" value / word)) "]"

Three answers to a line that holds brackets: a `Command`; a `Fault`, where a command was meant and cannot be carried out as written;
or it is text. In doubt between the last two: what a mail client or a banner writes is text, what a person may have meant as the end
of a text that leaves the team is a `Fault`, since reading on would send the words below it to the wrong reader.

Who wrote the text, and which part of a mail is new, is settled before anything comes here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from maild.playbook.syntax import TAG_CHARACTERS, asks_for_alarm, parse_tag
from maild.playbook.tag import Command, Fault, read_tag, shown
from maild.playbook.values import parse_date, person_refs
from maild.playbook.vocabulary import VERBS, Level, help_rows

__all__ = [
    "VERBS",
    "Command",
    "Fault",
    "Level",
    "Reading",
    "help_rows",
    "parse_date",
    "person_refs",
    "read",
    "read_subject",
    "strip_commands",
]

TAG_LINES = 12
"""Lines a tag may run over; an opening bracket somewhere must not swallow the page below it."""

TAGS = 50
"""Tags one mail may hold: a mail of ten thousand would hold up casework and be answered with ten thousand lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text taken apart: an ordinary note, then commands in written order, each with the text below it."""

    note: str
    commands: tuple[Command | Fault, ...]

    @property
    def has_commands(self) -> bool:
        """Whether anything in the text was meant as a command, also a faulty one."""
        return bool(self.commands)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A command line: what it holds, and which lines of the text it takes, from `first` up to but not including `after`."""

    first: int
    after: int
    items: tuple[Command | Fault, ...]


def read(text: str) -> Reading:
    """The note and the commands in a text. Never raises; linear in the length of the text."""
    lines = text.split("\n")
    found = tuple(_command_lines(text))
    ends = [line.first for line in found[1:]] + [len(lines)]
    commands = [item for line, end in zip(found, ends, strict=False) for item in _with_text(line.items, below=lines[line.after : end])]
    return Reading(note=_trimmed(lines[: found[0].first] if found else lines), commands=tuple(commands))


def read_subject(subject: str) -> tuple[Command | Fault, ...]:
    """The commands at the beginning and the end of the Subject of a new mail.

    Subjects are full of brackets that others put there (`[EXT]`, `[list]`, `[name=x]`, a code name), so a faulty tag counts only where it
    has a colon or an equals sign and its verb is ours or nearly so.
    """
    parts = [part for part in _BRACKETED.split(_plain(subject)) if part.strip()]
    leading = list(takewhile(_is_bracketed, parts))
    trailing = list(takewhile(_is_bracketed, reversed(parts[len(leading) :])))
    items = [read_tag(part[1:-1]) for part in leading + trailing[::-1]]
    return tuple(item for item in items if item is not None and (isinstance(item, Command) or _is_unmistakable(item)))


def _is_unmistakable(fault: Fault) -> bool:
    return bool(fault.verb or fault.nearest) and bool({":", "="} & set(fault.written))


def strip_commands(text: str) -> str:
    """The text without its command lines, faulty ones included: what may leave."""
    kept, position, lines = list[str](), 0, text.split("\n")
    for line in _command_lines(text):
        kept += lines[position : line.first]
        position = line.after
    return "\n".join(kept + lines[position:])


def _with_text(items: Sequence[Command | Fault], *, below: Sequence[str]) -> Iterator[Command | Fault]:
    """The text below a line belongs to the last tag of the line, after what stood on the line itself."""
    yield from items[:-1]
    yield replace(items[-1], text=_trimmed([items[-1].text, *below]))


def _trimmed(lines: Sequence[str]) -> str:
    """The lines without the blank ones at both ends."""
    written = [number for number, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[written[0] : written[-1] + 1]) if written else ""


# What clients make of ASCII, back to what was typed: curly, low, angle and double-prime quotation marks; single ones; hyphens, dashes
# and minus signs; every other blank and control character; and, left out, what is invisible (soft hyphen, zero-width, direction).
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"')
    | dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-")
    | dict.fromkeys([chr(code) for code in (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA1), *range(0x2000, 0x200B))], " ")
    | dict.fromkeys("\u1680\u2028\u2029\u202f\u205f\u3000", " ")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff", "")
)

_OPENING = re.compile(
    r"[-+•·*_ ]*+(?:\d{1,2}[.)] *+)?(?=\[ ?[A-Za-z])"
)  # bullets, numbers and emphasis marks that clients put before a tag
_MARK = re.compile(r'[\[\]"]')
_BRACKETED = re.compile(r"(\[[^\[\]]*\])")


def _plain(text: str) -> str:
    """The text with typographic characters as their ASCII forms, invisible ones left out, and the same line ends."""
    return text.translate(_TYPOGRAPHY)


def _is_bracketed(part: str) -> bool:
    return part.startswith("[") and part.endswith("]")


def _command_lines(text: str) -> Iterator[_Line]:
    """The command lines of a text, in order. Beyond `TAGS` the rest is not read: it becomes one Fault, so nothing of the mail is done."""
    plain = _plain(text).split("\n")
    position = tags = 0
    while position < len(plain):
        line = _command_line(plain, first=position)
        if line is not None:
            tags += len(line.items)
            if tags > TAGS:
                sentence = f"There are more than {TAGS} tags in this mail; please send fewer at a time."
                fault = Fault(written=line.items[0].written, sentence=sentence, urgent=asks_for_alarm("\n".join(plain[position:])))
                yield _Line(first=position, after=len(plain), items=(fault,))
                return
            yield line
        position = line.after if line else position + 1


def _command_line(plain: Sequence[str], *, first: int) -> _Line | None:
    """The command line that begins with this line, or None where it is text."""
    opening = _OPENING.match(plain[first])
    if opening is None:
        return None
    window = "\n".join(takewhile(str.strip, plain[first : first + TAG_LINES]))
    items, end = _tags(window, start=opening.end())
    words = window[end:].split("\n", 1)[0]
    if words and not any(item.verb for item in items):
        items = _unclosed(plain[first][opening.end() :][:TAG_CHARACTERS], window=window)
    elif words:
        items[-1] = _beside_words(items[-1], words=words)
    return _Line(first=first, after=first + 1 + window.count("\n", 0, end), items=tuple(items)) if items else None


def _tags(window: str, *, start: int) -> tuple[list[Command | Fault], int]:
    """The tags that stand side by side from `start` on, and the position after them and the blanks that follow."""
    items = list[Command | Fault]()
    while window.startswith("[", start) and len(items) <= TAGS:
        closing = _closing(window, start=start)
        item = read_tag(window[start + 1 : closing]) if closing else None
        if item is None or closing is None:
            break
        items.append(item)
        start = len(window) - len(window[closing + 1 :].lstrip("*_ "))
    return items, start


def _closing(window: str, *, start: int) -> int | None:
    """Where the bracket that opens at `start` closes, outside quotation marks; None where it does not, or another one opens first."""
    quoted = False
    for mark in _MARK.finditer(window, start + 1, start + TAG_CHARACTERS):
        if mark[0] == '"':
            quoted = not quoted
        elif not quoted:
            return mark.start() if mark[0] == "]" else None
    return None


def _unclosed(line: str, *, window: str) -> list[Command | Fault]:
    """A tag of ours without its closing bracket: nothing tells where it ends, so only its first line is taken."""
    tag = parse_tag(line[1:])
    if tag is None or tag.verb not in VERBS:
        return []
    sentence = f"[{tag.verb}] does not end: its closing bracket or a quotation mark is missing. It is written {VERBS[tag.verb].syntax}."
    return [Fault(written=shown(line), sentence=sentence, verb=tag.verb, urgent=asks_for_alarm(window))]


def _beside_words(item: Command | Fault, *, words: str) -> Command | Fault:
    """A tag with words after it on its line: a mistake, because the words were meant to go with it, and text inside it would not."""
    if isinstance(item, Fault) or VERBS[item.verb].level is Level.ALWAYS:
        return replace(item, text=" ".join(filter(None, (item.text, words))))
    sentence = f"A tag stands alone on its line: put the words that follow {item.written} on the next line."
    alarms = asks_for_alarm(item.written + words)
    return Fault(written=item.written, sentence=sentence, nearest=item.written, verb=item.verb, urgent=alarms, text=words)
