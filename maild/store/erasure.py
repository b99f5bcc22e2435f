"""Erasure: the keys of a ticket are destroyed, and what hung on them is blanked, so that nothing leads back to anybody.

What stays is the coded skeleton (states, moments, kinds, sizes) and the journal, which never held anybody's words. On SQLite the
old pages are overwritten (`secure_delete`) once the write-ahead log is folded in: see `Store.fold_in`.
"""

from datetime import datetime

from sqlalchemy import BindParameter, bindparam, delete, select, update

from maild.store.letters import UNSENT, State
from maild.store.moments import micros
from maild.store.schema import entries, inbox, marks, messages, outbox, parcels, raws, recusals, tickets, token_uses, tokens
from maild.store.work import Work

_TICKET: BindParameter[int] = bindparam("ticket")
_NOW: BindParameter[int] = bindparam("now")
_MAILS = select(inbox.c.id).where(inbox.c.ticket_id == _TICKET)
_LETTERS = select(outbox.c.id).where(outbox.c.ticket_id == _TICKET)
_TOKENS = select(tokens.c.hash).where(tokens.c.ticket_id == _TICKET)

_STEPS = (
    delete(raws).where(raws.c.inbox_id.in_(_MAILS)),
    delete(parcels).where(parcels.c.outbox_id.in_(_LETTERS)),
    delete(token_uses).where(token_uses.c.token_hash.in_(_TOKENS)),
    delete(tokens).where(tokens.c.ticket_id == _TICKET),
    delete(messages).where(messages.c.ticket_id == _TICKET),
    delete(entries).where(entries.c.ticket_id == _TICKET),
    delete(marks).where(marks.c.ticket_id == _TICKET),
    delete(recusals).where(recusals.c.ticket_id == _TICKET),
    update(inbox).where(inbox.c.ticket_id == _TICKET).values(seed=None, error=None),
    update(outbox).where(outbox.c.ticket_id == _TICKET, UNSENT).values(state=State.WITHDRAWN, settled_at=_NOW),
    update(outbox)
    .where(outbox.c.ticket_id == _TICKET)
    .values(recipient_index=None, domain_index=None, message_index=None, answer=None, noted_at=_NOW),
    update(tickets).where(tickets.c.id == _TICKET).values(reporter_index=None, reporter_domain_index=None, next_at=None, erased_at=_NOW),
)


def erase(work: Work, ticket_id: int, *, now: datetime) -> None:
    """Make a ticket unreadable for ever, here at once and in a backup as soon as that backup is gone."""
    work.keys.destroy(ticket_id, now=now)
    for step in _STEPS:
        work.connection.execute(step, {"ticket": ticket_id, "now": micros(now)})
