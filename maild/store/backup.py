"""A copy of an SQLite database, whole and checked, made while others read and write it."""

import os
from pathlib import Path

from sqlalchemy import text

from maild.errors import DatabaseUnsafe, OperatorMustAct
from maild.store.engine import autocommit_engine, create_file, parse


class CopyRefused(OperatorMustAct):
    """A copy was not made, because something would have been lost or overwritten by it."""


def backup(url: str, *, to: Path) -> None:
    """Copy an SQLite database into a new file that only we can read; what is in it is sealed as before.

    Raises `CopyRefused` (the file exists, or it is PostgreSQL, whose own tool is better), `DatabaseUnsafe`, `StoreAway`.
    """
    if parse(url).get_backend_name() != "sqlite":
        raise CopyRefused("PostgreSQL is backed up by its own means: pg_dump, or archiving its write-ahead log.")
    if to.exists():
        raise CopyRefused(f"{to} exists already: choose another name.")
    create_file(str(to))
    _write(url, to)
    _check(to)
    for path in (to, to.parent):
        _make_durable(path)


def _write(url: str, to: Path) -> None:
    with autocommit_engine(url, member="maild db backup").connect() as connection:
        connection.execute(text("VACUUM INTO :copy"), {"copy": str(to)})


def _check(copy: Path) -> None:
    with autocommit_engine(f"sqlite:///{copy}", member="maild db backup").connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
    if found != "ok":
        raise DatabaseUnsafe("The database is damaged: its copy does not hold together. Keep your last good backup.")


def _make_durable(path: Path) -> None:
    # A file that was not synced may be empty after a power cut, and one in a directory that was not synced may be gone.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
