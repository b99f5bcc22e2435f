"""Opening a database: only one that keeps what it promises, with its own key and of our own schema."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from maild.errors import AlreadyRunning, ConfigInvalid, DatabaseUnsafe, KeyFileInvalid, SchemaMismatch, StoreAway
from maild.store import DaemonLock, has_schema, open_store
from maild.store.engine import PRAGMAS, create_file
from maild.store.revision import REVISIONS
from maild.store.upgrade import upgrade
from tests.store.world import KEY, NOW, mail, opened_ticket, sources, taken_in


def change(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_the_key_opens_what_it_sealed(url, opened):
    """The next start reads what the last one wrote."""
    ticket_id = opened_ticket(opened(url))
    with opened(url).read() as work:
        assert work.tickets.load(ticket_id).entries


@pytest.mark.parametrize(("key", "why"), [(bytes(32), "another key"), (KEY[:31], "too short"), (KEY + b"\n", "too long"), (b"", "empty")])
def test_another_key_is_refused(url, opened, key, why):
    """A wrong key file is found at the start, not at the first mail."""
    opened(url)
    with pytest.raises(KeyFileInvalid):
        opened(url, key=key)


def test_equal_values_have_equal_indexes(url, opened):
    """Look-ups work across restarts, and nobody finds a value by its index without the key."""
    first, second = opened(url), opened(url)
    assert first.index("address", "a@x") == second.index("address", "a@x")
    assert first.index("address", "a@x") != first.index("domain", "a@x") != first.index("domain", "a@y")
    assert len(first.index("address", "a@x")) == 16


def test_another_database_has_other_indexes(url, opened, tmp_path):
    """Two databases cannot be matched with each other, even under one key file."""
    upgrade(f"sqlite:///{tmp_path}/other.db")
    assert opened(url).index("address", "a@x") != opened(f"sqlite:///{tmp_path}/other.db").index("address", "a@x")


@pytest.mark.parametrize(("revision", "sentence"), [("0000", "newer maild"), ("9999", "newer maild"), (None, "maild db upgrade")])
def test_another_schema_is_refused(url, opened, revision, sentence):
    """What another version of maild made is not touched, and the operator learns what to do."""
    change(url, "DROP TABLE alembic_version" if revision is None else f"UPDATE alembic_version SET version_num = '{revision}'")
    with pytest.raises(SchemaMismatch, match=sentence):
        opened(url)


def test_an_older_schema_asks_for_the_upgrade(url, opened, monkeypatch):
    """A program that knows more revisions than the database asks for the upgrade."""
    monkeypatch.setattr("maild.store.revision.REVISIONS", (*REVISIONS, "9998"))
    with pytest.raises(SchemaMismatch, match="maild db upgrade"):
        opened(url)


def test_there_may_be_no_database_yet(tmp_path):
    """A start with a mistyped path makes no empty database beside the real one."""
    with pytest.raises(SchemaMismatch, match="maild db upgrade"):
        open_store(f"sqlite:///{tmp_path}/none.db", key=KEY, sources=sources())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "maild.db",
        "mysql://localhost/maild",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite+aiosqlite:////tmp/maild.db",
        "postgresql+psycopg2://localhost/maild",
    ],
)
def test_only_two_kinds_of_database(url):
    """Anything else is a mistake in the configuration, and the sentence shows how it is written."""
    with pytest.raises(ConfigInvalid, match=r"database\.url"):
        open_store(url, key=KEY, sources=sources())


def test_a_missing_directory_is_named(tmp_path):
    """The operator makes the directory, with the mode it should have."""
    with pytest.raises(DatabaseUnsafe, match="0700"):
        upgrade(f"sqlite:///{tmp_path}/none/maild.db")


def test_a_path_that_cannot_be_written(tmp_path):
    """A directory where the file should be is told apart from a database that is away."""
    with pytest.raises(DatabaseUnsafe, match="cannot be written"):
        create_file(str(tmp_path))


def test_only_we_read_the_files(opened, tmp_path):
    """The database and the files SQLite makes beside it are ours alone, whatever the umask."""
    before = os.umask(0)
    try:
        upgrade(f"sqlite:///{tmp_path}/maild.db")
        store = opened(f"sqlite:///{tmp_path}/maild.db")
        taken_in(store, mail())
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("maild.db", "maild.db-wal", "maild.db-shm", "maild.db.lock"), 0o600)


@pytest.mark.parametrize("name", PRAGMAS)
def test_every_connection_keeps_its_promises(sqlite_url, opened, name):
    """Reading back, each setting is what it should be, on the writing and on the reading side."""
    store = opened(sqlite_url)
    for way in (store.begin, store.read):
        with way() as work:
            assert work.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == PRAGMAS[name]


@pytest.mark.parametrize(("name", "wanted"), [("synchronous", 7), ("journal_mode", "nonsense")])
def test_a_promise_that_sqlite_does_not_keep_is_refused(sqlite_url, opened, monkeypatch, name, wanted):
    """Where SQLite does not do as it was told, as on a file system without WAL, maild does not start."""
    monkeypatch.setitem(PRAGMAS, name, wanted)
    with pytest.raises(DatabaseUnsafe, match=name):
        opened(sqlite_url)


def test_a_postgresql_that_forgets_is_refused(shared_url, opened):
    """With synchronous_commit=off every power cut loses acknowledged mails."""
    change(shared_url, f"ALTER DATABASE {shared_url.rpartition('/')[2]} SET synchronous_commit = off")
    with pytest.raises(DatabaseUnsafe, match="synchronous_commit"):
        opened(shared_url)


def test_postgresql_may_be_named_shortly(shared_url, opened):
    """`postgresql://` is the driver we ship with."""
    assert opened(shared_url.replace("+psycopg", "")).kind == "postgresql"


def test_postgresql_without_its_driver(shared_url):
    """An installation without the extra says which one is missing."""
    script = f"""
