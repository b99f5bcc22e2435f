"""After each conference a transparency report is owed: when, to whom, and what they are told (playbook, "Public statements"; row P54)."""

from datetime import timedelta

import pytest

from maild.playbook import disclosure
from maild.playbook.effects import Alarm, Journal
from maild.playbook.letters import Kind
from maild.playbook.people import Person, Role
from maild.playbook.releases import digest
from maild.playbook.reporting import due_by, owed, told
from tests.playbook.cases import ANA, BEN, CARLA, DAY, DORA, FELIX, INSTANT, PYCON, malta, policy
from tests.playbook.reports import NAMES, Ledger, drafted

BEGAN = malta(2026, 11, 1)
EVE = Person(handle="eve", name="Eve Ellul", address="eve@board.example", role=Role.BOARD)
GUS = Person(handle="fallback.2", name="Gus Gatt", address="gus@outside.example", role=Role.FALLBACK)


def found(now, *, began=BEGAN, event=PYCON):
    """The letter that is due, by its days and what it says."""
    return [(one.days, one.step) for one in owed(policy(conferences=(event,)), now, began=began)]


CALENDAR = [
    (malta(2026, 11, 28, 9), [], "the last day of the event"),
    (malta(2026, 12, 5, 9) - INSTANT, [], "not yet seven days after"),
    (malta(2026, 12, 5, 9), [(7, "draft")], "seven days after, in the morning"),
    (malta(2026, 12, 12, 8, 59), [(7, "draft")], "nothing new"),
    (malta(2026, 12, 12, 9), [(14, "reminder")], "fourteen days after"),
    (malta(2026, 12, 19, 9), [(21, "reminder")], "twenty-one"),
    (malta(2026, 12, 26, 9), [(28, "reminder")], "twenty-eight"),
    (malta(2026, 12, 28, 9) - INSTANT, [(28, "reminder")], "in time to the last"),
    (malta(2026, 12, 28, 9), [(30, "missed")], "the deadline"),
    (malta(2026, 12, 29, 8, 59), [(30, "missed")], "told once that day"),
    (malta(2026, 12, 29, 9), [(31, "missed")], "and the next day again"),
    (malta(2027, 1, 20, 9), [(53, "missed")], "after an outage only the latest of several"),
    (malta(2028, 11, 28, 9), [(731, "missed")], "for good, until it is released"),
]


@pytest.mark.parametrize(("now", "wanted", "why"), CALENDAR, ids=[why for *_, why in CALENDAR])
def test_the_latest_letter_that_has_come_due(now, wanted, why):
    """P54: the draft, three reminders, the missed deadline, then every day; an event without a case owes the same."""
    assert found(now) == wanted


def test_the_days_after_the_deadline_are_days():
    """One each, with a slot of its own."""
    policies, days = policy(conferences=(PYCON,)), [malta(2026, 12, 5, 12) + number * DAY for number in range(100)]
    slots = list(dict.fromkeys(one.slot for now in days for one in owed(policies, now, began=BEGAN)))
    assert [int(slot.rpartition("/")[2]) for slot in slots] == [7, 14, 21, 28, *range(30, 107)]


@pytest.mark.parametrize(("began", "wanted"), [(malta(2026, 12, 27), [(30, "missed")]), (malta(2026, 12, 28), [])])
def test_what_was_over_long_before_maild_began_is_not_owed(began, wanted):
    """Thirty days: nobody has promised anything then."""
    assert found(malta(2026, 12, 29), began=began) == wanted


def test_no_event_owes_nothing():
    """An organisation without conferences."""
    assert list(owed(policy(), malta(2027, 1, 1), began=BEGAN)) == []


def test_the_deadline_is_a_morning_by_the_local_clock():
    """Thirty days after the last day."""
    assert due_by(PYCON, policy()) == malta(2026, 12, 28, 9)


def test_what_the_digest_says():
    """The event, when its report is due, and whether that is over."""
    (before,), (after,) = (told([PYCON], malta(2026, 12, day), policy()) for day in (27, 29))
    assert (before["report"], before["event"], before["missed"], after["missed"]) == ("pycon-2026", "PyCon Malta 2026", False, True)
    assert before["due"] == malta(2026, 12, 28, 9).isoformat()


# ---- to whom -------------------------------------------------------------------------------------------------------------------------

ALL = (ANA, BEN, CARLA, DORA, EVE, FELIX, GUS)
WHO = [
    ((), ["ana", "ben", "carla", "dora", "eve"], ["dora", "eve"], "staff and board may, the board owes it"),
    (("dora",), ["ana", "ben", "carla", "eve"], ["eve"], "one is kept out of a case in it"),
    (("dora", "eve"), ["ana", "ben", "carla"], ["ana", "ben", "carla"], "nobody of the board is left"),
    (("ana", "ben", "carla", "eve"), ["dora", "fallback"], ["dora", "fallback"], "a contact outside is the second"),
    (
        ("ana", "ben", "carla", "eve", "fallback"),
        ["dora", "fallback.2"],
        ["dora", "fallback.2"],
        "the next one, where the first must not know",
    ),
    (("ana", "ben", "carla", "dora", "eve"), ["fallback", "fallback.2"], ["fallback", "fallback.2"], "two contacts outside"),
    (("ben", "carla", "dora", "eve"), ["ana", "fallback"], ["fallback"], "one of staff: the contact outside owes it as the board would"),
    (tuple(one.handle for one in ALL), [], [], "everybody is kept out"),
]


