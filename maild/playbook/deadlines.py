"""When something is due, and the ladder of steps on the way there (playbook lines 73 and 95, product.md section 7).

A clock is a start and an end. Its ladder is a list of moments; whoever asks is told the highest step that has passed and is
not yet climbed, so that an outage skips the lower steps and a restart climbs none twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import chain, count

from maild.playbook.policy import DAY, HOUR, Clocks, Conference, Policy

LONGEST_EXPLANATION = 7
"""Days an explanation may put the answer off (product.md section 6)."""

EXPLAINED_FOR = 5
"""Days by which the example in a letter puts it off: it still works for whoever reads that letter days later."""

QUARTER = HOUR / 4
"""How often people at an event are reminded of what somebody there wants; on other days it is every hour."""

MORNING = time(9)
"""When people are reminded of what they had to do on the day before."""

SPEAK_AGAIN = 3
"""Days on which the reminder to speak to a presenter is repeated; then the digest counts them."""


class Duty(Enum):
    """What a clock counts down to."""

    ACKNOWLEDGE = "acknowledge"
    RESPOND = "respond"
    TAKE = "take"
    TAKE_URGENT = "take-urgent"
    SPEAK = "speak"
    """To speak to a presenter."""
    SUPPORT = "support"
    """To arrange what the reporter wants."""


class Rung(Enum):
    """Who is told at a step of a ladder, or what happens there."""

    LEAD = "lead"
    LEAD_AGAIN = "lead-again"
    STAFF = "staff"
    BOARD = "board"
    HOLDING = "holding"
    BREACH = "breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A duty that runs from `started_at` to `due_at`; `climbed` counts the steps of its ladder that are done with."""

    duty: Duty
    started_at: datetime
    due_at: datetime
    climbed: int = 0
    breached: bool = False
    """That it was missed is on record."""
    met_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether the duty is still open."""
        return self.met_at is None

    def met(self, at: datetime) -> "Clock":
        """The same clock, stopped; one that was stopped before stays as it was."""
        return replace(self, met_at=self.met_at or at)

    def again(self) -> "Clock":
        """The same clock, running: what had met the duty came to nothing."""
        return replace(self, met_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a ladder: the `number` counts from 1."""

    number: int
    at: datetime
    rung: Rung


def acknowledge_clock(received_at: datetime, clocks: Clocks) -> Clock:
    """24 hours of elapsed time from the server's receipt (playbook line 73)."""
    return Clock(duty=Duty.ACKNOWLEDGE, started_at=received_at, due_at=received_at + clocks.acknowledge_due)


def respond_clock(start: datetime, policy: Policy) -> Clock:
    """One week: the earlier of 168 hours and the same local time seven days on (playbook line 95, across DST)."""
    week = min(start + policy.clocks.respond_due, same_time_in_days(start, 7, policy))
    return Clock(duty=Duty.RESPOND, started_at=start, due_at=week)


def take_clock(start: datetime, *, urgent: bool, clocks: Clocks) -> Clock:
    """Somebody must take the lead: four hours; one where it is urgent, and then every hour."""
    if urgent:
        return Clock(duty=Duty.TAKE_URGENT, started_at=start, due_at=start + clocks.untaken_urgent)
    return Clock(duty=Duty.TAKE, started_at=start, due_at=start + clocks.untaken)


def same_time_in_days(start: datetime, days: int, policy: Policy) -> datetime:
    """The same local wall-clock time some days on; a time that a DST gap swallows moves forward, one that comes twice is the first."""
    local = start.astimezone(policy.zone)
    return in_zone(local.replace(tzinfo=None) + timedelta(days=days), policy)


def explained_until(now: datetime, policy: Policy) -> str:
    """A date that `[explain until=…]` accepts now and for some days to come."""
    return (now.astimezone(policy.zone).date() + timedelta(days=EXPLAINED_FOR)).isoformat()


def in_zone(wall: datetime, policy: Policy) -> datetime:
    """The moment of a local wall-clock time (naive), in UTC."""
    # zoneinfo answers a time in a gap with the offset before it, which is the time moved forward; fold=0 is the first of two.
    return wall.replace(tzinfo=policy.zone, fold=0).astimezone(UTC)


