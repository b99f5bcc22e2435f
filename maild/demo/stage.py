"""Where the story plays: a temporary directory with a real config.toml, the mail host, and the real daemon in a thread of its own."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from zoneinfo import ZoneInfo

from maild.app import Clock, House
from maild.app.life import lock_of
from maild.app.world import seed
from maild.config import load_config
from maild.daemon import daemon_of
from maild.demo.servers import LOOPBACK, MailHost

HOST_NAME = "mail.pymalta.example"

READY_WITHIN = 10.0
"""Seconds for the daemon to start; where it does not, the story itself says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the story, with a mailbox of their own."""

    handle: str
    name: str
    address: str
    part: str


KIM = Person(handle="kim", name="Kim Attard", address="kim@home.example", part="writes the first report")
SAM = Person(handle="sam", name="Sam Grech", address="sam@home.example", part="writes the second report")
ANA = Person(handle="ana", name="Ana Borg", address="ana@pymalta.example", part="staff")
BEN = Person(handle="ben", name="Ben Vella", address="ben@pymalta.example", part="staff")
DORA = Person(handle="dora", name="Dora Camilleri", address="dora@pymalta.example", part="board")
NOOR = Person(handle="noor", name="Noor Calleja", address="noor@trust.example", part="outside the team, for reports about all of it")
DESK = Person(handle="info", name="PyMalta", address="info@pymalta.example", part="where reports arrive; maild reads it")
CAST = (KIM, SAM, ANA, BEN, DORA, NOOR, DESK)


def by_address(address: str) -> Person:
    """The person with this mailbox."""
    return next(person for person in CAST if person.address == address)


CONFIG = f"""\
[organisation]
name = "{DESK.name}"
mailbox = "{DESK.address}"
timezone = "Europe/Malta"

[fallback]
name = "{NOOR.name}"
address = "{NOOR.address}"

[[staff]]
handle = "{ANA.handle}"
name = "{ANA.name}"
address = "{ANA.address}"

[[staff]]
handle = "{BEN.handle}"
name = "{BEN.name}"
address = "{BEN.address}"

[[board]]
handle = "{DORA.handle}"
name = "{DORA.name}"
address = "{DORA.address}"

[imap]
host = "{LOOPBACK}"
port = %(imap_port)d
tls = "none"
username = "{DESK.address}"
password_file = "password"

[smtp]
host = "{LOOPBACK}"
port = %(smtp_port)d
tls = "none"
username = "{DESK.address}"
password_file = "password"

[authentication]
authserv_id = "{HOST_NAME}"

[run]
state_directory = "state"
runtime_directory = "run"
"""


class Diary(logging.Handler):
    """What maild's log says, with the moment (`time.monotonic()`) of each line; `event` is the name of the line in `maild.log`."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._moments: list[tuple[str, float]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self._moments.append((record.funcName or "", monotonic()))
        self.lines.append(record.getMessage())

    def after(self, moment: float, *, event: str) -> float:
        """When a line of that name was first written after a moment; the moment itself where there is none."""
        return next((at for name, at in self._moments if name == event and at >= moment), moment)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that runs while the story is told."""

    directory: Path
    password: str
    host: MailHost
    house: House
    diary: Diary
    sent: Counter[str] = field(default_factory=Counter)
    """How many mails each person of the story has sent."""

    @property
    def clock(self) -> Clock:
        """The one clock of maild and its mail host."""
        return self.house.clock

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the story is told."""
        return self.house.config.organisation.zone

    @property
    def config_file(self) -> Path:
        """The configuration that runs."""
        return self.directory / "config.toml"

    def kind_of(self, message_id: str) -> str:
        """Which of maild's letters has this Message-ID; empty where it is none."""
        with self.house.store.read() as work:
            letter = work.outbox.by_message_id(message_id)
        return letter.letter if letter else ""

    def until(self, moment: datetime) -> None:
        """Let time pass."""
        self.clock.move_on(moment - self.clock())


@contextmanager
def stage(*, present: Callable[[], datetime], full: Collection[str] = ()) -> Iterator[Stage]:
    """Set everything up, and clear it away. `full` names mailboxes whose mail the host refuses. Raises what the daemon raises."""
    clock = Clock()
    password = seed().hex()[:8]
    accounts = [person.address for person in CAST]
    with (
        TemporaryDirectory(prefix="maild-demo-") as directory,
        MailHost(name=HOST_NAME, accounts=accounts, password=password, clock=clock, full=full) as host,
        _diary() as diary,
    ):
        house = House(config=load_config(_write_config(Path(directory), host, password)), clock=clock)
        clock.move_on(opening(present(), house.config.organisation.zone) - clock())
        with lock_of(house), _running(house):
            yield Stage(directory=Path(directory), password=password, host=host, house=house, diary=diary)


def opening(now: datetime, zone: ZoneInfo) -> datetime:
    """When the story begins: on a Monday at 09:05, so long ago that it is over before `now`. The board's digest comes at 09:00."""
    day = now.astimezone(zone) - timedelta(days=8)
    return (day - timedelta(days=day.weekday())).replace(hour=9, minute=5, second=0, microsecond=0)


def _write_config(directory: Path, host: MailHost, password: str) -> Path:
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(f"{password}\n")
    file = directory / "config.toml"
    file.write_text(CONFIG % {"imap_port": host.imap_port, "smtp_port": host.smtp_port})
    return file


@contextmanager
def _diary() -> Iterator[Diary]:
    logger, diary = logging.getLogger("maild"), Diary()
    before = logger.handlers[:], logger.level, logger.propagate
    logger.handlers, logger.propagate = [diary], False
    logger.setLevel(logging.INFO)
    try:
        yield diary
    finally:
        logger.handlers, logger.propagate = before[0], before[2]
        logger.setLevel(before[1])


@contextmanager
def _running(house: House) -> Iterator[None]:
    daemon = daemon_of(house)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="maild") as crew:
        working = crew.submit(daemon.work)
        working.add_done_callback(lambda _: daemon.watching.set())
        try:
            daemon.watching.wait(READY_WITHIN)
            yield
        finally:
            daemon.stop("the demo is over")
            working.result()


def last_words(lines: Sequence[str], *, most: int = 20) -> str:
    """The end of the log, for somebody who has to find out what went wrong."""
    return "\n".join(f"  {line}" for line in lines[-most:])
