"""Alarms that stand until somebody clears them: at most one of a kind for the house, and one of a kind for each ticket."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, alarms
from maild.store.statements import Insertion


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that stands. `told_at`: when people were told of it."""

    id: int
    kind: str
    ticket_id: int | None
    raised_at: datetime
    told_at: datetime | None


_RAISE = Insertion(alarms, unless_there=True)
_STANDS = alarms.c.cleared_at.is_(None)
_CLEAR = (
    update(alarms)
    .where(
        _STANDS,
        alarms.c.kind == bindparam("what"),
        alarms.c.ticket_id.is_not_distinct_from(bindparam("ticket", type_=alarms.c.ticket_id.type)),
    )
    .values(cleared_at=bindparam("now"))
)
_STANDING = select(alarms).where(_STANDS).order_by(alarms.c.raised_at, alarms.c.id)
_TELL = update(alarms).where(alarms.c.id.in_(bindparam("ids", expanding=True))).values(told_at=bindparam("now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """Alarms within one transaction."""

    connection: Connection
    keys: Keys

    def raise_(self, kind: str, *, now: datetime, ticket_id: int | None = None) -> bool:
        """Raise an alarm; false where the same one stands already."""
        row = {"id": self.keys.new_id(), "kind": kind, "ticket_id": ticket_id, "raised_at": micros(now)}
        return bool(_RAISE(self.connection, row))

    def clear(self, kind: str, *, now: datetime, ticket_id: int | None = None) -> bool:
        """The reason is gone; false where no such alarm stood."""
        return bool(self.connection.execute(_CLEAR, {"what": kind, "ticket": ticket_id, "now": micros(now)}).rowcount)

    def standing(self) -> list[Alarm]:
        """Every alarm that stands, the oldest first."""
        return [_alarm(row) for row in self.connection.execute(_STANDING)]

    def tell(self, alarm_ids: Collection[int], *, now: datetime) -> None:
        """People were told of these alarms."""
        self.connection.execute(_TELL, {"ids": list(alarm_ids), "now": micros(now)})


def _alarm(row: AnyRow) -> Alarm:
    raised_at, told_at = moment(row.raised_at), moment(row.told_at)
    return Alarm(id=row.id, kind=row.kind, ticket_id=row.ticket_id, raised_at=raised_at, told_at=told_at)