@pytest.mark.parametrize(("out", "may", "owing", "why"), WHO, ids=[why for *_, why in WHO])
def test_who_may_release_a_report_and_who_owes_it(out, may, owing, why):
    """Never anybody who is kept out of a case that is counted in it."""
    who = policy(*ALL)
    assert [to.handle for to in disclosure.releasers(frozenset(out), who)] == may
    assert [to.handle for to in disclosure.report_board(frozenset(out), who)] == owing


def test_one_who_is_of_staff_and_of_the_board_is_one_person():
    """Two people have to agree, and not one under two hats."""
    twice = Person(handle="dora", name=DORA.name, address=DORA.address, role=Role.STAFF)
    assert [to.handle for to in disclosure.releasers(frozenset(), policy(twice, DORA, FELIX))] == ["dora", "fallback"]


# ---- what they are told --------------------------------------------------------------------------------------------------------------


def test_the_draft_comes_with_its_files():
    """To the board; the journal says that it did, and nothing of what stands in it."""
    found = Ledger().reminded(7)
    letter = found.letter(Kind.TRANSPARENCY_DRAFT)
    assert (found.who(Kind.TRANSPARENCY_DRAFT), [one.name for one in letter.attachments]) == (["dora"], list(NAMES))
    types = ["text/markdown", "text/html", "text/plain", "application/json", "text/csv"]
    assert [one.type for one in letter.attachments] == types
    assert letter.ticket_id is None
    assert letter.token
    assert [(one.verb, dict(one.facts)) for one in found.all(Journal)] == [("transparency-draft", {"report": "pycon-2026", "days": 7})]


MISSED = [(30, (), 1), (31, (), 1), (30, ("a matter is open",), 1), (31, ("a matter is open",), 0), (37, ("a matter is open",), 1)]


@pytest.mark.parametrize(("days", "hinders", "letters"), MISSED)
def test_a_missed_deadline_is_told_every_day(days, hinders, letters):
    """Every week where those who are told cannot do anything about it."""
    assert len(Ledger(hinders=hinders).reminded(days).letters) == letters


def test_whoever_is_kept_out_gets_no_draft():
    """Nor does anybody hear that they are."""
    assert Ledger(out=frozenset({"dora"})).reminded(14).who(Kind.TRANSPARENCY_DRAFT) == ["ana", "ben", "carla"]


def test_where_everybody_is_kept_out_the_operator_is_alarmed():
    """A deadline is not missed in silence; one person who may know of it is enough."""
    everybody = frozenset({"ana", "ben", "carla", "dora", "fallback"})
    found = Ledger(out=everybody).reminded(30)
    assert (found.letters, found.all(Alarm)) == ([], [Alarm(kind="nobody-may-release")])
    assert Ledger(out=everybody - {"fallback"}).reminded(30).all(Alarm) == []


def test_a_draft_shows_what_the_first_agreed_to():
    """So that the second can agree to the same; its own writer is told that it takes somebody else."""
    ledger = Ledger()
    ledger.says("[release:pycon-2026]\nWe put up a second sign.", DORA)
    facts = ledger.reminded(21).letter(Kind.TRANSPARENCY_DRAFT).facts
    assert (facts["agreed_by"], facts["own"], facts["agreed_before"]) == ("dora", True, "")
    assert "second sign" in facts["text"]


# ---- files ---------------------------------------------------------------------------------------------------------------------------


def test_a_digest_is_another_one_where_any_byte_is():
    """A name, a text, or a byte that moves from one file to the next; not their order."""
    files = {"a": "one", "b": "two"}
    others = [{"a": "one", "b": "twO"}, {"a": "on", "b": "etwo"}, {"c": "one", "b": "two"}, {"a": "one"}, {"ao": "ne", "b": "two"}]
    assert len({digest(one) for one in (files, *others)}) == len(others) + 1
    assert digest(dict(reversed(files.items()))) == digest(files)


def test_what_nobody_agreed_to_stands_nowhere():
    """A report without a ledger."""
    draft = drafted()
    assert (draft.standing, draft.released, draft.out_of_date) == (None, None, False)


def test_days_are_those_of_the_local_calendar():
    """Over the end of summer time too: nine in the morning stays nine in the morning."""
    autumn = PYCON.__class__(
        slug="autumn", name="Autumn", start=PYCON.start.replace(month=10, day=20), end=PYCON.end.replace(month=10, day=20)
    )
    assert found(malta(2026, 10, 27, 9) - timedelta(minutes=1), event=autumn, began=malta(2026, 10, 1)) == []
    assert found(malta(2026, 10, 27, 9), event=autumn, began=malta(2026, 10, 1)) == [(7, "draft")]
