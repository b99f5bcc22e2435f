"""A delivery report about letters of ours: only those move a ticket (product.md section 3, behaviour 24).

What a lost letter means for its case is decided when the outbox tells of it (see `delivery`), as for a letter that was refused at once.
"""

from maild.playbook.effects import Effect, File, Journal, Keep, MarkBounced
from maild.playbook.events import Mail


def came_back(mail: Mail) -> tuple[Effect, ...]:
    """The letters that failed for good are marked as such; a report of a mere delay is only kept."""
    lost = [bounced for bounced in mail.bounced if bounced.permanent]
    ticket_id = next((bounced.ticket_id for bounced in mail.bounced if bounced.ticket_id is not None), None)
    return (
        *(MarkBounced(outbox_id=bounced.outbox_id) for bounced in lost),
        *(Journal(verb="bounced", by="maild", ticket_id=bounced.ticket_id) for bounced in lost),
        *((Keep(ticket_id=ticket_id, relation="bounce", by="maild"),) if ticket_id is not None else ()),
        File(kind="bounce", reason=mail.sort_reason, ticket_id=ticket_id),
    )
