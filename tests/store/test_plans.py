"""What costs the same with a million tickets as with ten: every question that is asked again and again finds its rows by an index."""

import re

import pytest
from sqlalchemy import event

from maild.store import THREAD, Columns, Person, erase, violated
from tests.store.world import DAY, DELIVERED, HOUR, NOW, a_letter, a_ticket, claimed, mail, settle, taken_in, to_send

GROW = (
    "inbox",
    "raws",
    "sources",
    "keys",
    "tickets",
    "entries",
    "messages",
    "outbox",
    "own",
    "parcels",
    "tokens",
    "token_uses",
    "recusals",
    "marks",
)
"""Tables that grow with every mail; `own` is the outbox under its second name."""

WHOLE = ("GROUP BY inbox.state", "GROUP BY tickets.state")
"""Counts for `maild status`, which read a whole table of short rows, and only when somebody asks."""


@pytest.fixture
def asked(sqlite_url, opened):
    """A store, and every statement it was asked from now on."""
    store = opened(sqlite_url)
    statements = []

    def note(connection, cursor, statement, parameters, context, executemany):
        statements.append((statement, parameters[0] if executemany else parameters))

    for engine in (store._writer, store._reader):
        event.listen(engine, "before_cursor_execute", note)
    return store, statements


def live(store):
    """A day of a desk: everything the jobs do again and again."""
    taken_in(store, mail(), mail(folder="Junk"), mail())
    first, second, third = claimed(store)
    with store.begin() as work:
        work.people.sync([Person(handle="ana", role="staff", active=True, address="ana@maild.example")])
        with work.unit():
            ticket_id = a_ticket(work, key_of=first.id, columns=Columns(state="new", next_at=NOW))
            asked = {"inbox_id": first.id, "relation": "report", "at": NOW, "message_id": "a@x", "sender": "rita@example.org", "facts": {}}
            work.messages.add(ticket_id=ticket_id, **asked)
            rows = [a_letter(work, ticket_id=ticket_id, rank=rank, latest_at=NOW + DAY if rank else None) for rank in (0, 1, 2, 2)]
            work.tokens.issue("tok", ticket_id=ticket_id, holder="ana", purpose=THREAD, now=NOW, expires_at=NOW + DAY, outbox_id=rows[0])
            work.marks.put(ticket_id, ref="P1", likenesses=["address r@x", "name r x"])
            work.marks.tickets(["address r@x", "name r x"])
            work.journal.append([{"verb": "opened"}], now=NOW)
            work.inbox.file(first.id, kind="report", reason="", ticket_id=ticket_id, now=NOW)
        work.inbox.retry_later(second.id, at=NOW + HOUR)
        work.inbox.quarantine(third.id, error="x", now=NOW)
        work.slots.claim("digest", slot="2026-W47", now=NOW, seed=b"s")
        work.alarms.raise_("late", ticket_id=ticket_id, now=NOW)
        work.alarms.clear("late", ticket_id=ticket_id, now=NOW)
        waiting = [a_letter(work, ticket_id=ticket_id, rank=2, latest_at=NOW + DAY, next_at=NOW + DAY) for _ in range(3)]
        work.outbox.supersede(waiting[:1], by=rows[0])
    for row in to_send(store):
        with store.begin() as work:
            work.outbox.dot(row)
        settle(store, row, DELIVERED)
    return ticket_id, rows


def look(store, ticket_id, rows):
    """Every question of the jobs, and what follows from their answers."""
    with store.begin() as work:
        work.inbox.watermark("desk", folder="INBOX", uidvalidity=1)
        work.inbox.unknown("desk", folder="INBOX", uidvalidity=1, uids=[1, 2])
        work.inbox.kept("desk", folder="INBOX", uidvalidity=1, uids=[1, 2])
        work.inbox.generations("desk", folder="INBOX")
        work.inbox.quarantined()
        work.inbox.oldest_new()
        work.tickets.append(ticket_id, version=1, entries=[], columns=work.tickets.load(ticket_id).columns)
        work.tickets.by_code("calm-otter")
        work.tickets.by_reference("R-7K3QF")
        work.tickets.due(NOW, limit=9)
        work.tickets.next_due()
        work.tickets.untold(9)
        work.tickets.held_unsummarised(9)
        work.tickets.tell([ticket_id], now=NOW)
        work.tickets.overdue(NOW)
        work.tickets.closed_before(NOW, limit=9)
        work.tickets.counts()
        work.inbox.counts()
        work.messages.ticket_of(["a@x", "b@x"])
        work.messages.earlier("a@x", sender="rita@example.org", since=NOW)
        work.messages.of_ticket(ticket_id)
        work.outbox.due(NOW)
        work.outbox.next_due(NOW)
        work.outbox.recover(NOW, uncertain_after=HOUR)
        work.outbox.unnoted(9)
        work.outbox.note(rows, now=NOW)
        work.outbox.bounced(rows[0], now=NOW)
        work.outbox.by_message_id("a@x")
        work.outbox.of_ticket(ticket_id)
        work.outbox.overdue(NOW)
        work.outbox.receipt_due(NOW)
        work.outbox.crowded(NOW + DAY)
        work.outbox.receipts_since(NOW)
        work.outbox.receipts_since(NOW, recipient="rita@example.org")
        work.outbox.sent_since(NOW)
        work.outbox.failed_since(NOW)
        work.outbox.depth()
        work.outbox.oldest_unsent()
        token = work.tokens.find("tok", now=NOW)
        work.tokens.use(token.hash, command_hash=b"x", now=NOW)
        work.tokens.spend("tok", now=NOW)
        work.tokens.open_challenges("ana", now=NOW)
        work.people.sees("ana", ticket_id=ticket_id)
        work.people.who_sees(ticket_id)
        work.people.tickets("ana")
        work.people.withhold(ticket_id, handle="ana", kind="hold", now=NOW)
        work.people.lift(ticket_id, handle="ana", kind="hold", now=NOW)
        work.people.withheld(ticket_id)
        violated(work, now=NOW)
        erase(work, ticket_id, now=NOW)


def test_no_question_reads_a_whole_table(asked):
    """Of all that the jobs ask, nothing but a few counts walks through a table that grows with every mail."""
    store, statements = asked
    look(store, *live(store))
    wanted = {
        statement: parameters
        for statement, parameters in statements
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"))
    }
    assert len(wanted) > 80
    walks = []
    with store.read() as work:
        for statement, parameters in wanted.items():
            plan = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            walked = [step.detail for step in plan if re.fullmatch(f"SCAN ({'|'.join(GROW)})", step.detail)]
            walks += [(walked, statement) for _ in walked if not any(whole in statement for whole in WHOLE)]
    assert walks == []


def test_the_last_turn_of_a_domain_is_found_at_once(asked):
    """A flood in which everybody writes from one domain takes as long for each receipt as for the first: nothing is gone through."""
    store, statements = asked
    live(store)
    statement, parameters = next(one for one in statements if "max(outbox.turn)" in one[0])
    with store.read() as work:
        plan = work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert any("ix_outbox_domain (domain_index=? AND rank=?" in step.detail for step in plan), plan
