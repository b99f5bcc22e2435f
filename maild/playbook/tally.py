"""Numbers about cases: what the weekly digest says of them. No names, no texts, code names only where somebody has to act."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.playbook.deadlines import Duty, in_zone
from maild.playbook.entry import Fact
from maild.playbook.policy import DAY, Policy
from maild.playbook.ticket import State

WEEK = 7 * DAY

WEEKS_SHOWN = 8
"""Weeks in the digest's chart."""

AGES = ((DAY, "under a day"), (3 * DAY, "one to three days"), (7 * DAY, "three to seven days"), (timedelta.max, "over a week"))
"""Upper bounds and names of the ages of open cases."""


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

    @property
    def open(self) -> bool:
        """Whether it is somebody's work: neither closed nor set aside nor merely held."""
        return self.state not in (State.CLOSED.value, State.NOT_A_REPORT.value, State.HELD.value)

    @property
    def counted(self) -> bool:
        """Whether it is a report at all."""
        return self.state not in (State.NOT_A_REPORT.value, State.HELD.value)


def weekly_slot(now: datetime, policy: Policy) -> datetime:
    """The latest moment at which a digest was due: the weekday and local time of the policy, at or before `now`."""
    local = now.astimezone(policy.zone)
    day = local.date() - timedelta(days=(local.weekday() - policy.digest_weekday) % 7)
    at = _at(day.toordinal(), policy)
    return at if at <= now else _at(day.toordinal() - 7, policy)


def week_of(slot: datetime, policy: Policy) -> str:
    """The ISO week a digest belongs to, such as 2026-W48: one digest each, whatever happened in between."""
    year, week, _ = slot.astimezone(policy.zone).isocalendar()
    return f"{year}-W{week:02d}"


def _at(ordinal: int, policy: Policy) -> datetime:
    day = datetime.fromordinal(ordinal)
    return in_zone(day.replace(hour=policy.digest_hour, minute=policy.digest_minute), policy)


def digest(cases: Sequence[Standing], *, slot: datetime, now: datetime, policy: Policy) -> dict[str, Fact]:
    """What the digest of this slot says about the cases its reader may know of."""
    since = slot - 7 * DAY
    reports = [case for case in cases if case.counted]
    fresh = [case for case in reports if since <= case.received_at < slot]
    return {
        "week": week_of(slot, policy),
        "since": since.isoformat(),
        "until": slot.isoformat(),
        "states": _states(cases),
        "new": len(fresh),
        "acknowledged": _kept(fresh, _acknowledged_in_time),
        "answered": _answered(reports, since, slot),
        "overdue": [_due(case, duty, due) for case, duty, due in _dues(reports) if due <= now],
        "due": [_due(case, duty, due) for case, duty, due in _dues(reports) if now < due <= now + 7 * DAY],
        "ages": _ages(cases, now),
        "weeks": _weeks(reports, slot, policy),
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


def _dues(cases: Iterable[Standing]) -> Iterable[tuple[Standing, Duty, datetime]]:
    for case in cases:
        if case.open and case.acknowledged_at is None and case.acknowledge_due_at is not None:
            yield case, Duty.ACKNOWLEDGE, case.acknowledge_due_at
        if case.open and case.answered_at is None and case.respond_due_at is not None:
            yield case, Duty.RESPOND, case.respond_due_at


def _due(case: Standing, duty: Duty, due: datetime) -> Mapping[str, Fact]:
    return {"code": case.code, "duty": duty.value, "due": due.isoformat(), "state": case.state}


def _ages(cases: Iterable[Standing], now: datetime) -> list[Fact]:
    ages = [now - case.received_at for case in cases if case.open]
    bounds = [timedelta(0), *(bound for bound, _ in AGES)]
    return [{"age": name, "count": sum(low <= age < high for age in ages)} for low, (high, name) in zip(bounds, AGES, strict=False)]


def _weeks(cases: Sequence[Standing], slot: datetime, policy: Policy) -> list[Fact]:
    weeks: list[Fact] = []
    for back in range(WEEKS_SHOWN, 0, -1):
        start, end = slot - back * 7 * DAY, slot - (back - 1) * 7 * DAY
        received = sum(start <= case.received_at < end for case in cases)
        answered = sum(case.answered_at is not None and start <= case.answered_at < end for case in cases)
        weeks.append({"week": week_of(start, policy), "received": received, "answered": answered})
    return weeks
