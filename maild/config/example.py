"""config.example.toml, the one place in which every key has its sentence: read here by those who write configurations for others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HEADER = re.compile(r"(?:# )?\[{1,2}([a-z]+)\]{1,2}")
_KEY = re.compile(r"(?:# )?([a-z_]+) = (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A key of the example: its table, its sentence as a comment, and the line that shows its default or an example of it."""

    table: str
    key: str
    sentence: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A table of the example: the comment above it, its header, and its keys in order."""

    comment: str
    header: str
    entries: tuple[Entry, ...]


def shipped_example() -> Path:
    """Where the example lies that came with maild: inside an installed wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_config.example.toml"
    return installed if installed.is_file() else package.parent / "config.example.toml"


@lru_cache(maxsize=1)
def sections() -> dict[str, Section]:
    """The tables of the shipped example by their names, in its order."""
    return {section.entries[0].table: section for section in sections_of(shipped_example().read_text("utf-8"))}


def sections_of(text: str) -> Iterator[Section]:
    """The tables of a text that is laid out as the example: two blank lines between tables, a sentence above each key."""
    for block in text.split("\n\n\n"):
        lines = [line for line in block.splitlines() if line]
        at = next((number for number, line in enumerate(lines) if _HEADER.fullmatch(line)), None)
        if at is not None:
            header = lines[at].removeprefix("# ")
            yield Section(comment="\n".join(lines[:at]), header=header, entries=tuple(_entries(lines[at + 1 :], table=header.strip("[]"))))


def _entries(lines: list[str], *, table: str) -> Iterator[Entry]:
    sentence: list[str] = []
    for line in lines:
        if found := _KEY.fullmatch(line):
            yield Entry(table=table, key=found[1], sentence="\n".join(sentence), value=found[2])
            sentence = []
        else:
            sentence.append(line)
