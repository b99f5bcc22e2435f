"""The same person on several cases, through every station and on each back end (rows P26 and P27)."""

from sqlalchemy import event

from maild.store import erase
from tests.town import Town, words

WHO = '[person:P1 name="{}" role=respondent]\n[warn:P1]\nThey were told to stop.'


def reported(town: Town, sender: str) -> None:
    """Somebody reports."""
    town.write(sender, "\nHello,\n\nsomebody follows me around.\n\nSam\n")
    town.run()


def notices(town: Town, handle: str) -> list[str]:
    """The notices of a guideline that somebody got."""
    return [text for one in town.letters(f"{handle}@pymalta.example") if "This is a guideline" in (text := words(one))]


def test_warnings_count_over_cases(town: Town) -> None:
    """The third warning to one person is on a third case: one notice to each, and a name that is written differently counts for nobody."""
    for name in ("Robin Example", "robin  EXAMPLE", "Robin Exemple", "Robin Example"):
        reported(town, "guest@home.example")
        answer = town.order("ana", WHO.format(name))
        town.pass_time(minutes=10)
    assert "3 in all" in words(answer)
    assert [len(notices(town, handle)) for handle in ("ana", "ben", "carla", "dora")] == [1, 1, 1, 0]


def test_reports_of_three_people_are_a_pattern(town: Town) -> None:
    """Without a warning: the third report about one person, each by somebody else, when staff say whom it is about (P29)."""
    for number in range(3):
        reported(town, f"guest{number}@home.example")
        town.order("ana", '[determine who="Robin Example"]')
    (notice,) = notices(town, "ben")
    assert "a possible pattern of harassing behaviour" in notice


def test_an_erased_case_counts_no_more(town: Town) -> None:
    """What was erased is not found by the next command."""
    for number in range(3):
        reported(town, f"guest{number}@home.example")
        with town.house.store.read() as work:
            opened = max(work.tickets.all_ids())
        answer = town.order("ana", WHO.format("Robin Example"))
        if number == 0:
            with town.house.store.begin() as work:
                erase(work, opened, now=town.clock.at)
    assert "2 in all" in words(answer)
    assert notices(town, "ana") == []


def test_whoever_is_named_in_the_very_mail_is_looked_up(town: Town) -> None:
    """A case on which nobody was yet: the name stands in the tag, or is determined."""
    for number, tag in enumerate(('[warn:P1 name="Robin Example"]', '[determine who="Robin Example"]\n[warn:P1]')):
        reported(town, f"guest{number}@home.example")
        answer = town.order("ana", f"{tag}\nThey were told to stop.")
    assert "2 in all" in words(answer)


def test_a_report_asks_nothing_of_other_cases(town: Town) -> None:
    """To open a report costs what it cost before: only what staff say of a person is a reason to look."""
    asked = []
    for engine in {town.house.store._writer, town.house.store._reader}:
        event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    reported(town, "sam@home.example")
    town.order("ana", "[take]")
    assert asked
    assert [one for one in asked if "marks" in one] == []
    town.order("ana", WHO.format("Robin Example"))
    assert [one for one in asked if "marks" in one] != []
