"""What staff put on record of a person's conduct at a conference: warnings, instructions to stop, offences (playbook, "Warnings", "Expulsion").

Facts, and no judgement follows from them by itself: nobody is expelled without a command (product.md principle 2).
"""

from dataclasses import dataclass
from datetime import datetime

GUIDELINES = ("third-warning", "kept-on", "pattern", "serious", "intentional")
"""The five grounds on which a participant should be expelled, as a general guideline (playbook lines 54 to 58)."""

DISCRETION = "discretion"
"""The ground that staff give in words of their own (line 51)."""

EXPULSION = "expulsion"
"""The kind of a sanction that keeps somebody out of an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbalWarning:
    """One verbal warning by one of the staff (line 45)."""

    id: str
    """W1, W2 and so on, in the order in which they were recorded on this case."""
    person: str
    """The reference of whom it was given to."""
    event: str
    """Where: the short name of the conference or meetup; empty where it was at none."""
    by: str
    at: datetime
    text: str
    withdrawn: bool = False
    """Kept on record, and counted no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Somebody was told to stop (line 55). `by` is target, staff or other, empty where nobody said."""

    person: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """A single offence that staff call serious or obviously intentional (lines 57 and 58)."""

    person: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """All that is on record on one case."""

    warnings: tuple[VerbalWarning, ...] = ()
    stops: tuple[Stop, ...] = ()
    offences: tuple[Offence, ...] = ()
    noticed: frozenset[tuple[str, str]] = frozenset()
    """(person, ground) of which staff had their one notice."""
    numbered: int = 0
    """The last number that was given to a warning, be it one of another report of the same incident."""
