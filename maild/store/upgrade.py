"""`maild db upgrade`: the only door to Alembic, which only a database that is older than the program needs."""

import time
from pathlib import Path

from sqlalchemy import Connection, text

from maild.errors import AlreadyRunning, SchemaMismatch
from maild.store.backup import backup
from maild.store.engine import create_file, parse, pooled_engine, transaction
from maild.store.locks import HOUSE, UPGRADE, DaemonLock
from maild.store.revision import NEWER, REVISIONS, revision_of

PATIENCE = 30.0
"""Seconds to wait while another upgrade runs; a daemon that runs does not end meanwhile, and is the reason given then."""

_ONE_UPGRADE = text("SELECT pg_advisory_xact_lock(:house, :name)")


def upgrade(url: str) -> str:
    """Bring the database to this program's schema, making it where there is none; several programs may try at once.

    The answer says in a sentence what was done. An SQLite file that holds something is copied first; PostgreSQL is upgraded in one
    transaction, which a failure undoes. Raises `ConfigInvalid`, `AlreadyRunning`, `SchemaMismatch` (it is newer), `DatabaseUnsafe`, `StoreAway`.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "postgresql":
        return _upgrade(url)
    database = parsed.database or ""
    create_file(database)
    lock = _wait_for_others(database)
    try:
        return _upgrade(url, database=database)
    finally:
        lock.close()


def _upgrade(url: str, *, database: str | None = None) -> str:
    # Foreign keys are off: SQLite changes a table by copying and dropping it, which would take its children along.
    made = pooled_engine(url, member="maild db upgrade", foreign_keys=False)
    try:
        with transaction(made, to_write=True) as connection:
            if database is None:
                connection.execute(_ONE_UPGRADE, {"house": HOUSE, "name": UPGRADE})
            revision = revision_of(connection)
            if revision == REVISIONS[-1]:
                return f"The database is at revision {revision} already."
            if revision is not None and revision not in REVISIONS:
                raise SchemaMismatch(NEWER)
            copy = None if database is None or revision is None else _copy(url, database=database, revision=revision)
            _make(connection) if revision is None else _run(connection)
        return f"The database is at revision {REVISIONS[-1]} now." + (f" As it was before, it stands in {copy}." if copy else "")
    finally:
        made.dispose()


def _make(connection: Connection) -> None:
    from maild.store.fresh import make  # loads what SQLAlchemy knows of PostgreSQL

    make(connection)


def _run(connection: Connection) -> None:
    from alembic import command  # takes 0.2 s to import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(url: str, *, database: str, revision: str) -> Path:
    copy = Path(f"{database}.{revision}.copy")
    copy.unlink(missing_ok=True)
    backup(url, to=copy)
    return copy


def _wait_for_others(database: str) -> DaemonLock:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return DaemonLock(database)
        except AlreadyRunning:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
