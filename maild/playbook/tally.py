"""Numbers about cases: what the weekly digest says of them. No names, no texts, code names only where somebody has to act."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from maild.playbook.deadlines import Duty, in_zone
from maild.playbook.entry import Fact
from maild.playbook.policy import DAY, Policy
from maild.playbook.ticket import MERGED, State

WEEK = 7 * DAY

WEEKS_SHOWN = 8
"""Weeks in the digest's chart."""

AGES = ((timedelta.min, "under a day"), (DAY, "one to three days"), (3 * DAY, "three to seven days"), (WEEK, "over a week"))
"""Lower bounds and names of the ages of open cases; a mail server's clock may run ahead of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case as the digest sees it."""

    code: str
    state: str
    received_at: datetime
    acknowledge_due_at: datetime | None
    acknowledged_at: datetime | None
    respond_due_at: datetime | None
    answered_at: datetime | None
    unspoken: bool = False
    """A presenter is still to be spoken to, though the event is over."""
    over: bool = False
    """It is closed, or what it is part of is."""

    @property
    def open(self) -> bool:
        """Whether it is somebody's work: neither closed nor set aside nor merely held, nor part of another case."""
        return self.state not in (State.CLOSED.value, State.NOT_A_REPORT.value, State.HELD.value, MERGED)

    @property
    def owed(self) -> bool:
        """Whether it is a report at all, whose reporter has to hear from us."""
        return self.state not in (State.NOT_A_REPORT.value, State.HELD.value)

    @property
    def counted(self) -> bool:
        """Whether it counts as an incident: two reports of the same are one, and both reporters are owed an answer."""
        return self.owed and self.state != MERGED

    @property
    def running(self) -> bool:
        """Whether its deadlines count: a held message keeps its 24 hours until a person has looked at it."""
        return self.open or self.state == State.HELD.value or (self.state == MERGED and not self.over)


def weekly_slot(now: datetime, policy: Policy) -> datetime:
    """The latest moment at which a digest was due: the weekday and local time of the policy, at or before `now`."""
    local = now.astimezone(policy.zone)
    day = local.date() - timedelta(days=(local.weekday() - policy.digest_weekday) % 7)
    slot = _slot(day, policy)
    return slot if slot <= now else _slot(day - WEEK, policy)


def _slot(day: date, policy: Policy) -> datetime:
    return in_zone(datetime.combine(day, time(policy.digest_hour, policy.digest_minute)), policy)


def week_of(slot: datetime, policy: Policy) -> str:
    """The ISO week a digest belongs to, such as 2026-W48: one digest each, whatever happened in between."""
    year, week, _ = slot.astimezone(policy.zone).isocalendar()
    return f"{year}-W{week:02d}"


def digest(cases: Sequence[Standing], *, slot: datetime, now: datetime, policy: Policy) -> dict[str, Fact]:
    """What the digest of this slot says about the cases its reader may know of."""
    # Weeks are counted on the local clock, or the hour at which it changes would be in two of them or in none.
    since = weekly_slot(slot - timedelta.resolution, policy)
    reports, owed = [case for case in cases if case.counted], [case for case in cases if case.owed]
    fresh, asking = ([case for case in some if since <= case.received_at < slot] for some in (reports, owed))
    return {
        "week": week_of(slot, policy),
        "since": since.isoformat(),
        "until": slot.isoformat(),
        "states": _states(cases),
        "new": len(fresh),
        "acknowledged": _kept(asking, _acknowledged_in_time),
        "answered": _answered(owed, since, slot),
        "overdue": [_due(case, duty, due) for case, duty, due in _dues(cases) if due <= now],
        "due": [_due(case, duty, due) for case, duty, due in _dues(cases) if now < due <= now + WEEK],
        "ages": _ages(cases, now),
        "weeks": _weeks(reports, slot, policy),
        "unspoken": sum(case.unspoken for case in cases),
        "held": sum(case.state == State.HELD.value for case in cases),
    }


def _states(cases: Iterable[Standing]) -> dict[str, Fact]:
    counted = Counter(case.state for case in cases)
    return {state.value: counted[state.value] for state in State}


def _acknowledged_in_time(case: Standing) -> bool:
    return case.acknowledged_at is not None and case.acknowledge_due_at is not None and case.acknowledged_at <= case.acknowledge_due_at


def _kept(cases: Sequence[Standing], kept: Callable[[Standing], bool]) -> dict[str, Fact]:
    return {"in_time": sum(map(kept, cases)), "of": len(cases)}


def _answered(cases: Iterable[Standing], since: datetime, until: datetime) -> dict[str, Fact]:
    # Everything that was answered in this week or should have been.
    asked = [case for case in cases if case.respond_due_at and (since <= (case.answered_at or case.respond_due_at) < until)]
    in_time = [case for case in asked if case.answered_at and case.respond_due_at and case.answered_at <= case.respond_due_at]
    return {"in_time": len(in_time), "of": len(asked)}


def _dues(cases: Iterable[Standing]) -> Iterator[tuple[Standing, Duty, datetime]]:
    for case in cases:
        if case.running and case.acknowledged_at is None and case.acknowledge_due_at is not None:
            yield case, Duty.ACKNOWLEDGE, case.acknowledge_due_at
        if case.running and case.answered_at is None and case.respond_due_at is not None:
            yield case, Duty.RESPOND, case.respond_due_at


def _due(case: Standing, duty: Duty, due: datetime) -> Mapping[str, Fact]:
    return {"code": case.code, "duty": duty.value, "due": due.isoformat(), "state": case.state}


def _ages(cases: Iterable[Standing], now: datetime) -> list[Fact]:
    ages = [now - case.received_at for case in cases if case.open]
    counted = Counter(next(name for least, name in reversed(AGES) if age >= least) for age in ages)
    return [{"age": name, "count": counted[name]} for _, name in AGES]


def _weeks(cases: Sequence[Standing], slot: datetime, policy: Policy) -> list[Fact]:
    bounds = [_slot(slot.astimezone(policy.zone).date() - back * WEEK, policy) for back in range(WEEKS_SHOWN, -1, -1)]
    weeks: list[Fact] = []
    for start, end in pairwise(bounds):
        received = sum(start <= case.received_at < end for case in cases)
        answered = sum(case.answered_at is not None and start <= case.answered_at < end for case in cases)
        weeks.append({"week": week_of(start, policy), "received": received, "answered": answered})
    return weeks
