"""The journal: nothing in it can be changed without being found out."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from maild.store.journal import START
from tests.store.world import HOUR, NOW, GoneWrong, go_wrong

LINES = [{"verb": f"act-{n}", "ticket": None, "facts": {"n": [n]}} for n in range(5)]


@pytest.fixture
def written(store):
    with store.begin() as work:
        work.journal.append(LINES[:2], now=NOW)
        work.journal.append(LINES[2:], now=NOW + HOUR)
    return store


def forge(store, *statements):
    """What somebody with the database's own rights may do."""
    disarm = (
        "DROP TRIGGER journal_is_append_only ON journal"
        if store.kind == "postgresql"
        else "DROP TRIGGER journal_update;DROP TRIGGER journal_delete"
    )
    with store.begin() as work:
        for statement in (*disarm.split(";"), *statements):
            work.connection.execute(text(statement))


def verified(store):
    with store.read() as work:
        return work.journal.verify()


def test_an_empty_journal_holds(store):
    """Before the first line the chain starts at zeros."""
    with store.begin() as work:
        work.journal.append([], now=NOW)
        assert (work.journal.head(), work.journal.verify(), list(work.journal.lines())) == ((0, START), None, [])


def test_lines_are_read_as_they_were_written(written):
    """Each line has its number and its moment."""
    with written.read() as work:
        lines = list(work.journal.lines())
        number, digest = work.journal.head()
        assert (number, work.journal.hash_of(5), work.journal.hash_of(6)) == (5, digest, None)
    assert [(line.n, line.at) for line in lines] == [(1, NOW), (2, NOW), *((n, NOW + HOUR) for n in (3, 4, 5))]
    assert [line.facts["verb"] for line in lines] == [line["verb"] for line in LINES]
    assert verified(written) is None


def test_the_chain_is_what_it_says(written):
    """Whoever knows SHA-256 can check the journal without maild."""
    from hashlib import sha256

    with written.read() as work:
        rows = work.connection.exec_driver_sql("SELECT body, hash FROM journal ORDER BY n").all()
    previous = bytes(32)
    for body, stored in rows:
        previous = sha256(previous + body.encode()).digest()
        assert (previous, json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))) == (bytes(stored), body)


@pytest.mark.parametrize(
    ("forgery", "found", "why"),
    [
        (["UPDATE journal SET body = replace(body, 'act-2', 'act-9') WHERE n = 3"], 3, "a word was changed"),
        (["UPDATE journal SET at = at + 1 WHERE n = 2"], 2, "a moment was moved"),
        (["DELETE FROM journal WHERE n = 1"], 1, "the first line was cut out"),
        (["DELETE FROM journal WHERE n = 4"], 4, "a line was cut out"),
        (["DELETE FROM journal WHERE n = 4", "UPDATE journal SET n = 4 WHERE n = 5"], 4, "the gap was closed"),
        (
            ["UPDATE journal SET n = 9 WHERE n = 2", "UPDATE journal SET n = 2 WHERE n = 3", "UPDATE journal SET n = 3 WHERE n = 9"],
            2,
            "two lines were swapped",
        ),
        (
            ["UPDATE journal SET n = 6 WHERE n = 5", "INSERT INTO journal SELECT 5, at, body, hash FROM journal WHERE n = 4"],
            5,
            "a line was put in",
        ),
        (["UPDATE journal SET hash = (SELECT hash FROM journal WHERE n = 1) WHERE n = 5"], 5, "a hash was changed"),
    ],
)
def test_tampering_is_found(written, forgery, found, why):
    """Every change but the cutting off of the end is found, at the first line it touches."""
    forge(written, *forgery)
    assert verified(written) == found, why


def test_cutting_off_the_end_is_found_by_an_anchor(written):
    """The hash that left the house in a digest has no line any more."""
    with written.read() as work:
        number, digest = work.journal.head()
    forge(written, "DELETE FROM journal WHERE n = 5")
    with written.read() as work:
        assert work.journal.verify() is None
        assert work.journal.hash_of(number) != digest


@pytest.mark.parametrize("statement", ["UPDATE journal SET at = 0", "UPDATE journal SET at = 0 WHERE n = 1", "DELETE FROM journal"])
def test_the_database_refuses_to_change_it(written, statement):
    """Our own mistakes cannot touch what stands in the journal."""
    with pytest.raises(DBAPIError, match="append-only"), written.begin() as work:
        work.connection.execute(text(statement))


def test_a_failed_unit_leaves_no_line(store):
    """The journal tells what happened, not what was tried; the next line takes the number."""
    with store.begin() as work:
        work.journal.append(LINES[:1], now=NOW)
        with pytest.raises(GoneWrong), work.unit():
            go_wrong(work.journal.append(LINES[1:2], now=NOW))
        work.journal.append(LINES[2:3], now=NOW)
    with store.read() as work:
        assert [line.facts["verb"] for line in work.journal.lines()] == ["act-0", "act-2"]
        assert work.journal.verify() is None


@pytest.mark.parametrize("name", ["n", "at"])
def test_the_journals_own_names_are_its_own(store, name):
    """A fact cannot pass itself off as the number or the moment of its line."""
    with store.begin() as work, pytest.raises(ValueError, match=name):
        work.journal.append([{name: "forged"}], now=NOW)
