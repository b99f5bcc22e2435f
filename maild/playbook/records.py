"""Reports that staff took in person and wrote down, and what that means for a ticket (playbook, "In-person reports")."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook.deadlines import Duty
from maild.playbook.entry import Entry, What
from maild.playbook.ticket import Ticket, Turn, turn

IN_PERSON = "staff"
"""Who acknowledged a report that was taken in person: whoever listened. No letter that comes back undoes it."""


def _recorded(ticket: Ticket, entry: Entry) -> Ticket:
    """Heard and so acknowledged; the address is kept for what must not leave where nobody may write to it."""
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


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {What.RECORDED: _recorded}
"""What each of these entries means for a ticket."""
