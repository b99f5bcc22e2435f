"""One thing in a ticket's history. Entries are only ever appended; a ticket is what its entries add up to (see `ticket`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

Scalar = str | int | float | bool | None
Fact = Scalar | Sequence["Fact"] | Mapping[str, "Fact"]
"""What JSON can hold. Moments stand as ISO 8601 with offset; see `moment`."""


class What(Enum):
    """What happened. The values are stored: never rename one, never give one a second meaning."""

    OPENED = "opened"
    HELD = "held"
    RELEASED = "released"
    DISMISSED = "dismissed"
    WROTE = "wrote"
    THIRD_PARTY = "third-party"
    AUTOMATIC = "automatic"
    OUTSIDE_ANSWER = "outside-answer"
    NOTE = "note"
    LETTER = "letter"
    ACCEPTED = "accepted"
    LOST = "lost"
    TAKEN = "taken"
    DROPPED = "dropped"
    DETERMINED = "determined"
    PERSON = "person"
    RESOLVED = "resolved"
    EXPLAINED = "explained"
    TOLD = "told"
    ANSWERED = "answered"
    WITHHELD = "withheld"
    CLEARED = "cleared"
    URGENT = "urgent"
    CLOSED = "closed"
    REOPENED = "reopened"
    STEP = "step"
    BREACHED = "breached"
    CHALLENGED = "challenged"
    WRITTEN = "written"
    TELLING = "telling"
    REACHED = "reached"
    UNREACHED = "unreached"
    HEARD = "heard"
    SANCTIONED = "sanctioned"
    PROPOSED = "proposed"
    APPROVED = "approved"
    OBJECTED = "objected"
    WISHED = "wished"
    PLACED = "placed"
    TASKED = "tasked"
    CONFIRMED = "confirmed"
    LIFTED = "lifted"
    EXTENDED = "extended"
    ENDED = "ended"
    NOTICED = "noticed"
    APPEALED = "appealed"
    JUDGED = "judged"
    RECORDED = "recorded"
    PRESENTATION = "presentation"
    SUPPORT = "support"
    CONTACTED = "contacted"
    WARNED = "warned"
    WITHDRAWN = "warning-withdrawn"
    STOPPED = "stop-instruction"
    OFFENDED = "offence"
    GUIDELINE = "guideline"
    EXPELLED = "expelled"
    JOINED = "joined"
    PARTED = "parted"
    MERGED = "merged"
    SPLIT = "split"
    WOKEN = "woken"
    TAKEN_DOWN = "taken-down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What happened, when (aware UTC), by whom (a staff handle, `reporter`, `maild`, …) and the particulars."""

    what: What
    at: datetime
    by: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def moment(fact: Fact) -> datetime:
    """The moment that stands in a fact. Raises `ValueError` or `TypeError` for anything else."""
    if not isinstance(fact, str):
        raise TypeError(f"not a moment: {type(fact).__name__}")
    return datetime.fromisoformat(fact)
