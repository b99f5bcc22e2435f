"""The first station: mails as they came. A row is committed before anything looks at its bytes, and it is never deleted.

NEW rows wait for casework. FILED: a ticket has it, or it needed none (`kind` says why). QUARANTINED: it raised, a person has to look.
DISCARDED: a person looked and wants nothing done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import accumulate

from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select, update

from maild.errors import PassesByItself
from maild.store.arrivals import Arrivals
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, inbox, keys, raws
from maild.store.sealed import Key
from maild.store.statements import Compiled

BATCH_BYTES = 32 * 1024 * 1024
"""At most so much raw mail is claimed at once (but always one mail): fifty mails at the size limit would fill the memory."""

QUARANTINE = "quarantine"
"""The alarm that stands while a mail is in quarantine."""

GAVE_UP = "attempts"
"""The reason of a mail that was quarantined because every attempt ended without a word: it ends the program that looks at it."""


class State(StrEnum):
    """Where a mail stands."""

    NEW = "NEW"
    FILED = "FILED"
    QUARANTINED = "QUARANTINED"
    DISCARDED = "DISCARDED"


class AlreadyFiled(PassesByItself):
    """Another daemon filed this mail in the meantime; nothing is left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A mail for casework to look at. `attempts` counts this one; `last` is set when no further one will be made."""

    id: int
    account: str
    raw: bytes = field(repr=False)
    seed: bytes = field(repr=False)
    received_at: datetime
    attempts: int
    last: bool
    junk: bool
    truncated: bool
    silent: bool
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A mail that raised. `error` is empty where nothing was heard of it (`reason` is then `GAVE_UP`)."""

    id: int
    account: str
    received_at: datetime
    quarantined_at: datetime
    attempts: int
    size: int
    reason: str
    error: str = field(repr=False)


def _is(state: State) -> ColumnElement[bool]:
    return inbox.c.state == literal_column(f"'{state}'")  # not bound: only a constant makes SQLite use a partial index


