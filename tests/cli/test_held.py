"""`maild held`: what the person who runs maild does with held messages, by the same decisions as staff by mail."""

import json

import pytest

from maild.clerk import Clerk
from tests.cli.conftest import Run
from tests.town import Town, read, words

NEWS = {"List_Id": "<news.shop.example>", "List_Unsubscribe": "<https://shop.example/stop>"}


def held(town: Town) -> str:
    """A newsletter arrives and is held; its code name."""
    town.write("news@shop.example", "Everything \x1b[31mmust go.", subject="Sale", **NEWS)
    town.run()
    return newest(town)


def newest(town: Town) -> str:
    with town.house.store.read() as work:
        return work.tickets.load(work.tickets.all_ids()[-1]).code


def state(town: Town, code: str) -> str:
    with town.house.store.read() as work:
        return work.tickets.load(work.tickets.by_code(code)).columns.state


def test_the_list(town: Town, then: Run) -> None:
    """Since when, why, and by when somebody has to have looked; nothing else is in it."""
    assert then("held", "list").out == "Nothing is held.\n"
    assert json.loads(then("held", "list", "--json").out) == []
    code = held(town)
    town.write("kim@reporter.example", "Robin shouted at me.")
    town.run()
    (line,) = then("held", "list").out.splitlines()
    assert line.split()[:7] == [code, "received", "2026-11-23", "09:00", "look", "by", "2026-11-24"]
    assert line.endswith("  list-id")
    (told,) = json.loads(then("held", "list", "--json").out)
    assert (told["code"], told["look_by"]) == (code, "2026-11-24T08:00:00+00:00")


def test_what_one_says(town: Town, then: Run) -> None:
    """The text, made harmless for a terminal."""
    code = held(town)
    assert "Everything [31mmust go." in then("held", "show", code).out
    assert json.loads(then("held", "show", code, "--json").out)["state"] == "held"


def test_a_report_of_it(town: Town, then: Run) -> None:
    """What [report] does by mail: it is acknowledged, the team is told by whom, its clocks run; and it happens once."""
    code = held(town)
    before = len(town.courier.delivered)
    seen = then("held", "report", code.upper())
    assert (seen.code, seen.out, seen.err) == (0, f"{code.upper()}: It is a report now, and is acknowledged.\n", "")
    town.run()
    assert state(town, code) == "acknowledged"
    (receipt,) = town.letters("news@shop.example")
    assert read(receipt)["Subject"].endswith("Your message")
    told = [words(one) for one in town.courier.delivered[before:] if one.recipient.endswith("@pymalta.example")]
    assert sum(f"Whoever runs maild acted on {code}." in one for one in told) == 3
    assert sum(f"{code}" in one for one in told) == 6, "no summary had told them of it, so one does now"
    again = then("held", "report", code)
    assert (again.code, again.out) == (1, "")
    assert again.err == f"maild: nothing was done with {code}: It is not held, it is a case; its team decides by mail.\n"


@pytest.mark.parametrize("what", ["enquiry", "spam", "test"])
def test_set_aside_and_brought_back(town: Town, then: Run, what: str) -> None:
    """What [not-a-report:…] does by mail; a mistake is mended by a report."""
    code = held(town)
    assert then("held", "not-a-report", code, what).out == f"{code}: Set aside as {what}: it has no deadlines now.\n"
    assert state(town, code) == "not-a-report"
    assert then("held", "list").out == "Nothing is held.\n"
    assert then("held", "not-a-report", code, what).code == 1
    assert then("held", "report", code).code == 0
    assert state(town, code) == "new"


@pytest.mark.parametrize("words_", [("report",), ("not-a-report", "spam")])
def test_only_saying_what_would_be_done(town: Town, then: Run, words_: tuple[str, ...]) -> None:
    """--dry-run writes nothing and sends nothing."""
    code = held(town)
    seen = then("held", words_[0], "--dry-run", code, *words_[1:])
    assert seen.code == 0
    assert seen.out.startswith(f"{code}: would be done, and was not: ")
    assert state(town, code) == "held"


def test_a_case_is_not_decided_on_here(town: Town, then: Run) -> None:
    """Reports are decided on by their team, whoever holds the key."""
    town.write("kim@reporter.example", "Robin shouted at me.")
    town.run()
    code = newest(town)
    for call in (("report", code), ("not-a-report", code, "spam")):
        seen = then("held", *call)
        assert (seen.code, seen.out) == (1, "")
        assert "its team decides by mail" in seen.err
    assert state(town, code) == "acknowledged"


def test_what_is_not_there(town: Town, then: Run) -> None:
    """A sentence with the way out; a word that is no kind ends with status 2."""
    assert then("held", "report", "no-such").err == "maild: nothing was done with no-such: `maild held list` shows what is held.\n"
    assert then("held", "not-a-report", held(town), "nonsense").code == 2


def test_the_case_that_moved_on(town: Town, then: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that staff write while the decision is made does not get lost, and the decision is made anew."""
    code = held(town)
    town.pass_time(hours=1)
    prepare, moved = Clerk.prepare, []

    def late(self: Clerk, effects, *, now):
        if not moved:
            moved.append(True)
            town.order("ana", f"[case:{code}] [note]\nI know this shop.", answers=town.letters("ana@pymalta.example")[0])
        return prepare(self, effects, now=now)

    monkeypatch.setattr(Clerk, "prepare", late)
    assert then("held", "report", code).code == 0
    monkeypatch.undo()
    assert state(town, code) == "new"
    assert "I know this shop." in then("show", code).out


def test_it_stands_in_the_history(town: Town, then: Run) -> None:
    """Whoever asks later sees who did it."""
    code = held(town)
    then("held", "report", code)
    town.run()
    assert f"{code}: made a report by operator" in then("log").out


def test_summaries_from_end_to_end(town: Town, then: Run) -> None:
    """Held items come to staff within the hour, again after four hours at the soonest, and what was decided here is not in the next."""
    first = held(town)
    town.pass_time(minutes=55)
    (summary,) = [one for one in town.letters("ana@pymalta.example") if read(one)["Subject"].endswith(" held")]
    assert first in words(summary)
    second, third = held(town), held(town)
    then("held", "not-a-report", second, "spam")
    town.pass_time(hours=3)
    assert len([one for one in town.letters("ana@pymalta.example") if read(one)["Subject"].endswith(" held")]) == 1
    town.pass_time(hours=1, minutes=1)
    (_, later) = [one for one in town.letters("ana@pymalta.example") if read(one)["Subject"].endswith(" held")]
    assert third in words(later)
    assert second not in words(later)
    assert first not in words(later)
