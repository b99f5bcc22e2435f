"""When things are due, on any clock, and which step of a ladder has come."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.deadlines import (
    Clock,
    Duty,
    Rung,
    acknowledge_clock,
    due_step,
    in_zone,
    ladder,
    next_step,
    respond_clock,
    same_time_in_days,
    take_clock,
)
from maild.playbook.policy import Clocks
from tests.playbook.cases import DAY, HOUR, INSTANT, MONDAY, malta, policy

CLOCKS = Clocks()

WEEKS = [
    (malta(2026, 11, 23, 10), malta(2026, 11, 30, 10), 168, "an ordinary week"),
    (malta(2027, 3, 27, 12), malta(2027, 4, 3, 12), 167, "over the spring change the same local time comes first"),
    (malta(2026, 10, 24, 12), malta(2026, 10, 31, 11), 168, "over the autumn change 168 hours come first"),
    (malta(2027, 3, 28, 1, 59), malta(2027, 4, 4, 1, 59), 167, "from the minute before the spring change"),
    (malta(2027, 3, 28, 3), malta(2027, 4, 4, 3), 168, "from the first minute after it"),
    (malta(2027, 3, 21, 2, 30), malta(2027, 3, 28, 3, 30), 168, "to a time that the spring change swallows: it moves forward"),
    (malta(2026, 10, 18, 2, 30), malta(2026, 10, 25, 2, 30), 168, "to a time that comes twice: the first of them"),
    (malta(2026, 10, 25, 2, 30, fold=1), malta(2026, 11, 1, 2, 30), 168, "from the second of them"),
    (malta(2026, 12, 28, 10), malta(2027, 1, 4, 10), 168, "over the year's end"),
    (malta(2028, 2, 25, 10), malta(2028, 3, 3, 10), 168, "over a leap day"),
]


@pytest.mark.parametrize(("start", "due", "hours", "why"), WEEKS, ids=[why for *_, why in WEEKS])
def test_the_week_ends_at_the_earlier_of_168_hours_and_the_same_local_time(start, due, hours, why):
    """One week is the earlier of 168 hours and the same local time seven days on (playbook line 95, product.md section 7)."""
    clock = respond_clock(start, policy())
    assert clock.due_at == due
    assert due - start == hours * HOUR


@given(st.datetimes(min_value=MONDAY.replace(tzinfo=None), max_value=MONDAY.replace(tzinfo=None, year=2040), timezones=st.just(UTC)))
def test_the_week_is_never_longer_than_either(start):
    """Whenever it starts, the week ends at one of the two moments and after neither."""
    due = respond_clock(start, policy()).due_at
    local = same_time_in_days(start, 7, policy())
    assert due in (start + 7 * DAY, local)
    assert due <= start + 7 * DAY
    assert due <= local


def test_a_day_to_acknowledge_is_24_hours_on_any_day():
    """The acknowledgement is due 24 hours after the server's receipt, also when the clocks change in between."""
    assert acknowledge_clock(malta(2027, 3, 27, 12), CLOCKS).due_at == malta(2027, 3, 28, 13)
    assert acknowledge_clock(malta(2026, 10, 24, 12), CLOCKS).due_at == malta(2026, 10, 25, 11)


def test_a_shorter_week_is_kept_by_its_hours():
    """An organisation that promises less than a week is held to it."""
    quick = policy(clocks=replace(CLOCKS, respond_due=100 * HOUR))
    assert respond_clock(MONDAY, quick).due_at == MONDAY + 100 * HOUR


def test_a_local_time_that_comes_twice_is_the_first():
    """What is due at half past two on the last Sunday of October is due before the clocks go back."""
    assert in_zone(malta(2026, 10, 25, 2, 30).replace(tzinfo=None) + 2 * HOUR, policy()) == malta(2026, 10, 25, 2, 30)


def rungs(clock, hours):
    """The steps within so many hours of a clock's start, as (hours, rung)."""
    steps = list(islice(ladder(clock, CLOCKS), 40))
    return [((step.at - clock.started_at) / HOUR, step.rung) for step in steps if step.at <= clock.started_at + hours * HOUR]


