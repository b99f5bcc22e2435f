"""The rows of `keys`: one for every mail taken in, one for every letter that belongs to no ticket, one for the house."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, or_, select, update

from maild.store.moments import micros
from maild.store.schema import inbox, keys, tickets
from maild.store.sealed import HOUSE, Key, Keyring
from maild.store.statements import Compiled, Insertion

_INSERT = Insertion(keys)
_INSERT_HOUSE = Insertion(keys, unless_there=True)
_HOUSE = select(keys.c.wrapped).where(keys.c.id == HOUSE)
_OF_TICKET = Compiled(select(keys.c.id, keys.c.wrapped).join_from(tickets, keys).where(tickets.c.id == bindparam("owner")))
_OF_INBOX = Compiled(select(keys.c.id, keys.c.wrapped).join_from(inbox, keys).where(inbox.c.id == bindparam("owner")))
_GIVE = Compiled(
    update(keys)
    .where(
        keys.c.id == select(inbox.c.key_id).where(inbox.c.id == bindparam("inbox")).scalar_subquery(),
        or_(keys.c.ticket_id.is_(None), keys.c.ticket_id == bindparam("ticket")),
    )
    .values(ticket_id=bindparam("ticket"))
    .returning(keys.c.id, keys.c.wrapped)
)
_DESTROY = (
    update(keys)
    .where(keys.c.ticket_id == bindparam("ticket"), keys.c.destroyed_at.is_(None))
    .values(wrapped=None, destroyed_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys within one transaction."""

    connection: Connection
    keyring: Keyring
    _of_tickets: dict[int, Key] = field(default_factory=dict)
    _given: dict[tuple[int, int], Key | None] = field(default_factory=dict)

    def new_id(self) -> int:
        """An id for a new row."""
        return self.keyring.new_id()

    def make(self, now: datetime, *, ticket_id: int | None = None) -> Key:
        """A new key, stored."""
        key, wrapped = self.keyring.make(self.new_id())
        _INSERT(self.connection, {"id": key.id, "ticket_id": ticket_id, "made_at": micros(now), "wrapped": wrapped})
        return key

    def of_ticket(self, ticket_id: int) -> Key:
        """The key that seals a ticket's history, messages and letters. Raises `LookupError` without such a ticket, `Destroyed`."""
        if ticket_id not in self._of_tickets:
            self._of_tickets[ticket_id] = self._read(_OF_TICKET, ticket_id)
        return self._of_tickets[ticket_id]

    def of_inbox(self, inbox_id: int) -> Key:
        """The key of one mail taken in. Raises `LookupError` without such a row, `Destroyed` where its ticket was erased."""
        return self._read(_OF_INBOX, inbox_id)

    def give(self, inbox_id: int, *, ticket_id: int) -> Key | None:
        """Let the ticket own the mail's key, so that erasing the ticket destroys it too; None where another ticket does."""
        if (inbox_id, ticket_id) not in self._given:
            row = _GIVE(self.connection, inbox=inbox_id, ticket=ticket_id).one_or_none()
            self._given[inbox_id, ticket_id] = None if row is None else self.keyring.open(row.id, row.wrapped)
        return self._given[inbox_id, ticket_id]

    def seals(self, ticket_id: int, *, key: Key) -> None:
        """Remember, within this transaction, which key a new ticket is sealed with."""
        self._of_tickets[ticket_id] = key

    def destroy(self, ticket_id: int, *, now: datetime) -> None:
        """Destroy every key a ticket owns: what they sealed cannot be read again."""
        self.forget()
        self.connection.execute(_DESTROY, {"ticket": ticket_id, "now": micros(now)})

    def forget(self) -> None:
        """After a rollback: what was read may never have happened."""
        self._of_tickets.clear()
        self._given.clear()

    def _read(self, question: Compiled, owner: int) -> Key:
        row = question(self.connection, owner=owner).one_or_none()
        if row is None:
            raise LookupError(f"no row {owner}")
        return self.keyring.open(row.id, row.wrapped)


def house(connection: Connection) -> bytes | None:
    """The house's own key as it is stored; None in a fresh database."""
    return connection.execute(_HOUSE).scalar()


def furnish(connection: Connection, *, keyring: Keyring) -> None:
    """Make the house's own key; two programs may do so at once, and the first one's stays."""
    _, wrapped = keyring.make(HOUSE)
    _INSERT_HOUSE(connection, {"id": HOUSE, "made_at": 0, "wrapped": wrapped})
