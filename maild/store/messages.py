"""Messages: the parsed mails of a ticket, each sealed whole, found again by blind indexes of their Message-IDs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, func, or_, select, union_all
from sqlalchemy.sql import Select

from maild.playbook.entry import Fact
from maild.store.agenda import HELD, NOT_A_REPORT
from maild.store.facts import read, written
from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, keys, messages, outbox, tickets
from maild.store.sealed import Key
from maild.store.statements import Compiled, Insertion

REFERENCES_LOOKED_AT = 100
"""Of a mail that names a hundred thousand Message-IDs, only so many are looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message of a ticket. `relation` says what it was to the ticket; `facts` hold sender, subject, text and what else was read."""

    id: int
    ticket_id: int
    inbox_id: int | None
    relation: str
    at: datetime
    facts: dict[str, Fact] = field(repr=False)


_INSERT = Insertion(messages)
_MESSAGES: Select[tuple[object, ...]] = (
    select(messages, tickets.c.key_id, keys.c.wrapped)
    .join_from(messages, tickets, tickets.c.id == messages.c.ticket_id)
    .join(keys, keys.c.id == tickets.c.key_id)
)
_OF_TICKET = _MESSAGES.where(messages.c.ticket_id == bindparam("ticket")).order_by(messages.c.at, messages.c.id)
_BY_ID = _MESSAGES.where(messages.c.id == bindparam("message"))
_IDS: BindParameter[Sequence[bytes]] = bindparam("ids", expanding=True)
_TICKETS_OF = union_all(
    select(messages.c.message_index, messages.c.ticket_id, messages.c.id).where(messages.c.message_index.in_(_IDS)),
    select(outbox.c.message_index, outbox.c.ticket_id, outbox.c.id).where(
        outbox.c.message_index.in_(_IDS), outbox.c.ticket_id.is_not(None)
    ),
)
_IS: BindParameter[bytes] = bindparam("one")
_WITH_ID = or_(
    select(messages.c.id).where(messages.c.message_index == _IS).exists(),
    select(outbox.c.id).where(outbox.c.message_index == _IS, outbox.c.ticket_id.is_not(None)).exists(),
)
_WORKED_ON = (
    select(tickets.c.id)
    .where(
        tickets.c.reporter_index == bindparam("reporter"),
        or_(tickets.c.lead.is_not(None), tickets.c.answered_at.is_not(None)),
        tickets.c.state != HELD,
        tickets.c.state != NOT_A_REPORT,
    )
    .exists()
)
_OPENED = select(func.count()).where(tickets.c.opened_at >= bindparam("since")).scalar_subquery()
# One question: it is asked for every mail, and a statement costs more than its answer.
_EARLIER = Compiled(select(_WITH_ID.label("id_used"), _WORKED_ON.label("sender_known"), _OPENED.label("reports")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was there before a mail came.

    `id_used`: a mail taken in, or a letter of ours about a ticket, has its Message-ID. `sender_known`: a person has worked on a ticket of
    its sender (a ticket alone proves nothing: anybody can open one). `reports`: how many tickets were opened lately.
    """

    id_used: bool
    sender_known: bool
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Messages within one transaction."""

    connection: Connection
    keys: Keys

    def add(
        self,
        *,
        ticket_id: int,
        inbox_id: int | None,
        relation: str,
        at: datetime,
        message_id: str,
        sender: str | None,
        facts: Mapping[str, Fact],
    ) -> int:
        """File a message on a ticket; the answer is its row. `message_id` is the mail's own, without angle brackets."""
        row = self.keys.new_id()
        ring = self.keys.keyring
        values = {
            "id": row,
            "ticket_id": ticket_id,
            "inbox_id": inbox_id,
            "relation": relation,
            "at": micros(at),
            "message_index": ring.message_id(message_id),
            "sender_index": None if sender is None else ring.address(sender),
            "facts": self.keys.of_ticket(ticket_id).seal(written(facts), place="messages.facts", row=row),
        }
        _INSERT(self.connection, values)
        return row

    def of_ticket(self, ticket_id: int) -> list[StoredMessage]:
        """All messages of a ticket, the oldest first. Raises `Destroyed` after erasure."""
        rows = self.connection.execute(_OF_TICKET, {"ticket": ticket_id})
        return [_message(row, key=self.keys.keyring.open(row.key_id, row.wrapped)) for row in rows]

    def get(self, row: int) -> StoredMessage:
        """One message. Raises `LookupError`; `Destroyed` after erasure."""
        found = self.connection.execute(_BY_ID, {"message": row}).one_or_none()
        if found is None:
            raise LookupError(f"no message {row}")
        return _message(found, key=self.keys.keyring.open(found.key_id, found.wrapped))

    def ticket_of(self, message_ids: Sequence[str]) -> int | None:
        """The ticket of the first of these Message-IDs that is known, be it of a mail taken in or of a letter of ours.

        One that stands on several tickets belongs to the one it came to first: who copies it later proves nothing.
        """
        if not message_ids:
            return None
        indexes = [self.keys.keyring.message_id(message_id) for message_id in message_ids[:REFERENCES_LOOKED_AT]]
        rows = self.connection.execute(_TICKETS_OF, {"ids": indexes}).all()
        first = min(rows, key=lambda row: (indexes.index(row.message_index), row.id), default=None)
        return None if first is None else first.ticket_id

    def earlier(self, message_id: str, *, sender: str, since: datetime) -> Earlier:
        """What was there before the mail with this Message-ID from this address came; tickets opened at or after `since` are counted."""
        ring = self.keys.keyring
        row = _EARLIER(self.connection, one=ring.message_id(message_id), reporter=ring.address(sender), since=micros(since)).one()
        return Earlier(id_used=bool(row.id_used), sender_known=bool(row.sender_known), reports=row.reports)


def _message(row: AnyRow, *, key: Key) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        ticket_id=row.ticket_id,
        inbox_id=row.inbox_id,
        relation=row.relation,
        at=moment(row.at),
        facts=read(key.unseal(row.facts, place="messages.facts", row=row.id)),
    )
