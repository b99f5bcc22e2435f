"""Who may see what: one view, and what goes with a recusal in the same transaction."""

import re
from pathlib import Path

import pytest

from maild.store import THREAD, Columns, Person, agenda, erasure, people, tickets
from tests.store.world import DAY, NOW, GoneWrong, enqueued, go_wrong, opened_ticket, to_send

ANA = Person(handle="ana", role="staff", active=True, address="ana@maild.example")
BEN = Person(handle="ben", role="staff", active=True, address="ben@maild.example")
EVA = Person(handle="eva", role="board", active=True, address="eva@maild.example")
OLD = Person(handle="old", role="staff", active=False, address="old@maild.example")


@pytest.fixture(autouse=True)
def everybody(store):
    with store.begin() as work:
        work.people.sync([ANA, BEN, EVA, OLD])


def withhold(store, ticket_id, *, handle="ana", kind="hold"):
    with store.begin() as work:
        work.people.withhold(ticket_id, handle=handle, kind=kind, now=NOW)


def sees(store, ticket_id):
    with store.read() as work:
        return work.people.who_sees(ticket_id)


def test_active_people_see_a_ticket(store):
    """Who is active and not recused sees; the inactive and the unknown do not."""
    ticket_id = opened_ticket(store)
    assert sees(store, ticket_id) == ["ana", "ben", "eva"]
    with store.read() as work:
        asked = {handle: work.people.sees(handle, ticket_id=ticket_id) for handle in ("ana", "eva", "old", "nobody")}
        assert asked == {"ana": True, "eva": True, "old": False, "nobody": False}
        assert not work.people.sees("ana", ticket_id=404)


def test_a_recused_person_sees_nothing(store):
    """The ticket is gone from the answer to every question of that person, and from no other's."""
    ticket_id, other = opened_ticket(store, code="calm-otter"), opened_ticket(store, code="bold-finch")
    withhold(store, ticket_id)
    with store.read() as work:
        assert not work.people.sees("ana", ticket_id=ticket_id)
        assert [seen.code for seen in work.people.tickets("ana")] == ["bold-finch"]
        assert [seen.code for seen in work.people.tickets("ben")] == ["calm-otter", "bold-finch"]
        assert work.people.withheld(ticket_id) == {"ana": "hold"}
        assert work.people.withheld(other) == {}


def test_a_persons_tickets(store):
    """A list shows what queries need, in one state or in all."""
    columns = Columns(state="review", lead="ana", next_at=NOW + DAY)
    ticket_id = opened_ticket(store, code="calm-otter", columns=columns, received_at=NOW - DAY)
    opened_ticket(store)
    with store.read() as work:
        (seen,) = work.people.tickets("ana", state="review")
        assert (seen.id, seen.code, seen.columns, seen.received_at) == (ticket_id, "calm-otter", columns, NOW - DAY)
        assert len(work.people.tickets("ana")) == 2
        assert work.people.tickets("ana", state="closed") == []


def test_each_reason_stands_by_itself(store):
    """A person who is kept out for two reasons stays out until both are gone; the same reason counts once."""
    ticket_id = opened_ticket(store)
    for kind in ("hold", "recused", "hold"):
        withhold(store, ticket_id, kind=kind)
    with store.begin() as work:
        assert work.people.lift(ticket_id, handle="ana", kind="hold", now=NOW)
        assert not work.people.lift(ticket_id, handle="ana", kind="hold", now=NOW)
        assert not work.people.sees("ana", ticket_id=ticket_id)
        assert work.people.lift(ticket_id, handle="ana", kind="recused", now=NOW)
        assert work.people.sees("ana", ticket_id=ticket_id)
    withhold(store, ticket_id)
    assert sees(store, ticket_id) == ["ben", "eva"]


def test_a_recusal_takes_tokens_and_waiting_letters_along(store):
    """From the moment of a recusal no token of that person opens the ticket, and nothing about it reaches them any more."""
    ticket_id, other = opened_ticket(store), opened_ticket(store)
    hers, another = (enqueued(store, ticket_id=one, handle="ana", role="staff") for one in (ticket_id, other))
    with store.begin() as work:
        for token, one in (("hers", ticket_id), ("another", other)):
            work.tokens.issue(token, ticket_id=one, holder="ana", purpose=THREAD, now=NOW, expires_at=NOW + DAY)
    withhold(store, ticket_id)
    with store.read() as work:
        assert work.tokens.find("hers", now=NOW) is None
        assert work.tokens.find("another", now=NOW) is not None
        assert work.outbox.get(hers).settled_at == NOW
    assert to_send(store) == [another]


def test_a_failed_recusal_took_nothing(store):
    """Recusal, tokens and letters are one transaction."""
    ticket_id = opened_ticket(store)
    row = enqueued(store, ticket_id=ticket_id, handle="ana")
    with pytest.raises(GoneWrong), store.begin() as work:
        go_wrong(work.people.withhold(ticket_id, handle="ana", kind="hold", now=NOW))
    assert "ana" in sees(store, ticket_id)
    assert to_send(store) == [row]


def test_people_follow_the_configuration(store):
    """Who left the configuration sees nothing; who changes a role or comes back is taken over."""
    ticket_id = opened_ticket(store)
    with store.begin() as work:
        work.people.sync([BEN, Person(handle="eva", role="staff", active=True, address="eva@new.example")])
    assert sees(store, ticket_id) == ["ben", "eva"]
    with store.begin() as work:
        work.people.sync([ANA, BEN, EVA])
    assert sees(store, ticket_id) == ["ana", "ben", "eva"]


def test_an_unchanged_configuration_writes_nothing(sqlite_url, opened):
    """A start that changes nothing leaves the database file as it is."""
    store = opened(sqlite_url)
    with store.begin() as work:
        work.people.sync([ANA, BEN])
    with store.begin() as work:
        before = work.connection.exec_driver_sql("SELECT total_changes()").scalar_one()
        work.people.sync([BEN, ANA])
        assert work.connection.exec_driver_sql("SELECT total_changes()").scalar_one() == before


def test_no_question_for_a_person_goes_round_the_view():
    """Only `people` knows handles and tickets together, and there every question about tickets starts at the view."""
    for module in (agenda, tickets):
        assert not re.search(r"\bhandle\b|recusals|\bseen\b", Path(module.__file__).read_text())
    source = Path(people.__file__).read_text()
    assert not re.findall(r"select\(tickets(?!\)\n    \.join_from\(seen)", source)
    writers = {path.name for path in Path(people.__file__).parent.glob("*.py") if "recusals" in path.read_text()}
    assert writers == {"people.py", "schema.py", "fresh.py", Path(erasure.__file__).name}
