"""The third station: finished letters with their envelopes, one row for each recipient, sent at least once, each time the same bytes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, func, insert, literal_column, select, text, update
from sqlalchemy.dialects import postgresql

from maild.errors import PassesByItself
from maild.ports import Outcome, Parcel
from maild.store.moments import micros, moment
from maild.store.parcels import opened, packed
from maild.store.schema import keys, outbox, parcels
from maild.store.sending import UNBUDGETED, UNSENT, WAITING, Sending, State


class MessageIdTaken(PassesByItself):
    """A letter with this Message-ID exists: it is the same letter, or the next Message-ID has to be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What the outbox tells of a letter without opening it."""

    id: int
    ticket_id: int | None
    letter: str
    role: str
    handle: str | None
    state: State
    rank: int
    attempts: int
    made_at: datetime
    next_at: datetime
    latest_at: datetime | None
    settled_at: datetime | None
    bounced_at: datetime | None
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A letter of a ticket that came to an end the ticket does not know of yet. A merged one ends as the letter that carries it."""

    id: int
    ticket_id: int
    letter: str
    role: str
    handle: str | None
    outcome: Outcome
    bounced: bool
    settled_at: datetime
    code: int


_INSERT = postgresql.insert(outbox).on_conflict_do_nothing()
_INSERT_PARCEL = insert(parcels)
_ROW = outbox.c.id == bindparam("row")
_ROWS = outbox.c.id.in_(bindparam("rows", expanding=True))
_RECEIPT = outbox.c.rank > literal_column("0")
_LAST_TURN = select(func.max(outbox.c.turn)).where(WAITING, _RECEIPT, outbox.c.domain_index == bindparam("domain"))
_FRONT = select(func.min(outbox.c.turn)).where(WAITING, outbox.c.rank == bindparam("rank"))
_TURN = select(_LAST_TURN.scalar_subquery(), _FRONT.scalar_subquery())
_LETTER = select(*(outbox.c[name] for name in Letter.__dataclass_fields__))
_BY_MESSAGE_ID = _LETTER.where(outbox.c.message_index == bindparam("message"))
_OF_TICKET = _LETTER.where(outbox.c.ticket_id == bindparam("ticket")).order_by(outbox.c.made_at, outbox.c.id)
_OVERDUE = _LETTER.where(UNSENT, outbox.c.alarm_at <= bindparam("now")).order_by(outbox.c.alarm_at, outbox.c.id)
_PENDING_RECEIPTS = _LETTER.where(WAITING, _RECEIPT, outbox.c.recipient_index == bindparam("recipient")).order_by(outbox.c.made_at)
_PARCEL = (
    select(parcels.c.parcel, outbox.c.key_id, keys.c.wrapped)
    .join_from(parcels, outbox)
    .join(keys, keys.c.id == outbox.c.key_id)
    .where(_ROW)
)

