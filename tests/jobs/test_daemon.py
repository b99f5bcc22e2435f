"""The daemon's turns, one at a time: whoever works or waits is not taken for hung, and whoever cannot do a job leaves it to others."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import pytest

from maild.app import House
from maild.app.waiting import BACKOFF_LONGEST
from maild.daemon import WATCHDOG_LIMITS, Daemon, daemon_of
from maild.jobs.delivery import AT_ONCE
from maild.jobs.intake import BATCH
from maild.mail.reading import Reader
from maild.ports import Answer, Fetched, Offer, Parcel
from tests.fakes_courier import MemoryCourier
from tests.fakes_mailbox import MemoryMailbox
from tests.town import CONFIG, Town, on_postgresql

MANY = 5


class Impatient(Event):
    """An event that comes at once, and tells for how long somebody would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waited.append(timeout)
        return True


class Stopped(Impatient):
    """One that lets so many waits pass, and then comes."""

    def __init__(self, *, after: int) -> None:
        super().__init__()
        self._after = after

    def wait(self, timeout: float | None = None) -> bool:
        super().wait(timeout)
        return len(self.waited) >= self._after


class Overtaken(Event):
    """News that are cleared just after maild was told to stop, which had set them."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self.stop, self.waits = stop, 0

    def clear(self) -> None:
        self.stop.set()
        self.set()
        super().clear()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits += 1
        return True


@dataclass
class Pulse:
    """The heartbeats of one thread, as its servers see them: one for each time they are asked for something that takes time."""

    name: str
    daemon: Daemon | None = None
    seen: list[float | None] = field(default_factory=list)

    def feel(self) -> None:
        if self.daemon is not None:
            self.seen.append(self.daemon.status._beats.get(self.name))

    @property
    def steady(self) -> bool:
        """Whether the thread gave a sign of life before each of these times."""
        return len(self.seen) > 1 and None not in self.seen and len(set(self.seen)) == len(self.seen)


class SlowCourier(MemoryCourier):
    def __init__(self) -> None:
        super().__init__()
        self.pulse = Pulse("delivery")

    def offer(self, parcel: Parcel) -> Offer | Answer:
        self.pulse.feel()
        return super().offer(parcel)


class SlowMailbox(MemoryMailbox):
    def __init__(self) -> None:
        super().__init__()
        self.pulse = Pulse("intake")

    def fetch(self, uids: Sequence[int], *, size_limit: int) -> Sequence[Fetched]:
        self.pulse.feel()
        return super().fetch(uids, size_limit=size_limit)


def turned(town: Town, turn: Callable[[Daemon], Callable[[], None]], *pulses: Pulse, **events: Event) -> House:
    """The house after one turn of a thread that does not wait at its end."""
    house = replace(town.house, **({"arrived": Impatient(), "enqueued": Impatient()} | events))
    house.__dict__.update({name: made for name, made in town.house.__dict__.items() if name not in house.__dict__})
    daemon = daemon_of(house)
    for pulse in pulses:
        pulse.daemon = daemon
    turn(daemon)()
    return house


def write(town: Town, count: int) -> None:
    for number in range(count):
        town.write(f"kim{number}@reporter.example", "Somebody shouted at me.")


def test_a_slow_smtp_server_is_no_hung_thread(tmp_path: Path, reader: Reader) -> None:
    """Delivery gives a sign of life before each letter: fifty of them may take longer than a thread may be silent."""
    courier = SlowCourier()
    town = Town(directory=tmp_path, reader=reader, courier=courier)
    write(town, MANY)
    town.house.intake.run()
    town.house.casework.run()
    turned(town, lambda daemon: daemon._delivery, courier.pulse)
    assert MANY < len(courier.pulse.seen) <= AT_ONCE
    assert courier.pulse.steady
    town.stop()


def test_a_full_mailbox_is_no_hung_thread(tmp_path: Path, reader: Reader) -> None:
    """Intake gives a sign of life before each batch: a mailbox of years takes longer than a thread may be silent."""
    mailbox = SlowMailbox()
    town = Town(directory=tmp_path, reader=reader, mailbox=mailbox)
    write(town, BATCH * 2 + 1)
    daemon = daemon_of(town.house)
    mailbox.pulse.daemon, daemon.poll = daemon, 0.0
    daemon._intake()
    assert len(mailbox.pulse.seen) == 3
    assert mailbox.pulse.steady
    town.stop()


def test_mails_that_take_long_to_read_are_no_hung_thread(tmp_path: Path, reader: Reader) -> None:
    """Casework gives a sign of life before each mail that it waits for."""
    beats: list[None] = []
    town = Town(directory=tmp_path, reader=reader)
    write(town, 2)
    town.house.intake.run()
    town.house.casework.run(beat=lambda: beats.append(None))
    assert beats
    town.stop()


def test_whoever_waits_is_not_hung(tmp_path: Path, reader: Reader) -> None:
    """The longest time between two looks at the mailbox that a configuration may ask for is no reason to be ended by the watchdog."""
    config = CONFIG.replace("[smtp]", 'poll_seconds = "10 min"\n[smtp]')
    town = Town(directory=tmp_path, reader=reader, config=config)
    house = turned(town, lambda daemon: daemon._casework)
    assert max(house.arrived.waited) < WATCHDOG_LIMITS["casework"] / 2
    house = turned(town, lambda daemon: daemon._delivery)
    assert max(house.enqueued.waited) < WATCHDOG_LIMITS["delivery"] / 2
    town.stop()


def test_whoever_was_in_trouble_for_long_is_not_hung(tmp_path: Path) -> None:
    """The longest wait between two tries is interrupted by signs of life; without them the watchdog would end a daemon that only waits."""
    town = Town(directory=tmp_path)
    stop = Stopped(after=3)
    daemon = daemon_of(replace(town.house, stop=stop))
    daemon._pause("casework", BACKOFF_LONGEST * 1.2)
    assert len(stop.waited) == 3
    assert max(stop.waited) < WATCHDOG_LIMITS["casework"] / 2
    assert "casework" in daemon.status._beats
    town.stop()


@pytest.mark.parametrize("name", ["casework", "delivery"])
def test_a_stop_in_the_last_moment_is_not_missed(tmp_path: Path, reader: Reader, name: str) -> None:
    """Whoever stops maild just before a thread clears its news is heard: the thread does not wait for a minute, and maild ends at once."""
    town = Town(directory=tmp_path, reader=reader)
    stop = Event()
    news = Overtaken(stop)
    turned(town, lambda daemon: getattr(daemon, f"_{name}"), stop=stop, arrived=news, enqueued=news)
    assert stop.is_set()
    assert news.waits == 0
    town.stop()


@pytest.fixture
def towns(postgresql_url: str, tmp_path: Path) -> Iterator[tuple[Town, Town]]:
    """Two houses with one database and one key."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    first = Town(directory=tmp_path / "first", extra=on_postgresql(postgresql_url))
    shutil.copytree(tmp_path / "first" / "state", tmp_path / "second" / "state")
    shutil.copy(tmp_path / "first" / "config.toml", tmp_path / "second" / "config.toml")
    second = Town(directory=tmp_path / "second")
    yield first, second
    for town in (first, second):
        town.stop()


def test_a_timed_job_in_trouble_is_left_to_another_daemon(towns: tuple[Town, Town]) -> None:
    """Who leads the timed jobs and cannot do one lets another daemon lead: a ladder must not stop for a fault of one host."""
    first, second = (daemon_of(town.house) for town in towns)
    done: list[str] = []

    def broken() -> bool:
        raise OSError("this host has no templates")

    def works() -> bool:
        done.append("second")
        return False

    first._timed("digest", lambda: False)
    second._timed("reminders", works)
    assert done == []
    first._timed("reminders", broken)
    second._timed("reminders", works)
    assert done == ["second"]
