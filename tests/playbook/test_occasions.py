"""What the calendar of a conference asks for: reminders to send in what is left (P22), representatives (P33), the intake card (P07, P10)."""

from dataclasses import replace

import pytest

from maild.playbook.effects import Journal, Send
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Kind
from maild.playbook.occasions import Family, due, letters
from maild.playbook.policy import Conference
from tests.playbook.cases import BEN, CARLA, MINUTE, PYCON, malta, policy

BARE = replace(PYCON, representatives=("Ana Abela, 555-0101",), security="")
"""The 27th and 28th of November, with one representative."""


def found(now, event=BARE):
    """What is due now, by family and days."""
    return [(one.family.value, one.days) for one in due(policy(conferences=(event,)), now)]


CALENDAR = [
    (malta(2026, 11, 13, 8, 59), [], "fifteen days before"),
    (malta(2026, 11, 13, 9), [("representatives", 14)], "fourteen days before"),
    (malta(2026, 11, 20, 8, 59), [("representatives", 14)], "nothing new"),
    (malta(2026, 11, 20, 9), [("representatives", 7)], "seven days before"),
    (malta(2026, 11, 26, 9), [("representatives", 1), ("card", 1)], "the day before"),
    (malta(2026, 11, 28, 17, 59), [("representatives", 1), ("card", 1)], "the last day, in the afternoon"),
    (malta(2026, 11, 28, 18), [("representatives", 1), ("card", 1), ("send-in", 0)], "the evening of the last day"),
    (malta(2026, 11, 29, 0), [("send-in", 0)], "what is of no use any more"),
    (malta(2026, 11, 29, 18), [("send-in", 1)], "a day after"),
    (malta(2026, 12, 1, 18), [("send-in", 3)], "three days after"),
    (malta(2026, 12, 5, 17, 59), [("send-in", 3)], "not yet seven"),
    (malta(2026, 12, 5, 18), [("send-in", 7)], "seven days after, and a week of downtime skipped the others"),
    (malta(2026, 12, 28, 23, 59), [("send-in", 7)], "after a month of downtime"),
    (malta(2026, 12, 29, 0), [], "an event that is long over"),
]


@pytest.mark.parametrize(("now", "wanted", "why"), CALENDAR, ids=[why for *_, why in CALENDAR])
def test_the_latest_occasion_that_has_passed_is_due(now, wanted, why):
    """One of each family at most, by the clock on the wall of the organisation."""
    assert found(now) == wanted


def test_with_two_representatives_nobody_is_warned():
    """P33: neither before nor later."""
    assert found(malta(2026, 11, 26, 9), PYCON) == [("card", 1)]
    assert found(malta(2026, 11, 20, 9), PYCON) == []


def test_no_event_no_letters():
    """An organisation without conferences."""
    assert list(due(policy(), malta(2026, 11, 28, 18))) == []


def test_every_occasion_has_a_slot_of_its_own():
    """Also of two events of the same name in two years."""
    slots = [one.slot for now, *_ in CALENDAR for one in due(policy(conferences=(BARE,)), now)]
    assert len(set(slots)) == 8
    again = replace(BARE, start=BARE.start.replace(year=2027), end=BARE.end.replace(year=2027))
    assert {one.slot for one in due(policy(conferences=(again,)), malta(2027, 11, 26, 9))}.isdisjoint(slots)


def test_the_evening_is_that_of_the_local_clock():
    """Over the end of summer time, too."""
    event = Conference(slug="autumn", name="Autumn", start=BARE.start.replace(month=10, day=24), end=BARE.end.replace(month=10, day=25))
    assert ("send-in", 0) not in found(malta(2026, 10, 25, 18) - MINUTE, event)
    assert ("send-in", 0) in found(malta(2026, 10, 25, 18), event)


def sent(now, event=BARE, *, family):
    """The letters of one occasion."""
    scene = Scene(now=now, policy=policy(conferences=(event,)), fresh=Fresh(b"o" * 32))
    (one,) = [one for one in due(scene.policy, now) if one.family is family]
    effects = letters(one, scene)
    assert [effect.verb for effect in effects if isinstance(effect, Journal)] == [f"event-{family.value}"]
    return [effect.letter for effect in effects if isinstance(effect, Send)]


def test_those_at_the_event_are_asked_for_what_is_left():
    """P22: Ben and Carla; about no case; the tag of the event is in it."""
    event = replace(BARE, staff=("ben", "carla", "gone"))
    told = sent(malta(2026, 11, 28, 18), event, family=Family.SEND_IN)
    assert [(one.kind, one.to.handle, one.ticket_id, one.code) for one in told] == [
        (Kind.EVENT_REMINDER, "ben", None, ""),
        (Kind.EVENT_REMINDER, "carla", None, ""),
    ]
    assert (told[0].facts["slug"], told[0].facts["first"]) == ("pycon-2026", True)
    assert sent(malta(2026, 11, 29, 18), event, family=Family.SEND_IN)[0].facts["first"] is False


def test_where_nobody_is_named_all_staff_are_there():
    """Active ones, and nobody of the board."""
    told = sent(malta(2026, 11, 28, 18), family=Family.SEND_IN)
    assert [one.to.handle for one in told] == ["ana", "ben", "carla"]
    away = replace(BEN, active=False)
    scene = Scene(now=malta(2026, 11, 28, 18), policy=policy(away, CARLA, conferences=(BARE,)), fresh=Fresh(b"o" * 32))
    (*_, one) = due(scene.policy, scene.now)
    assert [effect.letter.to.handle for effect in letters(one, scene) if isinstance(effect, Send)] == ["carla"]


def test_the_warning_says_what_is_missing():
    """P33: who is named, and whether security is."""
    (told, *_) = sent(malta(2026, 11, 20, 9), family=Family.REPRESENTATIVES)
    assert told.kind is Kind.EVENT_WARNING
    assert (told.facts["representatives"], told.facts["security"]) == (["Ana Abela, 555-0101"], "")


def test_the_card_comes_the_day_before():
    """P07, P10: with the representatives by name and contact."""
    event = replace(PYCON, representatives=("Ana Abela, 555-0101, front desk", "The tall one"))
    (told, *_) = sent(malta(2026, 11, 26, 9), event, family=Family.CARD)
    assert told.kind is Kind.INTAKE_CARD
    assert told.facts == {
        "event": "PyCon Malta 2026",
        "slug": "pycon-2026",
        "representatives": [{"name": "Ana Abela", "contact": "555-0101, front desk"}, {"name": "The tall one", "contact": ""}],
        "security": PYCON.security,
    }
