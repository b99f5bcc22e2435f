"""`maild db upgrade`: the steps make the schema the program speaks, once, whoever else tries."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

import maild.store.upgrade
from maild.errors import AlreadyRunning, SchemaMismatch
from maild.store import DaemonLock, migrations
from maild.store.fresh import INDEXED
from maild.store.revision import REVISIONS
from maild.store.upgrade import upgrade
from tests.store.world import NOW, GoneWrong, go_wrong


def scripts():
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def file_of(url):
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without a table; on SQLite, not even a file."""
    return f"sqlite:///{tmp_path}/new.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")


def go_by_steps(url, *, to="head"):
    """Make a database as one grew that was made by the first release."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    engine.dispose()


def test_the_steps_make_the_schema(empty_url):
    """Running every step gives the tables that the program was written for, on both back ends."""
    go_by_steps(empty_url)
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, INDEXED) == []
        for name, table in INDEXED.tables.items():
            found = inspect(connection).get_indexes(name)
            assert sorted(index["name"] for index in found if "duplicates_constraint" not in index) == sorted(
                one.name for one in table.indexes
            )
    engine.dispose()


MADE = {
    "sqlite": "SELECT name, sql FROM sqlite_master ORDER BY name",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'
        UNION SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT table_name || '.' || column_name, data_type || is_nullable FROM information_schema.columns WHERE table_schema = 'public'
        ORDER BY 1""",
}
"""Everything a database has, in its own words."""


def said_of(url):
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(MADE[engine.dialect.name]))]
    engine.dispose()
    return rows


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_fresh_database_is_what_the_steps_make(kind, request, tmp_path):
    """Made at once or grown step by step: tables, indexes, view, triggers and conditions are the same to the letter."""
    of_steps = f"sqlite:///{tmp_path}/grown.db" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
    go_by_steps(of_steps)
    grown = said_of(of_steps)
    fresh = said_of(request.getfixturevalue("sqlite_url" if kind == "sqlite" else "shared_url"))
    assert fresh == grown
    assert {"seen", "ix_outbox_domain", "uq_recusals_standing"} <= {name for name, _ in fresh}


def test_the_program_knows_every_revision():
    """The constant that a start compares is the chain of steps, in order."""
    assert tuple(reversed([script.revision for script in scripts().walk_revisions()])) == REVISIONS
    assert scripts().get_heads() == [REVISIONS[-1]]


def test_an_upgrade_says_what_it_did(empty_url):
    """The first run makes the tables, the second finds them."""
    assert "now" in upgrade(empty_url)
    assert "already" in upgrade(empty_url)


def test_an_older_database_is_brought_up(empty_url, opened):
    """What the first release made has every table afterwards, and lets in whom it let in."""
    go_by_steps(empty_url, to=REVISIONS[0])
    with pytest.raises(SchemaMismatch, match="older"):
        opened(empty_url)
    assert f"revision {REVISIONS[-1]} now" in upgrade(empty_url)
    with opened(empty_url).begin() as work:
        work.consents.keep("Google", refresh_token="token", now=NOW)


def test_a_newer_database_is_left_alone(url):
    """A step back is not taken."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaMismatch, match="newer"):
        upgrade(url)


def test_many_programs_upgrade_at_once(empty_url):
    """Of four that start together one makes the tables, and all go on."""
    script = f"from maild.store.upgrade import upgrade; print(upgrade({empty_url!r}))"
    started = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) for _ in range(4)
    ]
    told = [process.communicate(timeout=60)[0] for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert sorted("now" in sentence for sentence in told) == [False, False, False, True]


@pytest.fixture
def older(sqlite_url, monkeypatch):
    """A database of an older revision, and a program that knows one step more."""
    monkeypatch.setattr(maild.store.upgrade, "REVISIONS", (*REVISIONS, "9998"))
    return sqlite_url


def test_what_was_is_kept(older, opened):
    """Before an SQLite file is changed it is copied, whole, for us alone; an older copy gives way."""
    store = opened(older)
    with store.begin() as work:
        work.journal.append([{"verb": "kept"}], now=NOW)
    store.close()
    copy = Path(f"{file_of(older)}.{REVISIONS[-1]}.copy")
    copy.write_bytes(b"an older copy")
    assert str(copy) in upgrade(older)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with opened(f"sqlite:///{copy}").read() as work:
        assert [line.facts["verb"] for line in work.journal.lines()] == ["kept"]


def test_a_running_daemon_is_not_upgraded(older, monkeypatch):
    """The daemon's tables do not change under it: the operator is told to stop it."""
    monkeypatch.setattr(maild.store.upgrade, "PATIENCE", 0.1)
    lock = DaemonLock(str(file_of(older)))
    with pytest.raises(AlreadyRunning):
        upgrade(older)
    lock.close()


def test_a_making_that_fails_leaves_nothing(empty_url, monkeypatch):
    """A database is made whole or not at all."""
    monkeypatch.setattr("maild.store.upgrade._make", failing(maild.store.upgrade._make))
    with pytest.raises(GoneWrong):
        upgrade(empty_url)
    engine = create_engine(empty_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_step_that_fails_leaves_what_was(empty_url, monkeypatch):
    """A step is taken whole or not at all."""
    go_by_steps(empty_url, to=REVISIONS[0])
    before = said_of(empty_url)
    monkeypatch.setattr("maild.store.upgrade._run", failing(maild.store.upgrade._run))
    with pytest.raises(GoneWrong):
        upgrade(empty_url)
    assert said_of(empty_url) == before


def failing(step):
    """The same step, with an accident after its last statement."""

    def run(connection):
        go_wrong(step(connection))

    return run