LADDERS = [
    (
        acknowledge_clock(MONDAY, CLOCKS),
        72,
        [(12, Rung.LEAD), (18, Rung.STAFF), (22, Rung.BOARD), (24, Rung.BREACH), (48, Rung.BREACH), (72, Rung.BREACH)],
        "the acknowledgement: lead, all staff, board, breach, and then daily",
    ),
    (
        respond_clock(MONDAY, policy()),
        192,
        [
            (72, Rung.LEAD),
            (120, Rung.LEAD_AGAIN),
            (144, Rung.STAFF),
            (156, Rung.BOARD),
            (166, Rung.HOLDING),
            (168, Rung.BREACH),
            (192, Rung.BREACH),
        ],
        "the answer: lead twice, all staff, board, holding letter, breach, and then daily",
    ),
    (
        Clock(duty=Duty.RESPOND, started_at=MONDAY, due_at=MONDAY + 30 * HOUR),
        54,
        [(6, Rung.STAFF), (18, Rung.BOARD), (28, Rung.HOLDING), (30, Rung.BREACH), (54, Rung.BREACH)],
        "an explanation until tomorrow has the last steps of the same ladder",
    ),
    (take_clock(MONDAY, urgent=False, clocks=CLOCKS), 100, [(4, Rung.STAFF)], "nobody took it: once, to all staff"),
    (
        take_clock(MONDAY, urgent=True, clocks=CLOCKS),
        4,
        [(1, Rung.STAFF), (2, Rung.STAFF), (3, Rung.STAFF), (4, Rung.STAFF)],
        "nobody took it and it is urgent: every hour",
    ),
]


@pytest.mark.parametrize(("clock", "hours", "steps", "why"), LADDERS, ids=[why for *_, why in LADDERS])
def test_each_clock_has_its_ladder(clock, hours, steps, why):
    """The steps of each ladder stand where product.md section 7 has them."""
    assert rungs(clock, hours) == steps


def test_the_holding_letter_can_be_switched_off():
    """Without it the ladder goes from the board to the breach."""
    steps = islice(ladder(respond_clock(MONDAY, policy()), replace(CLOCKS, holding_letter=False)), 5)
    assert [step.rung for step in steps] == [Rung.LEAD, Rung.LEAD_AGAIN, Rung.STAFF, Rung.BOARD, Rung.BREACH]


RISING = st.lists(st.integers(0, 3), min_size=1, max_size=10)


@given(st.sampled_from([clock for clock, *_ in LADDERS]), RISING)
def test_steps_rise_and_are_climbed_once(clock, days):
    """Steps lie one after another; whoever asks again and again is told each of them at most once, and the highest that has passed."""
    steps = list(islice(ladder(clock, CLOCKS), 800))
    assert all(one.at < other.at and one.number + 1 == other.number for one, other in pairwise(steps))
    now, seen = clock.started_at, []
    for day in days:
        now += day * DAY
        step = due_step(clock, CLOCKS, now)
        following = next_step(clock, CLOCKS)
        assert (step is None) == (following is None or following.at > now)
        if step:
            assert [one for one in steps if one.at <= now][-1] == step
            clock = replace(clock, climbed=step.number)
            seen.append(step.number)
    assert len(set(seen)) == len(seen)


EDGES = [
    (12 * HOUR - INSTANT, None, "a microsecond before the first step: nothing"),
    (12 * HOUR, Rung.LEAD, "exactly at it: the step"),
    (24 * HOUR - INSTANT, Rung.BOARD, "a microsecond before the deadline: no breach"),
    (24 * HOUR, Rung.BREACH, "exactly at the deadline: a breach"),
    (23 * HOUR, Rung.BOARD, "after an outage: the highest step alone"),
    (100 * HOUR, Rung.BREACH, "after a long one too"),
]


@pytest.mark.parametrize(("span", "rung", "why"), EDGES, ids=[why for *_, why in EDGES])
def test_a_step_comes_at_its_moment(span, rung, why):
    """A step counts from its very moment, and only the highest that has passed."""
    step = due_step(acknowledge_clock(MONDAY, CLOCKS), CLOCKS, MONDAY + span)
    assert (step and step.rung) == rung


def test_a_duty_that_is_met_has_no_steps():
    """After the acknowledgement nobody is reminded of it; if it comes to nothing, the ladder goes on where it was."""
    clock = replace(acknowledge_clock(MONDAY, CLOCKS), climbed=1)
    met = clock.met(MONDAY + 13 * HOUR)
    assert not met.running
    assert due_step(met, CLOCKS, MONDAY + 90 * HOUR) is None
    assert next_step(met, CLOCKS) is None
    assert met.met(MONDAY + 20 * HOUR).met_at == MONDAY + 13 * HOUR
    assert due_step(met.again(), CLOCKS, MONDAY + 19 * HOUR).rung is Rung.STAFF


def test_a_ladder_that_ends_has_no_next_step():
    """Nobody is told a second time that a case is untaken."""
    clock = replace(take_clock(MONDAY, urgent=False, clocks=CLOCKS), climbed=1)
    assert next_step(clock, CLOCKS) is None
    assert due_step(clock, CLOCKS, MONDAY + timedelta(days=400)) is None
