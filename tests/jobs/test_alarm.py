"""Somebody may be in danger: who is told, and how long (product.md principle 7)."""

from email.message import EmailMessage

from tests.town import Town, read, words


def alarms(town: Town, handle: str) -> list[EmailMessage]:
    """The alarms that somebody got."""
    letters = map(read, town.letters(f"{handle}@pymalta.example"))
    return [letter for letter in letters if letter["Subject"].endswith("URGENT")]


def counted(town: Town) -> list[int]:
    """How many alarms each of the staff got, and the board."""
    return [len(alarms(town, handle)) for handle in ("ana", "ben", "carla", "dora")]


def test_danger_that_is_determined_alarms_every_hour_until_taken(town: Town) -> None:
    """A plain [determine safety=yes] rings at all who may see the case, and hourly until somebody writes [take]."""
    town.write("kim@reporter.example", "He says he comes back tonight.")
    town.run()
    town.order("ana", "[determine safety=yes]")
    assert "every hour until somebody writes [take]" in words(town.letters("ana@pymalta.example")[-1])
    assert counted(town) == [1, 1, 1, 0]
    town.pass_time(minutes=59)
    assert counted(town) == [1, 1, 1, 0]
    town.pass_time(minutes=1)
    assert counted(town) == [2, 2, 2, 0]
    town.pass_time(hours=1)
    assert counted(town) == [3, 3, 3, 0]
    alarm = next(one for one in reversed(town.letters("ben@pymalta.example")) if read(one)["Subject"].endswith("URGENT"))
    town.order("ben", "[take]", answers=alarm)
    town.pass_time(hours=5)
    assert counted(town) == [3, 3, 3, 0]


def test_the_alarm_knows_who_stepped_back(town: Town) -> None:
    """All who may see the case: not who stepped back from it, and not who is named in it."""
    town.write("kim@reporter.example", "Carla Grech was there. He says he comes back tonight.")
    town.run()
    town.order("ben", "[recuse]")
    town.order("ana", "[determine safety=yes]")
    town.pass_time(hours=2)
    assert counted(town) == [2, 0, 0, 0]
