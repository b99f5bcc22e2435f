"""What the outbox tells of its letters without opening them: which are late, which came to an end, how many left.

PENDING and DEFERRED wait. SENDING is claimed: before the dot it was surely not sent, after it nobody knows. UNCERTAIN waits as well,
because a second copy is better than none. SENT, FAILED, MERGED (another letter says it) and WITHDRAWN (its reader may not read it
any more) are ends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Executable, Update, bindparam, func, literal_column, select, text, update

from maild.ports import Outcome
from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, outbox
from maild.store.statements import Compiled


class State(StrEnum):
    """Where a letter stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    DEFERRED = "DEFERRED"
    FAILED = "FAILED"
    UNCERTAIN = "UNCERTAIN"
    MERGED = "MERGED"
    WITHDRAWN = "WITHDRAWN"


# Written out and not bound: only constants make SQLite use the partial indexes.
WAITING = text("outbox.state IN ('PENDING', 'DEFERRED', 'UNCERTAIN')")
UNSENT = text("outbox.state IN ('PENDING', 'SENDING', 'DEFERRED', 'UNCERTAIN')")
IS_RECEIPT = outbox.c.rank > literal_column("0")
UNTRIED = text("outbox.state = 'PENDING'")
ROW = outbox.c.id == bindparam("row")
ROWS = outbox.c.id.in_(bindparam("rows", expanding=True))


MOST_MERGED = 500
"""Receipts that one letter takes the place of. Stops: ten thousand mails in one person's name, looked at in one transaction."""


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


_LETTER = select(*outbox.c[tuple(Letter.__dataclass_fields__)])
_GET = _LETTER.where(ROW)
_BY_MESSAGE_ID = _LETTER.where(outbox.c.message_index == bindparam("message"))
_OF_TICKET = _LETTER.where(outbox.c.ticket_id == bindparam("ticket")).order_by(outbox.c.made_at, outbox.c.id)
_CARRIED = select(outbox.c.ticket_id).where(outbox.c.merged_into == bindparam("row")).order_by(outbox.c.id)
_OVERDUE = _LETTER.where(UNSENT, outbox.c.alarm_at <= bindparam("now")).order_by(outbox.c.alarm_at, outbox.c.id)
_TO = outbox.c.recipient_index == bindparam("recipient")
# What was tried waits for its mail server and not for a budget, and nobody knows whether it arrived: it is not merged.
_OF_CASES = (WAITING, UNTRIED, IS_RECEIPT, outbox.c.ticket_id.is_not(None))
_OVERDUE_TO = Compiled(select(outbox.c.recipient_index).where(*_OF_CASES, outbox.c.latest_at <= bindparam("now")).distinct())
_RECEIPTS_WAITING = _LETTER.where(*_OF_CASES, _TO).order_by(outbox.c.made_at, outbox.c.id).limit(MOST_MERGED)

_own = outbox.alias("own")
_UNNOTED = (
    select(*_own.c["id", "ticket_id", "letter", "role", "handle"], *outbox.c["state", "settled_at", "code", "bounced_at"])
    .join_from(_own, outbox, outbox.c.id == func.coalesce(_own.c.merged_into, _own.c.id))
    .where(text("own.noted_at IS NULL AND own.ticket_id IS NOT NULL AND own.state IN ('SENT', 'FAILED', 'MERGED')"))
    .where(outbox.c.settled_at.is_not(None))
    .order_by(_own.c.made_at, _own.c.id)
    .limit(bindparam("limit"))
)
_NOTE = update(outbox).where(ROWS).values(noted_at=bindparam("now"))
_BOUNCED = update(outbox).where(ROW).values(bounced_at=bindparam("now"))
_UNNOTE = update(outbox).where((outbox.c.id == bindparam("row")) | (outbox.c.merged_into == bindparam("row"))).values(noted_at=None)

