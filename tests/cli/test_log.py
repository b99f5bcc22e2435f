"""`maild log` and `maild journal`: what was done, in words, and whether anybody touched the record of it."""

import json
import sqlite3
from datetime import timedelta

import pytest

from maild.cli.log import DUTIES, RUNGS, SENTENCES, sentence
from maild.playbook.deadlines import Duty, Rung
from maild.playbook.decide.delivery import COUNTS
from maild.playbook.entry import What
from maild.playbook.occasions import Family
from maild.playbook.watching import END, LAST_DAY, UNDONE, WEEK
from tests.cli.conftest import Run
from tests.town import Town

DECISION = '[determine violation=yes who="Robin Example" ongoing=no safety=no]\nRobin shouted.\n[resolve:private-reprimand]'


def played(town: Town) -> str:
    """A report, and a decision on it a quarter of an hour later; its code name."""
    town.write("Kim Reporter <kim@reporter.example>", "Robin shouted at me.", subject="Secret subject")
    town.run()
    town.pass_time(minutes=15)
    town.order("ana", DECISION)
    with town.house.store.read() as work:
        return work.tickets.load(work.tickets.all_ids()[-1]).code


def test_a_day_in_words(town: Town, then: Run) -> None:
    """A line each with moment and code name, in the organisation's own time."""
    assert then("log").out == "Nothing was done.\n"
    code = played(town)
    seen = then("log")
    assert (seen.code, seen.err) == (0, "")
    assert seen.out.splitlines()[:2] == [
        f"09:00 {code}: a report came in",
        f"09:00 {code}: acknowledged (accepted by the mail server)",
    ]
    assert f"09:15 {code}: resolved by ana" in seen.out.splitlines()


def test_no_contents(town: Town, then: Run) -> None:
    """No address, no name, no subject, no text, in either form."""
    played(town)
    for said in (then("log").out, then("log", "--json").out):
        assert [word for word in ("@", "Kim", "Robin", "shouted", "Secret", "Ana") if word in said] == []


def test_for_programs(town: Town, then: Run) -> None:
    """A JSON object a line."""
    code = played(town)
    first = json.loads(then("log", "--json").out.splitlines()[0])
    assert first == {"at": "2026-11-23T08:00:00+00:00", "code": code, "verb": "opened", "by": "maild"}


SINCE = [
    ("", 0, "today only"),
    ("1 h", 0, "an hour"),
    ("3 days", 2, "days"),
    ("2026-11-23", 2, "a date"),
    ("2026-11-23T09:10", 0, "a moment in the organisation's own time"),
    ("2026-11-23T08:00:00+00:00", 2, "a moment"),
    ("2027-01-01", 0, "ahead"),
]


@pytest.mark.parametrize(("since", "first", "why"), SINCE, ids=[why for *_, why in SINCE])
def test_since_when(town: Town, then: Run, since: str, first: int, why: str) -> None:
    """A date, a moment or a span; older lines show their day too."""
    code = played(town)
    town.clock.move_on(timedelta(days=2))
    seen = then("log", *(["--since", since] if since else []))
    assert seen.code == 0
    assert seen.out.splitlines().count(f"2026-11-23 09:00 {code}: a report came in") == (first > 0)


@pytest.mark.parametrize("since", ["yesterday", "99999999 days", "2026-13-01"])
def test_since_nonsense(town: Town, then: Run, since: str) -> None:
    """Status 2, and what can be written."""
    seen = then("log", "--since", since)
    assert (seen.code, seen.out) == (2, "")
    assert "write a date like" in seen.err


VERBS = [
    *(what.value for what in What),
    *(f"accepted-{letter}" for letter in sorted(COUNTS)),
    *(f"{duty.value}-{rung.value}" for duty in Duty for rung in Rung),
    *(f"appeal-{rung.value}" for rung in Rung),
    *(f"sanction-{rung}" for rung in (WEEK, LAST_DAY, END)),
    f"task-{UNDONE}",
    *(f"event-{family.value}" for family in Family),
]


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_words(verb: str) -> None:
    """Nothing of the house's own language reaches a person."""
    said = sentence({"verb": verb, "by": "ana", "count": 2})
    assert said != verb
    assert "{" not in said


def test_a_word_of_a_later_release() -> None:
    """A verb without words is told as it stands."""
    assert sentence({"verb": "juggled"}) == "juggled"
    assert {duty.value for duty in Duty} | {"appeal"} == set(DUTIES)
    assert {rung.value for rung in Rung} == set(RUNGS)
    assert sentence({"verb": "digest", "week": "2026-W47"}) == SENTENCES["digest"]


def tampered(town: Town) -> None:
    """Somebody with the file changes a line."""
    with sqlite3.connect(town.directory / "state" / "maild.sqlite") as connection:
        connection.execute("DROP TRIGGER journal_update")
        connection.execute("UPDATE journal SET body = replace(body, 'opened', 'closed') WHERE n = 1")


def test_a_journal_that_holds(town: Town, then: Run) -> None:
    """It says how many lines there are, and gives an anchor that can be held against it later."""
    played(town)
    seen = then("journal", "verify")
    assert (seen.code, seen.err) == (0, "")
    anchor = seen.out.split()[-1]
    assert seen.out == f"{anchor.partition(':')[0]} lines, the chain holds. Anchor: {anchor}\n"
    assert then("journal", "verify", "--anchor", anchor, "--anchor", anchor.replace(":", " ")).code == 0


def test_a_journal_that_was_changed(town: Town, then: Run) -> None:
    """Both commands say where, and fail."""
    played(town)
    tampered(town)
    seen = then("journal", "verify")
    assert (seen.code, seen.out, seen.err) == (1, "", "maild: line 1 was changed, moved or removed.\n")
    told = then("log")
    assert told.code == 1
    assert told.err == "maild: line 1 of the journal was changed, moved or removed; do not trust what stands from there on.\n"


@pytest.mark.parametrize("anchor", ["1:00", "4711:00", "x", "-1:00", f"{2**63}:00", f"{'9' * 5000}:00"], ids=lambda anchor: anchor[:12])
def test_an_anchor_that_does_not_fit(town: Town, then: Run, anchor: str) -> None:
    """Lines that were cut off leave a chain that holds; an anchor tells."""
    played(town)
    seen = then("journal", "verify", "--anchor", anchor)
    assert (seen.code, seen.out) == (1, "")
    assert "does not fit" in seen.err