import sys
sys.modules["psycopg"] = None
from maild.errors import ConfigInvalid
from maild.store.engine import pooled_engine
try:
    pooled_engine({shared_url!r}, member="maild")
except ConfigInvalid as error:
    print(error)
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "maild[postgresql]" in told.stdout


def test_a_server_that_is_down_passes_by_itself():
    """A database that does not answer is waited for."""
    with pytest.raises(StoreAway):
        open_store("postgresql+psycopg://maild@127.0.0.1:9/none", key=KEY, sources=sources())


def test_a_daemon_is_seen_in_postgresql(shared_url):
    """The administrator sees which daemon holds which connection."""
    store = open_store(shared_url, key=KEY, sources=sources(), member="maild on host-a")
    with store.read() as work:
        shown = work.connection.execute(text("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")).scalar_one()
    store.close()
    assert shown == "maild on host-a"


@pytest.mark.parametrize("damage", [b"not a database, though longer than a header needs to be" * 99, None])
def test_a_damaged_file_is_no_passing_trouble(sqlite_url, opened, damage):
    """Waiting does not mend a file: the operator has to."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    if damage is None:
        raw = bytearray(path.read_bytes())
        for start in range(8192, len(raw), 4096):  # every page but the first two is torn
            raw[start : start + 100] = os.urandom(100)
        damage = bytes(raw)
    path.write_bytes(damage)
    with pytest.raises(DatabaseUnsafe):
        taken_in(opened(sqlite_url), mail())


def test_one_daemon_for_one_file(sqlite_url, tmp_path):
    """A second daemon does not start; once the first is gone it does."""
    database = sqlite_url.removeprefix("sqlite:///")
    lock = DaemonLock(database)
    with pytest.raises(AlreadyRunning):
        DaemonLock(database)
    lock.close()
    DaemonLock(database).close()


def test_the_command_line_works_beside_the_daemon(sqlite_url, opened):
    """`maild status` reads while the daemon holds its lock."""
    lock = DaemonLock(sqlite_url.removeprefix("sqlite:///"))
    with opened(sqlite_url).read() as work:
        assert work.tickets.counts() == {}
    lock.close()


def test_a_start_does_not_import_alembic(sqlite_url):
    """Alembic costs 0.2 s and is not needed to open a database."""
    script = f"""
import sys
from tests.store.world import KEY, sources
from maild.store import open_store
open_store({sqlite_url!r}, key=KEY, sources=sources()).close()
print([name for name in sys.modules if name.split(".")[0] in ("alembic", "mako", "psycopg")])
"""
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert told.stdout == "[]\n"


def test_a_store_is_closed_twice(store):
    """Closing is quiet, however often."""
    store.close()
    store.close()


def test_sqlite_speaks_what_we_need():
    """RETURNING and STRICT came with 3.37; what Debian 12 ships is newer."""
    assert sqlite3.sqlite_version_info >= (3, 37)


def test_create_makes_what_is_missing(tmp_path):
    """A first start makes the database and uses it."""
    url = f"sqlite:///{tmp_path}/maild.db"
    store = open_store(url, key=KEY, sources=sources(), create=True)
    taken_in(store, mail())
    store.close()
    again = open_store(url, key=KEY, sources=sources(), create=True)
    with again.read() as work:
        assert work.inbox.oldest_new() == NOW
    again.close()


def test_a_first_start_that_was_cut_short(tmp_path, postgresql_url):
    """A file without tables, as a crash in the first second leaves it, counts as none; so does an empty PostgreSQL."""
    url = f"sqlite:///{tmp_path}/maild.db"
    assert not has_schema(url)
    create_file(f"{tmp_path}/maild.db")
    for each in (url, postgresql_url):
        assert not has_schema(each)
        upgrade(each)
        assert has_schema(each)
