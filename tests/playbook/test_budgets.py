"""How many automatic answers may go, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maild.playbook.budgets import acknowledgements_allowed, sender_has_room
from maild.playbook.policy import Limits
from tests.playbook.cases import DAY, HOUR, INSTANT, MONDAY

LIMITS = Limits()


def ago(*hours):
    """Moments so many hours before now."""
    return [MONDAY - span * HOUR for span in hours]


ROOM = [
    (ago(), 0, "a first mail is answered at once"),
    (ago(1), 0, "an hour after the last one too"),
    ([MONDAY - HOUR + INSTANT], INSTANT, "a moment before that hour is over, a moment later"),
    (ago(0.5), 0.5 * HOUR, "half an hour after the last one, half an hour later"),
    (ago(2, 3, 4), 20 * HOUR, "after three in a day, when the first of them is a day old"),
    (ago(2, 26, 50, 74, 98), 70 * HOUR, "after five in a week, when the first of them is a week old"),
    (ago(-0.5), 1.5 * HOUR, "after one that is planned, an hour after that"),
    (ago(200, 300, 400), 0, "what was last week counts no more"),
]


@pytest.mark.parametrize(("planned", "later", "why"), ROOM, ids=[why for *_, why in ROOM])
def test_one_sender_gets_one_an_hour_three_a_day_five_a_week(planned, later, why):
    """Budgets per sender defer an acknowledgement and never drop it (security.md, decisions; behaviour 26)."""
    assert sender_has_room(planned, MONDAY, LIMITS) == MONDAY + (later or 0 * HOUR)


@given(st.lists(st.integers(-240, 48), max_size=12))
def test_whatever_was_planned_no_window_holds_too_many(hours):
    """However many were planned before, the next one keeps all three budgets."""
    planned = sorted(ago(*hours))
    at = sender_has_room(planned, MONDAY, LIMITS)
    assert at >= MONDAY
    for most, span in ((1, HOUR), (3, DAY), (5, 7 * DAY)):
        assert sum(one > at - span for one in planned) < most


ALLOWED = [
    ([], 20, "a burst of twenty"),
    ([MONDAY] * 5, 15, "what is left of it"),
    ([MONDAY] * 20, 0, "nothing at a stroke after it"),
    ([MONDAY - 10 * HOUR / 60] * 20, 0, "nor ten minutes later"),
    ([MONDAY - 20 * HOUR / 60] * 20, 20, "the whole burst after twenty minutes"),
    ([MONDAY - 21 * HOUR / 60] * 60, 0, "and never more than sixty in an hour"),
    ([MONDAY - 21 * HOUR / 60] * 55, 5, "up to that"),
    ([MONDAY - HOUR] * 60, 20, "an hour ago is over"),
]


@pytest.mark.parametrize(("sent", "allowed", "why"), ALLOWED, ids=[why for *_, why in ALLOWED])
def test_sixty_an_hour_go_out_in_all_and_twenty_at_once(sent, allowed, why):
    """At most sixty acknowledgements in any hour, at most twenty at a stroke (security.md, decisions)."""
    assert acknowledgements_allowed(sent, MONDAY, LIMITS) == allowed
