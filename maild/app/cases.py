"""Cases as the operator sees them on the command line. Whoever has the key file and the database may read everything."""

from datetime import datetime

from maild.app.house import House
from maild.clerk import survivor, ticket_of, whole
from maild.drafting import said_of
from maild.playbook.decide.lookups import texts
from maild.playbook.events import Said
from maild.playbook.ticket import Ticket
from maild.store import Work


def cases(house: House, *, everything: bool) -> list[Ticket]:
    """The open cases, or all of them, the oldest first."""
    with house.store.read() as work:
        ids = work.tickets.all_ids() if everything else work.tickets.open_ids()
        tickets = [ticket_of(stored) for stored in work.tickets.load_many(ids)]
    return [one for one in tickets if everything or one.working]


def case(house: House, code: str) -> tuple[Ticket, tuple[Said, ...]] | None:
    """A case with its texts, of all its reports where there are several; None where there is none of that name."""
    with house.store.read() as work:
        found = _found(work, code)
        return (found, tuple(texts(found, {one.id: tuple(said_of(work, one.id)) for one in found.threads}))) if found else None


def mails(house: House, code: str) -> list[tuple[datetime, bytes]] | None:
    """The mails of a case as they came, each with its receipt, the oldest first; None where there is no case of that name."""
    with house.store.read() as work:
        found = _found(work, code)
        if found is None:
            return None
        kept = sorted((one for thread in found.threads for one in work.messages.of_ticket(thread.id)), key=lambda one: one.at)
        return [(one.at, work.inbox.raw(one.inbox_id)) for one in kept if one.inbox_id is not None]


def _found(work: Work, code: str) -> Ticket | None:
    """The case of this name, or the one that it is part of."""
    found = work.tickets.by_code(code.lower())
    if found is None:
        return None
    stored = work.tickets.load(found)
    return survivor(work.tickets, stored) or whole(work.tickets, stored)
