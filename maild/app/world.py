"""The moment and chance: the only places where either is read."""

import os
import random
import time
from datetime import UTC, datetime, timedelta
from threading import Lock

from maild.store import Sources

SEED_BYTES = 32


class Clock:
    """The wall clock in UTC. The demo moves it on; nothing else does."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self._ahead

    def move_on(self, span: timedelta) -> None:
        """Let time pass (for the demo's story)."""
        self._ahead += span


class Ids:
    """Row ids: 63 bits, growing with time, never the same twice in one process and hardly ever in two."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def __call__(self) -> int:
        """The next id: 42 bits of milliseconds since 1970, 21 random bits."""
        fresh = time.time_ns() // 1_000_000 << 21 | random.SystemRandom().getrandbits(21)
        with self._lock:
            self._last = max(fresh, self._last + 1)
            return self._last


def seed() -> bytes:
    """32 random bytes, from which the names and tokens of one unit of work are made."""
    return os.urandom(SEED_BYTES)


def chance() -> float:
    """A number from 0 to 1 that spreads retries."""
    return random.SystemRandom().random()


def sources() -> Sources:
    """What the store needs of chance."""
    return Sources(new_id=Ids(), new_nonce=lambda: os.urandom(12), new_key=lambda: os.urandom(32))
