"""What a check found: one line for the person who runs maild."""

from dataclasses import dataclass
from enum import Enum

from maild.config.draft import literal


class Grade(Enum):
    """How much a finding matters."""

    OK = "ok"
    NOTE = "note"
    """Works, and is good to know."""
    FAULT = "fault"
    """Somebody has to mend something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, in a sentence without an address of anybody and without a secret; a fault says how to mend it."""

    about: str
    grade: Grade
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A line of config.toml that would suit the mail host better than what stands there now."""

    table: str
    key: str
    value: str | bool

    @property
    def line(self) -> str:
        """The line as TOML."""
        return f"{self.key} = {literal(self.value)}"


def ok(about: str, sentence: str) -> Finding:
    """It works."""
    return Finding(about=about, grade=Grade.OK, sentence=sentence)


def note(about: str, sentence: str) -> Finding:
    """It works, and is good to know."""
    return Finding(about=about, grade=Grade.NOTE, sentence=sentence)


def fault(about: str, sentence: str) -> Finding:
    """It has to be mended."""
    return Finding(about=about, grade=Grade.FAULT, sentence=sentence)