_OLDEST_UNSENT = select(func.min(outbox.c.made_at)).where(UNSENT)
_DEPTH = select(func.count()).select_from(outbox).where(UNSENT)
_SENT_SINCE = text("outbox.state = 'SENT' AND outbox.settled_at >= :at")
_COUNT_SENT = select(func.count()).select_from(outbox).where(_SENT_SINCE)
_COUNT_FAILED = select(func.count()).select_from(outbox).where(text("outbox.state = 'FAILED' AND outbox.settled_at >= :at"))
_RECEIPTS_SENT = Compiled(select(outbox.c.settled_at).where(_SENT_SINCE, IS_RECEIPT))
_went_or_will = func.coalesce(outbox.c.settled_at, outbox.c.next_at)
_GOES = text("outbox.state NOT IN ('FAILED', 'MERGED', 'WITHDRAWN')")
_RECEIPTS_TO = Compiled(select(_went_or_will).where(IS_RECEIPT, _TO, _GOES, _went_or_will >= bindparam("at")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Questions about letters, and the notes tickets take of them, within one transaction."""

    connection: Connection
    keys: Keys

    def get(self, row: int) -> Letter:
        """One letter. Raises `LookupError`."""
        found = self._letters(_GET, row=row)
        if not found:
            raise LookupError(f"no letter {row}")
        return found[0]

    def by_message_id(self, message_id: str) -> Letter | None:
        """The letter of ours with this Message-ID (without angle brackets): a bounce or a reply is about it."""
        return next(iter(self._letters(_BY_MESSAGE_ID, message=self.keys.keyring.message_id(message_id))), None)

    def of_ticket(self, ticket_id: int) -> list[Letter]:
        """Every letter of a ticket, the oldest first."""
        return self._letters(_OF_TICKET, ticket=ticket_id)

    def carried_by(self, row: int) -> list[int]:
        """The tickets whose acknowledgements this letter took the place of; none of a letter that is about one."""
        return list(self.connection.execute(_CARRIED, {"row": row}).scalars())

    def overdue(self, now: datetime) -> list[Letter]:
        """Unsent letters past their `alarm_at`, the latest of them last."""
        return self._letters(_OVERDUE, now=micros(now))

    def crowded(self, now: datetime) -> list[list[Letter]]:
        """Of each recipient of whom one receipt is past its `latest_at`, all the receipts that no server was offered yet, where
        there are several; the oldest first."""
        recipients = _OVERDUE_TO(self.connection, now=micros(now)).scalars().all()
        waiting = (self._letters(_RECEIPTS_WAITING, recipient=one) for one in recipients)
        return [letters for letters in waiting if len(letters) > 1]

    def unnoted(self, limit: int) -> list[Settled]:
        """Letters that were sent, failed or bounced, whose tickets do not know it yet."""
        return [_settled(row) for row in self.connection.execute(_UNNOTED, {"limit": limit})]

    def note(self, rows: Collection[int], *, now: datetime) -> None:
        """Their tickets know now."""
        self._change(_NOTE, rows=list(rows), now=micros(now))

    def bounced(self, row: int, *, now: datetime) -> None:
        """The letter came back after all; its ticket, and those whose letters it carried, are to be told (`unnoted`)."""
        self._change(_BOUNCED, row=row, now=micros(now))
        self._change(_UNNOTE, row=row)

    def oldest_unsent(self) -> datetime | None:
        """When the oldest letter that is not sent was made."""
        return moment(self.connection.execute(_OLDEST_UNSENT).scalar())

    def depth(self) -> int:
        """How many letters are not sent yet."""
        return self.connection.execute(_DEPTH).scalar_one()

    def sent_since(self, at: datetime) -> int:
        """How many letters left at or after `at`: the fuse."""
        return self.connection.execute(_COUNT_SENT, {"at": micros(at)}).scalar_one()

    def failed_since(self, at: datetime) -> int:
        """How many letters were given up at or after `at`."""
        return self.connection.execute(_COUNT_FAILED, {"at": micros(at)}).scalar_one()

    def receipts_since(self, at: datetime, *, recipient: str | None = None) -> list[datetime]:
        """The moments of receipts at or after `at`, in order: when those to anybody were sent, or when those to one recipient were
        sent or may go at the earliest."""
        if recipient is None:
            return self._moments(_RECEIPTS_SENT, at=micros(at))
        return self._moments(_RECEIPTS_TO, at=micros(at), recipient=self.keys.keyring.address(recipient))

    def _letters(self, question: Executable, **values: object) -> list[Letter]:
        return [_letter(row) for row in self.connection.execute(question, values)]

    def _moments(self, question: Compiled, **values: object) -> list[datetime]:
        return [moment(column) for column in sorted(question(self.connection, **values).scalars())]

    def _change(self, statement: Update, **values: object) -> int:
        return self.connection.execute(statement, values).rowcount


def _letter(row: AnyRow) -> Letter:
    cells = dict(row._mapping)
    moments = {name: moment(cells[name]) for name in cells if name.endswith("_at")}
    return Letter(**cells | moments | {"state": State(row.state)})


def _settled(row: AnyRow) -> Settled:
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
