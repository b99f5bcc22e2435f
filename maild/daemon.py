"""The daemon: four threads, signals, systemd's notify and watchdog, a guard around every job. The only importer of `schedule`.

main ticks: reminders, digest, watch, the watchdog. intake holds the IMAP connection. casework reads and decides. delivery talks SMTP.
They wake each other by an `Event`, after commit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Thread

import schedule

from maild import __version__, log
from maild.app import House
from maild.app.life import notify, signals
from maild.app.status import Status
from maild.app.waiting import PROBE, Backoff
from maild.app.world import chance
from maild.errors import MaildError, PassesByItself, StoreAway

TICK = 1.0
"""Seconds between two looks at the ticker."""

STAND_BY = 5.0
"""Seconds between two looks whether the daemon that does a thread's job is still there: it is succeeded within that time after it was
killed, and within 45 s more after its host was cut off (see `maild.store.engine.POSTGRESQL`). Timed jobs look at each of their turns."""

PATIENCE = 10.0
"""Seconds between SIGTERM and the end, at most."""

FINISH = 8.0
"""Seconds after SIGTERM at which a parcel that is past its dot is left uncertain."""

WATCHDOG_LIMITS = {"main": 120.0, "intake": 660.0, "casework": 180.0, "delivery": 780.0}
"""Seconds without a heartbeat after which a thread counts as hung: longer than any single mail or letter may take."""

LONGEST_WAIT = 60.0
"""Seconds for which a thread waits without a sign of life, for work or after trouble: whoever waits is not hung."""

RETRY = 5.0
"""Seconds until casework looks again at a mail that could not be read at once."""

JUMP = 5.0
"""Seconds by which the wall clock may drift between two ticks before it counts as set."""

TIMERS = "timers"
"""What all timed jobs are as one job, for the daemon that leads it."""

EVERY = {"reminders": 30, "digest": 60, "watch": 300, "status": 60}
"""Seconds between two turns of each timed job."""


@dataclass(slots=True, kw_only=True)
class Daemon:
    """One running maild."""

    house: House
    status: Status
    chance: Callable[[], float]
    poll: float
    watching: Event = field(default_factory=Event)
    """Set once the mailbox was read to its end: from now on a mail is seen as it comes."""
    _said: set[str] = field(default_factory=set)
    """The threads and jobs whose trouble stands in the log: of them it says too when it is over."""
    _left: set[str] = field(default_factory=set)
    """Those that others may have done meanwhile."""

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Only the main thread can hear them. Raises what `work` raises."""
        with signals(self.stop):
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

    def _finish(self, threads: list[Thread]) -> None:
        begun = time.monotonic()
        while alive := [thread for thread in threads if thread.is_alive()]:
            left = begun + FINISH - time.monotonic()
            if left <= 0:
                self.house.courier.interrupt()
                break
            self.house.mailbox.interrupt()  # again and again: between two questions it would be heard by nobody
            alive[0].join(min(left, 0.2))
        for thread in threads:
            thread.join(max(0.0, begun + PATIENCE - 0.5 - time.monotonic()))
        if not any(thread.is_alive() for thread in threads):
            self.house.close()
        self.status.gone()
        log.stopped(time.monotonic() - begun)

    def _guarded(self, name: str, turn: Callable[[], None]) -> None:
        """Do a thread's turns for ever: trouble backs off, whatever else is logged by its place, and the thread goes on."""
        backoff = Backoff(chance=self.chance)
        while not self.house.stop.is_set():
            self.status.beat(name)
            try:
                if self._leads(name):
                    turn()
                else:
                    self.house.stop.wait(STAND_BY)
            except Exception as error:  # noqa: BLE001 (a thread that ends would be silence)
                wait = PROBE if _is_probed(name, error) else backoff.next()
                self._trouble(name, error, retry_in=wait)
                self._pause(name, wait)
            else:
                backoff.reset()
                self._well(name)

    def _pause(self, name: str, seconds: float) -> None:
        """Wait after trouble, alive all the while, until it is time or maild stops."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self.house.stop.wait(min(left, LONGEST_WAIT)):
            self.status.beat(name)

    def _leads(self, name: str) -> bool:
        """Is this job ours? Of several daemons on one PostgreSQL one does it, the others stand by. Raises `StoreAway`."""
        leads = self.house.store.lead(name)
        self.status.stand_by(name, stands_by=not leads)
        if not leads:
            self._step_back(name)
        return leads

    def _step_back(self, name: str) -> None:
        """Leave a job to whoever can do it: the servers may well be there for a daemon on another host."""
        self.house.store.resign(name)
        self._left.add(name)

    def _trouble(self, name: str, error: Exception, *, retry_in: float, lead: str = "") -> None:
        """Something did not work: said once in the log, and in the status for as long as it lasts. `lead` is whose job it is part of."""
        if self.house.stop.is_set():
            return
        known = isinstance(error, MaildError)
        news = self.status.trouble(name, log.sentence_of(error), lasting=not isinstance(error, PassesByItself))
        if not known:
            log.broken(name, error)
        elif news:
            log.trouble(name, error, retry_in=retry_in)
        if news or not known:
            self._said.add(name)
        self._step_back(lead or name)

    def _well(self, name: str) -> None:
        self.status.well(name)
        if name in self._said:
            self._said.discard(name)
            log.recovered(name)

    def _intake(self) -> None:
        if "intake" in self._left:
            self._left.discard("intake")
            self.house.intake.forget()
        self.house.intake.run(beat=partial(self.status.beat, "intake"))
        self.status.polled()
        self.status.tell("after", self.house.intake.refusal)
        self._well("intake")
        self.watching.set()
        self.house.intake.wait(self.poll)

    def _casework(self) -> None:
        self.house.arrived.clear()
        beat = partial(self.status.beat, "casework")
        while self.house.casework.run(beat=beat) and not self.house.stop.is_set():
            beat()
        self._await(self.house.arrived, min(RETRY if self.house.casework.waits() else LONGEST_WAIT, self.poll))

    def _delivery(self) -> None:
        self.house.enqueued.clear()
        beat = partial(self.status.beat, "delivery")
        while self.house.delivery.run(beat=beat) and not self.house.stop.is_set():
            beat()
        self._well("delivery")
        self._await(self.house.enqueued, self._until_due())

    def _await(self, news: Event, seconds: float) -> None:
        # A stop sets the news as well, but perhaps just before this turn cleared it: then nobody would end the wait.
        if not self.house.stop.is_set():
            news.wait(seconds)

    def _until_due(self) -> float:
        longest, due = min(LONGEST_WAIT, self.poll), self.house.delivery.next_due()
        return min(longest, max(0.0, (due - self.house.clock()).total_seconds())) if due else longest

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
            if self._leads(TIMERS) and job():
                self.house.enqueued.set()
        except Exception as error:  # noqa: BLE001 (schedule would drop the other jobs of this tick)
            self._trouble(name, error, retry_in=EVERY[name], lead=TIMERS)
        else:
            self._well(name)


def _is_probed(name: str, error: Exception) -> bool:
    """Whether to ask again at short intervals: everything waits for the database, and every letter for the SMTP server."""
    return isinstance(error, StoreAway) or (name == "delivery" and isinstance(error, PassesByItself))


def daemon_of(house: House) -> Daemon:
    """The daemon of this house."""
    status = Status(directory=house.config.run.runtime_directory, clock=house.clock)
    poll = house.config.imap.poll_seconds.total_seconds()
    return Daemon(house=house, status=status, chance=chance, poll=poll)


def run(house: House) -> None:
    """Run the daemon of this house until it is told to stop. Raises `OperatorMustAct` where it cannot even start."""
    daemon_of(house).run()
