"""The daemon: four threads, signals, systemd's notify and watchdog, a guard around every job. The only importer of `schedule`.

main ticks: reminders, digest, watch, the watchdog. intake holds the IMAP connection. casework reads and decides. delivery talks SMTP.
They wake each other by an `Event`, after commit.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread

import schedule

from maild import __version__, log
from maild.app import House
from maild.app.status import Status
from maild.app.world import chance
from maild.errors import MaildError, PassesByItself

TICK = 1.0
"""Seconds between two looks at the ticker."""

BACKOFF_FIRST, BACKOFF_LONGEST = 1.0, 300.0
"""Seconds a thread waits after trouble, doubled each time."""

PROBE = 5.0
"""Seconds between two tries while the SMTP server is away (architecture.md: no row's `next_at` moves meanwhile)."""

PATIENCE = 10.0
"""Seconds between SIGTERM and the end, at most."""

FINISH = 8.0
"""Seconds after SIGTERM at which a parcel that is past its dot is left uncertain."""

WATCHDOG_LIMITS = {"main": 120.0, "intake": 660.0, "casework": 180.0, "delivery": 780.0}
"""Seconds without a heartbeat after which a thread counts as hung."""

RETRY = 5.0
"""Seconds until casework looks again at a mail that could not be read at once."""

JUMP = 5.0
"""Seconds by which the wall clock may drift between two ticks before it counts as set."""

AT_ONCE = " (a second one ends maild at once)"
"""What is said of a Ctrl-C. A crash leaves nothing half done either (docs/flow.md), so at once is safe."""

EVERY = {"reminders": 30, "digest": 60, "watch": 300, "status": 60}
"""Seconds between two turns of each timed job."""


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


@dataclass(slots=True, kw_only=True)
class Daemon:
    """One running maild."""

    house: House
    status: Status
    chance: Callable[[], float]
    poll: float
    watching: Event = field(default_factory=Event)
    """Set once the mailbox was read to its end: from now on a mail is seen as it comes."""

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Only the main thread can hear them. Raises what `work` raises."""
        with _signals(self.stop):
            self.work()

    def work(self) -> None:
        """Work until `stop`; returns within `PATIENCE` seconds after it. Raises `OperatorMustAct` at start only."""
        log.gag_foreign_loggers()
        log.started(__version__, database=self.house.store.kind)
        self.house.sync_people()
        self.house.digest.begin()
        self.house.delivery.recover()
        self.house.reader.wake()
        threads = [self._thread("intake", self._intake), self._thread("casework", self._casework), self._thread("delivery", self._delivery)]
        for thread in threads:
            thread.start()
        notify("READY=1")
        self._tick()
        self._finish(threads)

    def _thread(self, name: str, turn: Callable[[], None]) -> Thread:
        return Thread(target=self._guarded, args=(name, turn), name=name, daemon=True)

    def stop(self, reason: str) -> None:
        """From any thread, or from a signal: finish what is under way and end."""
        log.stopping(reason)
        notify("STOPPING=1")
        self.house.stop.set()
        self.house.arrived.set()
        self.house.enqueued.set()
        self.house.mailbox.interrupt()

    def _finish(self, threads: list[Thread]) -> None:
        begun = time.monotonic()
        while any(thread.is_alive() for thread in threads):
            left = begun + FINISH - time.monotonic()
            if left <= 0:
                self.house.courier.interrupt()
                break
            next(thread for thread in threads if thread.is_alive()).join(min(left, 0.2))
        for thread in threads:
            thread.join(max(0.0, begun + PATIENCE - 0.5 - time.monotonic()))
        if not any(thread.is_alive() for thread in threads):
            self.house.close()
        self.status.gone()
        log.stopped(time.monotonic() - begun)

    def _guarded(self, name: str, turn: Callable[[], None]) -> None:
        """Do a thread's turns for ever: trouble backs off, whatever else is logged by its place, and the thread goes on."""
        backoff, troubled = Backoff(chance=self.chance), False
        while not self.house.stop.is_set():
            self.status.beat(name)
            try:
                turn()
            except MaildError as error:
                if self.house.stop.is_set():
                    return
                wait = PROBE if name == "delivery" and isinstance(error, PassesByItself) else backoff.next()
                if not troubled or not isinstance(error, PassesByItself):
                    log.trouble(name, error, retry_in=wait)
                troubled = True
                self.status.trouble(name, log.sentence_of(error))
                self.house.stop.wait(wait)
            except Exception as error:  # noqa: BLE001 (a thread that ends would be silence)
                log.broken(name, error)
                self.status.trouble(name, log.place_of(error))
                self.house.stop.wait(backoff.next())
            else:
                if troubled:
                    log.recovered(name)
                troubled = False
                backoff.reset()
                self.status.well(name)

    def _intake(self) -> None:
        self.house.intake.run()
        self.status.polled()
        self.status.well("intake")
        self.watching.set()
        self.house.intake.wait(self.poll)

    def _casework(self) -> None:
        self.house.arrived.clear()
        while self.house.casework.run() and not self.house.stop.is_set():
            self.status.beat("casework")
        self.house.arrived.wait(min(RETRY, self.poll) if self.house.casework.waits() else self.poll)

    def _delivery(self) -> None:
        self.house.enqueued.clear()
        while self.house.delivery.run() and not self.house.stop.is_set():
            self.status.beat("delivery")
        self.status.well("delivery")
        self.house.enqueued.wait(self._until_due())

    def _until_due(self) -> float:
        due = self.house.delivery.next_due()
        if due is None:
            return self.poll
        return min(self.poll, max(0.0, (due - self.house.clock()).total_seconds()))

    def _tick(self) -> None:
        ticker = schedule.Scheduler()
        jobs = {"reminders": self.house.reminders.run, "digest": self.house.digest.run, "watch": self.house.watch.run}
        for name, job in jobs.items():
            ticker.every(EVERY[name]).seconds.do(self._timed, name, job)
        ticker.every(EVERY["status"]).seconds.do(self.status.write)
        ticker.run_all()
        lead = self._lead()
        while not self.house.stop.wait(TICK):
            # A clock set back would keep `schedule` waiting for the old time to come again (security.md F10).
            before, lead = lead, self._lead()
            if abs(lead - before) > JUMP:
                ticker.run_all()
            self.status.beat("main")
            ticker.run_pending()
            if not self.status.hung(WATCHDOG_LIMITS):
                notify("WATCHDOG=1")

    def _lead(self) -> float:
        """How far the wall clock is ahead of the steady one: it changes only when somebody sets the clock."""
        return self.house.clock().timestamp() - time.monotonic()

    def _timed(self, name: str, job: Callable[[], bool]) -> None:
        try:
            if job():
                self.house.enqueued.set()
            self.status.well(name)
        except MaildError as error:
            log.trouble(name, error, retry_in=EVERY[name])
            self.status.trouble(name, log.sentence_of(error))
        except Exception as error:  # noqa: BLE001 (schedule would drop the other jobs of this tick)
            log.broken(name, error)
            self.status.trouble(name, log.place_of(error))


@contextlib.contextmanager
def _signals(stop: Callable[[str], None]) -> Iterator[None]:
    """SIGTERM and Ctrl-C end in order, a second Ctrl-C at once; SIGHUP ends what has lost its terminal and is only noted elsewhere."""
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


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); silent where nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.connect("\0" + address[1:] if address.startswith("@") else address)
        wire.send(state.encode("ascii"))


def daemon_of(house: House) -> Daemon:
    """The daemon of this house."""
    status = Status(directory=house.config.run.runtime_directory, clock=house.clock)
    poll = house.config.imap.poll_seconds.total_seconds()
    return Daemon(house=house, status=status, chance=chance, poll=poll)


def run(house: House) -> None:
    """Run the daemon of this house until it is told to stop. Raises `OperatorMustAct` where it cannot even start."""
    daemon_of(house).run()
