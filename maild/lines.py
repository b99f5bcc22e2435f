"""What a template may print: one clean line, or a block that a filter made fit to stand in a letter or a report."""

import re
import textwrap
from collections.abc import Callable

LONGEST_QUOTE = 60_000
"""Characters of somebody else's text in one letter. Stops: a mail of a million characters, sent on to each of the staff."""

LONGEST_LINE = 2_000
"""Characters of a fact that is one line. Stops: a Subject of ten thousand that buries the notice it stands in."""

LINE = 78
"""Characters of a line of plain text (RFC 5322 section 2.1.1)."""

_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]#|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
"""What Markdown would make something of."""

_ITEM = re.compile(r"^\\\* ", re.MULTILINE)


class Block(str):
    """Text of several lines that a filter made fit to stand in a letter."""

    __slots__ = ()


def one_line(value: object) -> object:
    """What a template may print: blocks and HTML as they are, any other text as one line without control or invisible characters."""
    if not isinstance(value, str) or isinstance(value, Block) or hasattr(value, "__html__"):
        return value
    line = value[:LONGEST_LINE]
    if not line.isprintable():
        line = " ".join("".join(letter if letter.isprintable() else " " for letter in line).split())
    return line if len(value) <= LONGEST_LINE else f"{line}…"


def prose(text: str) -> Block:
    """Text of one of us that is to stand in a letter as it was written, whatever ended its lines."""
    return Block("\n".join(line.rstrip() for line in text.splitlines()).strip("\n"))


def quoted(text: str) -> Block:
    """Text of somebody else, set off so that no mail program and no reader takes it for ours."""
    lines = [f"| {line}".rstrip() for line in text[:LONGEST_QUOTE].strip("\r\n").splitlines()]
    if len(text) > LONGEST_QUOTE:
        lines.append(f"| … ({len(text) - LONGEST_QUOTE:,} characters more, kept with the case)")
    return Block("\n".join(lines))


def wrapped(text: str) -> Block:
    """A paragraph in lines that every mail program shows as they are."""
    return Block(textwrap.fill(text, LINE, break_long_words=False, break_on_hyphens=False))


def markdown(text: str) -> Block:
    """Words as Markdown shows them and makes nothing of them; paragraphs stay, and items of a list that begin with `* `."""
    return Block(_ITEM.sub("* ", prose(str(text).translate(_MARKS))))


BLOCKS: dict[str, Callable[[str], Block]] = {"prose": prose, "quoted": quoted, "wrapped": wrapped, "markdown": markdown}
"""The filters by their names in templates."""
