"""When staff hear of held mail: within the time the configuration says, and no more often than it says."""

from collections.abc import Callable

import pytest

from tests.town import Town, read

NEWS = {"List_Id": "<news.shop.example>", "List_Unsubscribe": "<https://shop.example/stop>"}


def news(town: Town) -> None:
    """A newsletter arrives."""
    town.write("news@shop.example", "Everything must go.", subject="Sale", **NEWS)
    town.run()


def summaries(town: Town) -> int:
    """How many summaries of held mail one of the staff got."""
    return sum(read(letter)["Subject"].endswith(" held") for letter in town.letters("ana@pymalta.example"))


WITHIN = [
    ("", 54, 60, "an hour, as shipped"),
    ("held_summary_within_hours = 6", 354, 360, "six hours"),
    ("held_summary_within_hours = 0.1", 2, 6, "six minutes"),
]


@pytest.mark.parametrize(("key", "early", "late", "why"), WITHIN, ids=[why for *_, why in WITHIN])
def test_a_summary_comes_within_its_time(found: Callable[..., Town], key: str, early: int, late: int, why: str) -> None:
    """What is held is collected for almost as long as the key says, and shown before that time is over."""
    town = found(f"[limits]\n{key}\n")
    news(town)
    town.pass_time(minutes=early)
    assert summaries(town) == 0
    news(town)
    town.pass_time(minutes=late - early - 1)
    assert summaries(town) == 1
    assert "2 held" in read(town.letters("ana@pymalta.example")[-1])["Subject"]


def test_summaries_stand_four_hours_apart(town: Town) -> None:
    """A second wave waits until four hours after the first summary, however long it was held by then."""
    news(town)
    town.pass_time(hours=1)
    assert summaries(town) == 1
    news(town)
    town.pass_time(hours=3, minutes=59)
    assert summaries(town) == 1
    town.pass_time(minutes=1)
    assert summaries(town) == 2
