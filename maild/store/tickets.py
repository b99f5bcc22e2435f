"""Tickets and their histories. A ticket's columns are what queries need of it; everything else is in its entries, sealed.

`version` is the number of entries: whoever decided on fewer than there are now has to decide again.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update

from maild.errors import PassesByItself, TicketChanged
from maild.playbook.entry import Entry, What
from maild.store.agenda import Agenda
from maild.store.facts import read, written
from maild.store.inbox import AlreadyFiled
from maild.store.moments import micros, moment
from maild.store.schema import AnyRow, entries, keys, tickets
from maild.store.sealed import Key
from maild.store.statements import Compiled, Insertion


class CodeTaken(PassesByItself):
    """Another ticket has this code name: take the next one."""


class ReferenceTaken(PassesByItself):
    """Another ticket has this reference: take the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What queries need of a ticket; the playbook works it out of the entries."""

    state: str
    next_at: datetime | None = None
    urgent: bool = False
    lead: str | None = None
    acknowledge_due_at: datetime | None = None
    acknowledged_at: datetime | None = None
    respond_due_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A ticket as it stands. `told_at`: when staff were told of it; `survivor_id`: the ticket it was merged into."""

    id: int
    code: str
    reference: str
    version: int
    received_at: datetime
    opened_at: datetime
    told_at: datetime | None
    survivor_id: int | None
    columns: Columns
    entries: tuple[Entry, ...] = field(repr=False)


