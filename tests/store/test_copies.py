"""Backup, moving house, a new key file: nothing is lost on the way, and nothing half is left."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import text

import maild.store.rekey
from maild.errors import AlreadyRunning, DatabaseUnsafe, KeyFileInvalid, SchemaMismatch
from maild.store import DaemonLock
from maild.store.backup import CopyRefused, backup
from maild.store.copying import copy
from maild.store.rekey import rekey
from maild.store.schema import metadata
from tests.store.test_privacy import MARKER, RAW, everything
from tests.store.world import KEY, NOW, mail, opened_ticket, sources, taken_in

NEW_KEY = KEY[::-1]


def told(store):
    """What a database tells of the case that `everything` wrote."""
    with store.read() as work:
        (ticket_id,) = work.tickets.all_ids()
        assert work.journal.verify() is None
        return (
            work.tickets.load(ticket_id),
            work.messages.of_ticket(ticket_id),
            [work.outbox.parcel(letter.id) for letter in work.outbox.of_ticket(ticket_id)],
            [work.inbox.raw(message.inbox_id) for message in work.messages.of_ticket(ticket_id)],
            work.inbox.quarantined(),
            work.tokens.find(MARKER, now=NOW),
            work.alarms.standing(),
            work.journal.head(),
            work.slots.seed("digest", slot="2026-W47"),
            work.people.withheld(ticket_id),
            store.index("address", "a@x"),
        )


def file_of(url):
    return Path(url.removeprefix("sqlite:///"))


def test_a_backup_is_the_database(sqlite_url, opened, tmp_path):
    """A backup that is made while the daemon runs opens with the same key and tells the same, and only we may read it."""
    store = opened(sqlite_url)
    everything(store)
    with DaemonLockOf(sqlite_url):
        backup(sqlite_url, to=tmp_path / "backup.db")
    assert stat.S_IMODE((tmp_path / "backup.db").stat().st_mode) == 0o600
    assert told(opened(f"sqlite:///{tmp_path}/backup.db")) == told(store)
    with pytest.raises(KeyFileInvalid):
        opened(f"sqlite:///{tmp_path}/backup.db", key=NEW_KEY)


class DaemonLockOf:
    """The daemon of a database, as long as the block runs."""

    def __init__(self, url):
        self.database = str(file_of(url))

    def __enter__(self):
        self.lock = DaemonLock(self.database)

    def __exit__(self, *_):
        self.lock.close()


def test_a_backup_overwrites_nothing(sqlite_url, tmp_path):
    """An older backup is not given up for a newer one that may fail."""
    (tmp_path / "backup.db").write_bytes(b"the last good one")
    with pytest.raises(CopyRefused, match="exists"):
        backup(sqlite_url, to=tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_bytes() == b"the last good one"


def test_a_damaged_database_is_no_backup(sqlite_url, opened, tmp_path):
    """Whoever believes to have a backup has one: damage is found when it is made."""
    opened_ticket(opened(sqlite_url), code="calm-otter")
    opened(sqlite_url).fold_in()
    path = file_of(sqlite_url)
    torn = path.read_bytes()
    path.write_bytes(torn.replace(b"calm-otter", b"calm-ottes", 1))
    with pytest.raises(DatabaseUnsafe, match="damaged"):
        backup(sqlite_url, to=tmp_path / "backup.db")


def test_postgresql_has_better_means(shared_url, tmp_path):
    """The operator is told what to use instead."""
    with pytest.raises(CopyRefused, match="pg_dump"):
        backup(shared_url, to=tmp_path / "backup.db")


@pytest.mark.parametrize("way", ["to PostgreSQL", "to SQLite"])
def test_moving_house(sqlite_url, postgresql_url, opened, tmp_path, way):
    """Every row of every table arrives, in either direction, and everything opens with the same key file."""
    first, second = sqlite_url, postgresql_url
    if way == "to SQLite":
        copy(first, to=second)
        first, second = second, f"sqlite:///{tmp_path}/new.db"
    store = opened(first)
    everything(store)
    before = told(store)
    store.close()
    counts = copy(first, to=second)
    assert counts.keys() == metadata.tables.keys()
    assert 0 not in counts.values()
    assert told(opened(second)) == before


def test_nothing_is_copied_over_something(sqlite_url, shared_url, opened):
    """Two databases are not mixed, and the one that has rows keeps them."""
    opened(sqlite_url)
    opened_ticket(opened(shared_url), code="was here")
    with pytest.raises(CopyRefused, match="empty"):
        copy(sqlite_url, to=shared_url)
    with opened(shared_url).read() as work:
        assert work.tickets.by_code("was here")


def test_a_copy_that_differs_is_not_kept(sqlite_url, opened, postgresql_url, postgresql):
    """What does not read the same afterwards is refused, and the new database stays empty."""
    from maild.store.upgrade import upgrade

    taken_in(opened(sqlite_url), mail(raw=RAW))
    upgrade(postgresql_url)
    other = opened(postgresql_url)
    with other.begin() as work:
        work.connection.execute(text("DELETE FROM keys"))
        work.connection.execute(text("CREATE RULE lossy AS ON INSERT TO raws DO INSTEAD NOTHING"))
    with pytest.raises(CopyRefused, match="raws"):
        copy(sqlite_url, to=postgresql_url)
    with other.read() as work:
        assert sum(work.inbox.counts().values()) == 0


@pytest.mark.parametrize("act", [lambda url, to: copy(url, to=to), lambda url, to: rekey(url, old=KEY, new=NEW_KEY, sources=sources())])
def test_maild_is_stopped_first(sqlite_url, tmp_path, act):
    """While a daemon runs its database is neither left behind nor locked with another key."""
    with DaemonLockOf(sqlite_url), pytest.raises(AlreadyRunning):
        act(sqlite_url, f"sqlite:///{tmp_path}/new.db")


@pytest.mark.parametrize("act", [lambda url, to: copy(url, to=to), lambda url, to: rekey(url, old=KEY, new=NEW_KEY, sources=sources())])
def test_another_schema_is_not_touched(sqlite_url, opened, tmp_path, act):
    """What another version of maild made is left as it is."""
    store = opened(sqlite_url)
    with store.begin() as work:
        work.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch):
        act(sqlite_url, f"sqlite:///{tmp_path}/new.db")


def test_a_new_key_file(url, opened, monkeypatch):
    """With the new key everything reads as before, look-ups included; the old one opens nothing any more."""
    monkeypatch.setattr(maild.store.rekey, "_NEXT", maild.store.rekey._NEXT.limit(2))
    store = opened(url)
    everything(store)
    before = told(store)
    store.close()
    assert rekey(url, old=KEY, new=NEW_KEY, sources=sources()) == 3
    assert told(opened(url, key=NEW_KEY)) == before
    with pytest.raises(KeyFileInvalid):
        opened(url)


def test_only_the_right_key_makes_place_for_another(url, opened):
    """A wrong old key changes nothing."""
    opened(url)
    with pytest.raises(KeyFileInvalid):
        rekey(url, old=NEW_KEY, new=bytes(32), sources=sources())
    opened(url)
