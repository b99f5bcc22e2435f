"""Messages: the parsed mails of a ticket, and the thread they hang on."""

import pytest

from maild.store.messages import REFERENCES_LOOKED_AT
from tests.store.world import HOUR, NOW, a_letter, a_ticket, enqueued, opened_ticket


def add(work, ticket_id, **more):
    asked = {"inbox_id": None, "relation": "report", "at": NOW, "message_id": "a@example.org", "sender": "rita@example.org", "facts": {}}
    return work.messages.add(ticket_id=ticket_id, **asked | more)


def test_a_message_is_read_as_it_was_added(store):
    """All that was read of a mail comes back, and only with its ticket's key."""
    ticket_id = opened_ticket(store)
    facts = {"subject": "Ħelp", "text": "lone \udce9", "attachments": [{"name": "a.pdf", "size": 3}]}
    with store.begin() as work:
        second = add(work, ticket_id, at=NOW + HOUR, sender=None)
        first = add(work, ticket_id, facts=facts)
    with store.read() as work:
        message = work.messages.get(first)
        assert (message.id, message.ticket_id, message.inbox_id, message.relation, message.at) == (first, ticket_id, None, "report", NOW)
        assert message.facts == facts
        assert [one.id for one in work.messages.of_ticket(ticket_id)] == [first, second]
        assert "Ħelp" not in repr(message)
        with pytest.raises(LookupError):
            work.messages.get(404)


def test_a_thread_is_found_by_what_came_and_by_what_left(store):
    """A Message-ID leads to its ticket, be it of the reporter's own mail or of a letter of ours."""
    with store.begin() as work:
        ticket_id, other = a_ticket(work), a_ticket(work)
        add(work, ticket_id, message_id="hers@example.org")
        row = a_letter(work, ticket_id=other)
        ours = work.outbox.parcel(row).message_id
        a_letter(work)
    with store.read() as work:
        assert work.messages.ticket_of(["hers@example.org"]) == ticket_id
        assert work.messages.ticket_of([ours]) == other
        assert work.messages.ticket_of(["unknown@example.org", ours, "hers@example.org"]) == other
        assert work.messages.ticket_of(["HERS@example.org"]) is None
        assert work.messages.ticket_of([]) is None


def test_a_message_id_is_known_from_what_came_and_from_what_left(store):
    """Who uses the Message-ID of an earlier mail, or of a letter of ours about a ticket, is found out; a digest's counts for nothing."""
    with store.begin() as work:
        ticket_id = a_ticket(work)
        add(work, ticket_id, message_id="hers@example.org")
        ours, digest = (work.outbox.parcel(a_letter(work, ticket_id=owner)).message_id for owner in (ticket_id, None))
    with store.read() as work:
        used = [work.messages.earlier(one, sender="", since=NOW).id_used for one in ("hers@example.org", ours, "HERS@example.org", digest)]
    assert used == [True, True, False, False]


def test_a_copied_message_id_stays_where_it_came_first(store):
    """Whoever writes another's Message-ID on a mail does not draw the thread to it."""
    first, second = opened_ticket(store), opened_ticket(store)
    with store.begin() as work:
        add(work, first)
        add(work, second)
        assert work.messages.ticket_of(["a@example.org"]) == first


def test_a_letter_without_a_ticket_is_no_thread(store):
    """A reply to the digest belongs to no ticket."""
    row = enqueued(store)
    with store.read() as work:
        assert work.messages.ticket_of([work.outbox.parcel(row).message_id]) is None


def test_endless_references_cost_little(store):
    """Of a hundred thousand Message-IDs in one header only the first few are looked up."""
    ticket_id = opened_ticket(store)
    with store.begin() as work:
        add(work, ticket_id)
        strange = [f"{n}@example.org" for n in range(100_000)]
        assert work.messages.ticket_of([*strange[: REFERENCES_LOOKED_AT - 1], "a@example.org"]) == ticket_id
        assert work.messages.ticket_of([*strange, "a@example.org"]) is None
