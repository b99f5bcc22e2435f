"""Is this machine's clock right? Every deadline hangs on it. Pure: compares what the mail servers say with what our clock said then."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from maild.app.check.finding import Finding, fault, ok

TOLERANCE = timedelta(minutes=2)
"""Clocks that are further apart are not kept by NTP."""

_DATE = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9 ]?[0-9] [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A moment that somebody else's clock told, and the span of ours in which it did. `earliest` is None where only the end is known."""

    source: str
    theirs: datetime
    earliest: datetime | None
    latest: datetime


def date_in(greeting: str) -> datetime | None:
    """The moment that an SMTP greeting names, as those of Exim and Exchange do."""
    found = _DATE.search(greeting)
    if found is None:
        return None
    try:
        return parsedate_to_datetime(found[0])
    except ValueError:  # 31 February
        return None


def clock_finding(readings: Sequence[Reading]) -> Finding:
    """Faulty where any clock is more than two minutes off."""
    worst = max(readings, key=lambda reading: abs(_apart(reading)), default=None)
    if worst is not None and abs(_apart(worst)) > TOLERANCE:
        return fault("clock", _sentence(worst))
    exact = [reading.source for reading in readings if reading.earliest is not None]
    if not exact:
        return ok("clock", "no mail here lies in the future; --round-trip compares the clocks more closely.")
    return ok("clock", f"agrees with that of {exact[-1]}.")


def _apart(reading: Reading) -> timedelta:
    """How far theirs is ahead of ours (negative: behind) beyond what the span of ours explains."""
    if reading.theirs > reading.latest:
        return reading.theirs - reading.latest
    if reading.earliest is not None and reading.theirs < reading.earliest:
        return reading.theirs - reading.earliest
    return timedelta(0)


def _sentence(reading: Reading) -> str:
    apart = _apart(reading)
    minutes = max(1, round(abs(apart) / timedelta(minutes=1)))
    where = "behind" if apart > timedelta(0) else "ahead of"
    return (
        f"this machine's clock is {minutes} min {where} that of {reading.source}, and every deadline hangs on it;"
        " see `timedatectl` and switch NTP on (timedatectl set-ntp true)."
    )
