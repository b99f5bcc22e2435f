"""A reporter is never reminded (playbook lines 25 to 34): whatever the team does or leaves undone for weeks, nobody asks them for anything."""

import random
from functools import cache

import pytest

from maild.playbook.deadlines import Duty
from maild.playbook.letters import Kind
from tests.playbook.cases import ALL_FIVE, ANA, BEN, CARLA, DAY, HOUR, Decision, World, leaving

WEEKS = 6

TO_NOBODY_OUTSIDE = (
    "A note for the others.",
    "[take]",
    "[drop]",
    "[urgent]\nSomebody may be in danger.",
    "[determine ongoing=yes]",
    "[recuse:dora]",
    "[status] [show] [list:open]",
    "[assign:carla]",
    "[reply]\nYou must answer us.",
    "[unknown]",
    ALL_FIVE,
    ALL_FIVE + "[resolve:private-reprimand silent]",
    "[reopen]",
    "[told:P1] [close]",
)
"""What the team may do in a case without a letter to its reporter; one of them tries to press and is held."""

FROM_OUTSIDE = ("There is more.", "Is there any news?", "I would rather not say.", "[no-contact please]", "")


@cache
def weeks(seed: int, *, first: str) -> tuple[World, list[Decision], list[Decision]]:
    """A world after some weeks of chance: what the clock did, and what people did."""
    chance, w = random.Random(seed), World()
    w.report(f"{first}\nSomebody shouted at me.")
    clock, people = list[Decision](), [w.decisions[-1]]
    for _ in range(WEEKS * 7 * 12):
        clock.append(w.tick(2 * HOUR))
        if chance.random() < 0.03:
            people.append(w.staff(chance.choice(TO_NOBODY_OUTSIDE), chance.choice((ANA, BEN, CARLA))))
        if chance.random() < 0.02:
            people.append(w.wrote(chance.choice(FROM_OUTSIDE)))
        if chance.random() < 0.03:
            people.append(w.accepted(chance.choice((Kind.RECEIPT, Kind.HOLDING))))
    return w, clock, people


@pytest.mark.parametrize("seed", range(12))
def test_nobody_reminds_a_reporter(seed):
    """In weeks of silence, chatter and missed deadlines they get the acknowledgement, and once a week's answer is late a letter that says so."""
    w, clock, people = weeks(seed, first="Hello")
    late = [letter for decision in clock for letter in leaving(decision)]
    assert {letter.kind for letter in late} <= {Kind.HOLDING}
    assert [letter.kind for decision in people for letter in leaving(decision)] == [Kind.RECEIPT]
    # One for each week that was owed: the first, and one for each time the case was opened again.
    owed = 1 + sum(
        entry.facts.get("clocks", {}).get(Duty.RESPOND.value) is not None for decision in people[1:] for entry in decision.entries
    )
    assert len(late) <= owed
    assert w.now - w.case.received_at == WEEKS * 7 * DAY


@pytest.mark.parametrize("seed", range(12))
def test_nobody_writes_to_who_asked_for_no_contact(seed):
    """The same weeks after [no-contact]: no letter at all."""
    w, clock, people = weeks(seed, first="[no-contact]")
    assert w.case.no_contact
    assert [letter.kind for decision in (*clock, *people) for letter in leaving(decision)] == []


def test_these_weeks_hold_late_answers():
    """A property about letters that are never written would prove nothing: some of these weeks do hold the letter that says we are late."""
    late = [letter.kind for seed in range(12) for decision in weeks(seed, first="Hello")[1] for letter in leaving(decision)]
    assert len(late) > 3