_ROW = inbox.c.id == bindparam("row")
_ROWS = inbox.c.id.in_(bindparam("rows", expanding=True))
_DUE = (
    select(inbox.c.id, inbox.c.attempts, inbox.c.size)
    .where(_is(State.NEW), or_(inbox.c.retry_at.is_(None), inbox.c.retry_at <= bindparam("now")))
    .order_by(inbox.c.received_at, inbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_COUNT_ATTEMPT = update(inbox).where(_ROWS).values(attempts=inbox.c.attempts + 1)
_UNCOUNT_ATTEMPT = update(inbox).where(_ROWS, _is(State.NEW)).values(attempts=inbox.c.attempts - 1)
_GIVE_UP = (
    update(inbox)
    .where(_is(State.NEW), inbox.c.attempts > literal_column("0"), inbox.c.attempts > bindparam("most"))
    .values(state=State.QUARANTINED, reason=GAVE_UP, settled_at=bindparam("now"))
)
_WAITING = (
    select(inbox, raws.c.raw, keys.c.wrapped)
    .join_from(inbox, raws)
    .join(keys, keys.c.id == inbox.c.key_id)
    .where(_ROWS)
    .order_by(inbox.c.received_at, inbox.c.id)
)
_SETTLE = (
    update(inbox)
    .where(_ROW, _is(State.NEW))
    .values(
        state=bindparam("new_state"),
        settled_at=bindparam("now"),
        kind=bindparam("new_kind"),
        reason=bindparam("why"),
        ticket_id=bindparam("ticket"),
    )
)
_FILE = Compiled(_SETTLE.values(seed=None, error=None))
_QUARANTINE = _SETTLE.values(error=bindparam("sealed_error"))
_RETRY_LATER = update(inbox).where(_ROW, _is(State.NEW)).values(retry_at=bindparam("at"))
_RELEASE = (
    update(inbox)
    .where(_ROW, _is(State.QUARANTINED))
    .values(state=State.NEW, attempts=0, retry_at=None, settled_at=None, reason=None, error=None)
)
_DISCARD = update(inbox).where(_ROW, _is(State.QUARANTINED)).values(state=State.DISCARDED, settled_at=bindparam("now"))
_QUARANTINED = select(inbox, keys.c.wrapped).join_from(inbox, keys).where(_is(State.QUARANTINED)).order_by(inbox.c.received_at, inbox.c.id)
_COUNTS = select(inbox.c.state, func.count().label("many")).group_by(inbox.c.state)
_OLDEST = select(func.min(inbox.c.received_at)).where(_is(State.NEW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox(Arrivals):
    """The inbox within one transaction."""

    def claim(self, limit: int, *, now: datetime, max_attempts: int) -> list[Waiting]:
        """Mails to look at, oldest receipt first, each attempt counted before it is made: commit before the work starts.

        A mail whose attempt never came to an end may have ended the program, so it comes alone the next time, and its neighbours
        are safe. After `max_attempts` it comes once more with `last` set, to be filed unread; after that it is quarantined.
        """
        self.connection.execute(_GIVE_UP, {"most": max_attempts, "now": micros(now)})
        due = self.connection.execute(_DUE, {"now": micros(now), "limit": limit}).all()
        rows = [row.id for row in _together(due)]
        if not rows:
            return []
        self.connection.execute(_COUNT_ATTEMPT, {"rows": rows})
        waiting = self.connection.execute(_WAITING, {"rows": rows})
        return [_waiting(row, key=self.keys.keyring.open(row.key_id, row.wrapped), most=max_attempts) for row in waiting]

    def get(self, inbox_id: int) -> Waiting:
        """A mail wherever it stands; its seed is empty once it is filed. Raises `LookupError`; `Destroyed` after erasure."""
        row = self.connection.execute(_WAITING, {"rows": [inbox_id]}).one_or_none()
        if row is None:
            raise LookupError(f"no mail {inbox_id}")
        return _waiting(row, key=self.keys.keyring.open(row.key_id, row.wrapped), most=row.attempts)

    def give_back(self, inbox_ids: Sequence[int]) -> None:
        """Claimed mails nobody began to look at (the daemon stops): their attempts do not count."""
        self.connection.execute(_UNCOUNT_ATTEMPT, {"rows": list(inbox_ids)})

    def file(self, inbox_id: int, *, kind: str, reason: str, ticket_id: int | None, now: datetime) -> None:
        """The mail is dealt with; its key belongs to the ticket from now on. Raises `AlreadyFiled`."""
        settled = {"row": inbox_id, "new_state": State.FILED, "new_kind": kind, "why": reason, "ticket": ticket_id}
        if not _FILE(self.connection, **settled, now=micros(now)).rowcount:
            raise AlreadyFiled("Another daemon filed this mail.")
        if ticket_id is not None:
            self.keys.give(inbox_id, ticket_id=ticket_id)

    def retry_later(self, inbox_id: int, *, at: datetime) -> None:
        """Do not claim the mail again before `at`."""
        self.connection.execute(_RETRY_LATER, {"row": inbox_id, "at": micros(at)})

    def quarantine(self, inbox_id: int, *, error: str, now: datetime, reason: str = "raised") -> None:
        """The mail raised: keep it, with what was said, until a person decides."""
        sealed = self.keys.of_inbox(inbox_id).seal(error.encode("utf-8", "backslashreplace"), place="inbox.error", row=inbox_id)
        settled = {"row": inbox_id, "new_state": State.QUARANTINED, "new_kind": None, "why": reason, "ticket": None}
        self.connection.execute(_QUARANTINE, {**settled, "now": micros(now), "sealed_error": sealed})

    def quarantined(self) -> list[Quarantined]:
        """All of them, oldest receipt first."""
        rows = self.connection.execute(_QUARANTINED)
        return [_quarantined(row, key=self.keys.keyring.open(row.key_id, row.wrapped)) for row in rows]

    def release(self, inbox_id: int) -> bool:
        """Let a quarantined mail be tried again as if new; false where it is not in quarantine."""
        return bool(self.connection.execute(_RELEASE, {"row": inbox_id}).rowcount)

    def discard(self, inbox_id: int, *, now: datetime) -> bool:
        """A person wants nothing done about a quarantined mail; false where it is not in quarantine. Its bytes are kept."""
        return bool(self.connection.execute(_DISCARD, {"row": inbox_id, "now": micros(now)}).rowcount)

    def raw(self, inbox_id: int) -> bytes:
        """The bytes as they came. Raises `LookupError` where none were kept; `Destroyed` after erasure."""
        return self.get(inbox_id).raw

    def counts(self) -> dict[State, int]:
        """How many mails stand where; states without one are 0."""
        return dict.fromkeys(State, 0) | {State(row.state): row.many for row in self.connection.execute(_COUNTS)}

    def oldest_new(self) -> datetime | None:
        """The receipt of the mail that has waited longest for casework."""
        return moment(self.connection.execute(_OLDEST).scalar())


def _together(due: Sequence[AnyRow]) -> Sequence[AnyRow]:
    """The first of the due rows that may share one batch: untried ones within `BATCH_BYTES`, or a single one."""
    if not due or due[0].attempts:
        return due[:1]
    sizes = accumulate(row.size for row in due)
    fitting = sum(1 for row, size in zip(due, sizes, strict=True) if size <= BATCH_BYTES)
    untried = next((n for n, row in enumerate(due) if row.attempts), len(due))
    return due[: max(1, min(fitting, untried))]


def _waiting(row: AnyRow, *, key: Key, most: int) -> Waiting:
    return Waiting(
        id=row.id,
        account=row.account,
        raw=key.unseal(row.raw, place="raws.raw", row=row.id),
        seed=b"" if row.seed is None else key.unseal(row.seed, place="inbox.seed", row=row.id),
        received_at=moment(row.received_at),
        attempts=row.attempts,
        last=row.attempts > most,
        junk=row.folder_role == "junk",
        truncated=bool(row.truncated),
        silent=bool(row.silent),
        size=row.size,
    )


def _quarantined(row: AnyRow, *, key: Key) -> Quarantined:
    error = b"" if row.error is None else key.unseal(row.error, place="inbox.error", row=row.id)
    return Quarantined(
        id=row.id,
        account=row.account,
        received_at=moment(row.received_at),
        quarantined_at=moment(row.settled_at),
        attempts=row.attempts,
        size=row.size,
        reason=row.reason,
        error=error.decode(),
    )
