"""Several daemons on one PostgreSQL: one sends a letter, one does a job, and a dead one is succeeded at once."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import text

from maild.errors import StoreAway
from maild.store import ClaimLost
from maild.store.letters import State
from tests.store.world import DEFERRED, DELIVERED, NOW, SEED, a_letter, enqueued, settle, to_send

ROOT = Path(__file__).parents[2]
AFTER = timedelta(minutes=15)


def recover(store):
    with store.begin() as work:
        return work.outbox.recover(NOW, uncertain_after=AFTER)


def state_of(store, row):
    with store.read() as work:
        return work.outbox.get(row).state


def cut_locks(store):
    """End the session that holds a daemon's locks, as a network that went away would."""
    with store._locks._one_at_a_time:
        pid = store._locks._connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with store.begin() as work:
        work.connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


def test_a_letter_is_claimed_by_one(shared_url, opened):
    """Two daemons that claim at once share the letters without one of them going to both."""
    stores = [opened(shared_url) for _ in range(2)]
    with stores[0].begin() as work:
        rows = [a_letter(work) for _ in range(60)]
    start = Barrier(2)

    def claim(store):
        start.wait(timeout=10)
        return [row for _ in range(10) for row in to_send(store, limit=5)]

    with ThreadPoolExecutor(2) as pool:
        mine, yours = pool.map(claim, stores)
    assert set(mine).isdisjoint(yours)
    rest = [row for _ in range(12) for row in to_send(stores[0], limit=5)]
    assert sorted(mine + yours + rest) == rows


def test_the_living_are_left_alone(shared_url, opened):
    """A letter under way is not taken over while its sender's session lives, however slow it is."""
    first, second = opened(shared_url), opened(shared_url)
    row = enqueued(first)
    to_send(first)
    assert recover(second) == 0
    with first.begin() as work:
        work.outbox.dot(row)
    assert recover(second) == 0
    settle(first, row, DELIVERED)
    assert (recover(second), state_of(second, row)) == (0, State.SENT)


def test_a_settled_letter_is_let_go(shared_url, opened):
    """After its end, or on its way back, nobody holds a letter any more."""
    first, second = opened(shared_url), opened(shared_url)
    deferred, returned = enqueued(first), enqueued(first)
    to_send(first)
    settle(first, deferred, DEFERRED, next_at=NOW)
    with first.begin() as work:
        work.outbox.return_to_pending(returned)
    assert sorted(to_send(second)) == [deferred, returned]


CHILD = """
import sys, time
from tests.store.world import KEY, sources, to_send
from maild.store import open_store
store = open_store(sys.argv[1], key=KEY, sources=sources())
rows = to_send(store, limit=2)
with store.begin() as work:
    work.outbox.dot(rows[1])
print(store.lead("intake"), flush=True)
time.sleep(600)
"""


def test_a_killed_daemon_is_succeeded(shared_url, opened):
    """What a killed daemon held is free as soon as it is dead: its job, and its letters, sent or not as far as anybody knows."""
    store = opened(shared_url)
    before, after = enqueued(store), enqueued(store)
    child = subprocess.Popen([sys.executable, "-c", CHILD, shared_url], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout.readline() == "True\n"
    assert (store.lead("intake"), recover(store)) == (False, 0)
    os.kill(child.pid, signal.SIGSTOP)
    assert (store.lead("intake"), recover(store)) == (False, 0)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=10)
    until(lambda: store.lead("intake"))
    assert recover(store) == 2
    assert (state_of(store, before), state_of(store, after)) == (State.PENDING, State.UNCERTAIN)


def until(holds):
    """Wait for what must come true soon."""
    from time import monotonic

    end = monotonic() + 10
    while not holds():
        assert monotonic() < end


def test_one_daemon_leads(shared_url, opened):
    """A job has one leader, who stays it and may lead several."""
    first, second = opened(shared_url), opened(shared_url)
    assert [first.lead("intake"), first.lead("intake"), first.lead("casework")] == [True] * 3
    assert [second.lead("intake"), second.lead("digest")] == [False, True]
    assert not first.lead("digest")
    first.close()
    until(lambda: second.lead("intake"))


def test_alone_one_leads_everything(sqlite_url, opened):
    """On SQLite there is one daemon, and it does every job."""
    store = opened(sqlite_url)
    assert store.lead("intake")
    assert store.lead("digest")


def test_a_lost_session_loses_everything_it_held(shared_url, opened):
    """A daemon whose locks went away with the network learns it when it asks, sends nothing more of what it held, and goes on."""
    first, second = opened(shared_url), opened(shared_url)
    row = enqueued(first)
    to_send(first)
    assert first.lead("intake")
    cut_locks(first)
    until(lambda: second.lead("intake"))
    assert recover(second) == 1
    with pytest.raises(StoreAway):
        first.lead("intake")
    assert not first.lead("intake")
    with pytest.raises(ClaimLost), first.begin() as work:
        work.outbox.dot(row)
    assert to_send(second) == [row]


def test_releasing_over_a_lost_session(shared_url, opened):
    """A letter whose locks are gone is settled all the same."""
    store = opened(shared_url)
    row = enqueued(store)
    to_send(store)
    cut_locks(store)
    settle(store, row, DELIVERED)
    assert state_of(store, row) is State.SENT
    assert to_send(store) == []


def test_an_appointment_is_won_once(url, opened):
    """Of daemons that come to an appointment together, one has it."""
    stores = [opened(url) for _ in range(3)]
    start = Barrier(3)

    def claim(store):
        won = 0
        for slot in range(20):
            start.wait(timeout=10)
            with store.begin() as work:
                won += work.slots.claim("digest", slot=str(slot), now=NOW, seed=SEED)
        return won

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(claim, stores)) == 20
