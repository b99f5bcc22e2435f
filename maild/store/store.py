"""The door to the database: `open_store`, then one transaction after the other by `begin` or `read`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock, get_ident

from sqlalchemy import Connection, inspect

from maild.errors import SchemaMismatch
from maild.store.engine import ask_anew, autocommit_engine, parse, pooled_engine, transaction
from maild.store.keys import furnish, house
from maild.store.locks import Locks, SharedLocks
from maild.store.revision import check_revision
from maild.store.sealed import Keyring, Sources
from maild.store.work import Work, work_on


def open_store(
    url: str, *, key: bytes, sources: Sources, member: str = "maild", create: bool = False, renewed: Callable[[], str] | None = None
) -> "Store":
    """Open the database of `url` with the 32 bytes of the key file.

    `member` is what other daemons and the administrator see of us in PostgreSQL. `create` makes or upgrades the tables first. `renewed`
    gives the URL with the password of today, for PostgreSQL's later connections.
    Raises `ConfigInvalid`, `KeyFileInvalid`, `SchemaMismatch`, `DatabaseUnsafe` or `StoreAway`.
    """
    if create:
        from maild.store.upgrade import upgrade

        upgrade(url)
    store = Store(url, keyring=Keyring(key, sources=sources), member=member, renewed=renewed)
    try:
        store.settle_in()
    except BaseException:
        store.close()
        raise
    return store


def has_schema(url: str) -> bool:
    """Whether the database holds anything of ours: false where there is no file yet, or where making it was cut short by a crash.

    Raises `ConfigInvalid`, `DatabaseUnsafe` or `StoreAway`.
    """
    parsed = parse(url)
    if parsed.get_backend_name() != "postgresql" and not Path(parsed.database or "").exists():
        return False
    return _asked(url, lambda connection: inspect(connection).has_table("alembic_version"))


def is_sealed(url: str) -> bool:
    """Whether a key was used on a database with our tables already: then no other will ever open it. Raises as `has_schema`."""
    return _asked(url, lambda connection: house(connection) is not None)


def _asked(url: str, question: Callable[[Connection], bool]) -> bool:
    reader = pooled_engine(url, member="maild", read_only=True)
    try:
        with transaction(reader, to_write=False) as connection:
            return question(connection)
    finally:
        reader.dispose()


class Store:
    """A database that is open. All threads share it; each transaction belongs to one."""

    def __init__(self, url: str, *, keyring: Keyring, member: str, renewed: Callable[[], str] | None = None) -> None:
        self.url = parse(url)
        self.shared = self.kind == "postgresql"
        self._keyring = keyring
        self._writer = pooled_engine(url, member=member)
        self._reader = pooled_engine(url, member=member, read_only=True)
        self._aside = autocommit_engine(url, member=member)
        if self.shared and renewed is not None:
            for each in (self._writer, self._reader, self._aside):
                ask_anew(each, renewed)
        self._locks = SharedLocks(self._aside) if self.shared else Locks()
        self._turn = _Turn()

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @contextmanager
    def begin(self) -> Iterator[Work]:
        """One write transaction: committed at the end of the block, undone where it raises. Raises `StoreAway`.

        On SQLite one thread at a time gets in: three on the busy handler alone waited up to 2.7 s, with a lock 41 ms.
        """
        work = None
        try:
            with nullcontext() if self.shared else self._turn, transaction(self._writer, to_write=True) as connection:
                work = work_on(connection, keyring=self._keyring, locks=self._locks)
                yield work
        except BaseException:
            for undo in work.ending.undone if work else ():
                undo()
            raise
        for then in work.ending.kept:
            then()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """One transaction that only reads, and sees one moment of the database throughout. Raises `StoreAway`."""
        with transaction(self._reader, to_write=False) as connection:
            yield work_on(connection, keyring=self._keyring, locks=self._locks)

    def index(self, label: str, value: str) -> bytes:
        """The blind index of a normalised value."""
        return self._keyring.index(label, value)

    def lead(self, job: str) -> bool:
        """Is this the one daemon that does `job`? Ask before each turn; on SQLite there is only one. Raises `StoreAway`."""
        return self._locks.lead(job)

    def resign(self, job: str) -> None:
        """Let another daemon do `job`, until we ask for it again: where we cannot, one on another host may. Never raises."""
        self._locks.resign(job)

    def fold_in(self) -> None:
        """Overwrite what was deleted: after an erasure, so that no old page or row holds it any more. Raises `StoreAway`."""
        with self._aside.connect() as connection:
            connection.exec_driver_sql("VACUUM" if self.shared else "PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let go of everything. May be called twice."""
        self._locks.close()
        for each in (self._writer, self._reader, self._aside):
            each.dispose()

    def settle_in(self) -> None:
        """Compare the schema and the key file with the database; a fresh database takes this key file as its own."""
        if not self.shared and not Path(self.url.database or "").exists():
            raise SchemaMismatch("There is no database yet: run `maild db upgrade`.")
        with transaction(self._reader, to_write=False) as connection:
            check_revision(connection)
            wrapped = house(connection)
        if wrapped is None:
            with transaction(self._writer, to_write=True) as connection:
                furnish(connection, keyring=self._keyring)
                wrapped = house(connection)
        self._keyring.move_in(wrapped or b"")


class _Turn:
    """A lock that tells a thread that waits for itself, and in which nobody who comes back overtakes the one who waits."""

    def __init__(self) -> None:
        self._lock, self._next = Lock(), Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        if self._holder == get_ident():
            raise RuntimeError("begin() inside begin(): use unit()")
        with self._next:
            self._lock.acquire()
        self._holder = get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()
