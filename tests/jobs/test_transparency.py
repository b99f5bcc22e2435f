"""A transparency report through the whole house: owed by the calendar, agreed to by mail, kept byte for byte."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event

from maild.store.erasure import erase
from tests.jobs.test_conferences import EVENT, TWO
from tests.town import Town, mail, on_postgresql, read, words

HOUR = timedelta(hours=1)
TAG = "[release:pycon-2026]"
DORA = "dora@pymalta.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, found: Callable[..., Town]) -> Town:
    """A town with a conference, on each back end."""
    extra = "" if request.param == "sqlite" else on_postgresql(request.getfixturevalue("postgresql_url"))
    return found(EVENT.format(TWO) + extra)


def drafts(town: Town) -> list[str]:
    """The Subjects of what the board got about reports."""
    subjects = [read(letter)["Subject"].removeprefix("[PyMalta] ") for letter in town.letters(DORA)]
    return [one.partition(":")[0] for one in subjects if "transparency" in one]


def files(letter: object) -> dict[str, bytes]:
    """The files of a letter by name."""
    return {one.get_filename(): one.get_payload(decode=True) for one in read(letter).iter_attachments()}  # type: ignore[arg-type,misc]


def test_a_report_is_released_by_two_and_kept(town: Town) -> None:
    """The files of the release are those that both agreed to; the ledger has them, byte for byte, after an erasure too."""
    town.write("kim@reporter.example", "Somebody shouted at the speaker in the red hall.")
    town.run()
    town.order("ana", "[event:pycon-2026] [take]")
    town.pass_time(days=20)
    assert drafts(town) == ["Not released yet, the transparency report"]
    town.order("dora", f"{TAG}\nWe put up a second sign.")
    asked = town.letters("ben@pymalta.example")[-1]
    town.order("ben", TAG)
    assert f"✓ {TAG}" in words(town.letters("ben@pymalta.example")[-1])
    released = next(one for one in town.letters(DORA) if "please publish it" in read(one)["Subject"])
    assert files(released) == files(asked)
    assert list(files(released)) == ["report.md", "report.html", "report.txt", "numbers.json", "numbers.csv"]
    with town.house.store.begin() as work:
        (ticket_id,) = work.tickets.all_ids()
        erase(work, ticket_id, now=town.clock.at)
    with town.house.store.read() as work:
        (kept,) = work.releases.released()
    assert {name: text.encode() for name, text in kept.files.items()} == files(released)
    assert (kept.by, kept.second) == ("dora", "ben")


def test_the_letters_of_a_report_come_once_each(found: Callable[..., Town]) -> None:
    """By the hour for nine weeks, with a restart; then it is released, and nothing more comes."""
    town = found(EVENT.format(TWO))
    for hour in range(24 * 63):
        town.clock.move_on(HOUR)
        town.house.reminders.run()
        if hour == 24 * 30:
            town.stop()
            town.start()
    town.run()
    draft, reminder, missed = (
        "Draft of the transparency report",
        "Not released yet, the transparency report",
        "Deadline missed, the transparency report",
    )
    assert drafts(town) == [draft, *[reminder] * 3, *[missed] * 30]
    town.order("dora", TAG)
    town.order("ben", TAG)
    before = len(drafts(town))
    town.pass_time(days=30)
    assert len(drafts(town)) == before


def test_of_two_daemons_one_writes_the_draft(found: Callable[..., Town]) -> None:
    """Whoever has the appointment writes it, with all its letters."""
    town = found(EVENT.format(TWO))
    town.pass_time(hours=1)
    town.clock.move_on(HOUR * 24 * 12)
    assert [town.house.reminders.run(), town.house.reminders.run()] == [True, False]


def test_after_an_outage_there_is_one_letter(found: Callable[..., Town]) -> None:
    """Of three steps that have passed the last."""
    town = found(EVENT.format(TWO))
    town.pass_time(hours=1)
    town.pass_time(days=27)
    assert drafts(town) == ["Not released yet, the transparency report"]


def test_an_event_of_the_year_before_is_not_owed(found: Callable[..., Town]) -> None:
    """It stands in the configuration that maild begins with."""
    town = found(EVENT.format(TWO).replace("2026-", "2025-"))
    town.pass_time(days=40)
    assert drafts(town) == []


def test_the_digest_names_what_is_owed(found: Callable[..., Town]) -> None:
    """From the draft on until the release."""
    town = found(EVENT.format(TWO))
    for days in (8, 7, 21):
        town.pass_time(days=days)
    digests = [words(one) for one in town.letters(DORA) if "The week to" in read(one)["Subject"]]
    said = [[line for line in one.splitlines() if line.startswith("Transparency reports: ")] for one in digests]
    due = "due Sunday 27 December 2026"
    assert said == [[], [f"Transparency reports: PyCon Malta 2026, {due}"], [f"Transparency reports: PyCon Malta 2026, was {due}"]]


def test_no_other_mail_asks_for_reports(town: Town) -> None:
    """To open a report, or to act on it, costs what it cost before."""
    asked: list[str] = []
    for engine in {town.house.store._writer, town.house.store._reader}:
        event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    town.write("kim@reporter.example", "Somebody shouted at me.")
    for job in (town.house.intake.run, town.house.casework.run):
        job()
    town.house.delivery.run()
    town.order("ana", "[take]")
    assert [one for one in asked if "releases" in one] == []
    town.write("ana@pymalta.example", TAG, answers=town.letters("ana@pymalta.example")[-1])
    for job in (town.house.intake.run, town.house.casework.run):
        job()
    assert [one for one in asked if "releases" in one] != []


def test_a_report_by_the_board_in_brackets_is_a_report(town: Town) -> None:
    """Whatever else the board writes in brackets is text, and a report of theirs is acknowledged as any."""
    town.mailbox.deliver(mail(DORA, "[take]\nSomebody shouted at me.", at=town.clock.at), received_at=town.clock.at)
    town.run()
    assert "Your message" in read(town.letters(DORA)[-1])["Subject"]
