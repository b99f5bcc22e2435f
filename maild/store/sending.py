"""The outbox as delivery sees it: claim, the dot, settle.

SENT is recorded whatever happened in between; every other word about a letter counts only while it is still the claimer's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Executable, bindparam, func, literal_column, or_, select, text, update

from maild.errors import PassesByItself
from maild.ports import Answer, Outcome, Parcel
from maild.store.letters import IS_RECEIPT, ROW, ROWS, WAITING, Letters, State
from maild.store.locks import Claim, Locks
from maild.store.moments import micros, moment
from maild.store.parcels import opened
from maild.store.schema import ONE, AnyRow, keys, outbox, parcels
from maild.store.sealed import Key
from maild.store.statements import Compiled

SENDING = text("outbox.state = 'SENDING'")
UNBUDGETED = 0
"""The rank of letters no budget holds; ranks above it are receipts, the lower the sooner."""


class ClaimLost(PassesByItself):
    """Another daemon took this letter over: do not send it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A letter to be sent now. `attempts` counts this one."""

    id: int
    ticket_id: int | None
    letter: str
    role: str
    handle: str | None
    parcel: Parcel = field(repr=False)
    rank: int
    attempts: int
    made_at: datetime


_ENDS = {
    Outcome.DELIVERED: State.SENT,
    Outcome.DEFERRED: State.DEFERRED,
    Outcome.FAILED: State.FAILED,
    Outcome.UNCERTAIN: State.UNCERTAIN,
}

_NOW: BindParameter[int] = bindparam("now")
_ANY_DUE = select(ONE).select_from(outbox).where(WAITING, outbox.c.next_at <= _NOW).limit(1)
_RECEIPT_DUE = Compiled(_ANY_DUE.where(IS_RECEIPT))
_DUE = select(outbox.c.id).where(WAITING, outbox.c.next_at <= _NOW).limit(bindparam("limit")).with_for_update(skip_locked=True)
_FREE = _DUE.where(outbox.c.rank == literal_column("0")).order_by(outbox.c.made_at, outbox.c.id)
_OUTGROWN = _DUE.where(outbox.c.latest_at <= _NOW).order_by(outbox.c.latest_at, outbox.c.id)
_WITHIN_BUDGET = _DUE.where(IS_RECEIPT, or_(outbox.c.latest_at.is_(None), outbox.c.latest_at > _NOW))
_RECEIPTS = _WITHIN_BUDGET.order_by(outbox.c.rank, outbox.c.turn, outbox.c.made_at, outbox.c.id)
_MINE = (ROW, SENDING, outbox.c.attempts == bindparam("attempt"))
_CLAIM = update(outbox).where(ROWS, WAITING).values(state=State.SENDING, phase=None, attempts=outbox.c.attempts + 1).returning(outbox.c.id)
_CLAIMED = (
    select(outbox, parcels.c.parcel, keys.c.wrapped)
    .join_from(outbox, parcels)
    .join(keys, keys.c.id == outbox.c.key_id)
    .where(ROWS, SENDING)
)
_BEFORE_DOT = outbox.c.phase.is_(None)
_RETURN = Compiled(update(outbox).where(*_MINE, _BEFORE_DOT).values(state=State.PENDING, attempts=outbox.c.attempts - 1))
_DOT = Compiled(update(outbox).where(*_MINE, _BEFORE_DOT).values(phase="dot"))
_UNDOT = Compiled(update(outbox).where(*_MINE).values(phase=None))
_ANSWERED: dict[str, BindParameter[object] | None] = {
    "state": bindparam("new_state"),
    "phase": None,
    "code": bindparam("smtp_code"),
    "answer": bindparam("sealed_answer"),
}
_SENT = Compiled(update(outbox).where(ROW).values(**_ANSWERED, settled_at=_NOW))
_FAILED = Compiled(update(outbox).where(*_MINE).values(**_ANSWERED, settled_at=_NOW))
_AGAIN = Compiled(update(outbox).where(*_MINE).values(**_ANSWERED, next_at=bindparam("then")))
_SENDING = select(outbox.c.id, outbox.c.attempts).where(SENDING)
_STALE_BEFORE_DOT = update(outbox).where(*_MINE, _BEFORE_DOT).values(state=State.PENDING)
_STALE_AFTER_DOT = update(outbox).where(*_MINE, ~_BEFORE_DOT).values(state=State.UNCERTAIN, phase=None, next_at=bindparam("then"))
_NEXT_DUE = select(func.min(outbox.c.next_at)).where(WAITING, outbox.c.next_at > _NOW)
_NEXT_LATEST = select(func.min(outbox.c.latest_at)).where(WAITING, outbox.c.latest_at > _NOW)
_KEY = select(keys.c.id, keys.c.wrapped).join_from(outbox, keys, keys.c.id == outbox.c.key_id).where(ROW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is to be done once the transaction is over: `kept` after its commit, `undone` after its rollback."""

    kept: list[Callable[[], None]] = field(default_factory=list)
    undone: list[Callable[[], None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending(Letters):
    """The side of the outbox that delivery sees, within one transaction."""

    locks: Locks
    ending: Ending

    def due(self, now: datetime) -> bool:
        """Is any letter due, budgets aside?"""
        return self.connection.execute(_ANY_DUE, {"now": micros(now)}).first() is not None

    def receipt_due(self, now: datetime) -> bool:
        """Is any receipt due, budgets aside?"""
        return _RECEIPT_DUE(self.connection, now=micros(now)).first() is not None

    def claim(self, now: datetime, *, limit: int, receipts_allowed: int, receipts_only: bool = False) -> list[Claimed]:
        """Letters to send now, at most `limit`, in the order in which they are to go.

        First receipts past their `latest_at`, which no budget holds any more; then receipts within their budget, by rank, and within
        a rank the domains take turns; then what no budget holds, oldest first, however long that has waited. The budgets keep
        receipts so few that nothing else starves.
        """
        rows = self._ids(_OUTGROWN, now=micros(now), limit=limit)
        rows += self._ids(_RECEIPTS, now=micros(now), limit=max(0, min(limit - len(rows), receipts_allowed)))
        rows += [] if receipts_only else self._ids(_FREE, now=micros(now), limit=limit - len(rows))
        won = self.locks.take(rows)
        self.ending.undone.append(lambda: self.locks.release(won))
        claimed = self._ids(_CLAIM, rows=won)
        self.locks.release(set(won).difference(claimed))  # another daemon was quicker, and has finished
        found = {row.id: row for row in self.connection.execute(_CLAIMED, {"rows": claimed})}
        return [self._claimed(found[row]) for row in rows if row in found]

    def dot(self, row: int) -> None:
        """The final dot is about to go out; commit before it does. Raises `ClaimLost`: then it must not."""
        claim = self.locks.claims.get(row)
        if claim is None or not _DOT(self.connection, row=row, attempt=claim.attempts).rowcount:
            raise ClaimLost("Another daemon took this letter over.")

    def undot(self, row: int) -> None:
        """The dot that was recorded did not go out, as is known for sure: the server was not even asked for this letter."""
        claim = self.locks.claims.get(row)
        if claim is not None:
            _UNDOT(self.connection, row=row, attempt=claim.attempts)

    def settle(self, row: int, *, answer: Answer, now: datetime, next_at: datetime | None = None) -> None:
        """Record how an attempt ended. `next_at` is for what waits again, DEFERRED and UNCERTAIN; without it `ValueError`.

        DELIVERED is recorded always: fencing it by the attempt's number doubled 16 of 600 letters. Everything else counts only
        where the letter is still ours.
        """
        claim = self.locks.claims.get(row) or Claim(attempts=-1, key=self._key(row))
        sealed = claim.key.seal(answer.text.encode("utf-8", "backslashreplace"), place="outbox.answer", row=row)
        values = {"row": row, "new_state": _ENDS[answer.outcome], "smtp_code": answer.code, "sealed_answer": sealed, "now": micros(now)}
        match answer.outcome:
            case Outcome.DELIVERED:
                _SENT(self.connection, **values)
            case Outcome.FAILED:
                _FAILED(self.connection, **values, attempt=claim.attempts)
            case Outcome.DEFERRED | Outcome.UNCERTAIN if next_at is not None:
                _AGAIN(self.connection, **values, attempt=claim.attempts, then=micros(next_at))
            case _:
                raise ValueError("a letter that waits needs its next_at")
        self.ending.kept.append(lambda: self.locks.release([row]))

    def return_to_pending(self, row: int) -> None:
        """The server went away before MAIL FROM, which says nothing of this letter: the attempt does not count, it is due at once.

        A letter past its dot stays where it is, for nobody knows what became of it; `recover` will find it.
        """
        claim = self.locks.claims.get(row)
        if claim is not None and _RETURN(self.connection, row=row, attempt=claim.attempts).rowcount:
            self.ending.kept.append(lambda: self.locks.release([row]))

    def recover(self, now: datetime, *, uncertain_after: timedelta) -> int:
        """Take back letters that nobody is sending any more; the answer is how many. Ask while nothing of ours is under way.

        These are letters whose sender died, and our own whose end could not be written down. Before the dot they were surely not
        sent. After it nobody knows, so they wait `uncertain_after` for the world to calm.
        """
        sending = {row.id: row.attempts for row in self.connection.execute(_SENDING)}
        ours = [row for row, claim in self.locks.claims.items() if sending.get(row) == claim.attempts]
        stale = ours + self.locks.take(sending)
        self.ending.kept.append(lambda: self.locks.release(stale))
        self.ending.undone.append(lambda: self.locks.release(stale))
        rows = [{"row": row, "attempt": sending[row], "then": micros(now + uncertain_after)} for row in stale]
        for statement in (_STALE_BEFORE_DOT, _STALE_AFTER_DOT) if rows else ():
            self.connection.execute(statement, rows)
        return len(stale)

    def next_due(self, now: datetime) -> datetime | None:
        """The next moment after `now` at which a letter becomes due, or outgrows its budget."""
        moments = (self.connection.execute(question, {"now": micros(now)}).scalar() for question in (_NEXT_DUE, _NEXT_LATEST))
        return moment(min((at for at in moments if at is not None), default=None))

    def _ids(self, statement: Executable, **values: object) -> list[int]:
        return list(self.connection.execute(statement, values).scalars())

    def _key(self, row: int) -> Key:
        found = self.connection.execute(_KEY, {"row": row}).one()
        return self.keys.keyring.open(found.id, found.wrapped)

    def _claimed(self, row: AnyRow) -> Claimed:
        key = self.keys.keyring.open(row.key_id, row.wrapped)
        self.locks.claims[row.id] = Claim(attempts=row.attempts, key=key)
        return Claimed(
            id=row.id,
            ticket_id=row.ticket_id,
            letter=row.letter,
            role=row.role,
            handle=row.handle,
            parcel=opened(key.unseal(row.parcel, place="parcels.parcel", row=row.id)),
            rank=row.rank,
            attempts=row.attempts,
            made_at=moment(row.made_at),
        )
