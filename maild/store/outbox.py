"""The third station: finished letters with their envelopes, one row for each recipient, sent at least once, each time the same bytes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, text, update

from maild.errors import PassesByItself
from maild.ports import Parcel
from maild.store.letters import IS_RECEIPT, ROW, ROWS, UNTRIED, WAITING, State
from maild.store.moments import micros
from maild.store.parcels import opened, packed
from maild.store.schema import keys, outbox, parcels
from maild.store.sending import UNBUDGETED, Sending
from maild.store.statements import Compiled, Insertion


class MessageIdTaken(PassesByItself):
    """A letter with this Message-ID exists: it is the same letter, or the next Message-ID has to be taken."""


class LettersMoved(PassesByItself):
    """Some of these letters are under way or gone meanwhile: decide once more."""


_INSERT = Insertion(outbox, unless_there=True)
_INSERT_PARCEL = Insertion(parcels)
_NEW = {"state": State.PENDING, "attempts": 0, "code": 0}
_AT_RANK = outbox.c.rank == bindparam("at_rank")
_HAS_TURN = text("outbox.turn > 0")
_LAST_TURN = select(func.max(outbox.c.turn)).where(WAITING, _HAS_TURN, _AT_RANK, outbox.c.domain_index == bindparam("domain"))
_FRONT = select(func.min(outbox.c.turn)).where(WAITING, IS_RECEIPT, _AT_RANK)
_TURN = Compiled(select(_LAST_TURN.scalar_subquery().label("last"), _FRONT.scalar_subquery().label("front")))
_PARCEL = (
    select(parcels.c.parcel, outbox.c.key_id, keys.c.wrapped).join_from(parcels, outbox).join(keys, keys.c.id == outbox.c.key_id).where(ROW)
)
_SUPERSEDE = update(outbox).where(ROWS, UNTRIED).values(state=State.MERGED, merged_into=bindparam("by"))
_WITHDRAW = (
    update(outbox)
    .where(WAITING, outbox.c.ticket_id == bindparam("ticket"), outbox.c.handle == bindparam("who"))
    .values(state=State.WITHDRAWN, settled_at=bindparam("now"))
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
        row = self.keys.new_id()
        indexes = self._indexes(parcel)
        values = {
            "id": row,
            "key_id": key.id,
            "ticket_id": ticket_id,
            "letter": letter,
            "role": role,
            "handle": handle,
            "rank": rank,
            "turn": self._turn(rank, indexes["domain_index"]),
            "size": len(parcel.raw),
            "made_at": micros(now),
            "next_at": micros(next_at or now),
            "latest_at": micros(latest_at),
            "alarm_at": micros(alarm_at),
        }
        if not _INSERT(self.connection, _NEW | values | indexes):
            raise MessageIdTaken("A letter with this Message-ID is in the outbox already.")
        sealed = key.seal(packed(parcel), place="parcels.parcel", row=row)
        _INSERT_PARCEL(self.connection, {"outbox_id": row, "parcel": sealed})
        return row

    def parcel(self, row: int) -> Parcel:
        """What goes, or went, out. Raises `LookupError` where it is not kept (any more); `Destroyed` after erasure."""
        found = self.connection.execute(_PARCEL, {"row": row}).one_or_none()
        if found is None:
            raise LookupError(f"no parcel {row}")
        key = self.keys.keyring.open(found.key_id, found.wrapped)
        return opened(key.unseal(found.parcel, place="parcels.parcel", row=row))

    def supersede(self, rows: Collection[int], *, by: int) -> None:
        """One letter says what these would, none of which was tried yet: they share its end. Raises `LettersMoved`."""
        if self._change(_SUPERSEDE, rows=list(rows), by=by) != len(rows):
            raise LettersMoved("Some of the letters to be merged are under way.")

    def withdraw(self, ticket_id: int, *, handle: str, now: datetime) -> None:
        """What waits for this person about this ticket must not reach them any more."""
        self._change(_WITHDRAW, ticket=ticket_id, who=handle, now=micros(now))

    def _indexes(self, parcel: Parcel) -> dict[str, bytes]:
        ring = self.keys.keyring
        return {
            "recipient_index": ring.address(parcel.recipient),
            "domain_index": ring.domain(parcel.recipient),
            "message_index": ring.message_id(parcel.message_id),
        }

    def _turn(self, rank: int, domain: bytes) -> int:
        """A receipt's place in the round robin of domains: behind its own domain's last, else with those in front."""
        if rank == UNBUDGETED:
            return 0
        row = _TURN(self.connection, at_rank=rank, domain=domain).one()
        return row.front or 1 if row.last is None else int(row.last) + 1
