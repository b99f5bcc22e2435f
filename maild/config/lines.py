"""On which line of a TOML text each key stands: what tomllib knows and does not tell.

Made for texts that tomllib has accepted, so it checks nothing. Every character is looked at once.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys from the top down, and positions (from 0) in lists."""

DEEPEST = 20
"""Parts of one key that are followed: thousands of dots would make as many paths of as many parts. A `Config` has three."""

TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)"""
    r"""|(?P<long>\"\"\"|''')"""
    r"""|(?P<quoted>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
    r"""|(?P<mark>[\[\]{},=.\n])"""
    r"""|(?P<word>[^][{},=.\s"'\#]+)"""
)
LONG_TEXT_ENDS = {'"""': re.compile(r'\\.|"""+', re.DOTALL), "'''": re.compile(r"'''+")}
"""Up to two more of the same quote belong to the text (TOML 1.0, String)."""


class Token(NamedTuple):
    """One of the marks `[]{},=.`, a line end, WORD (bare or quoted, as written), or END."""

    mark: str
    word: str
    line: int


WORD, END = "word", "end"


def find_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every table, key and list element, for a text that tomllib accepts."""
    walk = _Walk(text)
    while walk.token.mark != END:
        walk.statement()
    return walk.lines


def tokens(text: str) -> Iterator[Token]:
    """What the text is made of, without blanks and comments."""
    position, line = 0, 1
    while match := TOKEN.match(text, position):
        position = match.end()
        if match["long"]:
            position = _end_of_long_text(text, position, quotes=match["long"])
        if not match["blank"]:
            yield Token(match["mark"] or WORD, match[0], line)
        line += text.count("\n", match.start(), position)
    if position < len(text):  # a quote that is never closed, in a text that tomllib refuses
        yield Token(WORD, "", line)
    yield Token(END, "", line)


def _end_of_long_text(text: str, position: int, *, quotes: str) -> int:
    for match in LONG_TEXT_ENDS[quotes].finditer(text, position):
        if match[0].startswith(quotes):
            return match.end()
    return len(text)


class _Walk:
    """One walk over the tokens, noting lines on the way."""

    def __init__(self, text: str) -> None:
        self.lines: dict[KeyPath, int] = {}
        self.lengths: dict[KeyPath, int] = {}  # of the lists made by [[headers]]
        self.table: KeyPath = ()
        self.rest = tokens(text)
        self.token = next(self.rest)

    def advance(self) -> Token:
        """Step over the token in hand, and return it."""
        token = self.token
        self.token = next(self.rest, token)
        return token

    def accept(self, mark: str) -> bool:
        """Step over this mark if it is next."""
        if self.token.mark != mark:
            return False
        self.advance()
        return True

    def statement(self) -> None:
        if self.accept("["):
            self.header()
        elif not self.accept("\n"):
            self.pair(self.table)

    def header(self) -> None:
        line, listed = self.token.line, self.accept("[")
        *parents, last = self.key()
        path: KeyPath = ()
        for part in parents:
            path = self.into((*path, part), line=line)
        self.table = (*path, last)
        if listed:
            self.lengths[self.table] = self.lengths.get(self.table, 0) + 1
        self.table = self.into(self.table, line=line)
        while self.accept("]"):
            pass

    def into(self, path: KeyPath, *, line: int) -> KeyPath:
        """A path named by a header, with the position of the newest element where it is a list."""
        self.lines.setdefault(path, line)
        if path in self.lengths:
            path = (*path, self.lengths[path] - 1)
            self.lines.setdefault(path, line)
        return path

    def pair(self, table: KeyPath) -> None:
        line, path = self.token.line, table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.accept("=")
        self.value(path)

    def key(self) -> list[str]:
        parts = [self.part()]
        while self.accept("."):
            parts.append(self.part())
        return parts[:DEEPEST]

    def part(self) -> str:
        word = self.advance().word
        return next(iter(tomllib.loads(f"{word}=0"))) if word[0] in "\"'" else word

    def value(self, path: KeyPath) -> None:
        if self.accept("["):
            self.elements(path)
        elif self.accept("{"):
            self.pairs(path)
        else:
            while self.token.mark in (WORD, "."):
                self.advance()

    def elements(self, path: KeyPath) -> None:
        position = 0
        while not self.accept("]"):
            if not (self.accept(",") or self.accept("\n")):
                self.lines[(*path, position)] = self.token.line
                self.value((*path, position))
                position += 1

    def pairs(self, table: KeyPath) -> None:
        while not self.accept("}"):
            if not (self.accept(",") or self.accept("\n")):
                self.pair(table)
