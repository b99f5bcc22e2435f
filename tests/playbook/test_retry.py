"""When a letter that did not get through is tried again."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.policy import Limits
from maild.playbook.retry import Again, GiveUp, after_refusal
from tests.playbook.cases import DAY, HOUR, INSTANT, MONDAY

MINUTE = timedelta(minutes=1)


def after(attempts=1, *, permanent=False, role="reporter", age=timedelta(0), chance=0.5):
    """What follows a refusal, on a day when chance is in the middle."""
    return after_refusal(
        permanent=permanent, role=role, attempts=attempts, made_at=MONDAY - age, now=MONDAY, chance=chance, limits=Limits()
    )


WAITS = [(1, MINUTE / 2), (2, MINUTE), (3, 2 * MINUTE), (4, 4 * MINUTE), (7, 32 * MINUTE), (8, HOUR), (9, HOUR), (1000, HOUR)]


@pytest.mark.parametrize(("attempts", "wait"), WAITS)
def test_waits_double_up_to_an_hour(attempts, wait):
    """Thirty seconds, doubling to an hour (security.md, decisions)."""
    assert after(attempts) == Again(at=MONDAY + wait)


@given(st.floats(0, 1), st.integers(0, 50), st.booleans())
def test_chance_moves_a_wait_by_a_fifth_at_most(chance, attempts, permanent):
    """A queue does not come back all at once, and no letter waits much longer for that."""
    middle = after(attempts, role="staff", permanent=permanent).at - MONDAY
    wait = after(attempts, role="staff", permanent=permanent, chance=chance).at - MONDAY
    assert 0.8 * middle - MINUTE / 60 <= wait <= 1.2 * middle + MINUTE / 60


FINAL = [
    ({"permanent": True}, True, "a reporter's server that says no for good"),
    ({"permanent": True, "role": "staff"}, False, "a colleague's, whose mailbox is only full"),
    ({"permanent": True, "role": "board"}, False, "or the board's"),
    ({"age": 5 * DAY - INSTANT}, False, "a moment before five days are over"),
    ({"age": 5 * DAY}, True, "five days of trying"),
    ({"age": 5 * DAY, "role": "staff", "permanent": True}, True, "five days, whoever it was for"),
]


@pytest.mark.parametrize(("changes", "given_up", "why"), FINAL, ids=[why for *_, why in FINAL])
def test_nothing_is_given_up_before_five_days_but_a_final_no(changes, given_up, why):
    """Staff and board are tried on, because a full mailbox must not silence an escalation; a reporter's final no is final."""
    assert isinstance(after(**changes), GiveUp) is given_up


def test_a_final_no_of_a_colleague_is_tried_hourly():
    """A full mailbox is asked again every hour, not every half minute."""
    assert after(permanent=True, role="staff") == Again(at=MONDAY + HOUR)


def test_a_letter_gets_more_than_a_hundred_tries():
    """In five days there is time for five hours of outage and many more."""
    age, tries = timedelta(0), count(1)
    while isinstance(then := after(next(tries), age=age), Again):
        age += then.at - MONDAY
    assert next(tries) > 100