def ladder(clock: Clock, clocks: Clocks) -> Iterator[Step]:
    """All steps of a clock in order; a breach and an urgent case repeat without end until the duty is met."""
    for number, (at, rung) in enumerate(chain(_rungs(clock, clocks), _repeats(clock)), start=1):
        yield Step(number=number, at=at, rung=rung)


def due_step(clock: Clock, clocks: Clocks, now: datetime) -> Step | None:
    """The highest step that has passed and is not climbed yet."""
    passed = None
    if clock.running:
        for step in ladder(clock, clocks):
            if step.at > now:
                break
            if step.number > clock.climbed:
                passed = step
    return passed


def next_step(clock: Clock, clocks: Clocks) -> Step | None:
    """The first step that is not climbed yet, whether it has passed or not."""
    if not clock.running:
        return None
    return next((step for step in ladder(clock, clocks) if step.number > clock.climbed), None)


def _rungs(clock: Clock, clocks: Clocks) -> list[tuple[datetime, Rung]]:
    if clock.duty is Duty.ACKNOWLEDGE:
        spans = [(clocks.acknowledge_lead, Rung.LEAD), (clocks.acknowledge_staff, Rung.STAFF), (clocks.acknowledge_board, Rung.BOARD)]
        return [(clock.started_at + span, rung) for span, rung in spans] + [(clock.due_at, Rung.BREACH)]
    if clock.duty is Duty.SPEAK:
        return [(clock.due_at + day * DAY, Rung.LEAD) for day in range(SPEAK_AGAIN + 1)]
    if clock.duty is Duty.SUPPORT:
        return []
    if clock.duty is not Duty.RESPOND:
        return [(clock.due_at, Rung.STAFF)]
    return [(at, rung) for at, rung in _respond_rungs(clock, clocks) if at > clock.started_at]


def _respond_rungs(clock: Clock, clocks: Clocks) -> Iterator[tuple[datetime, Rung]]:
    # Counted back from the end: an explanation until Thursday has the last steps of the same ladder.
    before = [
        (clocks.respond_lead_first, Rung.LEAD),
        (clocks.respond_lead_again, Rung.LEAD_AGAIN),
        (clocks.respond_staff, Rung.STAFF),
        (clocks.respond_board, Rung.BOARD),
    ]
    if clocks.holding_letter:
        before.append((clocks.respond_holding, Rung.HOLDING))
    for span, rung in before:
        yield clock.due_at - (clocks.respond_due - span), rung
    yield clock.due_at, Rung.BREACH


def _repeats(clock: Clock) -> Iterator[tuple[datetime, Rung]]:
    if clock.duty in (Duty.TAKE, Duty.SPEAK):
        return
    if clock.duty is Duty.SUPPORT:
        yield from _until_arranged(clock)  # without end
    every, rung = (HOUR, Rung.STAFF) if clock.duty is Duty.TAKE_URGENT else (DAY, Rung.BREACH)
    yield from ((clock.due_at + every * time, rung) for time in count(1))


def _until_arranged(clock: Clock) -> Iterator[tuple[datetime, Rung]]:
    """Every quarter of an hour until the days of the event are over, which is when this clock is due; then every hour."""
    at = clock.started_at
    while True:
        at += QUARTER if at + QUARTER <= clock.due_at else HOUR
        yield at, Rung.STAFF


def support_clock(now: datetime, event: Conference | None, policy: Policy) -> Clock:
    """What somebody wants is to be arranged: on the days of the event with more haste than on others."""
    today = now.astimezone(policy.zone).date()
    over = in_zone(datetime.combine(event.end + DAY, time()), policy) if event and event.start <= today <= event.end else now
    return Clock(duty=Duty.SUPPORT, started_at=now, due_at=over)


def speak_clock(now: datetime, event: Conference | None, policy: Policy) -> Clock:
    """A presenter is to be spoken to by the morning after the event, or after today where it is over or there is none."""
    last = max(now.astimezone(policy.zone).date(), event.end if event else date.min)
    return Clock(duty=Duty.SPEAK, started_at=now, due_at=in_zone(datetime.combine(last + DAY, MORNING), policy))
