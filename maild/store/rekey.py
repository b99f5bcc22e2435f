"""A new key file for an existing database: every key is wrapped anew, and nothing that is sealed has to be touched."""

from sqlalchemy import Connection, bindparam, select, update

from maild.store.engine import pooled_engine, transaction
from maild.store.keys import house
from maild.store.locks import nobody_else
from maild.store.revision import check_revision
from maild.store.schema import keys
from maild.store.sealed import HOUSE, Keyring, Sources

AT_ONCE = 1000

_NEXT = (
    select(keys.c.id, keys.c.wrapped).where(keys.c.wrapped.is_not(None), keys.c.id > bindparam("after")).order_by(keys.c.id).limit(AT_ONCE)
)
_REWRAP = update(keys).where(keys.c.id == bindparam("row")).values(wrapped=bindparam("again"))


def rekey(url: str, *, old: bytes, new: bytes, sources: Sources) -> int:
    """Let the key file `new` open what `old` opened; the answer is how many keys were wrapped anew.

    All or nothing: keep both files until it is done. Whoever has the old one and an old backup can still read that backup. Raises
    `AlreadyRunning`, `KeyFileInvalid` (`old` is not the key of this database), `SchemaMismatch`, `DatabaseUnsafe`, `StoreAway`.
    """
    engine = pooled_engine(url, member="maild db rekey")
    try:
        with nobody_else(url), transaction(engine, to_write=True) as connection:
            check_revision(connection)
            before = Keyring(old, sources=sources)
            before.move_in(house(connection) or b"")
            return _wrap_anew(connection, before, Keyring(new, sources=sources))
    finally:
        engine.dispose()


def _wrap_anew(connection: Connection, old: Keyring, new: Keyring) -> int:
    done, last = 0, HOUSE - 1
    while rows := connection.execute(_NEXT, {"after": last}).all():
        last = rows[-1].id
        done += len(rows)
        connection.execute(_REWRAP, [{"row": row.id, "again": old.rewrapped(row.id, row.wrapped, by=new)} for row in rows])
    return done
