"""What the weekly digest says in numbers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.tally import Standing, digest, week_of, weekly_slot
from maild.playbook.ticket import State
from tests.playbook.cases import DAY, HOUR, INSTANT, malta, policy

SLOT = malta(2026, 11, 23, 9)
NOW = SLOT + 5 * INSTANT

SLOTS = [
    (malta(2026, 11, 23, 9), malta(2026, 11, 23, 9), "exactly at nine on Monday"),
    (malta(2026, 11, 23, 9) - INSTANT, malta(2026, 11, 16, 9), "a moment before it, last week's"),
    (malta(2026, 11, 29, 23), malta(2026, 11, 23, 9), "late on Sunday"),
    (malta(2026, 11, 23, 0, 30), malta(2026, 11, 16, 9), "on Monday before nine"),
    (malta(2027, 3, 29, 8, 30), malta(2027, 3, 22, 9), "on the Monday after the spring change, before nine"),
    (malta(2027, 3, 29, 9), malta(2027, 3, 29, 9), "at nine of it"),
    (malta(2026, 10, 26, 9), malta(2026, 10, 26, 9), "at nine on the Monday after the autumn change"),
    (malta(2027, 1, 1, 12), malta(2026, 12, 28, 9), "over the year's end"),
]


@pytest.mark.parametrize(("now", "slot", "why"), SLOTS, ids=[why for *_, why in SLOTS])
def test_a_digest_is_due_on_monday_at_nine(now, slot, why):
    """The latest Monday, nine o'clock on the local clock (product.md section 9)."""
    assert weekly_slot(now, policy()) == slot


def test_an_organisation_chooses_its_day():
    """Thursdays at half past six, if it likes."""
    thursdays = policy(digest_weekday=3, digest_hour=18, digest_minute=30)
    assert weekly_slot(malta(2026, 11, 23, 9), thursdays) == malta(2026, 11, 19, 18, 30)


@given(st.integers(0, 24 * 400), st.integers(0, 6), st.integers(0, 23))
def test_each_iso_week_has_one_digest(hours, weekday, hour):
    """From any moment, the slot before is in the week before; no week has two and none has none (behaviour 47)."""
    ours = policy(digest_weekday=weekday, digest_hour=hour)
    slot = weekly_slot(SLOT + hours * HOUR, ours)
    before = weekly_slot(slot - INSTANT, ours)
    assert before < slot <= SLOT + hours * HOUR < slot + 8 * DAY
    assert week_of(before, ours) != week_of(slot, ours)
    assert week_of(before + 7 * DAY, ours) == week_of(slot, ours)


def case(received_at, *, state=State.ACKNOWLEDGED, acknowledged=1, answered=None, **changes):
    """A case that came then; `acknowledged` and `answered` are hours after it, or None."""
    values = {
        "code": "quiet-harbour",
        "state": state.value,
        "received_at": received_at,
        "acknowledge_due_at": received_at + 24 * HOUR,
        "acknowledged_at": None if acknowledged is None else received_at + acknowledged * HOUR,
        "respond_due_at": received_at + 168 * HOUR,
        "answered_at": None if answered is None else received_at + answered * HOUR,
    }
    return Standing(**{**values, **changes})


def counted(*cases, slot=SLOT, now=None):
    """The digest of these cases."""
    return digest(cases, slot=slot, now=now or slot + INSTANT, policy=policy())


def test_an_empty_week_has_a_digest_too():
    """A week without reports says so in noughts."""
    empty = counted()
    assert (empty["new"], empty["held"], empty["overdue"], empty["due"]) == (0, 0, [], [])
    assert empty["acknowledged"] == empty["answered"] == {"in_time": 0, "of": 0}
    assert set(empty["states"].values()) == {0}
    assert len(empty["weeks"]) == 8


NEW = [
    (SLOT - INSTANT, 1, "a moment before the slot"),
    (SLOT, 0, "at the slot: that is next week's"),
    (SLOT - 7 * DAY, 1, "at the last slot"),
    (SLOT - 7 * DAY - INSTANT, 0, "a moment before that: that was last week's"),
]


@pytest.mark.parametrize(("received_at", "number", "why"), NEW, ids=[why for *_, why in NEW])
def test_a_report_is_new_in_one_digest(received_at, number, why):
    """Each report is counted as new by exactly one digest."""
    assert counted(case(received_at))["new"] == number


CHANGES = [malta(2026, 10, 26, 9), malta(2027, 3, 29, 9)]


@pytest.mark.parametrize("slot", CHANGES, ids=["autumn", "spring"])
def test_no_hour_is_counted_twice_or_never(slot):
    """In the weeks in which the clocks change, every report of the hour around the slots is new exactly once."""
    slots = [weekly_slot(slot + back * 7 * DAY + 2 * HOUR, policy()) for back in (-1, 0, 1)]
    for minutes in range(-90, 91, 15):
        report = case(slot - 7 * DAY + timedelta(minutes=minutes))
        assert sum(counted(report, slot=one)["new"] for one in slots) == 1
        shown = counted(report, slot=slots[-1])["weeks"]
        assert sum(week["received"] for week in shown) == 1


ACKNOWLEDGED = [
    (case(SLOT - DAY, acknowledged=24), {"in_time": 1, "of": 1}, "at the deadline is in time"),
    (case(SLOT - DAY, acknowledged=24.1), {"in_time": 0, "of": 1}, "after it is not"),
    (case(SLOT - DAY, acknowledged=None), {"in_time": 0, "of": 1}, "never is not"),
    (case(SLOT - 8 * DAY, acknowledged=1), {"in_time": 0, "of": 0}, "last week's is last week's"),
]


