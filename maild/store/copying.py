"""Moving house: every row of one database into an empty other one, of whichever kind, with equal counts and checksums."""

from hashlib import sha256

from sqlalchemy import Connection, Table, func, select

from maild.store.backup import CopyRefused
from maild.store.engine import pooled_engine, transaction
from maild.store.locks import nobody_else
from maild.store.revision import check_revision
from maild.store.schema import metadata
from maild.store.statements import Insertion
from maild.store.upgrade import upgrade

AT_ONCE = 500
"""Rows carried together; a raw mail may have 25 MiB, but few do."""


def copy(url: str, *, to: str) -> dict[str, int]:
    """Carry every row over, and tell how many each table has; the key file stays the same.

    All or nothing: what is read back from the new database has the checksums of the old, or nothing is kept. Raises `AlreadyRunning`
    (stop maild first, or its next mail would stay behind), `CopyRefused` (the new database is not empty, or is not the same
    afterwards), `SchemaMismatch`, `DatabaseUnsafe`, `StoreAway`.
    """
    upgrade(to)
    old, new = pooled_engine(url, member="maild db copy", read_only=True), pooled_engine(to, member="maild db copy")
    try:
        with nobody_else(url), transaction(old, to_write=False) as source, transaction(new, to_write=True) as target:
            check_revision(source)
            return {table.name: _carried(table, source, target) for table in metadata.sorted_tables}
    finally:
        old.dispose()
        new.dispose()


def _carried(table: Table, source: Connection, target: Connection) -> int:
    if target.execute(select(func.count()).select_from(table)).scalar_one():
        raise CopyRefused("The new database holds rows already: copy into an empty one.")
    insertion = Insertion(table)
    for rows in source.execute(select(table)).mappings().partitions(AT_ONCE):
        insertion(target, *(dict(row) for row in rows))
    count, checksum = _sum(table, source)
    if _sum(table, target) != (count, checksum):
        raise CopyRefused(f"The table {table.name} does not read the same in the new database: nothing was kept there.")
    return count


def _sum(table: Table, connection: Connection) -> tuple[int, int]:
    """The number of rows, and a sum of their digests that is the same in whatever order they come."""
    count, total = 0, 0
    for rows in connection.execute(select(table)).partitions(AT_ONCE):
        count += len(rows)
        total += sum(int.from_bytes(sha256(repr(tuple(row)).encode()).digest()) for row in rows)
    return count, total
