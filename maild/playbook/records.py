"""Reports that staff took in person and wrote down, and what that means for a ticket (playbook, "In-person reports")."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook.deadlines import Duty
from maild.playbook.entry import Entry, What
from maild.playbook.ticket import Ticket, Turn, turn

IN_PERSON = "staff"
"""Who acknowledged a report that was taken in person: whoever listened. No letter that comes back undoes it."""


def _taken_down(ticket: Ticket, entry: Entry) -> Ticket:
    """What is said to be a record: nobody has acknowledged it, and its address is nobody's recipient."""
    filed, contact = ticket.reporter, str(entry.facts.get("contact", ""))
    return replace(ticket, unconfirmed=True, reporter=replace(filed, contact=contact) if filed else None)


def _confirmed(ticket: Ticket, entry: Entry) -> Ticket:
    filed, facts = ticket.reporter, entry.facts
    if not ticket.unconfirmed or filed is None:
        return ticket
    filed = replace(filed, name=str(facts.get("name") or filed.name), address=str(facts.get("address", "")))
    return replace(ticket, unconfirmed=False, reporter=filed, receipt=str(facts.get("receipt", "")))


def _recorded(ticket: Ticket, entry: Entry) -> Ticket:
    """Heard and so acknowledged; the address is kept for what must not leave where nobody may write to it."""
    ticket = _confirmed(ticket, entry)
    filed, clock, to = ticket.reporter, ticket.clocks.get(Duty.ACKNOWLEDGE), turn(ticket, Turn.ACKNOWLEDGED)
    contact = str(entry.facts.get("contact", ""))
    met = {Duty.ACKNOWLEDGE: clock.met(entry.at)} if clock else {}
    return replace(
        ticket,
        state=ticket.state if not isinstance(to, type(ticket.state)) else to,
        reporter=replace(filed, contact=contact) if filed else None,
        acknowledged_at=entry.at,
        acknowledged_by=IN_PERSON,
        clocks={**ticket.clocks, **met},
    )


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {What.RECORDED: _recorded, What.TAKEN_DOWN: _taken_down}
"""What each of these entries means for a ticket."""
