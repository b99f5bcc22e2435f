"""What the clear columns of the tickets tell without opening a history: which ticket, which is due, how many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, bindparam, func, or_, select, update

from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import tickets

HELD = "held"
NOT_A_REPORT = "not-a-report"
CLOSED = "closed"

_BY_CODE = select(tickets.c.id).where(tickets.c.code == bindparam("word"), tickets.c.erased_at.is_(None))
_BY_REFERENCE = select(tickets.c.id).where(tickets.c.reference == bindparam("word"), tickets.c.erased_at.is_(None))
_DUE = select(tickets.c.id).where(tickets.c.next_at <= bindparam("now")).order_by(tickets.c.next_at).limit(bindparam("limit"))
_NEXT_DUE = select(func.min(tickets.c.next_at))
_UNTOLD = select(tickets.c.id).where(tickets.c.told_at.is_(None)).order_by(tickets.c.opened_at, tickets.c.id).limit(bindparam("limit"))
_UNTOLD_OPEN = _UNTOLD.where(tickets.c.state != HELD)
_UNTOLD_HELD = _UNTOLD.where(tickets.c.state == HELD)
_OPEN_IDS = select(tickets.c.id).where(tickets.c.closed_at.is_(None)).order_by(tickets.c.opened_at, tickets.c.id)
_ALL_IDS = select(tickets.c.id).where(tickets.c.erased_at.is_(None)).order_by(tickets.c.opened_at, tickets.c.id)
_UNMET = or_(
    and_(tickets.c.acknowledged_at.is_(None), tickets.c.acknowledge_due_at < bindparam("now")),
    and_(tickets.c.answered_at.is_(None), tickets.c.respond_due_at < bindparam("now")),
)
_OVERDUE = select(func.count()).select_from(tickets).where(tickets.c.closed_at.is_(None), _UNMET)
_CLOSED_BEFORE = (
    select(tickets.c.id)
    .where(tickets.c.closed_at < bindparam("at"), tickets.c.erased_at.is_(None))
    .order_by(tickets.c.closed_at)
    .limit(bindparam("limit"))
)
_CODES = select(tickets.c.id, tickets.c.code).where(tickets.c.id.in_(bindparam("ids", expanding=True)))
_COUNTS = select(tickets.c.state, func.count().label("many")).group_by(tickets.c.state)
_TELL = (
    update(tickets).where(tickets.c.id.in_(bindparam("ids", expanding=True)), tickets.c.told_at.is_(None)).values(told_at=bindparam("now"))
)
_UNTELL = update(tickets).where(tickets.c.id == bindparam("ticket"), tickets.c.state.not_in([CLOSED, NOT_A_REPORT])).values(told_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """Questions about tickets within one transaction."""

    connection: Connection
    keys: Keys

    def by_code(self, code: str) -> int | None:
        """The ticket with this code name; an erased one is as none."""
        return self.connection.execute(_BY_CODE, {"word": code}).scalar()

    def by_reference(self, reference: str) -> int | None:
        """The ticket with this reference, as its reporter knows it."""
        return self.connection.execute(_BY_REFERENCE, {"word": reference}).scalar()

    def due(self, now: datetime, *, limit: int) -> list[int]:
        """Tickets whose next step is due, the longest due first."""
        return self._ids(_DUE, now=micros(now), limit=limit)

    def next_due(self) -> datetime | None:
        """The moment of the next step of any ticket."""
        return moment(self.connection.execute(_NEXT_DUE).scalar())

    def untold(self, limit: int) -> list[int]:
        """Tickets staff were not told of yet, the oldest first; held ones have their own summary."""
        return self._ids(_UNTOLD_OPEN, limit=limit)

    def held_unsummarised(self, limit: int) -> list[int]:
        """Held tickets no summary has named yet, the oldest first."""
        return self._ids(_UNTOLD_HELD, limit=limit)

    def tell(self, ticket_ids: Collection[int], *, now: datetime) -> None:
        """Staff were told of these tickets, one by one or in a summary. The version stays: nothing was decided."""
        self.connection.execute(_TELL, {"ids": list(ticket_ids), "now": micros(now)})

    def untell(self, ticket_id: int) -> None:
        """Nobody could be told of this ticket, and now somebody can: the next summary names it, unless it is over. The version stays."""
        self.connection.execute(_UNTELL, {"ticket": ticket_id})

    def open_ids(self) -> list[int]:
        """Every ticket that is not closed, the oldest first."""
        return self._ids(_OPEN_IDS)

    def all_ids(self) -> list[int]:
        """Every ticket that was not erased, the oldest first."""
        return self._ids(_ALL_IDS)

    def codes(self, ticket_ids: Collection[int]) -> dict[int, str]:
        """The code names of tickets by id; of an erased one it is all there is to tell."""
        return {row.id: row.code for row in self.connection.execute(_CODES, {"ids": list(ticket_ids)})}

    def overdue(self, now: datetime) -> int:
        """How many open tickets have missed a deadline and not made up for it."""
        return self.connection.execute(_OVERDUE, {"now": micros(now)}).scalar_one()

    def closed_before(self, at: datetime, *, limit: int) -> list[int]:
        """Closed tickets whose retention may be over, the longest closed first; erased ones are left out."""
        return self._ids(_CLOSED_BEFORE, at=micros(at), limit=limit)

    def counts(self) -> dict[str, int]:
        """How many tickets stand in which state."""
        return {row.state: row.many for row in self.connection.execute(_COUNTS)}

    def _ids(self, question: Select[int], **values: object) -> list[int]:
        return list(self.connection.execute(question, values).scalars())
