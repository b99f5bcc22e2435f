"""Where a case happened: `[event:…]` and `[space:…]`."""

import pytest

from maild.playbook.policy import Space
from tests.playbook.cases import PYCON, World, policy

FORUM = Space(slug="forum", name="The forum")


def world(**changes):
    """An organisation with a space and a conference, and one report."""
    w = World(policy=policy(**{"spaces": (FORUM,), "conferences": (PYCON,), **changes}))
    w.report()
    w.accepted()
    return w


def test_a_case_happened_somewhere():
    """An event and a space stand with the case, and nobody but the team hears of it."""
    w = world()
    decision = w.staff("[event:pycon-2026]\n[space:forum]")
    assert decision.sentences == ["Recorded: it happened at PyCon Malta 2026.", "Recorded: it happened in The forum."]
    assert (w.case.event, w.case.space) == ("pycon-2026", "forum")


@pytest.mark.parametrize("tag", ["[event:pycon_2026]", "[event: PyCon-2026]", '[event:"pycon-2026"]'])
def test_a_place_is_read_as_people_type_it(tag):
    """Capitals do not matter, and `_` reads as `-` (product.md section 6)."""
    w = world()
    assert w.staff(tag).ok
    assert w.case.event == "pycon-2026"


def test_the_last_word_holds():
    """Who was mistaken says it again."""
    other = PYCON.__class__(slug="meetup-12", name="Meetup 12", start=PYCON.start, end=PYCON.end)
    w = world(conferences=(PYCON, other))
    w.staff("[event:pycon-2026]")
    w.staff("[event:meetup-12]")
    assert w.case.event == "meetup-12"


@pytest.mark.parametrize(
    ("tag", "changes", "sentence"),
    [
        ("[event:pycon]", {}, "There is no event pycon; it can be pycon-2026."),
        ("[space:chat]", {}, "There is no space chat; it can be forum."),
        ("[event:pycon-2026]", {"conferences": ()}, "There is no event pycon-2026; the configuration has no [[event]]."),
        ("[space:forum]", {"spaces": ()}, "There is no space forum; the configuration has no [[space]]."),
    ],
)
def test_an_unknown_place_is_refused_with_those_that_are_known(tag, changes, sentence):
    """A misspelt name puts a case nowhere."""
    w = world(**changes)
    assert w.staff(tag).sentences == [sentence]
    assert (w.case.event, w.case.space) == ("", "")
