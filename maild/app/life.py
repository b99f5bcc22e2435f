"""What the daemon needs besides its jobs: the log's destination, systemd's ear, and the right to be the only one on an SQLite file."""

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from maild import log
from maild.app.house import House, sqlite_file
from maild.config import Config
from maild.store import DaemonLock

LEVELS = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""syslog's numbers, which the journal reads at the start of a line (sd-daemon(3))."""


class Line(logging.Formatter):
    """One line a record; control characters cannot leave it."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The line: with the journal's level in front, or with moment and level where no journal adds them."""
        text = "".join(letter if letter.isprintable() else "\ufffd" for letter in record.getMessage())
        if self._journal:
            return f"<{LEVELS.get(record.levelno, 6)}>{text}"
        return f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%SZ')} {record.levelname.lower()} {text}"


class JsonLine(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's moment, level and sentence."""
        moment = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        return json.dumps({"at": moment, "level": record.levelname.lower(), "message": record.getMessage()})


def write_log(config: Config) -> None:
    """Send maild's own log to standard error, in the form the configuration asks for; nobody else writes there."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if config.run.log == "json" else Line(journal="JOURNAL_STREAM" in os.environ))
    logger = logging.getLogger("maild")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    log.gag_foreign_loggers()


@contextmanager
def lock_of(house: House) -> Iterator[None]:
    """Be the only daemon of an SQLite file, and make key and database at the first start. Raises `AlreadyRunning`."""
    house.prepare()
    database = sqlite_file(house.config.database.url)
    lock = DaemonLock(str(database)) if database else None
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
    """While the block runs, SIGTERM and SIGINT only tell `stop` their names. For the main thread, which alone can hear them."""

    def heard(number: int, frame: object) -> None:
        del frame
        stop(signal.Signals(number).name)

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