_own = outbox.alias("own")
_UNNOTED = (
    select(
        _own.c.id, _own.c.ticket_id, _own.c.letter, _own.c.role, _own.c.handle, outbox.c.state, outbox.c.settled_at, outbox.c.code,
        outbox.c.bounced_at,
    )
    .join_from(_own, outbox, outbox.c.id == func.coalesce(_own.c.merged_into, _own.c.id))
    .where(
        text("own.noted_at IS NULL AND own.ticket_id IS NOT NULL AND own.state IN ('SENT', 'FAILED', 'MERGED')"),
        outbox.c.settled_at.is_not(None),
    )
    .order_by(_own.c.id)
    .limit(bindparam("limit"))
)  # fmt: skip
_NOTE = update(outbox).where(_ROWS).values(noted_at=bindparam("now"))
_BOUNCED = update(outbox).where(_ROW).values(bounced_at=bindparam("now"))
_LISTEN_AGAIN = update(outbox).where((outbox.c.id == bindparam("row")) | (outbox.c.merged_into == bindparam("row"))).values(noted_at=None)
_SUPERSEDE = update(outbox).where(_ROWS, WAITING).values(state=State.MERGED, merged_into=bindparam("by"))
_WITHDRAW = (
    update(outbox)
    .where(WAITING, outbox.c.ticket_id == bindparam("ticket"), outbox.c.handle == bindparam("who"))
    .values(state=State.WITHDRAWN, settled_at=bindparam("now"))
)
_OLDEST_UNSENT = select(func.min(outbox.c.made_at)).where(UNSENT)
_DEPTH = select(func.count()).select_from(outbox).where(UNSENT)
_SENT_SINCE = select(func.count()).select_from(outbox).where(text("outbox.state = 'SENT'"), outbox.c.settled_at >= bindparam("at"))
_RECEIPTS_SENT = select(outbox.c.settled_at).where(text("outbox.state = 'SENT'"), _RECEIPT, outbox.c.settled_at >= bindparam("at"))
_RECEIPTS_MADE = select(func.coalesce(outbox.c.settled_at, outbox.c.made_at).label("at")).where(
    _RECEIPT,
    outbox.c.recipient_index == bindparam("recipient"),
    outbox.c.state.not_in((State.FAILED, State.MERGED, State.WITHDRAWN)),
    func.coalesce(outbox.c.settled_at, outbox.c.made_at) >= bindparam("at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox(Sending):
    """The outbox within one transaction."""

    def enqueue(
        self,
        parcel: Parcel,
        *,
        ticket_id: int | None,
        letter: str,
        role: str,
        now: datetime,
        alarm_at: datetime,
        handle: str | None = None,
        rank: int = UNBUDGETED,
        next_at: datetime | None = None,
        latest_at: datetime | None = None,
    ) -> int:
        """A finished letter is to be sent, from `next_at` on (at once where None); the answer is its row.

        It is sealed with its ticket's key, without a ticket with one of its own. Raises `MessageIdTaken`.
        """
        key = self.keys.make(now) if ticket_id is None else self.keys.of_ticket(ticket_id)
        ring = self.keys.keyring
        row: dict[str, object] = {"ticket_id": ticket_id, "letter": letter, "role": role, "handle": handle, "rank": rank}
        row |= {"id": self.keys.fresh.id(), "key_id": key.id, "state": State.PENDING, "attempts": 0, "code": 0, "size": len(parcel.raw)}
        row |= {"made_at": micros(now), "next_at": micros(next_at or now), "latest_at": micros(latest_at), "alarm_at": micros(alarm_at)}
        row |= {"recipient_index": ring.address(parcel.recipient), "domain_index": ring.domain(parcel.recipient)}
        row |= {"message_index": ring.message_id(parcel.message_id), "turn": self._turn(rank, ring.domain(parcel.recipient))}
        if not self.connection.execute(_INSERT, row).rowcount:
            raise MessageIdTaken("A letter with this Message-ID is in the outbox already.")
        sealed = key.seal(packed(parcel), place="parcels.parcel", row=row["id"])
        self.connection.execute(_INSERT_PARCEL, {"outbox_id": row["id"], "parcel": sealed})
        return row["id"]

    def parcel(self, row: int) -> Parcel:
        """What goes, or went, out. Raises `LookupError` where it is not kept (any more); `Destroyed` after erasure."""
        found = self.connection.execute(_PARCEL, {"row": row}).one_or_none()
        if found is None:
            raise LookupError(f"no parcel {row}")
        key = self.keys.keyring.open(found.key_id, found.wrapped)
        return opened(key.unseal(found.parcel, place="parcels.parcel", row=row))

    def by_message_id(self, message_id: str) -> Letter | None:
        """The letter of ours with this Message-ID (without angle brackets): a bounce or a reply is about it."""
        row = self.connection.execute(_BY_MESSAGE_ID, {"message": self.keys.keyring.message_id(message_id)}).one_or_none()
        return None if row is None else _letter(row)

    def of_ticket(self, ticket_id: int) -> list[Letter]:
        """Every letter of a ticket, the oldest first."""
        return [_letter(row) for row in self.connection.execute(_OF_TICKET, {"ticket": ticket_id})]

    def unnoted(self, limit: int) -> list[Settled]:
        """Letters that were sent, failed or bounced, whose tickets do not know it yet."""
        return [_settled(row) for row in self.connection.execute(_UNNOTED, {"limit": limit})]

    def note(self, rows: Collection[int], *, now: datetime) -> None:
        """Their tickets know now."""
        self._change(_NOTE, rows=list(rows), now=micros(now))

    def bounced(self, row: int, *, now: datetime) -> None:
        """The letter came back after all; its ticket, and those whose letters it carried, are to be told (`unnoted`)."""
        self._change(_BOUNCED, row=row, now=micros(now))
        self._change(_LISTEN_AGAIN, row=row)

    def supersede(self, rows: Collection[int], *, by: int) -> None:
        """One letter says what these waiting ones would: they share its end."""
        self._change(_SUPERSEDE, rows=list(rows), by=by)

    def withdraw(self, ticket_id: int, *, handle: str, now: datetime) -> None:
        """What waits for this person about this ticket must not reach them any more."""
        self._change(_WITHDRAW, ticket=ticket_id, who=handle, now=micros(now))

    def overdue(self, now: datetime) -> list[Letter]:
        """Unsent letters past their `alarm_at`."""
        return [_letter(row) for row in self.connection.execute(_OVERDUE, {"now": micros(now)})]

    def oldest_unsent(self) -> datetime | None:
        """When the oldest letter that is not sent was made."""
        return moment(self.connection.execute(_OLDEST_UNSENT).scalar())

    def depth(self) -> int:
        """How many letters are not sent yet."""
        return self.connection.execute(_DEPTH).scalar_one()

    def sent_since(self, at: datetime) -> int:
        """How many letters left at or after `at`: the fuse."""
        return self.connection.execute(_SENT_SINCE, {"at": micros(at)}).scalar_one()

    def receipts_since(self, at: datetime, *, recipient: str | None = None) -> list[datetime]:
        """The moments of receipts at or after `at`, in order: of those sent at all, or of those sent to or waiting for one recipient."""
        values: dict[str, object] = {"at": micros(at)}
        question = _RECEIPTS_SENT if recipient is None else _RECEIPTS_MADE
        if recipient is not None:
            values["recipient"] = self.keys.keyring.address(recipient)
        moments = self.connection.execute(question, values).scalars()
        return sorted(moment(column) for column in moments)

    def pending_receipts(self, recipient: str) -> list[Letter]:
        """Receipts that wait for this recipient, the oldest first: candidates to be merged into one."""
        values = {"recipient": self.keys.keyring.address(recipient)}
        return [_letter(row) for row in self.connection.execute(_PENDING_RECEIPTS, values)]

    def _turn(self, rank: int, domain: bytes) -> int:
        """A receipt's place in the round robin of domains: behind its own domain's last, else with those in front."""
        if rank == UNBUDGETED:
            return 0
        last, front = self.connection.execute(_TURN, {"rank": rank, "domain": domain}).one()
        return front or 0 if last is None else last + 1


def _letter(row: Row) -> Letter:  # type: ignore[type-arg]
    cells = dict(row._mapping)
    moments = {name: moment(cells[name]) for name in cells if name.endswith("_at")}
    return Letter(**cells | moments | {"state": State(row.state)})


def _settled(row: Row) -> Settled:  # type: ignore[type-arg]
    return Settled(
        id=row.id,
        ticket_id=row.ticket_id,
        letter=row.letter,
        role=row.role,
        handle=row.handle,
        outcome=Outcome.DELIVERED if row.state == State.SENT else Outcome.FAILED,
        bounced=row.bounced_at is not None,
        settled_at=moment(row.settled_at),
        code=row.code,
    )
