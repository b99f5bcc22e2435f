"""Several daemons on one mailbox and one PostgreSQL: everything happens once, and a dead one is succeeded (behaviour 15)."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.whole.stage import Stage, eventually, header

EXTRA = """
[database]
url = "{url}"
[limits]
acknowledgements_per_hour = 1000
acknowledgements_burst = 1000
mails_per_hour = 10000
summary_above_tickets = 1000
uncertain_after_minutes = 0
"""

HANDOVER = 10.0
"""Seconds in which a killed daemon is succeeded: five until somebody looks, the rest for a busy machine."""

MAILS = 30


@pytest.fixture
def pair(build: Callable[..., Stage], postgresql_url: str) -> Iterator[tuple[Stage, Stage]]:
    """Two stages with one mailbox, one outside world, one database and one key; nothing runs yet."""
    first = build(extra=EXTRA.format(url=postgresql_url))
    second = Stage(
        dovecot=first.dovecot, account=first.account, postfix=first.postfix, sink=first.sink, ca_file=first.ca_file, extra=first.extra
    )
    yield first, second
    second.close()


def both_run(first: Stage, second: Stage) -> None:
    """The first makes key and tables and leads; the second has the same key and stands by."""
    first.start()
    eventually(lambda: first.status().get("polled_seconds_ago") is not None)
    shutil.copy(first.directory / "state" / "maild.key", second.directory / "state" / "maild.key")
    second.start()
    eventually(lambda: "intake" in (second.status().get("standing_by") or ""))


def test_the_leader_is_killed(pair: tuple[Stage, Stage], postgresql_url: str) -> None:
    """SIGKILL in the middle of it: one ticket, one acknowledgement and one notice for each mail, taken over within `HANDOVER`."""
    first, second = pair
    both_run(first, second)
    for number in range(MAILS):
        first.account.append(first.mail(f"kim{number}@reporter.test", f"Report number {number}."))
    eventually(lambda: len(first.sink.arrived) > MAILS // 3)
    first.kill()
    killed_at, had = time.monotonic(), len(first.sink.arrived)
    assert had < 3 * MAILS
    eventually(lambda: len(first.sink.arrived) > had + 1)
    assert time.monotonic() - killed_at < HANDOVER
    for number in range(MAILS):
        second.await_letters(f"kim{number}@reporter.test", 1)
    eventually(lambda: second.status()["unsent_letters"] == 0)
    assert works(second)
    assert sum(second.status()["cases"].values()) == MAILS
    # A letter that was past its dot when its sender died may have gone out: its bytes go again, and nothing else does.
    counted = Counter((one.recipients[0], header(one, "Message-ID")) for one in list(first.sink.arrived))
    assert sum(count - 1 for count in counted.values()) <= 1
    assert Counter(recipient for recipient, _ in counted) == {
        **{f"kim{number}@reporter.test": 1 for number in range(MAILS)},
        "ana@team.test": MAILS,
        "ben@team.test": MAILS,
    }
    assert rows(postgresql_url, "SELECT count(*) FROM inbox") == MAILS
    assert second.stop() <= 10


def test_one_digest(pair: tuple[Stage, Stage], postgresql_url: str) -> None:
    """A digest that is due when both start, and a report while both run, reach each who gets them once."""
    first, second = pair
    both_run(first, second)
    for stage in pair:
        stage.stop()
    rows(postgresql_url, "UPDATE slots SET slot = '2026-W01' WHERE job = 'digest' RETURNING 1")
    for stage in pair:
        stage.start()
    for stage in pair:
        eventually(lambda stage=stage: stage.status()["running"])
    first.await_letters("dora@team.test", 1)
    first.write("kim@reporter.test", "Somebody shouted at me.")
    first.await_letters("kim@reporter.test", 1)
    eventually(lambda: first.status()["unsent_letters"] == 0)
    assert Counter(one.recipients[0] for one in list(first.sink.arrived)) == {
        "dora@team.test": 1,
        "kim@reporter.test": 1,
        "ana@team.test": 1,
        "ben@team.test": 1,
    }
    assert all(stage.stop() <= 10 for stage in pair)


def test_whoever_cannot_reach_the_mailbox_steps_back(pair: tuple[Stage, Stage]) -> None:
    """A leader with a wrong password leaves the mailbox to one that has the right one."""
    first, second = pair
    both_run(first, second)
    first.set_password("wrong")
    first.stop()
    first.start()
    eventually(lambda: works(second))
    second.stop()
    eventually(lambda: [one for one in first.status()["wrong"] if one.startswith("intake")])
    second.start()
    first.write("kim@reporter.test", "Somebody shouted at me.")
    first.await_letters("kim@reporter.test", 1)
    assert works(second)
    assert all(stage.stop() <= 10 for stage in pair)


def works(stage: Stage) -> bool:
    """Whether this daemon is the one that reads the mailbox."""
    return "intake" not in (stage.status()["standing_by"] or "")


def rows(url: str, question: str) -> object:
    """One value of the database."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(question).fetchone()
        return found and found[0]
