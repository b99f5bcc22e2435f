"""The journal: what was done, without any personal text, in a chain of hashes that shows every later change.

Line n is canonical JSON that holds its own number and moment; its hash is SHA-256(hash of line n - 1, line n). Who cuts lines off
the end is found out by the anchors (number, hash) that leave the house in digests and log lines: see `hash_of`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text

from maild.playbook.entry import Fact
from maild.store.facts import canonical
from maild.store.locks import HOUSE, JOURNAL
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, journal
from maild.store.statements import Compiled, Insertion

START = bytes(32)
"""What the first line is chained to."""

OWN_NAMES = frozenset({"n", "at"})

_HEAD = Compiled(select(journal.c.n, journal.c.hash).order_by(journal.c.n.desc()).limit(1))
_INSERT = Insertion(journal)
_ALL = select(journal).order_by(journal.c.n)
_HASH_OF = select(journal.c.hash).where(journal.c.n == bindparam("line"))
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(:house, :name)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the journal."""

    n: int
    at: datetime
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal within one transaction."""

    connection: Connection
    _ours: list[tuple[int, bytes]] = field(default_factory=list)
    """The last line, once this transaction has written it: until its end nobody else writes."""

    def append(self, lines: Sequence[Mapping[str, Fact]], *, now: datetime) -> None:
        """Write lines at the end. Raises `ValueError` for facts with the journal's own names, `n` and `at`."""
        last, previous = self._ours[0] if self._ours else self._end()
        rows = []
        for n, facts in enumerate(lines, last + 1):
            if facts.keys() & OWN_NAMES:
                raise ValueError(f"{sorted(OWN_NAMES)} are the journal's own names")
            body = canonical({**facts, "n": n, "at": now.isoformat()})
            previous = _chained(previous, body)
            rows.append({"n": n, "at": micros(now), "body": body, "hash": previous})
        if rows:
            _INSERT(self.connection, *rows)
            self._ours[:] = [(last + len(rows), previous)]

    def forget(self) -> None:
        """After a rollback: what was written may never have happened."""
        self._ours.clear()

    def head(self) -> tuple[int, bytes]:
        """The number and hash of the last line; (0, zeros) in an empty journal."""
        row = _HEAD(self.connection).one_or_none()
        return (0, START) if row is None else (row.n, row.hash)

    def hash_of(self, n: int) -> bytes | None:
        """The hash of line n, to be held against an anchor; None where there is no such line (any more)."""
        return self.connection.execute(_HASH_OF, {"line": n}).scalar()

    def lines(self) -> Iterator[Line]:
        """Every line from the first."""
        for row in self.connection.execute(_ALL):
            yield Line(n=row.n, at=moment(row.at), facts=json.loads(row.body))

    def verify(self) -> int | None:
        """The number of the first line that was changed, moved or is missing; None where the chain holds."""
        previous = START
        for n, row in enumerate(self.connection.execute(_ALL), 1):
            if row.n != n or not _holds(row, previous):
                return n
            previous = row.hash
        return None

    def _end(self) -> tuple[int, bytes]:
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(_ONE_WRITER, {"house": HOUSE, "name": JOURNAL})
        return self.head()


def _chained(previous: bytes, body: str) -> bytes:
    return hashlib.sha256(previous + body.encode()).digest()


def _holds(row: AnyRow, previous: bytes) -> bool:
    if row.hash != _chained(previous, row.body):
        return False
    facts = json.loads(row.body)
    return bool(facts["n"] == row.n and facts["at"] == moment(row.at).isoformat())
