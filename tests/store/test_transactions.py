"""Transactions: all or nothing, one mail at a time or fifty, and what was acknowledged stays."""

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Event

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from maild.errors import DatabaseUnsafe, StoreAway
from maild.store import AlreadyFiled
from maild.store.engine import PRAGMAS
from tests.store.world import (
    NOW,
    GoneWrong,
    a_letter,
    a_ticket,
    an_entry,
    claimed,
    enqueued,
    go_wrong,
    mail,
    opened_ticket,
    taken_in,
    to_send,
)

ROOT = Path(__file__).parents[2]
THREADS = 4


def codes(store):
    with store.read() as work:
        return sorted(stored.code for stored in work.tickets.load_many(work.tickets.all_ids()))


def fill_disk(store):
    """Leave no room for one page more; the answer gives it back."""
    set_limit = "PRAGMA max_page_count = "
    with store.begin() as work:
        pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        work.connection.exec_driver_sql(f"{set_limit}{pages}")

    def give_back():
        with store.begin() as work:
            work.connection.exec_driver_sql(f"{set_limit}1000000")

    return give_back


def test_a_failed_transaction_leaves_nothing(store):
    """What raises undoes everything that was done in its transaction."""
    with pytest.raises(GoneWrong), store.begin() as work:
        go_wrong(a_ticket(work))
    assert codes(store) == []


def test_one_units_failure_is_its_own(store):
    """A mail that raises takes back its own share of the batch; its neighbours' shares are kept."""
    with store.begin() as work:
        for code in ("first", "second", "third"):
            with suppress(GoneWrong), work.unit():
                a_ticket(work, code=code)
                if code == "second":
                    go_wrong(code)
    assert codes(store) == ["first", "third"]


def test_the_database_may_fail_a_unit(store):
    """Even a statement the database refuses costs only its unit: PostgreSQL would end the whole transaction."""
    with store.begin() as work:
        ticket_id = a_ticket(work)
        asked = {"ticket_id": ticket_id, "inbox_id": 404, "relation": "report", "at": NOW, "message_id": "a@x", "sender": None, "facts": {}}
        with pytest.raises(IntegrityError), work.unit():
            work.messages.add(**asked)
        assert work.messages.of_ticket(ticket_id) == []
        a_letter(work, ticket_id=ticket_id)
    assert len(to_send(store)) == 1


def test_a_unit_forgets_the_keys_of_tickets_that_never_were(store):
    """A ticket that is opened again after a rollback is sealed with the key it has now."""
    ticket_id = 4711
    with store.begin() as work:
        with suppress(GoneWrong), work.unit():
            a_ticket(work, ticket_id=ticket_id)
            go_wrong(a_letter(work, ticket_id=ticket_id))
        a_ticket(work, ticket_id=ticket_id)
        row = a_letter(work, ticket_id=ticket_id)
    with store.read() as work:
        assert work.outbox.parcel(row).recipient == "rita@example.org"


def test_a_transaction_is_not_opened_inside_another(sqlite_url, opened):
    """A thread that would wait for itself is told so, instead of waiting for ever."""
    store = opened(sqlite_url)
    with pytest.raises(RuntimeError, match="unit"), store.begin(), store.begin():
        pass
    opened_ticket(store, code="works again")
    assert codes(store) == ["works again"]


def test_reading_writes_nothing(store):
    """A write in a reading transaction is refused by the database itself."""
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"), store.read() as work:
        work.alarms.raise_("late", now=NOW)


def test_a_reader_sees_one_moment(store):
    """What is committed while a transaction reads is not seen by its second question."""
    opened_ticket(store)
    with store.read() as reading:
        before = reading.tickets.counts()
        opened_ticket(store)
        assert reading.tickets.counts() == before == {"new": 1}


def test_threads_write_in_turn(store):
    """Four threads write at once; nobody is turned away, and nothing is lost."""
    start = Barrier(THREADS)

    def write(thread):
        start.wait(timeout=10)
        for number in range(25):
            with store.begin() as work:
                a_ticket(work, code=f"{thread}-{number}")
                work.journal.append([{"verb": f"{thread}-{number}"}], now=NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(write, range(THREADS)))
    assert len(codes(store)) == THREADS * 25
    with store.read() as work:
        assert (work.journal.verify(), work.journal.head()[0]) == (None, THREADS * 25)


def test_two_stores_take_in_the_same_mails(url, opened):
    """Two daemons that read one mailbox record each mail once."""
    mails = [mail() for _ in range(40)]
    stores = [opened(url) for _ in range(2)]
    start = Barrier(2)

    def take_in(store):
        start.wait(timeout=10)
        for one in mails:
            taken_in(store, one)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take_in, stores))
    assert len(claimed(stores[0])) == 40


def test_two_stores_file_the_same_mail(url, opened):
    """Of two daemons that decided about one mail at once, one opens the ticket, and the other one's work is undone."""
    taken_in(opened(url), mail())
    stores = [opened(url) for _ in range(2)]
    (waiting,) = claimed(stores[0])
    start = Barrier(2)

    def file(store):
        start.wait(timeout=10)
        with suppress(AlreadyFiled), store.begin() as work:
            a_ticket(work, ticket_id=waiting.id, key_of=waiting.id, code="calm-otter", reference="R-7K3QF")
            a_letter(work, ticket_id=waiting.id)
            work.inbox.file(waiting.id, kind="report", reason="", ticket_id=waiting.id, now=NOW)
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(bool, pool.map(file, stores))) == [False, True]
    assert (codes(stores[0]), len(to_send(stores[0]))) == (["calm-otter"], 1)


