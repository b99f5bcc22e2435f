"""Who may see which ticket. Every question that is asked for a person goes through the view `seen`.

A person is withheld from a ticket while at least one recusal of theirs stands: `hold` (mentioned in it; another person lifts it),
`recused` (a conflict of interest) or `party` (they wrote it, or it is about them).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.outbox import Outbox
from maild.store.schema import ONE, people, recusals, seen, tickets
from maild.store.statements import Insertion
from maild.store.tickets import Columns, columns_of
from maild.store.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of staff or board, as the configuration names them."""

    handle: str
    role: str
    active: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A ticket as a list shows it to somebody who may see it."""

    id: int
    code: str
    received_at: datetime
    columns: Columns


_PEOPLE = select(people)
_UPSERT = Insertion(people, instead=("role", "active", "address_index"))
_SEES = select(ONE).where(seen.c.handle == bindparam("handle"), seen.c.ticket_id == bindparam("ticket"))
_WHO_SEES = select(seen.c.handle).where(seen.c.ticket_id == bindparam("ticket")).order_by(seen.c.handle)
_TICKETS = (
    select(tickets)
    .join_from(seen, tickets, tickets.c.id == seen.c.ticket_id)
    .where(seen.c.handle == bindparam("handle"))
    .order_by(tickets.c.opened_at, tickets.c.id)
)
_TICKETS_IN = _TICKETS.where(tickets.c.state == bindparam("in_state"))
_WITHHOLD = Insertion(recusals, unless_there=True)
_STANDING = (recusals.c.ticket_id == bindparam("ticket"), recusals.c.lifted_at.is_(None))
_LIFT = (
    update(recusals)
    .where(*_STANDING, recusals.c.handle == bindparam("who"), recusals.c.kind == bindparam("which"))
    .values(lifted_at=bindparam("now"))
)
_WITHHELD = select(recusals.c.handle, recusals.c.kind).where(*_STANDING).order_by(recusals.c.at, recusals.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """People, and who is kept from what, within one transaction."""

    connection: Connection
    keys: Keys
    tokens: Tokens
    outbox: Outbox

    def sync(self, persons: Iterable[Person]) -> None:
        """Take over the people of the configuration; who is no longer in it becomes inactive. Writes only what changed."""
        stored = {row.handle: dict(row._mapping) for row in self.connection.execute(_PEOPLE)}
        wanted = {person.handle: self._row(person) for person in persons}
        gone = {handle: row | {"active": 0} for handle, row in stored.items()}
        changed = [row for handle, row in (gone | wanted).items() if stored.get(handle) != row]
        if changed:
            _UPSERT(self.connection, *changed)

    def sees(self, handle: str, *, ticket_id: int) -> bool:
        """May this person see this ticket? False for the inactive, the unknown and the recused alike."""
        return self.connection.execute(_SEES, {"handle": handle, "ticket": ticket_id}).first() is not None

    def who_sees(self, ticket_id: int) -> list[str]:
        """Everybody of staff and board who may see this ticket, by handle."""
        return list(self.connection.execute(_WHO_SEES, {"ticket": ticket_id}).scalars())

    def tickets(self, handle: str, *, state: str | None = None) -> list[Seen]:
        """The tickets this person may see, in one state or in all, the oldest first."""
        question = _TICKETS if state is None else _TICKETS_IN
        rows = self.connection.execute(question, {"handle": handle, "in_state": state})
        return [Seen(id=row.id, code=row.code, received_at=moment(row.received_at), columns=columns_of(row)) for row in rows]

    def withhold(self, ticket_id: int, *, handle: str, kind: str, now: datetime) -> None:
        """Keep a ticket from a person from now on: their tokens for it die and their unsent letters about it are withdrawn."""
        row = {"id": self.keys.new_id(), "ticket_id": ticket_id, "handle": handle, "kind": kind, "at": micros(now)}
        _WITHHOLD(self.connection, row)
        self.tokens.revoke(ticket_id, holder=handle, now=now)
        self.outbox.withdraw(ticket_id, handle=handle, now=now)

    def lift(self, ticket_id: int, *, handle: str, kind: str, now: datetime) -> bool:
        """End one recusal; another kind of the same person stands on. False where there was none."""
        values = {"ticket": ticket_id, "who": handle, "which": kind, "now": micros(now)}
        return bool(self.connection.execute(_LIFT, values).rowcount)

    def withheld(self, ticket_id: int) -> dict[str, str]:
        """Who is kept from this ticket, and why (the latest reason where there are several)."""
        return {row.handle: row.kind for row in self.connection.execute(_WITHHELD, {"ticket": ticket_id})}

    def _row(self, person: Person) -> dict[str, object]:
        index = self.keys.keyring.address(person.address)
        return {"handle": person.handle, "role": person.role, "active": int(person.active), "address_index": index}