_NAMES = tuple(Columns.__dataclass_fields__)
_TICKET = tickets.c.id == bindparam("ticket")
_INSERT = Insertion(tickets, unless_there=True)
_INSERT_ENTRIES = Insertion(entries)
_APPEND = Compiled(
    update(tickets)
    .where(_TICKET, tickets.c.version == bindparam("seen_version"))
    .values({name: bindparam(name) for name in (*_NAMES, "version")})
)
_LOAD = (
    select(tickets, keys.c.wrapped)
    .join_from(tickets, keys, keys.c.id == tickets.c.key_id)
    .where(tickets.c.id.in_(bindparam("ids", expanding=True)))
)
_HISTORY = select(entries).where(entries.c.ticket_id.in_(bindparam("ids", expanding=True))).order_by(entries.c.ticket_id, entries.c.n)
_TAKEN = select(
    select(func.count()).where(_TICKET).scalar_subquery(), select(func.count()).where(tickets.c.code == bindparam("word")).scalar_subquery()
)
_MERGE = update(tickets).where(_TICKET).values(survivor_id=bindparam("survivor"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets(Agenda):
    """Tickets within one transaction."""

    def open(
        self,
        *,
        ticket_id: int,
        code: str,
        reference: str,
        received_at: datetime,
        reporter_address: str | None,
        columns: Columns,
        entries: Sequence[Entry],
        now: datetime,
        key_of: int | None,
    ) -> int:
        """A new ticket; the answer is its version.

        It is sealed with the key of the inbox row `key_of`, unless another ticket owns that one already: one mail may open several
        tickets, and erasing one must not reach the others. Raises `CodeTaken`, `ReferenceTaken`, or `AlreadyFiled` where another daemon
        opened this very ticket; the transaction goes on all the same.
        """
        given = None if key_of is None else self.keys.give(key_of, ticket_id=ticket_id)
        key = given or self.keys.make(now, ticket_id=ticket_id)
        row = {"id": ticket_id, "key_id": key.id, "code": code, "reference": reference, "version": len(entries)}
        row |= {"received_at": micros(received_at), "opened_at": micros(now)}
        if reporter_address is not None:
            row["reporter_index"] = self.keys.keyring.address(reporter_address)
            row["reporter_domain_index"] = self.keys.keyring.domain(reporter_address)
        if not _INSERT(self.connection, row | _written(columns)):
            raise self._taken(ticket_id, code=code)
        self.keys.seals(ticket_id, key=key)
        self._add(ticket_id, entries=entries, key=key, after=0)
        return len(entries)

    def append(self, ticket_id: int, *, version: int, entries: Sequence[Entry], columns: Columns) -> int:
        """Go on with a ticket's history; the answer is the new version. Raises `TicketChanged` where it is not at `version`."""
        later = version + len(entries)
        row = _written(columns) | {"ticket": ticket_id, "seen_version": version, "version": later}
        if not _APPEND(self.connection, **row).rowcount:
            raise TicketChanged("The ticket moved on: decide once more.")
        if entries:
            self._add(ticket_id, entries=entries, key=self.keys.of_ticket(ticket_id), after=version)
        return later

    def load(self, ticket_id: int) -> Stored:
        """A ticket with its history. Raises `LookupError`; `Destroyed` after erasure."""
        loaded = self.load_many([ticket_id])
        if not loaded:
            raise LookupError(f"no ticket {ticket_id}")
        return loaded[0]

    def load_many(self, ticket_ids: Collection[int]) -> list[Stored]:
        """Several tickets in the order given; those that do not exist are left out. Raises `Destroyed` after erasure."""
        found = {row.id: row for row in self.connection.execute(_LOAD, {"ids": list(ticket_ids)})}
        ring = self.keys.keyring
        opened = {row.id: ring.open(row.key_id, row.wrapped) for row in found.values()}
        history: dict[int, list[Entry]] = {ticket_id: [] for ticket_id in found}
        for row in self.connection.execute(_HISTORY, {"ids": list(found)}):
            history[row.ticket_id].append(_entry(row, key=opened[row.ticket_id]))
        return [_stored(found[ticket_id], history=history[ticket_id]) for ticket_id in ticket_ids if ticket_id in found]

    def merge(self, ticket_id: int, *, into: int | None) -> None:
        """What comes for `ticket_id` from now on belongs to `into`; with None to itself again."""
        self.connection.execute(_MERGE, {"ticket": ticket_id, "survivor": into})

    def _taken(self, ticket_id: int, *, code: str) -> PassesByItself:
        ids, codes = self.connection.execute(_TAKEN, {"ticket": ticket_id, "word": code}).one()
        if ids:
            return AlreadyFiled("Another daemon opened this ticket.")
        return CodeTaken("This code name is taken.") if codes else ReferenceTaken("This reference is taken.")

    def _add(self, ticket_id: int, *, entries: Iterable[Entry], key: Key, after: int) -> None:
        rows = [_entry_row(ticket_id, n, entry, key) for n, entry in enumerate(entries, after + 1)]
        _INSERT_ENTRIES(self.connection, *rows)


def _written(columns: Columns) -> dict[str, str | int | None]:
    """The columns as the table holds them."""
    return {name: _cell(getattr(columns, name)) for name in _NAMES}


def _cell(value: Any) -> str | int | None:
    return micros(value) if isinstance(value, datetime) else int(value) if isinstance(value, bool) else value


def columns_of(row: AnyRow) -> Columns:
    """The columns of a row of the table."""
    cells = {name: getattr(row, name) for name in _NAMES}
    moments = {name: moment(cells[name]) for name in _NAMES if name.endswith("_at")}
    return Columns(**cells | moments | {"urgent": bool(row.urgent)})


def _entry_row(ticket_id: int, n: int, entry: Entry, key: Key) -> dict[str, object]:
    facts = key.seal(written(entry.facts), place="entries.facts", row=f"{ticket_id}.{n}")
    return {"ticket_id": ticket_id, "n": n, "what": entry.what.value, "at": micros(entry.at), "by_": entry.by, "facts": facts}


def _entry(row: AnyRow, *, key: Key) -> Entry:
    facts = read(key.unseal(row.facts, place="entries.facts", row=f"{row.ticket_id}.{row.n}"))
    return Entry(what=What(row.what), at=moment(row.at), by=row.by_, facts=facts)


def _stored(row: AnyRow, *, history: Sequence[Entry]) -> Stored:
    return Stored(
        id=row.id,
        code=row.code,
        reference=row.reference,
        version=row.version,
        received_at=moment(row.received_at),
        opened_at=moment(row.opened_at),
        told_at=moment(row.told_at),
        survivor_id=row.survivor_id,
        columns=columns_of(row),
        entries=tuple(history),
    )
