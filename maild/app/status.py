"""What is known of the running daemon, outside the database: which thread works, which is in trouble, when the mailbox was last read.

The file `status.json` in the runtime directory is written by atomic rename when something changes and once a minute; idle, the
database is left alone.
"""

import contextlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maild.app.world import Clock

FILE = "status.json"


@dataclass(slots=True, kw_only=True)
class Status:
    """The live state of one daemon; safe to be told things by all of its threads."""

    directory: Path
    clock: "Clock"
    _beats: dict[str, float] = field(default_factory=dict)
    _troubles: dict[str, tuple[str, str]] = field(default_factory=dict)
    _standing_by: set[str] = field(default_factory=set)
    _polled_at: str | None = None
    _lock: Lock = field(default_factory=Lock)

    def beat(self, name: str) -> None:
        """A thread is alive."""
        self._beats[name] = time.monotonic()

    def hung(self, limits: Mapping[str, float]) -> list[str]:
        """Threads whose last heartbeat is older than their limit in seconds."""
        now = time.monotonic()
        return [name for name, limit in limits.items() if now - self._beats.get(name, now) > limit]

    def trouble(self, name: str, sentence: str, *, lasting: bool) -> bool:
        """A thread or job is in trouble, in a sentence without personal text; true where that is news.

        What another one says too is not: with the database everything stops. Trouble that will pass is news only once; `lasting` trouble,
        which somebody has to mend, is told again when it is about something else.
        """
        news = sentence not in {told for _, told in self._troubles.values()} and (lasting or name not in self._troubles)
        since = self._troubles.get(name, (self.clock().isoformat(), ""))[0]
        if self._troubles.get(name) != (since, sentence):
            self._troubles[name] = (since, sentence)
            self.write()
        return news

    def well(self, name: str) -> bool:
        """A thread or job works; true where it did not until now."""
        was_troubled = self._troubles.pop(name, None) is not None
        if was_troubled:
            self.write()
        return was_troubled

    def stand_by(self, name: str, *, stands_by: bool) -> None:
        """Whether another daemon does this job."""
        if stands_by != (name in self._standing_by):
            (self._standing_by.add if stands_by else self._standing_by.discard)(name)
            self.write()

    def polled(self) -> None:
        """The mailbox was read to its end just now, and the file says so."""
        self._polled_at = self.clock().isoformat()
        self.write()

    def write(self) -> None:
        """Write the file. A full disk or a missing directory must not stop the daemon, so it is only noted by its absence."""
        told = {
            "pid": os.getpid(),
            "at": self.clock().isoformat(),
            "polled_at": self._polled_at,
            "standing_by": sorted(self._standing_by),
            "troubles": {name: {"since": since, "sentence": sentence} for name, (since, sentence) in self._troubles.items()},
        }
        with self._lock, contextlib.suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o750)
            fresh = self.directory / f".{FILE}.new"
            fresh.write_text(json.dumps(told, indent=1) + "\n")
            fresh.replace(self.directory / FILE)

    def gone(self) -> None:
        """The daemon has ended in order."""
        with contextlib.suppress(OSError):
            (self.directory / FILE).unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What another process reads of a daemon's state."""

    running: bool
    polled_at: datetime | None
    standing_by: tuple[str, ...]
    troubles: Mapping[str, Mapping[str, str]]


NOBODY = Seen(running=False, polled_at=None, standing_by=(), troubles={})


def seen(directory: Path) -> Seen:
    """The state of the daemon that writes to this directory; not running where there is none."""
    try:
        told = json.loads((directory / FILE).read_text())
    except (OSError, ValueError):
        return NOBODY
    if not _alive(told["pid"]):
        return NOBODY
    polled = told["polled_at"]
    return Seen(
        running=True,
        polled_at=datetime.fromisoformat(polled) if polled else None,
        standing_by=tuple(told["standing_by"]),
        troubles=told["troubles"],
    )


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
