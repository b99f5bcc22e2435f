"""What the reporter wants, item by item: an escort, somebody they trust, a friend, the police, a medic (rows P16 to P19)."""

import pytest

from maild.playbook.letters import Kind
from maild.playbook.support import ITEMS
from tests.playbook.cases import HOUR
from tests.playbook.test_attending import reminders, tasks, world

NINA = "Her cousin Nina Nemec walks with her to the bus, nina@cousin.example."


@pytest.mark.parametrize("item", ITEMS)
def test_each_wish_is_told_to_us_and_to_nobody_else(item):
    """Those at the event hear of it and are reminded; whoever's address stands in it, friend or police, is no recipient of anything."""
    w = world()
    decision = w.staff(f"[support:{item}=wanted]\n{NINA}")
    assert tasks(decision) == [("ben", "support"), ("carla", "support")]
    assert decision.letter(Kind.TO_DO).facts["wanted"] == [item]
    assert [bool(told) for told in reminders(w, *[HOUR] * 3)] == [True] * 3
    w.staff(f"[support:{item}=arranged]")
    assert {one.to.role for one in w.letters if one.kind is not Kind.RECEIPT} == {"staff"}
    assert [one.to.address for one in w.letters if "cousin.example" in one.to.address] == []


def test_who_comes_along_stays_with_the_team():
    """P17: a letter to the reporter or to anybody on the case that says who it is is held, and the board hears of it never."""
    w = world()
    w.staff(f"[support:trusted-person=wanted]\n{NINA}")
    w.staff('[person:P1 name="Robin Example" address=robin@away.example]')
    for tag in ("[reply]", "[write:P1]"):
        assert not w.staff(f"{tag}\nAs we heard, her cousin Nina Nemec walks with her.").ok
    reminders(w, *[HOUR] * 200)
    assert [one for one in w.letters if "Nemec" in str(one.facts) and one.to.role != "staff"] == []
    assert [one.to.role for one in w.letters if one.to.role == "board"] != []
