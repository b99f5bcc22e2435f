"""How to wait for what is away: after trouble longer each time, and for the database before anything else."""

from collections.abc import Callable
from dataclasses import dataclass

from maild import log
from maild.app.house import House
from maild.app.life import notify, signals
from maild.app.status import Status
from maild.errors import LoginRefused, StoreAway

STARTING = 60_000_000
"""Microseconds that systemd is asked to wait for us once more, each time the database did not let us in."""

BACKOFF_FIRST, BACKOFF_LONGEST = 1.0, 300.0
"""Seconds a thread waits after trouble, doubled each time."""

PROBE = 5.0
"""Seconds between two tries while the SMTP server is away (architecture.md: no row's `next_at` moves meanwhile), or the database."""


@dataclass(slots=True, kw_only=True)
class Backoff:
    """How long to wait after trouble: doubling, with a spread, back to the start after a success."""

    chance: Callable[[], float]
    seconds: float = BACKOFF_FIRST

    def next(self) -> float:
        """The next wait in seconds."""
        wait = self.seconds * (0.8 + 0.4 * self.chance())
        self.seconds = min(BACKOFF_LONGEST, self.seconds * 2)
        return wait

    def reset(self) -> None:
        """It worked."""
        self.seconds = BACKOFF_FIRST


def await_database(house: House) -> bool:
    """Wait until the database lets us in: at boot PostgreSQL may come up after us, and mail waits on its server. False when told to stop.

    Raises `OperatorMustAct` for all that waiting does not cure, but for a refused login: it may be mended while we wait, as any other.
    """
    status = Status(directory=house.config.run.runtime_directory, clock=house.clock)

    def stop(reason: str) -> None:
        log.stopping(reason)
        house.stop.set()

    with signals(stop):
        while not house.stop.is_set():
            try:
                house.knock()
            except (StoreAway, LoginRefused) as error:
                if status.trouble("start", log.sentence_of(error), lasting=isinstance(error, LoginRefused)):
                    log.trouble("start", error, retry_in=PROBE)
                notify(f"EXTEND_TIMEOUT_USEC={STARTING}")
                house.stop.wait(PROBE)
            else:
                if status.well("start"):
                    log.recovered("start")
                return True
    status.gone()
    return False
