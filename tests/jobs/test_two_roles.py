"""A small community: somebody is of staff and of the board. One person: notices and digest, and one recusal for both."""

from collections.abc import Callable

import pytest

from tests.town import Town, read

DORA = """
[[staff]]
handle = "dora"
name = "Dora Camilleri"
address = "dora@pymalta.example"
"""


@pytest.fixture
def small(found: Callable[..., Town]) -> Town:
    """A town in which Dora is both."""
    return found(DORA)


def subjects(town: Town, name: str = "dora") -> list[str]:
    """The Subjects of what somebody got, without the code names in front."""
    return [read(letter)["Subject"].partition("] ")[2] for letter in town.letters(f"{name}@pymalta.example")]


def test_they_work_and_watch(small: Town) -> None:
    """They get the notice and may act on it, hear of a missed deadline as either, and get one digest a week."""
    small.write("kim@reporter.example", "Robin shouted at me.")
    small.run()
    assert subjects(small) == ["New report"]
    small.order("dora", "[take]")
    assert subjects(small)[-1] == "Done"
    small.pass_time(days=7)
    late = [one.partition(" to ")[0] for one in subjects(small)[2:]]
    assert sorted(late) == ["Deadline missed", "Deadline missed", "The week"]


def test_an_alarm_of_the_house_comes_once(small: Town) -> None:
    """What goes to staff and board goes to each person once."""
    with small.house.store.begin() as work:
        work.alarms.raise_("fuse", now=small.clock())
    small.house.watch.run()
    small.run()
    assert subjects(small) == ["maild needs a person"]


def test_stepping_back_holds_for_both(small: Town) -> None:
    """Neither as staff nor as board do they hear of a case they stepped back from, nor does their digest count it."""
    small.write("kim@reporter.example", "Robin shouted at me.")
    small.run()
    small.order("dora", "[recuse]")
    heard = len(subjects(small))
    small.pass_time(days=7)
    assert [one for one in subjects(small)[heard:] if not one.startswith("The week")] == []
    digest = read(small.letters("dora@pymalta.example")[-1]).get_body(("plain",)).get_content()
    assert "New reports: 0" in digest


def test_a_name_holds_both_back(small: Town) -> None:
    """A report that names them reaches them in neither role."""
    small.write("kim@reporter.example", "Dora Camilleri shouted at me.")
    small.run()
    small.pass_time(days=7)
    assert [one for one in subjects(small) if not one.startswith("The week")] == []
    assert "New report" in subjects(small, "ana")
