"""Two daemons on one PostgreSQL that do the same at the same moment: even without a leader everything happens once (behaviour 15)."""

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.errors import PassesByItself
from tests.town import Town, on_postgresql, read

WEEK = 7 * 24 + 4


@pytest.fixture
def towns(postgresql_url: str, tmp_path: Path, reader: Any) -> Iterator[tuple[Town, Town]]:
    """Two houses with one clock, one mailbox, one courier, one database and one key."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first = Town(directory=tmp_path / "first", reader=reader, extra=on_postgresql(postgresql_url))
    shutil.copytree(tmp_path / "first" / "state", tmp_path / "second" / "state")
    shutil.copy(tmp_path / "first" / "config.toml", tmp_path / "second" / "config.toml")
    second = Town(directory=tmp_path / "second", clock=first.clock, mailbox=first.mailbox, courier=first.courier)
    yield first, second
    for town in (first, second):
        town.stop()


def work(town: Town) -> bool:
    """What the timed jobs and casework do in one turn; true where the other one came in between."""
    try:
        town.house.casework.run()
        town.house.digest.run()
        town.house.reminders.run()
    except PassesByItself:
        return True
    return False


def test_a_week_of_two(towns: tuple[Town, Town]) -> None:
    """A report that nobody answers: one ticket, one acknowledgement, one escalation, one digest and one holding letter each."""
    first, _ = towns
    first.write("kim@reporter.example", "Somebody shouted at me.")
    first.house.intake.run()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(WEEK * 2):
            while any(pool.map(work, towns)):
                pass
            while first.house.delivery.run():
                pass
            first.clock.move_on(timedelta(minutes=30))
    with first.house.store.read() as rows:
        assert len(rows.tickets.all_ids()) == 1
    got = Counter((parcel.recipient.partition("@")[0], str(read(parcel)["Subject"])) for parcel in first.courier.delivered)
    assert len({parcel.message_id for parcel in first.courier.delivered}) == len(first.courier.delivered)
    assert sum(count for (who, _), count in got.items() if who == "kim") == 2
    assert sum(count for (who, subject), count in got.items() if who == "dora" and "eadline" in subject) == 2
    assert sum(count for (who, subject), count in got.items() if who == "dora" and "eadline" not in subject) == 1
    assert sum(count for (who, subject), count in got.items() if who == "ana" and "New report" in subject) == 1
    assert sum(count for (who, _), count in got.items() if who == "ana") == sum(count for (who, _), count in got.items() if who == "ben")
