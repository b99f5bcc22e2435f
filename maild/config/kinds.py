"""Values as people write them.

Each kind reads what TOML gave and returns the value, or refuses it with the reason and the fix in words. No refusal repeats the
value: it may be a password in the wrong line.
"""

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, get_args

from pydantic import GetCoreSchemaHandler, PlainValidator
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

LONGEST_TEXT = 500
"""Characters of a text on one line: more is a slip of the editor, and header fields end at 998 (RFC 5322 section 2.1.1)."""

NEAREST_OF = 60
"""Characters of a mistyped word that are compared with the right ones: the comparison takes the square of its length."""

SPANS: Mapping[str, int] = {
    **dict.fromkeys(("s", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86400),
}
SIZES: Mapping[str, int] = {"B": 1, "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20}

QUANTITY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([A-Za-z]{1,7})")
CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def refused(reason: str, *, at: str = "") -> PydanticCustomError:
    """A refusal. `at` names another key of the same table, where that one is the better place to look."""
    return PydanticCustomError("refused", "{reason}", {"reason": reason, "at": at})


def nearest(word: str, *, choices: Iterable[str]) -> str | None:
    """The choice that `word` was probably meant to be, if there is one."""
    matches = difflib.get_close_matches(word[:NEAREST_OF].lower(), list(choices), n=1)
    return matches[0] if matches else None


def quantity(value: object, *, unit: str, units: Mapping[str, int]) -> float | None:
    """A number in `unit`, or a text such as "15 min" in its own unit, in the smallest of the `units`; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * units[unit]
    match = QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None or match[2] not in units:
        return None
    return float(match[1]) * units[match[2]]


def bound(words: str, *, units: Mapping[str, int]) -> float:
    """A quantity that is written in this program."""
    number = quantity(words, unit="", units=units)
    assert number is not None, words
    return number


def optional_text(value: object) -> str:
    """A text on one line, perhaps an empty one."""
    if not isinstance(value, str):
        raise refused('must be a text in quotes, like "this"')
    if not value.isprintable():
        raise refused("holds a line break or another character that cannot be seen (type it anew)")
    if len(value) > LONGEST_TEXT:
        raise refused(f"is too long (at most {LONGEST_TEXT} characters)")
    return value.strip()


def text(value: object) -> str:
    """A text on one line that says something."""
    result = optional_text(value)
    if not result:
        raise refused("must not be empty")
    return result


def lines(value: object) -> str:
    """A text of any number of lines."""
    rows = value.strip().splitlines() if isinstance(value, str) else [value]
    return "\n".join(optional_text(row) for row in rows)


def flag(value: object) -> bool:
    """Yes or no, as TOML spells them."""
    if not isinstance(value, bool):
        raise refused("must be true or false, without quotes")
    return value


def day(value: object) -> date:
    """A calendar day."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refused("must be a date like 2026-11-05, without quotes")
    return value


def clock_time(value: object) -> time:
    """A time of day, on the minute: "09:00", or TOML's own 09:00:00."""
    match = CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if match:
        return time(int(match[1]), int(match[2]))
    if not isinstance(value, time) or value != value.replace(second=0, microsecond=0):
        raise refused('must be a time of day like "09:00"')
    return value


Text = Annotated[str, PlainValidator(text)]
OptionalText = Annotated[str, PlainValidator(optional_text)]
Lines = Annotated[str, PlainValidator(lines)]
Flag = Annotated[bool, PlainValidator(flag)]
Day = Annotated[date, PlainValidator(day)]
ClockTime = Annotated[time, PlainValidator(clock_time)]


class Kind(ABC):
    """What stands in `Annotated[type, kind]` and has settings of its own."""

    __slots__ = ()

    @abstractmethod
    def read(self, value: object) -> object:
        """The value, or a refusal."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)


@dataclass(frozen=True, slots=True)
class Count(Kind):
    """A whole number from `least` to `most`."""

    least: int
    most: int = 1_000_000

    def read(self, value: object) -> int:
        """The number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise refused("must be a whole number, without quotes")
        if not self.least <= value <= self.most:
            raise refused(f"must be from {self.least} to {self.most}")
        return value


@dataclass(frozen=True, slots=True)
class Raised(Count):
    """A whole number that protects people: more is fine, less is not."""

    def read(self, value: object) -> int:
        """The number."""
        if isinstance(value, int) and not isinstance(value, bool) and value < self.least:
            raise refused(f"can be raised, never lowered (write {self.least} or more)")
        return Count(self.least, self.most).read(value)


@dataclass(frozen=True, slots=True)
class Span(Kind):
    """A span of time; a bare number counts in `unit`, the one that the key's name ends in."""

    unit: str
    least: str
    most: str

    def read(self, value: object) -> timedelta:
        """A span of time."""
        seconds = quantity(value, unit=self.unit, units=SPANS)
        if seconds is None:
            raise refused(f'must be a number of {self.unit}, or a text like "15 min", "4 h" or "5 days"')
        if not bound(self.least, units=SPANS) <= seconds <= bound(self.most, units=SPANS):
            raise refused(f"must be from {self.least} to {self.most}")
        return timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Ladder(Kind):
    """Spans that rise from step to step; the playbook's MUST stands at the end and may be brought forward, never put off."""

    unit: str
    steps: tuple[str, ...]
    must: str

    def read(self, value: object) -> tuple[timedelta, ...]:
        """The steps of a ladder, in order."""
        if not isinstance(value, list | tuple) or len(value) != len(self.steps):
            raise refused(f"must be a list of {len(self.steps)} steps: {', '.join(self.steps)}")
        spans = tuple(Span(self.unit, "1 s", "365 days").read(step) for step in value)
        if any(later <= earlier for earlier, later in pairwise(spans)):
            raise refused("is out of order (each step must be later than the one before)")
        if spans[-1] > timedelta(seconds=bound(self.must, units=SPANS)):
            raise refused(f"ends too late (the playbook allows at most {self.must}; earlier is fine)")
        return spans


@dataclass(frozen=True, slots=True)
class Size(Kind):
    """A number of bytes, as such or as a text like "25 MiB"."""

    least: str
    most: str

    def read(self, value: object) -> int:
        """The size in bytes."""
        size = quantity(value, unit="B", units=SIZES)
        if size is None:
            raise refused('must be a number of bytes, or a text like "25 MiB"')
        if not bound(self.least, units=SIZES) <= size <= bound(self.most, units=SIZES):
            raise refused(f"must be from {self.least} to {self.most}")
        return int(size)


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of the words of its `Literal`; those in `later` are understood and refused, because this version cannot do them yet."""

    choices: tuple[str | int, ...] = ()
    later: tuple[str | int, ...] = ()

    def read(self, value: object) -> str | int:
        """One of the choices."""
        value = value.strip().lower() if isinstance(value, str) else value
        for choice in self.choices:
            if choice == value and not isinstance(value, bool):
                return choice
        if value in self.later and not isinstance(value, bool):
            raise refused(f"this is not available yet (write {self._spelt()})")
        raise refused(f"must be {self._spelt()}{self._hint(value)}")

    def _spelt(self) -> str:
        spelt = [f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in self.choices]
        return spelt[0] if len(spelt) == 1 else f"one of {', '.join(spelt)}"

    def _hint(self, value: object) -> str:
        near = nearest(value, choices=(str(choice) for choice in self.choices)) if isinstance(value, str) else None
        return f' (did you mean "{near}"?)' if near else ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        chosen = Choice(choices=get_args(source), later=self.later)
        return core_schema.no_info_plain_validator_function(chosen.read)