def test_other_processes_are_waited_for(sqlite_url, opened):
    """While another process writes, a transaction waits and does not fail."""
    store = opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    entered = Event()

    def write():
        entered.set()
        return opened_ticket(store)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(write)
        assert entered.wait(timeout=10)
        assert not waiting.done()
        other.execute("COMMIT")
        assert waiting.result(timeout=10)
    other.close()


def test_a_lock_that_is_never_given_back(sqlite_url, opened, monkeypatch):
    """A process that holds the database for ever makes it away, not broken."""
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    store = opened(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreAway):
        enqueued(store)
    other.close()
    assert enqueued(store)


def test_a_full_disk_passes(sqlite_url, opened):
    """Where there is no room the transaction leaves nothing; once there is, everything goes on."""
    store = opened(sqlite_url)
    give_back = fill_disk(store)
    with pytest.raises(StoreAway):
        taken_in(store, mail(raw=os.urandom(100_000)))
    give_back()
    assert claimed(store) == []
    taken_in(store, mail())
    assert len(claimed(store)) == 1


def test_a_full_disk_inside_a_unit(sqlite_url, opened):
    """A unit that found no room is no mail's fault: what it raises passes by itself."""
    store = opened(sqlite_url)
    fill_disk(store)
    with pytest.raises(StoreAway), store.begin() as work, work.unit():
        a_ticket(work, code="x" * 100_000)
    assert codes(store) == []


def test_nobody_goes_on_after_a_full_disk(sqlite_url, opened):
    """SQLite rolls back by itself then; whoever overlooks it cannot write outside the transaction."""
    store = opened(sqlite_url)
    fill_disk(store)

    def overlook(work, code):
        with suppress(StoreAway), work.unit():
            a_ticket(work, code=code)

    with pytest.raises(StoreAway), store.begin() as work:
        assert [overlook(work, code) for code in ("x" * 100_000, "went on")]
    assert codes(store) == []


@pytest.fixture
def cut(shared_url):
    """Ends every session of this test's database, as a restart of the server does."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    def end_them():
        with psycopg.connect(shared_url.replace("+psycopg", ""), autocommit=True) as connection:
            return connection.execute(others).rowcount

    return end_them


def test_a_database_that_restarts(shared_url, opened, cut):
    """A cut connection makes the database away once; the next transaction finds it again, and nothing half is left."""
    store = opened(shared_url)
    opened_ticket(store, code="before")
    with pytest.raises(StoreAway), store.begin() as work:
        a_ticket(work, code="cut off", entries=(an_entry(sessions_ended=cut()),))
    opened_ticket(store, code="after")
    cut()
    with pytest.raises(StoreAway):
        codes(store)
    assert codes(store) == ["after", "before"]


def test_every_connection_may_be_in_use(shared_url, opened):
    """A thread that gets no connection in time is told to come back."""
    store = opened(shared_url)
    store._reader.pool._timeout = 0.05
    held = [store._reader.connect() for _ in range(15)]
    with pytest.raises(StoreAway):
        codes(store)
    for connection in held:
        connection.close()
    assert codes(store) == []


def test_a_failing_disk_is_the_operators(sqlite_url, opened):
    """A file that cannot be read is not waited for."""
    store = opened(sqlite_url)
    taken_in(store, mail())
    store.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(DatabaseUnsafe):
        opened_ticket(opened(sqlite_url))


CHILD = """
import sys
from maild.store import open_store
from tests.store.world import KEY, NOW, SEED, a_letter, a_ticket, mail, sources

url, life = sys.argv[1:]
store = open_store(url, key=KEY, sources=sources())
number = 0
while True:
    number += 1
    with store.begin() as work, work.unit():
        work.inbox.take_in(mail(uidvalidity=int(life) + 1), account="desk", junk=False, seed=SEED, now=NOW)
        a_letter(work, ticket_id=a_ticket(work, code=f"{life}-{number}"))
        work.journal.append([{"verb": f"{life}-{number}"}], now=NOW)
    print(f"{life}-{number}", flush=True)
"""


def live_and_die(url, life):
    """One life of a program that commits and says so; the answer is what it said before it was killed."""
    command = [sys.executable, "-c", CHILD, url, str(life)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    said = [child.stdout.readline() for _ in range(3 + 7 * life)]
    os.kill(child.pid, signal.SIGKILL)
    said += child.communicate(timeout=10)[0].splitlines()
    assert child.returncode == -signal.SIGKILL
    return {line.strip() for line in said}


def test_an_acknowledged_commit_survives_a_kill(url, opened):
    """SIGKILL at any moment loses no acknowledged transaction and leaves no half one."""
    lives = 5
    acknowledged = set().union(*(live_and_die(url, life) for life in range(lives)))
    store = opened(url)
    found = set(codes(store))
    assert acknowledged <= found
    assert len(found - acknowledged) <= lives, "at most the one that was being said when the kill came"
    with store.read() as work:
        assert work.journal.verify() is None
        assert {line.facts["verb"] for line in work.journal.lines()} == found
        assert work.outbox.depth() == sum(work.inbox.counts().values()) == len(found)
        if store.kind == "sqlite":
            assert work.connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
