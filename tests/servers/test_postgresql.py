"""The throw-away PostgreSQL keeps its promises to the tests that use it."""

import psycopg
import pytest
import sqlalchemy


def query(url: str, statement: str) -> object:
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        return result.scalar() if result.returns_rows else None


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(postgresql_url, turn):
    """A table of one test is not there in the next."""
    query(postgresql_url, "CREATE TABLE mine (id integer)")


def test_it_is_a_version_maild_supports(postgresql_url):
    """PostgreSQL 15 is Debian 12's, the oldest one supported."""
    assert int(query(postgresql_url, "SHOW server_version_num")) >= 150_000


def test_commits_are_synchronous(postgresql_url):
    """maild refuses a database that answers before it has written."""
    assert query(postgresql_url, "SHOW synchronous_commit") == "on"


def test_a_database_can_be_the_template_of_others(postgresql):
    """A migrated database is made once and copied for each test."""
    template = postgresql.create()
    query(postgresql.url(template), "CREATE TABLE migrated (id integer)")
    copy = postgresql.create(template=template)
    assert query(postgresql.url(copy), "SELECT count(*) FROM migrated") == 0
    for name in (copy, template):
        postgresql.drop(name)


def test_dropping_cuts_off_who_is_connected(postgresql):
    """A daemon that a test left behind cannot keep its database alive."""
    name = postgresql.create()
    url = postgresql.url(name).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        postgresql.drop(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
