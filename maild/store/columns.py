"""What queries need to know of a ticket, beside its history: the columns of its row."""

from maild.playbook.deadlines import Duty
from maild.playbook.policy import Policy
from maild.playbook.progress import next_at
from maild.playbook.ticket import Ticket
from maild.playbook.watching import next_mark
from maild.store.tickets import Columns


def columns_for(ticket: Ticket, policy: Policy) -> Columns:
    """What queries need to know of a ticket."""
    acknowledge, respond = ticket.clocks.get(Duty.ACKNOWLEDGE), ticket.clocks.get(Duty.RESPOND)
    return Columns(
        state=ticket.state_name,
        next_at=min(filter(None, (next_at(ticket, policy.clocks), next_mark(ticket, policy))), default=None),
        urgent=ticket.urgent,
        lead=ticket.lead,
        acknowledge_due_at=acknowledge.due_at if acknowledge else None,
        acknowledged_at=ticket.acknowledged_at,
        respond_due_at=respond.due_at if respond else None,
        answered_at=ticket.answered_at,
        closed_at=ticket.closed_at,
    )
