"""A crash at every line of the flow: whatever line maild dies at, after a restart there is one ticket and one acknowledgement a mail.

The crash is an exception nobody catches, raised by a trace function at the n-th line executed in maild's movers, clerk and store; the
objects are thrown away as they are, and a new house is started on the same database file and the same servers.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import maild
from tests.servers.postgresql import PostgreSQL
from tests.town import Town, on_postgresql

WATCHED = tuple(
    str(Path(maild.__file__).parent / place)
    for place in ("jobs", "clerk.py", "store/in", "store/ou", "store/sen", "store/tick", "store/work", "store/store")
)
"""Where every line is a place to die at."""

REPORTS = 3


class Crash(BaseException):
    """The end of the process, as far as anything in it can tell."""


class Fuse:
    """Counts the lines executed in the watched files, and blows at the one it was set to."""

    def __init__(self, at: int | None) -> None:
        self.at, self.lines = at, 0

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "call":
            return self.trace if frame.f_code.co_filename.startswith(WATCHED) else None
        if event == "line":
            self.lines += 1
            if self.lines == self.at:
                raise Crash
        return self.trace


@contextmanager
def burning(fuse: Fuse) -> Iterator[None]:
    before = sys.gettrace()
    sys.settrace(fuse.trace)
    try:
        yield
    finally:
        sys.settrace(before)


def reports(town: Town) -> None:
    """Reports of three people; the first of them writes again on the same thread."""
    for number in range(REPORTS):
        town.write(f"kim{number}@reporter.example", f"This is report number {number}.")


def outcome_of(town: Town) -> tuple[int, Counter[str]]:
    """How many tickets there are, and how many mails each reporter got."""
    with town.house.store.read() as work:
        tickets = len(work.tickets.all_ids())
        assert work.inbox.counts()["NEW"] == 0  # type: ignore[index]
        assert work.inbox.quarantined() == []
    return tickets, Counter(parcel.recipient for parcel in town.courier.delivered if parcel.recipient.startswith("kim"))


QUICK, SHARES = 32, 4
"""Places to die at in the quick run, spread over the whole flow; the deep run takes every line."""


@pytest.mark.timeout(400)
@pytest.mark.parametrize("share", range(SHARES))
def test_a_crash_at_many_lines(share: int, tmp_path: Path, reader: Any) -> None:
    """One ticket and one acknowledgement a mail; a second copy only where the dot was out, and then the same bytes."""
    total = lines_of(founder(tmp_path, reader))
    for at in list(range(1, total, total // QUICK))[share::SHARES]:
        die_at(at, founder(tmp_path, reader))


def test_a_crash_on_postgresql(postgresql: PostgreSQL, tmp_path: Path, reader: Any) -> None:
    """The same on PostgreSQL, at a handful of lines."""
    with databases(postgresql) as fresh:
        total = lines_of(founder(tmp_path, reader, extra=fresh))
        for at in range(total // 12, total, total // 6):
            die_at(at, founder(tmp_path, reader, extra=fresh))


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
def test_a_crash_at_every_line(share: int, tmp_path: Path, reader: Any) -> None:
    """The same, at every single line."""
    for at in range(1 + share, lines_of(founder(tmp_path, reader)), SHARES):
        die_at(at, founder(tmp_path, reader))


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
def test_a_crash_at_every_line_on_postgresql(share: int, postgresql: PostgreSQL, tmp_path: Path, reader: Any) -> None:
    """The same on PostgreSQL, at every single line."""
    with databases(postgresql) as fresh:
        for at in range(1 + share, lines_of(founder(tmp_path, reader, extra=fresh)), SHARES):
            die_at(at, founder(tmp_path, reader, extra=fresh))


@contextmanager
def databases(postgresql: PostgreSQL) -> Iterator[Callable[[], str]]:
    """Gives the configuration of one empty database after the other; at each, and at the end, the one before is dropped."""
    names: list[str] = []

    def fresh() -> str:
        while names:
            postgresql.drop(names.pop())
        names.append(postgresql.create())
        return on_postgresql(postgresql.url(names[0]))

    yield fresh
    while names:
        postgresql.drop(names.pop())


def founder(tmp_path: Path, reader: Any, *, extra: Callable[[], str] = str) -> Callable[[str], Town]:
    """Founds towns, each in a directory of its own."""

    def found(name: str) -> Town:
        directory = tmp_path / name
        directory.mkdir()
        return Town(directory=directory, reader=reader, extra=extra())

    return found


def lines_of(found: Callable[[str], Town]) -> int:
    """How many lines the whole flow takes."""
    town, fuse = found("whole"), Fuse(None)
    reports(town)
    with burning(fuse):
        town.run()
    town.stop()
    return fuse.lines


def die_at(at: int, found: Callable[[str], Town]) -> None:
    """Die at this line, start again on the same files and servers, and look."""
    town = found(str(at))
    reports(town)
    with suppress(Crash), burning(Fuse(at)):  # the flow is a few lines shorter now and then: the last places may not come
        town.run()
    town.house.store.close()
    town.start()
    town.run()
    town.pass_time(minutes=20)
    tickets, receipts = outcome_of(town)
    assert tickets == REPORTS, f"line {at}"
    assert set(receipts) == {f"kim{number}@reporter.example" for number in range(REPORTS)}, f"line {at}"
    assert sum(receipts.values()) <= REPORTS + 1, f"line {at}"
    copies = [parcel for parcel in town.courier.delivered if receipts[parcel.recipient] > 1]
    assert len({parcel.raw for parcel in copies}) <= 1, f"line {at}: a second copy is the same bytes"
    town.stop()
