"""Who is on which case, as a blind index: the same person is found on other cases, and nobody can read who it is."""

from sqlalchemy import text

from maild.store import erase
from tests.store.world import DAY, NOW, opened_ticket

ROBIN = ("address robin@away.example", "name robin example")


def put(store, ticket_id, *likenesses, ref="P1"):
    """Somebody is on a case."""
    with store.begin() as work:
        work.marks.put(ticket_id, ref=ref, likenesses=likenesses)


def found(store, *likenesses):
    """The cases of a person."""
    with store.read() as work:
        return work.marks.tickets(likenesses)


def test_the_cases_of_a_person_are_found(store):
    """By any of their likenesses, each case once, the newest first; somebody else is on none of them."""
    first, second, third = (opened_ticket(store) for _ in range(3))
    put(store, first, *ROBIN)
    put(store, first, ROBIN[1], ref="P2")
    put(store, second, ROBIN[1])
    put(store, third, "name sam sample")
    assert found(store, *ROBIN) == [second, first]
    assert found(store, ROBIN[0]) == [first]
    assert found(store, "name nobody known") == []
    assert found(store) == []


def test_who_is_better_known_now_is_found_by_that_alone(store):
    """A name that was wrong leads nowhere any more; the others on the case stay."""
    ticket_id = opened_ticket(store)
    put(store, ticket_id, "name robin exmaple")
    put(store, ticket_id, "name sam sample", ref="P2")
    put(store, ticket_id, *ROBIN)
    assert found(store, "name robin exmaple") == []
    assert found(store, ROBIN[1]) == found(store, "name sam sample") == [ticket_id]
    put(store, ticket_id)
    assert found(store, *ROBIN) == []


def test_an_erased_case_has_nobody_on_it(store):
    """With the case goes the trace that leads from it to another."""
    first, second = opened_ticket(store), opened_ticket(store)
    put(store, first, *ROBIN)
    put(store, second, *ROBIN)
    with store.begin() as work:
        erase(work, first, now=NOW + DAY)
    assert found(store, *ROBIN) == [second]


def test_a_mark_tells_nothing_without_the_key(store):
    """What lies in the table is neither the name nor the address, nor the same as the index of an address of a reporter."""
    ticket_id = opened_ticket(store, reporter_address="robin@away.example")
    put(store, ticket_id, *ROBIN)
    with store.read() as work:
        marks = [bytes(one) for one in work.connection.execute(text("SELECT mark FROM marks")).scalars()]
        indexed = bytes(work.connection.execute(text("SELECT reporter_index FROM tickets")).scalar_one())
    assert len(set(marks)) == 2
    assert indexed not in marks
    assert not any(b"robin" in one for one in marks)
