"""A delivery report about letters of ours: only those move a ticket (product.md section 3, behaviour 24)."""

from maild.playbook import notices
from maild.playbook.effects import Append, Effect, File, Journal, Keep, MarkBounced
from maild.playbook.entry import Entry, What
from maild.playbook.events import Bounced, Mail, Scene
from maild.playbook.history import fold


def came_back(mail: Mail, scene: Scene) -> tuple[Effect, ...]:
    """The letters that failed for good are marked, their case is told; a delay is only kept."""
    lost = [bounced for bounced in mail.bounced if bounced.permanent]
    effects = [effect for bounced in lost for effect in _lost(bounced, mail, scene)]
    ticket_id = next((bounced.ticket_id for bounced in mail.bounced if bounced.ticket_id is not None), None)
    kept = (Keep(ticket_id=ticket_id, relation="bounce", by="maild"),) if ticket_id is not None else ()
    return (*effects, *kept, File(kind="bounce", reason=mail.sort_reason, ticket_id=ticket_id))


def _lost(bounced: Bounced, mail: Mail, scene: Scene) -> tuple[Effect, ...]:
    marked = (MarkBounced(outbox_id=bounced.outbox_id), Journal(verb="bounced", by="maild", ticket_id=bounced.ticket_id))
    ticket = scene.thread.ticket if scene.thread else None
    if ticket is None or ticket.id != bounced.ticket_id:
        return marked
    entry = Entry(what=What.LOST, at=scene.now, by="maild", facts={"letter": bounced.letter, "role": bounced.role})
    after = fold(ticket, [entry])
    told = notices.told_of_failure(after, bounced.letter, bounced.role, scene.policy)
    return (*marked, Append(ticket_id=ticket.id, version=ticket.version, entries=(entry,)), *told)
