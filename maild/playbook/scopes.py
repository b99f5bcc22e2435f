"""What a transparency report is about: one conference or meetup, or what came from elsewhere in a year or half of one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from maild.playbook.policy import Conference, Policy, Publishing

EVENT, PERIOD = "event", "period"

_PERIOD = re.compile(r"(2[0-9]{3})(?:-(h[12]))?")

_PARTS = {None: (1, 12, ""), "h1": (1, 6, "January to June "), "h2": (7, 12, "July to December ")}
"""First month, last month, and what stands before the year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What one report is about; both days are of the organisation's own calendar and belong to it."""

    name: str
    """What stands in `[release:…]`: a conference's slug, or `2026`, `2026-h1`."""
    title: str
    kind: str
    start: date
    end: date
    attendance: int | None = None
    rules: Publishing = field(default_factory=Publishing)

    @property
    def small(self) -> bool:
        """Whether so few people took part, as far as anybody said, that there are no numbers of its own."""
        return self.kind == EVENT and (self.attendance or 0) < self.rules.numbers_from


def scope_of(name: str, policy: Policy) -> Scope | None:
    """What this name stands for, whatever its case; None where it stands for nothing."""
    event = next((one for one in policy.conferences if one.slug.casefold() == name.casefold()), None)
    if event is not None:
        return _of_event(event, policy)
    period = _PERIOD.fullmatch(name.casefold())
    return _of_period(int(period[1]), period[2], policy) if period else None


def known_scopes(policy: Policy) -> tuple[str, ...]:
    """The names that the configuration knows; periods come on top."""
    return tuple(one.slug for one in policy.conferences)


def _of_event(event: Conference, policy: Policy) -> Scope:
    return Scope(
        name=event.slug,
        title=event.name,
        kind=EVENT,
        start=event.start,
        end=event.end,
        attendance=event.attendance,
        rules=policy.publishing,
    )


def _of_period(year: int, half: str | None, policy: Policy) -> Scope:
    first, last, words = _PARTS[half]
    end = date(year, last, 28) + timedelta(days=4)
    return Scope(
        name=f"{year}-{half}" if half else str(year),
        title=f"{words}{year}",
        kind=PERIOD,
        start=date(year, first, 1),
        end=end - timedelta(days=end.day),
        rules=policy.publishing,
    )


def parts_of(scope: Scope) -> Iterator[str]:
    """The scopes that hold some of the same incidents, itself among them: an event stands alone, a year has halves and a half its year."""
    yield scope.name
    year, _, half = scope.name.partition("-") if scope.kind == PERIOD else ("", "", "")
    yield from [year] if half else [f"{year}-h1", f"{year}-h2"] if year else []
