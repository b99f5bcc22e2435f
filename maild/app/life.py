"""What the daemon needs besides its jobs: the log's destination, systemd's ear, and the right to be the only one on an SQLite file."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event
from typing import Literal

from maild import log
from maild.app.house import House
from maild.config import Config
from maild.store import DaemonLock

LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""syslog's numbers, which the journal reads at the start of a line (sd-daemon(3))."""

COLOURS = {logging.WARNING: "33", logging.ERROR: "31", logging.CRITICAL: "31"}
"""How a terminal shows a level: yellow, red; the others in its own colour."""

AT_ONCE = " (a second one ends maild at once)"
"""What is said of a Ctrl-C. A crash leaves nothing half done either (docs/flow.md), so at once is safe."""


class Line(logging.Formatter):
    """One line a record; control characters cannot leave it."""

    def __init__(self, *, journal: bool = False, colours: bool = False) -> None:
        super().__init__()
        self._journal, self._colours = journal, colours

    def format(self, record: logging.LogRecord) -> str:
        """The line: with the journal's level in front, or with moment and level where no journal adds them."""
        text = "".join(letter if letter.isprintable() else "\ufffd" for letter in record.getMessage())
        if self._journal:
            return f"<{LEVELS.get(record.levelno, 6)}>{text}"
        line = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%SZ')} {record.levelname.lower()} {text}"
        return f"\033[{COLOURS[record.levelno]}m{line}\033[0m" if self._colours and record.levelno in COLOURS else line


class JsonLine(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's moment, level and sentence."""
        moment = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"at": moment, "level": record.levelname.lower(), "message": record.getMessage()})


def in_colour() -> bool:
    """Whether somebody reads standard error on a terminal that shows colours, and has not said no to them (no-color.org)."""
    return os.isatty(2) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def in_journal() -> bool:
    """Whether standard error is the journal itself; a shell started from a desktop inherits the variable and writes to a terminal."""
    try:
        where = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{where.st_dev}:{where.st_ino}"


def write_log(form: Literal["text", "json"]) -> None:
    """Send maild's own log to standard error, in this form; nobody else writes there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else Line(journal=in_journal(), colours=in_colour()))
    logger = logging.getLogger("maild")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    log.gag_foreign_loggers()


def unseen(config: Config) -> str | None:
    """Why `maild status` will not see this daemon, in a sentence; None where it will."""
    place = config.run.runtime_directory
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True, mode=0o750)
    if os.access(place, os.W_OK | os.X_OK):
        return None
    return f"run.runtime_directory: {place} cannot be written, so `maild status` will not see this daemon (name another directory)"


def unwritable(house: House) -> Iterator[str]:
    """What is wrong with the operator's own letters, a sentence each; maild runs all the same, and those letters go out as shipped."""
    if house.config.letters.templates is not None:
        yield from (f"letters.templates: {fault}" for fault in house.templates.faults())


@contextmanager
def lock_of(house: House) -> Iterator[None]:
    """Be the only daemon of an SQLite file, and make key and database at the first start. Raises `AlreadyRunning`."""
    house.prepare()
    file = house.config.database.file
    lock = DaemonLock(str(file)) if file else None
    try:
        yield
    finally:
        if lock:
            lock.close()


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); silent where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.connect("\0" + address[1:] if address.startswith("@") else address)
        wire.send(state.encode("ascii"))


@contextmanager
def signals(stop: Callable[[str], None]) -> Iterator[None]:
    """While the block runs, SIGTERM and Ctrl-C only tell `stop` their names, once; a second Ctrl-C ends the process at once.

    SIGHUP stops what has lost its terminal, and is only noted elsewhere. For the main thread, which alone can hear signals.
    """
    asked, on_terminal = Event(), any(map(os.isatty, (0, 1, 2)))

    def heard(number: int, frame: object) -> None:
        del frame
        if number == signal.SIGHUP and not on_terminal:
            log.unchanged()
        elif not asked.is_set():
            asked.set()
            stop(signal.Signals(number).name + (AT_ONCE if number == signal.SIGINT else ""))
        elif number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)

    # nohup(1) lets SIGHUP be ignored, and that stays so.
    wanted = [number for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, heard) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
