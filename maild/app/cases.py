"""Cases as the operator sees them on the command line. Whoever has the key file and the database may read everything."""

from datetime import datetime

from maild.app.house import House
from maild.clerk import ticket_of, whole
from maild.drafting import said_of
from maild.playbook.events import Said
from maild.playbook.ticket import Ticket


def cases(house: House, *, everything: bool) -> list[Ticket]:
    """The open cases, or all of them, the oldest first."""
    with house.store.read() as work:
        ids = work.tickets.all_ids() if everything else work.tickets.open_ids()
        tickets = [ticket_of(stored) for stored in work.tickets.load_many(ids)]
    return [one for one in tickets if everything or one.working]


def case(house: House, code: str) -> tuple[Ticket, tuple[Said, ...]] | None:
    """A case with its texts; None where there is none of that name."""
    with house.store.read() as work:
        found = work.tickets.by_code(code.lower())
        if found is None:
            return None
        return whole(work.tickets, work.tickets.load(found)), tuple(said_of(work, found))


def mails(house: House, code: str) -> list[tuple[datetime, bytes]] | None:
    """The mails of a case as they came, each with its receipt, the oldest first; None where there is no case of that name."""
    with house.store.read() as work:
        found = work.tickets.by_code(code.lower())
        if found is None:
            return None
        kept = work.messages.of_ticket(found)
        return [(one.at, work.inbox.raw(one.inbox_id)) for one in kept if one.inbox_id is not None]
