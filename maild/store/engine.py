"""Connections that keep what they promise, or refuse to be made.

Measured with the power cut: SQLite's default loses the last commit in 22 % of the cuts, WAL with synchronous=NORMAL more, WAL with
FULL none; PostgreSQL with synchronous_commit=off loses in every one.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from maild.errors import CertificateRefused, ConfigInvalid, DatabaseUnsafe, LoginRefused, MaildError, StoreAway

BUSY = 30
"""Seconds to wait for another process's write lock."""

PRAGMAS: Mapping[str, str | int] = {
    "busy_timeout": BUSY * 1000,
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "secure_delete": 1,
    "cell_size_check": 1,
}
"""synchronous: FULL. trusted_schema: a schema somebody planted runs no functions. secure_delete: what is deleted is overwritten."""

POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A daemon that was cut off the network loses its locks within 45 s."""
SESSION = f"-c timezone=UTC -c lock_timeout={BUSY}s -c idle_in_transaction_session_timeout=15min"
READ_ONLY = " -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"

BROKEN_FILE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_IOERR_READ")
"""Trying again would not help: after a failed fsync the kernel has forgotten what it did not write."""
OUR_MISTAKES = ("SQLITE_ERROR", "SQLITE_READONLY")
"""What SQLite calls operational although waiting does not help: wrong SQL, and writing where only reading was announced."""


REFUSALS = (
    ("password authentication failed", LoginRefused),
    ("no password supplied", LoginRefused),
    ("no pg_hba.conf entry", LoginRefused),
    ("authentication failed for user", LoginRefused),
    ('" does not exist', LoginRefused),
    ("certificate", CertificateRefused),
    ("does not support SSL", CertificateRefused),
)
"""What libpq and an English-speaking server say of a connection that a person has to mend. There is no code: libpq keeps the SQLSTATE of
a refused connection to itself. In other languages it is told as a database that does not answer."""
REFUSED: Mapping[type[MaildError], str] = {
    LoginRefused: "PostgreSQL does not let maild in: check the name, user and password in [database], and pg_hba.conf on the server.",
    CertificateRefused: "PostgreSQL does not prove its name: check sslmode and sslrootcert in [database] url, and the server's certificate.",
}
CLOSED: tuple[type[MaildError], ...] = (StoreAway, *REFUSED)
"""What is raised where nothing can be read or written: the database is away, or does not let us in while somebody changes something there."""


def pooled_engine(url: str, *, member: str, read_only: bool = False, foreign_keys: bool = True) -> Engine:
    """An engine for a database URL. Raises `ConfigInvalid`; connecting raises `DatabaseUnsafe` and `StoreAway`."""
    return _engine(parse(url), member=member, read_only=read_only, foreign_keys=foreign_keys)


def autocommit_engine(url: str, *, member: str) -> Engine:
    """An engine without transactions and without a pool, for what is done outside of both: locks, VACUUM, checkpoints."""
    return _engine(parse(url), member=member, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def _engine(url: URL, *, member: str, read_only: bool = False, foreign_keys: bool = True, **options: Any) -> Engine:
    if url.get_backend_name() == "sqlite":
        made = create_engine(url, hide_parameters=True, **options)
        event.listen(made, "connect", _SqliteConnection(query_only=int(read_only), foreign_keys=int(foreign_keys)))
    else:
        session = SESSION + (READ_ONLY if read_only else "")
        made = _postgresql(url, {**POSTGRESQL, "application_name": member, "options": session}, **options)
        event.listen(made, "connect", _assert_synchronous)
    event.listen(made, "handle_error", _judge)
    return made


def ask_anew(made: Engine, url: Callable[[], str]) -> None:
    """Let each new connection of an engine ask for the URL, for the password in it may be another one by then."""

    def connecting(dialect: object, record: object, arguments: object, parameters: dict[str, object]) -> None:
        parameters["password"] = parse(url()).password

    event.listen(made, "do_connect", connecting)


@contextmanager
def transaction(engine: Engine, *, to_write: bool) -> Iterator[Connection]:
    """One transaction: committed at the end of the block, undone where it raises. Raises `StoreAway`.

    On SQLite one that will write says so at once: turning from reading to writing may fail, whatever the time-out.
    """
    with away(), engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE" if to_write else "BEGIN")
        yield connection


@contextmanager
def away() -> Iterator[None]:
    """Around a transaction: say `StoreAway` too for what SQLAlchemy says by itself, no connection in time or a broken one used on."""
    try:
        yield
    except (PoolExhausted, PendingRollbackError) as error:
        raise StoreAway("The database does not answer for now.") from error


def parse(url: str) -> URL:
    """A database URL of one of the two kinds. Raises `ConfigInvalid`."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigInvalid(["database.url: not a URL; write sqlite:////var/lib/maild/maild.db"]) from error
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigInvalid(["database.url: maild keeps its rows in sqlite:///FILE or postgresql://…"])
    return parsed


def create_file(database: str) -> None:
    """Make an empty database file that only we can read; SQLite gives its side files the same mode. Raises `DatabaseUnsafe`."""
    try:
        os.close(os.open(database, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    except FileNotFoundError as error:
        raise DatabaseUnsafe(f"The directory {Path(database).parent} does not exist: make it first, mode 0700.") from error
    except OSError as error:
        raise DatabaseUnsafe(f"The database {database} cannot be written ({error.strerror}).") from error


def _postgresql(url: URL, connect_args: Mapping[str, object], **options: Any) -> Engine:
    try:
        return create_engine(url, hide_parameters=True, connect_args=dict(connect_args), **options)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise ConfigInvalid(["database.url: PostgreSQL needs an extra: pipx install 'maild[postgresql]'"]) from error


class _SqliteConnection:
    """Sets up each new SQLite connection, and reads back what it was set to."""

    def __init__(self, **more: int) -> None:
        self._pragmas = {**PRAGMAS, **more}

    def __call__(self, connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours: see `transaction`
        for name, wanted in self._pragmas.items():
            connection.execute(f"PRAGMA {name} = {wanted}")
            (got,) = connection.execute(f"PRAGMA {name}").fetchone()
            if got != wanted:
                raise DatabaseUnsafe(f"SQLite has {name} = {got} here and not {wanted}: keep the database on a local disk.")


def _assert_synchronous(connection: Any, record: object) -> None:
    with connection.cursor() as cursor:
        (got,) = cursor.execute("SHOW synchronous_commit").fetchone()
    if got == "off":
        raise DatabaseUnsafe("PostgreSQL has synchronous_commit = off, which loses acknowledged mails in a power cut: switch it on.")
    connection.rollback()


def _judge(context: ExceptionContext) -> None:
    """Turn what the driver says into what somebody can do about it."""
    name = getattr(context.original_exception, "sqlite_errorname", "")
    verdict = _verdict(context, name)
    if verdict is None:
        return
    if name:
        # SQLite may have rolled back by itself: whoever went on here would do so without a transaction.
        context.is_disconnect, context.invalidate_pool_on_disconnect = True, False
    raise verdict from context.original_exception


def _verdict(context: ExceptionContext, name: str) -> MaildError | None:
    if name in BROKEN_FILE:
        return DatabaseUnsafe("The database file is damaged or its disk is failing: restore a backup.")
    if not isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError) or name in OUR_MISTAKES:
        return None
    refused = None if name or context.connection is not None else _refusal(str(context.original_exception))
    return refused or StoreAway("The database does not answer for now, or its disk is full.")


def _refusal(words: str) -> MaildError | None:
    kind = next((kind for fragment, kind in REFUSALS if fragment in words), None)
    return kind and kind(REFUSED[kind])
