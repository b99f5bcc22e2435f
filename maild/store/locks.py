"""Who works on what: one daemon for an SQLite file; on PostgreSQL, one of several daemons for a letter or a job.

A lease would end while its holder is stopped (SIGSTOP doubled 21 of 600 letters); a session's advisory lock ends with the session.
They live on a connection of their own that is in no pool: a pooled one would keep them and win them again.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import RLock

from sqlalchemy import Connection, Engine, TextClause, text

from maild.errors import AlreadyRunning, MaildError
from maild.store.engine import parse
from maild.store.schema import AnyRow
from maild.store.sealed import Key

HOUSE = 0x6D61696C
"""The first half of our advisory locks' names ("mail"); the second half of the fixed ones follows."""
JOURNAL = 1
UPGRADE = 2
LEADERS = HOUSE + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A letter this program is sending: at which attempt, sealed with which key."""

    attempts: int
    key: Key


class Locks:
    """Claims of the only daemon there is (SQLite): nothing to agree with anybody."""

    def __init__(self) -> None:
        self._held: set[int] = set()
        self.claims: dict[int, Claim] = {}

    def take(self, rows: Iterable[int]) -> list[int]:
        """Those of these rows nobody works on; they are ours from now on. Raises `StoreAway`."""
        won = [row for row in rows if row not in self._held]
        self._held.update(won)
        return won

    def release(self, rows: Iterable[int]) -> None:
        """Let go of rows we took. Never raises: a lost connection has let go of them already."""
        for row in rows:
            self._held.discard(row)
            self.claims.pop(row, None)

    def lead(self, name: str) -> bool:
        """Are we the one daemon that does this job? Ask before each turn. Raises `StoreAway`."""
        del name
        return True

    def resign(self, name: str) -> None:
        """Let another daemon do this job, until we ask for it again. Never raises."""

    def close(self) -> None:
        """Let go of everything."""
        self._held.clear()
        self.claims.clear()


_TAKE = text("SELECT id FROM unnest(CAST(:rows AS bigint[])) AS wanted(id) WHERE pg_try_advisory_lock(id)")
_RELEASE = text("SELECT pg_advisory_unlock(id) FROM unnest(CAST(:rows AS bigint[])) AS held(id)")
_LEAD = text("SELECT pg_try_advisory_lock(:house, :name)")
_RESIGN = text("SELECT pg_advisory_unlock(:house, :name)")
_PING = text("SELECT true")


class SharedLocks(Locks):
    """Claims of one daemon among several (PostgreSQL), used by all its threads. Where the connection breaks, all are lost."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._connection: Connection | None = None
        self._leading: set[str] = set()
        self._one_at_a_time = RLock()
        """Held from the question until its answer is written down: else another thread's broken connection would be forgotten again."""

    def take(self, rows: Iterable[int]) -> list[int]:
        """Those of these rows nobody works on; they are ours from now on. Raises `StoreAway`."""
        with self._one_at_a_time:
            free = [row for row in rows if row not in self._held]
            won = [row.id for row in self._ask(_TAKE, rows=free)] if free else []
            return super().take(won)

    def release(self, rows: Iterable[int]) -> None:
        """Let go of rows we took. Never raises: a lost connection has let go of them already."""
        with self._one_at_a_time, suppress(MaildError):
            held = [row for row in rows if row in self._held]
            super().release(held)
            if held:
                self._ask(_RELEASE, rows=held)

    def lead(self, name: str) -> bool:
        """Are we the one daemon that does this job? Ask before each turn. Raises `StoreAway`."""
        with self._one_at_a_time:
            if name in self._leading:
                self._ask(_PING)
            elif self._ask(_LEAD, house=LEADERS, name=_number(name))[0][0]:
                self._leading.add(name)
            return name in self._leading

    def resign(self, name: str) -> None:
        """Let another daemon do this job, until we ask for it again. Never raises."""
        with self._one_at_a_time, suppress(MaildError):
            if name in self._leading:
                self._leading.remove(name)
                self._ask(_RESIGN, house=LEADERS, name=_number(name))

    def close(self) -> None:
        """Let go of everything."""
        with self._one_at_a_time:
            self._let_go()

    def _ask(self, question: TextClause, **values: object) -> Sequence[AnyRow]:
        try:
            self._connection = self._connection or self._engine.connect()
            return self._connection.execute(question, values).all()
        except MaildError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        super().close()
        self._leading.clear()
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _number(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:4], signed=True)


def nobody_else(url: str) -> AbstractContextManager[object]:
    """While the block runs no daemon has this SQLite file open; PostgreSQL's administrator sees to it there. Raises `AlreadyRunning`."""
    parsed = parse(url)
    return closing(DaemonLock(parsed.database or "")) if parsed.get_backend_name() == "sqlite" else nullcontext()


class DaemonLock:
    """The right to be the daemon of an SQLite file, held by `flock` beside it until the process ends or `close`."""

    def __init__(self, database: str) -> None:
        self._file = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise AlreadyRunning("Another maild has this database open: stop it first.") from error

    def close(self) -> None:
        """Let the next daemon in."""
        os.close(self._file)
