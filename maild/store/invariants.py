"""What must always hold, as three questions whose answers must be empty (security.md, decisions).

For every mail there is a ticket or a reason to have none; for every ticket somebody was told; for every letter past its time an
alarm stands. With them, nothing can be lost in silence.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, func, select, text

from maild.store.agenda import HELD
from maild.store.letters import UNSENT as UNSENT_YET
from maild.store.moments import micros
from maild.store.schema import ONE, inbox, outbox, tickets
from maild.store.work import Work

UNFILED = "unfiled-mail"
UNTOLD = "untold-ticket"
UNSENT = "unsent-letter"
"""The names of the three are the kinds of the alarms that are raised about them."""

CASEWORK_TAKES = timedelta(minutes=10)
"""So long a mail may wait to be filed, counted from when it was taken in or is to be tried again."""
TELLING_TAKES = timedelta(hours=1)
"""So long a ticket may wait until staff were told of it."""
HELD_TELLING_TAKES = timedelta(hours=6)
"""So long a held one may: summaries of those are few (product.md section 3)."""

NEEDS_NO_TICKET = ("loop", "bounce", "automatic", "command", "duplicate", "silent")
"""Kinds of mail that may be filed without a ticket; a report never may."""

_MAIL = select(ONE).select_from(inbox)
_WAITS = _MAIL.where(text("inbox.state = 'NEW'"), func.coalesce(inbox.c.retry_at, inbox.c.taken_at) < bindparam("taken_by"))
_ASTRAY = _MAIL.where(text("inbox.state = 'FILED' AND inbox.ticket_id IS NULL"), inbox.c.kind.not_in(NEEDS_NO_TICKET))
_TICKET = select(ONE).select_from(tickets).where(tickets.c.told_at.is_(None), tickets.c.erased_at.is_(None))
_UNTOLD = _TICKET.where(tickets.c.state != HELD, tickets.c.opened_at < bindparam("opened_by"))
_UNTOLD_HELD = _TICKET.where(tickets.c.state == HELD, tickets.c.opened_at < bindparam("held_by"))
_LATE = select(ONE).select_from(outbox).where(UNSENT_YET, outbox.c.alarm_at < bindparam("now"))

_QUESTIONS: dict[str, tuple[Select[int], ...]] = {UNFILED: (_WAITS, _ASTRAY), UNTOLD: (_UNTOLD, _UNTOLD_HELD), UNSENT: (_LATE,)}


def violated(work: Work, *, now: datetime) -> list[str]:
    """The invariants that do not hold at this moment, by name."""
    moments = {
        "now": micros(now),
        "taken_by": micros(now - CASEWORK_TAKES),
        "opened_by": micros(now - TELLING_TAKES),
        "held_by": micros(now - HELD_TELLING_TAKES),
    }
    found = (name for name, questions in _QUESTIONS.items() for one in questions if work.connection.execute(one.limit(1), moments).first())
    return list(dict.fromkeys(found))


def broken(work: Work, *, now: datetime) -> list[str]:
    """The invariants that do not hold and about which no alarm stands: an alarm of that name has to be raised."""
    standing = {alarm.kind for alarm in work.alarms.standing()}
    return [name for name in violated(work, now=now) if name not in standing]


def mended(work: Work, *, now: datetime) -> list[str]:
    """The invariants that hold again while their alarm still stands: it has to be cleared, or the next one would go unheard."""
    wrong = violated(work, now=now)
    return [alarm.kind for alarm in work.alarms.standing() if alarm.kind in _QUESTIONS and alarm.kind not in wrong]
