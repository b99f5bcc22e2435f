"""Tickets: an append-only history, and columns that queries can use."""

from dataclasses import replace
from datetime import timedelta

import pytest

from maild.errors import TicketChanged
from maild.playbook.entry import Entry, What
from maild.store import CodeTaken, Columns, ReferenceTaken
from tests.store.world import DAY, HOUR, NOW, a_ticket, an_entry, claimed, mail, opened_ticket, taken_in

FULL = Columns(
    state="review",
    next_at=NOW + HOUR,
    urgent=True,
    lead="ana",
    acknowledge_due_at=NOW + DAY,
    acknowledged_at=NOW,
    respond_due_at=NOW + 7 * DAY,
    answered_at=NOW + HOUR,
    closed_at=NOW + 2 * HOUR,
)
FACTS = {"text": "Żaqq \udcff \x00 \U0001f600", "list": [1, 2.5, None, True, {"a": "b"}], "empty": {}}


def test_a_ticket_is_loaded_as_it_was_opened(store):
    """Every column and every entry comes back, lone surrogates and zero bytes too."""
    entries = (
        Entry(what=What.OPENED, at=NOW, by="maild", facts=FACTS),
        Entry(what=What.NOTE, at=NOW + timedelta(microseconds=1), by="ana"),
    )
    ticket_id = opened_ticket(store, code="calm-otter", reference="R-7K3QF", columns=FULL, entries=entries, received_at=NOW - HOUR)
    with store.read() as work:
        stored = work.tickets.load(ticket_id)
        assert (stored.id, stored.code, stored.reference, stored.version) == (ticket_id, "calm-otter", "R-7K3QF", 2)
        assert (stored.received_at, stored.opened_at, stored.told_at, stored.survivor_id) == (NOW - HOUR, NOW, None, None)
        assert (stored.columns, stored.entries) == (FULL, entries)
        assert work.tickets.by_code("calm-otter") == work.tickets.by_reference("R-7K3QF") == ticket_id
        assert "Żaqq" not in repr(stored)


def test_every_kind_of_entry_can_be_stored(store):
    """What is stored of an entry's kind is its value, and every value is read back."""
    entries = tuple(an_entry(what) for what in What)
    ticket_id = opened_ticket(store, entries=entries)
    with store.read() as work:
        assert work.tickets.load(ticket_id).entries == entries


def test_a_history_goes_on(store):
    """Entries are appended behind the others; the columns are replaced; the version counts the entries."""
    ticket_id = opened_ticket(store, columns=FULL)
    with store.begin() as work:
        assert work.tickets.append(ticket_id, version=1, entries=[an_entry(What.NOTE, n=1), an_entry(What.NOTE, n=2)], columns=FULL) == 3
        assert work.tickets.append(ticket_id, version=3, entries=[an_entry(What.CLOSED)], columns=Columns(state="closed")) == 4
        stored = work.tickets.load(ticket_id)
    assert [entry.facts.get("n", entry.what) for entry in stored.entries] == [What.OPENED, 1, 2, What.CLOSED]
    assert (stored.version, stored.columns) == (4, Columns(state="closed"))


def test_columns_alone_leave_the_version(store):
    """A history that did not grow has nothing new to decide on."""
    ticket_id = opened_ticket(store)
    with store.begin() as work:
        assert work.tickets.append(ticket_id, version=1, entries=[], columns=FULL) == 1
        assert work.tickets.load(ticket_id).columns == FULL


@pytest.mark.parametrize(("version", "why"), [(0, "too old"), (2, "not there yet")])
def test_a_decision_on_an_old_history_is_refused(store, version, why):
    """Whoever decided on another history than there is has to decide again, and nothing is written."""
    ticket_id = opened_ticket(store)
    with store.begin() as work:
        before = work.tickets.load(ticket_id)
        with pytest.raises(TicketChanged):
            work.tickets.append(ticket_id, version=version, entries=[an_entry()], columns=FULL)
        assert work.tickets.load(ticket_id) == before, why


@pytest.mark.parametrize(
    ("taken", "error"),
    [
        ({"code": "calm-otter"}, CodeTaken),
        ({"reference": "R-7K3QF"}, ReferenceTaken),
        ({"code": "calm-otter", "reference": "R-7K3QF"}, CodeTaken),
    ],
)
def test_names_are_given_once(store, taken, error):
    """A second ticket of the same name is refused, and the transaction goes on with the next name."""
    opened_ticket(store, code="calm-otter", reference="R-7K3QF")
    with store.begin() as work:
        with pytest.raises(error):
            a_ticket(work, **taken)
        ticket_id = a_ticket(work, code="bold-finch", reference="R-22222")
    with store.read() as work:
        assert work.tickets.load(ticket_id).code == "bold-finch"


def test_one_mail_may_open_several_tickets(store):
    """Only the first ticket is sealed with the mail's own key: destroying one key never reaches two tickets."""
    taken_in(store, mail())
    (waiting,) = claimed(store)
    with store.begin() as work:
        first, second = (a_ticket(work, key_of=waiting.id) for _ in range(2))
        assert work.keys.of_ticket(first).id == work.keys.of_inbox(waiting.id).id
        assert work.keys.of_ticket(second).id != work.keys.of_ticket(first).id


