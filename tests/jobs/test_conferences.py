"""A conference by the clock: its letters come once each, also after days without maild; a report in person goes through the whole house."""

import re
from collections.abc import Callable

import pytest

from maild.store.erasure import erase
from tests.town import MONDAY, Town, read, words

EVENT = """
[[event]]
slug = "pycon-2026"
name = "PyCon Malta 2026"
start = 2026-11-26
end = 2026-11-27
staff = ["ana", "ben"]
representatives = {}
"""
ONE, TWO = '["Ana Borg, 555-0101"]', '["Ana Borg, 555-0101", "Ben Vella, 555-0102"]'

RECORD = (
    "[record event=pycon-2026]\ncontact: kim@reporter.example\nmay we write to them: yes\naccount: Somebody shouted at me in the red hall."
)


def subjects(town: Town, handle: str) -> list[str]:
    """The Subjects of what somebody got."""
    return [read(letter)["Subject"].removeprefix("[PyMalta] ") for letter in town.letters(f"{handle}@pymalta.example")]


WARNING, CARD, SEND_IN = "PyCon Malta 2026: who can people turn to?", "How to take a report in person", "Anything not sent in yet?"


def test_the_letters_of_an_event_come_once_each(found: Callable[..., Town]) -> None:
    """P22, P33: warned at once of the step that has passed, then the card, then four times "not sent in yet?"; the others of staff get none."""
    town = found(EVENT.format(ONE))
    for _ in range(24 * 14):
        town.pass_time(hours=1)
    assert subjects(town, "ana") == [WARNING, WARNING, CARD, *[SEND_IN] * 4]
    assert subjects(town, "ben") == subjects(town, "ana")
    assert subjects(town, "carla") == []


def test_after_an_outage_over_two_steps_there_is_one_letter(found: Callable[..., Town]) -> None:
    """From the evening of the last day to four days after it: the last of the three that have passed, and then on."""
    town = found(EVENT.format(TWO))
    town.pass_time(days=8, hours=10)
    assert subjects(town, "ana") == [SEND_IN]
    town.stop()
    town.start()
    town.pass_time(hours=1)
    assert subjects(town, "ana") == [SEND_IN]
    town.pass_time(days=4)
    assert subjects(town, "ana") == [SEND_IN, SEND_IN]


def test_of_two_daemons_one_writes(found: Callable[..., Town]) -> None:
    """Whoever has the appointment writes the letters, all of them in its transaction."""
    town = found(EVENT.format(TWO))
    town.clock.move_on(MONDAY.replace(day=26) - MONDAY)
    assert [town.house.reminders.run(), town.house.reminders.run()] == [True, False]


def test_who_copies_the_example_of_the_reminder_has_a_case(found: Callable[..., Town]) -> None:
    """P22: the lines of the letter as they stand, in an answer to it; the person of the example is sent nothing."""
    town = found(EVENT.format(TWO))
    town.pass_time(days=5)
    text = words(town.letters("ana@pymalta.example")[-1])
    (tag,) = re.findall(r"\[record[^\]]*\]", text)
    form = "\n".join(re.findall(r"(?m)^\* .*$", text))
    answer = words(town.order("ana", f"{tag}\n{form}\n-- my notes --\nCalm."))
    assert "✓ [record event=pycon-2026]" in answer
    assert "Sent to the reporter: no." in answer
    assert "Not volunteered" not in answer


def test_a_digest_counts_presenters_nobody_has_spoken_to(found: Callable[..., Town]) -> None:
    """P05: once the event is over, until somebody has; no digest names the case for it."""
    town = found(EVENT.format(TWO))
    town.pass_time(days=3)
    town.order("ana", f"{RECORD}\n[take]\n[presentation:minor]")
    town.pass_time(days=4, hours=2)
    (digest,) = town.letters("dora@pymalta.example")
    assert "Presenters that nobody has spoken to yet: 1" in words(digest)
    town.order(
        "ana",
        "[presentation:spoken]",
        answers=[one for one in town.letters("ana@pymalta.example") if "presenter" in read(one)["Subject"]][-1],
    )
    town.pass_time(days=7)
    assert "Presenters" not in words(town.letters("dora@pymalta.example")[-1])


def test_a_record_goes_through_the_house(town: Town) -> None:
    """P10, P24: asked back and a case meanwhile, which counts from its own mail, holds all of it, and is erased with it."""
    town.write("ana@pymalta.example", f"{RECORD}\n-- my notes --\nShe was calm.", subject="In person")
    town.run()
    assert "Please confirm" in subjects(town, "ana")[-1]
    question = town.letters("ana@pymalta.example")[-1]
    assert "red hall" in words(town.letters("ben@pymalta.example")[-1])
    town.pass_time(hours=5)
    assert town.letters("kim@reporter.example") == []
    assert "✓ [record event=pycon-2026]" in words(town.order("ana", "[confirm]", answers=question))
    assert len(town.letters("kim@reporter.example")) == 1
    assert "✓ [record event=pycon-2026]" in words(town.letters("ben@pymalta.example")[-1])
    shown = words(town.order("ana", "[show]"))
    assert "| account: Somebody shouted at me in the red hall." in shown
    assert "| She was calm." in shown
    with town.house.store.begin() as work:
        (seen,) = work.people.tickets("ana")
        assert seen.received_at == MONDAY
        assert b"red hall" in work.inbox.raw(seen.id)
        erase(work, seen.id, now=town.clock())
    with town.house.store.read() as work, pytest.raises(LookupError):
        work.inbox.raw(seen.id)


def test_a_record_that_nobody_confirms_is_still_a_case(town: Town) -> None:
    """The question lapses: the team has the report all the same, its deadlines run, and a later [record] on it confirms the very same case."""
    town.write("ana@pymalta.example", RECORD, subject="In person")
    town.run()
    told, question = town.letters("ben@pymalta.example")[-1], town.letters("ana@pymalta.example")[-1]
    assert "New report, taken in person" in read(told)["Subject"]
    town.pass_time(hours=30)
    assert town.letters("kim@reporter.example") == []
    assert any("Deadline missed" in one or "acknowledge" in one.lower() for one in subjects(town, "ben"))
    assert "Nothing waits for your confirmation" in words(town.order("ana", "[confirm]", answers=question))
    assert "✓ [take]" in words(town.order("ben", "[take]", answers=told))
    assert "It is confirmed." in words(town.order("ben", RECORD, answers=told))
    assert len(town.letters("kim@reporter.example")) == 1
    with town.house.store.read() as work:
        assert len(work.tickets.all_ids()) == 1


def test_the_reason_of_a_proposal_is_kept_from_letters(found: Callable[..., Town]) -> None:
    """P26: as the history has it, that was read back from the store: an expulsion nobody agreed to, and why somebody wanted it."""
    town = found(f"[letters]\napprovals = 2\n{EVENT.format(TWO)}")
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.run()
    proposed = (
        '[event:pycon-2026]\n[person:P1 name="Robin Example"]\n[expel:P1 ground=discretion]\nHe frightened both children at the desk.'
    )
    assert "Proposed as A1" in words(town.order("ana", proposed))
    assert "A1 is stopped" in words(town.order("ben", "[object]\nThat is too hard."))
    answer = words(town.order("ben", "[reply]\nWe heard that he frightened both children at the desk."))
    assert "five words in a row" in " ".join(answer.split())
    assert len(town.letters("kim@reporter.example")) == 1
    assert "He frightened both children" in words(town.order("ben", "[show]"))
