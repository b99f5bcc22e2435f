"""`maild report NAME`: the public draft from the shell, and on standard error whether it may be released."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.mail.reading import Reader
from tests.cli.conftest import Run
from tests.store.world import an_agreement
from tests.town import CONFIG, Town, words

EVENT = """
[[event]]
slug = "pycon-2026"
name = "PyCon Malta 2026"
start = 2026-11-27
end = 2026-11-28
attendance = 183
"""

FILES = ["numbers.csv", "numbers.json", "report.html", "report.md", "report.txt"]

OPEN = "maild: note: Nothing stands in the way of its release.\n"


@pytest.fixture
def town(tmp_path: Path, reader: Reader) -> Iterator[Town]:
    """A town with a conference, and a report of which nobody has said yet where it happened."""
    town = Town(directory=tmp_path, reader=reader, config=CONFIG + EVENT)
    town.write("Kim Reporter <kim@reporter.example>", "Robin Example shouted at me in the queue for coffee.")
    town.run()
    yield town
    town.stop()


def later(town: Town) -> None:
    town.clock.at = datetime(2026, 12, 20, 9, tzinfo=UTC)


def test_a_report_as_markdown(town: Town, then: Run) -> None:
    """What it says now, and from which day on it may be released."""
    seen = then("report", "PyCon-2026")
    assert (seen.code, seen.out.splitlines()[0]) == (0, "# Transparency report: PyCon Malta 2026")
    assert "No reports were received." in seen.out, "nobody has said that it happened there"
    assert seen.err == "maild: note: It cannot be released before 2026-12-12, which is 14 days after the end.\n"
    later(town)
    assert then("report", "pycon-2026").err == OPEN
    assert "Fewer than five incidents were reported." in then("report", "2026").out


def test_all_files_of_a_report(town: Town, then: Run, tmp_path: Path) -> None:
    """They are written into a directory, which is made; nothing is printed. The same command writes the same bytes."""
    later(town)
    first, second = tmp_path / "some" / "where", tmp_path / "again"
    for place in (first, second):
        seen = then("report", "2026-h2", "--output", place)
        assert (seen.code, seen.out) == (0, "")
        assert sorted(path.name for path in place.iterdir()) == FILES
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in FILES)
    assert b"\r" not in (first / "numbers.csv").read_bytes()


def test_what_was_learned_is_looked_through(town: Town, then: Run, tmp_path: Path) -> None:
    """Each word that could be known from a case is named, and the report is shown all the same; harmless words are free."""
    later(town)
    learned = tmp_path / "learned.txt"
    learned.write_text("We have two rooms now.\n")
    seen = then("report", "pycon-2026", "--learned", learned)
    assert "We have two rooms now." in seen.out
    assert seen.err == OPEN
    learned.write_text("Robin said on Friday that Ana was wrong, when they shouted at me in the queue.\n")
    seen = then("report", "pycon-2026", "--learned", learned)
    assert seen.code == 0
    assert seen.err.splitlines() == [
        "maild: note: It must not say this: “ana” is a name or a part of one, or stands in an address.",
        "maild: note: It must not say this: “friday” is a day of the week.",
        "maild: note: It must not say this: “shouted at me in the queue” stands in something that was written about a case.",
    ]


def test_a_name_that_is_none(town: Town, then: Run) -> None:
    """A sentence with those that there are."""
    seen = then("report", "pycon-2025")
    assert (seen.code, seen.out) == (1, "")
    assert seen.err == (
        "maild: there is no report of pycon-2025; there can be one of pycon-2026, or a year or half a year such as 2026 or 2026-h1.\n"
    )


def test_thresholds_come_from_the_configuration(town: Town, then: Run) -> None:
    """What an organisation raised is raised in its reports."""
    path = town.directory / "config.toml"
    path.write_text(path.read_text() + "[transparency]\nk = 7\nnumbers_from = 200\n")
    assert "The event had under 200 people." in then("report", "pycon-2026").out
    assert "Fewer than seven incidents were reported." in then("report", "2026").out


def test_a_case_at_the_event_is_in_its_report_alone(town: Town, then: Run) -> None:
    """Once somebody of staff has said where it happened."""
    (notice,) = (one for one in town.letters("ana@pymalta.example") if "shouted at me" in words(one))
    town.order("ana", "[event:pycon-2026]", answers=notice)
    assert "Fewer than five incidents were reported." in then("report", "pycon-2026").out
    assert "No reports were received." in then("report", "2026").out


def test_an_event_that_left_the_configuration_too_early(town: Town, then: Run) -> None:
    """`maild check` says that nobody would be told of its report, as long as cases speak of it and nothing was released."""
    lost = "note   database: there are cases of the event pycon-2026, which no [[event]] is called: "
    (notice,) = (one for one in town.letters("ana@pymalta.example") if "shouted at me" in words(one))
    town.order("ana", "[event:pycon-2026]", answers=notice)
    assert lost not in then("check").out
    path = town.directory / "config.toml"
    path.write_text(path.read_text().replace('slug = "pycon-2026"', 'slug = "pycon"'))
    assert lost in then("check").out
    with town.house.store.begin() as work:
        row = work.releases.agree(an_agreement(report="pycon-2026"))
    assert lost in then("check").out, "one person's word is no release"
    with town.house.store.begin() as work:
        work.releases.release(row, second="ben", now=town.clock.at)
    assert lost not in then("check").out
