"""How the story is printed: narrow enough for 100 columns, in colour on a terminal only (no-color.org)."""

import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TextIO

WIDEST = 100
"""Columns used at most."""

BOLD, DIM, CYAN, RED = "1", "2", "36", "31"
"""SGR parameters (ECMA-48 section 8.3.117)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Prints to `out`, each piece as soon as it is known."""

    out: TextIO
    colours: bool
    width: int

    def chapter(self, title: str) -> None:
        """A part of the story begins."""
        self._line()
        self._line(self._in(BOLD, title))
        self._line(self._in(BOLD, "═" * len(title)))

    def say(self, text: str) -> None:
        """What happens, in plain words."""
        self._line()
        for line in self._wrapped(text):
            self._line(line)

    def lines(self, text: str) -> None:
        """Lines that stand as they are."""
        self._line()
        for line in text.split("\n"):
            self._line(line)

    def wrong(self, text: str) -> None:
        """Something did not go as it should."""
        self._line()
        for line in self._wrapped(text):
            self._line(self._in(RED, line))

    def mail(self, heading: str, *, way: str, subject: str, text: str) -> None:
        """A mail in full: what it is, who to whom, its Subject and its words behind a bar."""
        bar = self._in(CYAN, "│")
        self._line()
        self._line(f"{self._in(CYAN, '┌')} {self._in(BOLD, printable(heading))}  {self._in(DIM, printable(way))}")
        self._line(f"{bar} {printable(f'Subject: {subject}')}")
        self._line(bar)
        for line in self._body(text):
            self._line(f"{bar} {line}".rstrip())

    def brief(self, heading: str, *, way: str, subject: str) -> None:
        """A mail in one line."""
        line = textwrap.shorten(f"{way}: {subject}", self.width - len(heading) - 4, placeholder=" …")
        self._line(f"{self._in(CYAN, '·')} {self._in(BOLD, printable(heading))}  {printable(line)}")

    def again(self, text: str) -> None:
        """Another copy of the mail before."""
        self._line(f"{self._in(CYAN, '└')} {self._in(DIM, printable(text))}")

    def _body(self, text: str) -> Iterator[str]:
        for line in printable(text).strip("\n").split("\n"):
            yield from self._wrapped(line)

    def _wrapped(self, text: str) -> list[str]:
        # Quotes and lists keep what stands in front of them.
        front = text[: len(text) - len(text.lstrip(" |>*"))].replace("*", " ")
        return textwrap.wrap(text, self.width - 2, subsequent_indent=front, break_on_hyphens=False) or [""]

    def _in(self, sgr: str, text: str) -> str:
        return f"\033[{sgr}m{text}\033[0m" if self.colours else text

    def _line(self, text: str = "") -> None:
        print(text, file=self.out, flush=True)


def show_on(out: TextIO) -> Show:
    """How to print on a stream: colours on a terminal whose owner wants them."""
    terminal = out.isatty()
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Show(out=out, colours=terminal and wanted, width=min(WIDEST, get_terminal_size().columns if terminal else WIDEST))


def printable(text: str) -> str:
    """Text of a mail for a terminal: control and bidirectional characters cannot act there (security.md P-37)."""
    return "".join(letter if letter == "\n" or letter.isprintable() else " " if letter == "\t" else "\ufffd" for letter in text)
