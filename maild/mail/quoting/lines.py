"""A mail's text as lines that are cheap to look at, whatever somebody sends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

LINES_LOOKED_AT = 5_000
CHARACTERS_LOOKED_AT = 1_000_000
"""What lies beyond either is one last line that people get to see and commands are not read from. Stops: 25 million empty lines."""
WIDTH_LOOKED_AT = 500
"""Characters of a line that patterns see. Stops: one line of megabytes. No mail program writes an attribution that long."""
SEPARATOR_LINES = 3
"""A separator that a mail program wrapped covers at most this many lines."""

_INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a mail: as it came, and what patterns look at."""

    raw: str
    bare: str
    """Without quote marks, invisible characters and surrounding blanks; at most `WIDTH_LOOKED_AT` characters."""
    quoted: bool
    """A quote mark stands first."""
    ours: bool = False
    """Part of our own separator line: what follows is a letter of ours."""
    doubtful: bool = False
    """Holds our separator among other words, or was not looked at."""


def split_lines(text: str, *, separator: str) -> list[Line]:
    """Every line of `text`, at any line end that `str.splitlines` knows, so that no later reader finds a line that was not seen here."""
    seen, unseen = _halves(text)
    lines = [_look_at(raw) for raw in seen.splitlines()]
    for at, count, alone in _separators(lines, separator):
        for index in range(at, at + count):
            lines[index] = replace(lines[index], ours=alone, doubtful=not alone)
    return [*lines, Line(raw=unseen, bare="…", quoted=False, doubtful=True)] if unseen else lines


def _halves(text: str) -> tuple[str, str]:
    """The whole lines that are looked at, and the rest."""
    seen = text[:CHARACTERS_LOOKED_AT].splitlines(keepends=True)
    if len(text) > CHARACTERS_LOOKED_AT:
        seen.pop()
    end = sum(map(len, seen[:LINES_LOOKED_AT]))
    return text[:end], text[end:].replace("\r\n", "\n").strip()


def _look_at(raw: str) -> Line:
    seen = raw.strip()[:WIDTH_LOOKED_AT]
    if not seen.isascii():
        seen = seen.translate(_INVISIBLE).replace("\u00a0", " ").strip()
    bare = seen.removeprefix("&gt;").lstrip(">＞ \t")
    return Line(raw=raw, bare=bare, quoted=seen.startswith((">", "＞", "&gt;")))


def _separators(lines: Sequence[Line], separator: str) -> Iterator[tuple[int, int, bool]]:
    """Where our separator stands: first line, how many lines, and whether nothing else stands there."""
    wanted, first_word = _letters(separator), _first_word(separator)
    for at, line in enumerate(lines if wanted else ()):
        if first_word not in line.raw.casefold():
            continue
        found, first = "", len(_letters(line.raw))
        for count, part in enumerate(lines[at : at + SEPARATOR_LINES], 1):
            found += _letters(part.raw)
            if 0 <= found.find(wanted) < first:
                yield at, count, found == wanted
                break


def _first_word(text: str) -> str:
    return next((word for word in _NOT_LETTERS.split(text.casefold()) if word), "")


def _letters(text: str) -> str:
    """Letters and digits only, folded: equal however the text was wrapped, quoted or decorated."""
    return _NOT_LETTERS.sub("", text).casefold()


def next_written(lines: Sequence[Line], at: int, *, within: int) -> Line | None:
    """The first line that is not empty among the `within` lines from `at` on."""
    return next((line for line in lines[at : at + within] if line.bare), None)
