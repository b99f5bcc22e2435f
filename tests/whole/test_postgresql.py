"""maild on PostgreSQL as an operator meets it: the whole story, and a database that is away or lets nobody in."""

from collections.abc import Callable

import pytest

from tests.servers.postgresql import PostgreSQL
from tests.whole.stage import Stage, eventually
from tests.whole.test_story import test_the_story as play

AWAY = "The database does not answer for now"
REFUSED = "PostgreSQL does not let maild in"


@pytest.fixture
def stage(build: Callable[..., Stage], postgresql_url: str) -> Stage:
    """A stage on an empty database."""
    return build(extra=f'[database]\nurl = "{postgresql_url}"\n[limits]\nsummary_above_tickets = 1000\n')


def told(stage: Stage, sentence: str) -> list[str]:
    """The lines of `maild status` that say so."""
    return [one for one in stage.status().get("wrong", []) if sentence in one]


def said(stage: Stage, sentence: str) -> int:
    """How many log lines say so."""
    return sum(sentence in line for line in stage.log.splitlines())


def test_the_story(stage: Stage) -> None:
    """From an empty database to a resolved case, as on SQLite."""
    play(stage)
    assert "started on postgresql" in stage.log


def test_it_is_away_at_the_start(stage: Stage, postgresql: PostgreSQL) -> None:
    """One log line, `maild status` says so, SIGTERM is heard; when it comes up maild starts by itself and takes in what waited."""
    postgresql.stop()
    try:
        stage.start()
        eventually(lambda: told(stage, f"start: {AWAY}"))
        assert told(stage, f"database: {AWAY}")
        for words in (["db", "upgrade"], ["tickets"]):
            asked = stage.ask(*words)
            assert (asked.returncode, asked.stdout) == (1, "")
            assert asked.stderr.startswith(f"maild: {AWAY}")
        checked = stage.ask("check")
        faults = [line for line in checked.stdout.splitlines() if line.startswith("fault")]
        assert checked.returncode == 1
        assert [line.split()[1] for line in faults if AWAY in line] == ["database:"] == [line.split()[1] for line in faults]
        assert stage.stop() < 5
        stage.start()
        stage.write("kim@reporter.test", "Somebody shouted at me.")
        eventually(lambda: said(stage, AWAY) == 2)
    finally:
        postgresql.start()
    stage.await_letters("kim@reporter.test", 1)
    assert eventually(lambda: stage.status()["wrong"] == [])
    assert (said(stage, AWAY), said(stage, "start: works again")) == (2, 1)
    assert stage.stop() <= 10


def test_it_goes_away_and_comes_back(stage: Stage, postgresql: PostgreSQL) -> None:
    """One log line, `maild status` says so; what came meanwhile is taken in when it is back, and nothing goes out twice."""
    stage.start()
    stage.write("kim@reporter.test", "The first.")
    stage.await_letters("kim@reporter.test", 1)
    for number in range(10):
        stage.account.append(stage.mail(f"kim{number}@reporter.test", f"Report number {number}."))
    eventually(lambda: len(stage.sink.arrived) > 6)
    postgresql.stop()
    try:
        for number in range(10, 15):
            stage.account.append(stage.mail(f"kim{number}@reporter.test", f"Report number {number}."))
        eventually(lambda: told(stage, f"database: {AWAY}") and len(told(stage, AWAY)) > 1)
    finally:
        postgresql.start()
    for number in range(15):
        stage.await_letters(f"kim{number}@reporter.test", 1)
    eventually(lambda: stage.status().get("unsent_letters") == 0)
    assert eventually(lambda: stage.status()["wrong"] == [])
    assert stage.status()["cases"] == {"acknowledged": 16}
    assert said(stage, AWAY) == 1
    assert {len(stage.letters(f"kim{number}@reporter.test")) for number in range(15)} == {1}
    assert (len(stage.letters("ana@team.test")), len(stage.letters("ben@team.test"))) == (16, 16)
    assert stage.stop() <= 10


def test_a_wrong_password(build: Callable[..., Stage], postgresql: PostgreSQL) -> None:
    """One log line without the password, `maild status` says so; it is read anew, at the start and while maild runs."""
    name = postgresql.create()
    postgresql.give(name, user="desk", password="first")
    stage = build(extra=f'[database]\nurl = "{postgresql.url(name, user="desk")}"\npassword_file = "database.password"\n')
    password = stage.directory / "database.password"
    password.touch(mode=0o600)
    password.write_text("mistyped\n")
    stage.start()
    eventually(lambda: told(stage, f"start: {REFUSED}"))
    assert (said(stage, REFUSED), said(stage, "mistyped")) == (1, 0)
    password.write_text("first\n")
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    postgresql.give(name, user="desk", password="second")
    eventually(lambda: told(stage, REFUSED))
    password.write_text("second\n")
    stage.write("lee@reporter.test", "Somebody shouted at me too.")
    stage.await_letters("lee@reporter.test", 1)
    assert eventually(lambda: stage.status()["wrong"] == [])
    assert stage.stop() <= 10
    postgresql.drop(name)