@pytest.mark.parametrize(("one", "kept", "why"), ACKNOWLEDGED, ids=[why for *_, why in ACKNOWLEDGED])
def test_acknowledged_within_24_hours(one, kept, why):
    """Of the reports of the week, those acknowledged within 24 hours."""
    assert counted(one)["acknowledged"] == kept


ANSWERED = [
    (case(SLOT - 10 * DAY, answered=168), {"in_time": 1, "of": 1}, "at the deadline is in time"),
    (case(SLOT - 10 * DAY, answered=169), {"in_time": 0, "of": 1}, "after it is not"),
    (case(SLOT - 10 * DAY), {"in_time": 0, "of": 1}, "what was due this week and is not answered counts against us"),
    (case(SLOT - 3 * DAY), {"in_time": 0, "of": 0}, "what is not due yet does not"),
    (case(SLOT - 3 * DAY, answered=1), {"in_time": 1, "of": 1}, "an early answer counts when it is given"),
    (case(SLOT - 20 * DAY, answered=1), {"in_time": 0, "of": 0}, "what was answered long ago is over"),
    (case(SLOT - 10 * DAY, state=State.NOT_A_REPORT), {"in_time": 0, "of": 0}, "what is no report is not counted"),
]


@pytest.mark.parametrize(("one", "kept", "why"), ANSWERED, ids=[why for *_, why in ANSWERED])
def test_answered_within_a_week(one, kept, why):
    """Of what was answered in the week or should have been, what was in time."""
    assert counted(one)["answered"] == kept


DUES = [
    (case(SLOT - 8 * DAY), ["respond"], [], "an answer that is late"),
    (case(SLOT - 7 * DAY), ["respond"], [], "at the very deadline"),
    (case(SLOT - 6 * DAY), [], ["respond"], "one that is due this week"),
    (case(SLOT - 2 * HOUR, acknowledged=None), [], ["acknowledge", "respond"], "both are due"),
    (case(SLOT - 2 * DAY, acknowledged=None), ["acknowledge"], ["respond"], "the acknowledgement is late"),
    (case(SLOT - 8 * DAY, answered=1), [], [], "what is answered is not late"),
    (case(SLOT - 8 * DAY, state=State.CLOSED), [], [], "nor what is closed"),
    (case(SLOT - 8 * DAY, state=State.NOT_A_REPORT), [], [], "nor what was set aside"),
    (
        case(SLOT - 2 * DAY, state=State.HELD, acknowledged=None, respond_due_at=None),
        ["acknowledge"],
        [],
        "a held message keeps its 24 hours",
    ),
]


@pytest.mark.parametrize(("one", "overdue", "due", "why"), DUES, ids=[why for *_, why in DUES])
def test_overdue_and_due_stand_there_by_code_name(one, overdue, due, why):
    """What is overdue, and what is due within a week, with its code name."""
    facts = counted(one, now=SLOT)
    assert [line["duty"] for line in facts["overdue"]] == overdue
    assert [line["duty"] for line in facts["due"]] == due
    assert {line["code"] for line in [*facts["overdue"], *facts["due"]]} <= {"quiet-harbour"}


AGES = [
    (SLOT + HOUR, "under a day", "a mail server whose clock runs ahead of ours"),
    (SLOT - DAY + INSTANT, "under a day", "a moment short of a day"),
    (SLOT - DAY, "one to three days", "a day"),
    (SLOT - 3 * DAY, "three to seven days", "three days"),
    (SLOT - 7 * DAY, "over a week", "a week"),
    (SLOT - 700 * DAY, "over a week", "two years"),
]


@pytest.mark.parametrize(("received_at", "age", "why"), AGES, ids=[why for *_, why in AGES])
def test_open_cases_have_an_age(received_at, age, why):
    """Each open case stands in one line of the ages."""
    assert [line["age"] for line in counted(case(received_at), now=SLOT)["ages"] if line["count"]] == [age]


CASES = st.builds(
    case,
    st.integers(-80 * 24, 24).map(lambda hours: SLOT + hours * HOUR),
    state=st.sampled_from(State),
    acknowledged=st.none() | st.integers(0, 100),
    answered=st.none() | st.integers(0, 300),
)


@given(st.lists(CASES, max_size=20))
def test_the_numbers_add_up(cases):
    """States add up to all cases, ages to the open ones, and nobody kept more deadlines than there were."""
    facts = counted(*cases)
    assert sum(facts["states"].values()) == len(cases)
    assert sum(line["count"] for line in facts["ages"]) == sum(one.open for one in cases)
    assert facts["held"] == facts["states"]["held"]
    for kept in (facts["acknowledged"], facts["answered"]):
        assert 0 <= kept["in_time"] <= kept["of"] <= len(cases)
    assert facts["new"] == facts["acknowledged"]["of"] == facts["weeks"][-1]["received"]


@given(st.lists(CASES, min_size=1, max_size=20), st.data())
def test_a_case_that_a_reader_may_not_know_is_in_no_number(cases, data):
    """A recused board member's copy omits the case, and its totals fit (product.md section 9)."""
    cases = [replace(one, code=f"case-{number:02}") for number, one in enumerate(cases)]
    hidden = data.draw(st.sampled_from(cases))
    rest = [one for one in cases if one is not hidden]
    facts = counted(*rest)
    assert hidden.code not in str(facts)
    assert sum(facts["states"].values()) == len(rest)