def test_several_tickets_at_once(store):
    """Tickets come in the order that was asked for; what does not exist is left out."""
    first, second, third = (opened_ticket(store, entries=(an_entry(n=n),)) for n in range(3))
    with store.read() as work:
        loaded = work.tickets.load_many([third, 404, first])
        assert [(stored.id, stored.entries[0].facts["n"]) for stored in loaded] == [(third, 2), (first, 0)]
        assert work.tickets.load_many([]) == []
        assert second in work.tickets.all_ids()
        with pytest.raises(LookupError):
            work.tickets.load(404)


def test_what_is_due(store):
    """Tickets come when their next step is due, the longest due first; one without a next step never."""
    for hours in (2, 1, 3):
        opened_ticket(store, code=f"in-{hours}", columns=Columns(state="new", next_at=NOW + hours * HOUR))
    opened_ticket(store, code="never")
    with store.read() as work:
        due = work.tickets.due(NOW + 2 * HOUR, limit=9)
        assert [stored.code for stored in work.tickets.load_many(due)] == ["in-1", "in-2"]
        assert work.tickets.due(NOW + 2 * HOUR, limit=1) == due[:1]
        assert work.tickets.next_due() == NOW + HOUR


def test_nothing_is_due_where_nothing_is(store):
    """An empty desk waits for nothing."""
    with store.read() as work:
        assert (work.tickets.next_due(), work.tickets.due(NOW, limit=9), work.tickets.counts()) == (None, [], {})


def test_whom_staff_were_told_of(store):
    """Held tickets have a summary of their own; who was told once is not told again, whatever happens to the ticket."""
    report, held = opened_ticket(store), opened_ticket(store, columns=Columns(state="held"))
    with store.begin() as work:
        assert (work.tickets.untold(9), work.tickets.held_unsummarised(9)) == ([report], [held])
        work.tickets.tell([report, held], now=NOW + HOUR)
        work.tickets.append(report, version=1, entries=[an_entry(What.NOTE)], columns=FULL)
        work.tickets.tell([report], now=NOW + DAY)
        assert (work.tickets.untold(9), work.tickets.held_unsummarised(9)) == ([], [])
        assert work.tickets.load(report).told_at == NOW + HOUR


def test_lists_and_counts(store):
    """Open and closed tickets, counted by state, in the order of their opening."""
    late = opened_ticket(store, now=NOW + HOUR)
    early = opened_ticket(store)
    closed = opened_ticket(store, columns=Columns(state="closed", closed_at=NOW))
    with store.read() as work:
        assert work.tickets.open_ids() == [early, late]
        assert set(work.tickets.all_ids()) == {early, late, closed}
        assert work.tickets.counts() == {"new": 2, "closed": 1}
        assert [work.messages.earlier("a@x", sender="", since=at).reports for at in (NOW, NOW + HOUR, NOW + DAY)] == [3, 1, 0]
        assert (work.tickets.closed_before(NOW, limit=9), work.tickets.closed_before(NOW + HOUR, limit=9)) == ([], [closed])


@pytest.mark.parametrize(
    ("columns", "overdue", "why"),
    [
        ({}, 0, "no duty"),
        ({"acknowledge_due_at": NOW}, 0, "due this very moment"),
        ({"acknowledge_due_at": NOW - HOUR}, 1, "not acknowledged in time"),
        ({"acknowledge_due_at": NOW - HOUR, "acknowledged_at": NOW}, 0, "acknowledged late, but acknowledged"),
        ({"respond_due_at": NOW - HOUR}, 1, "not answered in time"),
        ({"respond_due_at": NOW - HOUR, "answered_at": NOW - DAY}, 0, "answered"),
        ({"respond_due_at": NOW - HOUR, "closed_at": NOW}, 0, "closed"),
    ],
)
def test_what_is_overdue(store, columns, overdue, why):
    """A ticket is overdue while a deadline is past and its duty not done."""
    opened_ticket(store, columns=replace(Columns(state="new"), **columns))
    with store.read() as work:
        assert work.tickets.overdue(NOW) == overdue, why


def test_a_merged_ticket_names_its_survivor(store):
    """What comes for a merged ticket finds the one it went into."""
    gone, survivor = opened_ticket(store), opened_ticket(store)
    with store.begin() as work:
        work.tickets.merge(gone, into=survivor)
        assert work.tickets.load(gone).survivor_id == survivor


@pytest.mark.parametrize(
    ("columns", "known", "why"),
    [
        (Columns(state="new"), False, "anybody can open a ticket"),
        (Columns(state="acknowledged"), False, "a machine acknowledged it"),
        (Columns(state="review", lead="ana"), True, "a person took it"),
        (Columns(state="closed", answered_at=NOW), True, "a person answered it"),
        (Columns(state="held", lead="ana"), False, "it was held as automatic, bulk or spam"),
        (Columns(state="not-a-report", lead="ana"), False, "a person set it aside"),
    ],
)
def test_who_is_a_known_reporter(store, columns, known, why):
    """A sender is known by what people did with an earlier ticket, in whatever capitals they write themselves."""
    opened_ticket(store, columns=columns, reporter_address="Rita@Example.org")
    with store.read() as work:
        assert work.messages.earlier("a@x", sender="rita@example.ORG", since=NOW).sender_known is known, why
        assert not work.messages.earlier("a@x", sender="ria@example.org", since=NOW).sender_known


def test_a_ticket_without_an_address(store):
    """A report that staff wrote down, or whose writer cannot be told, is nobody's earlier ticket."""
    ticket_id = opened_ticket(store, reporter_address=None, columns=FULL)
    with store.read() as work:
        assert work.tickets.load(ticket_id).columns == FULL
        assert not work.messages.earlier("a@x", sender="", since=NOW).sender_known
