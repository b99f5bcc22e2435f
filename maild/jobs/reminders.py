"""The reminders job: climbs the ladders whose steps have come, and sends the summaries and the letters about events that are due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from maild import log
from maild.clerk import Clerk, survivor, whole
from maild.drafting import drafting
from maild.errors import TicketChanged
from maild.playbook import occasions, reporting
from maild.playbook.decide import numbered, passed
from maild.playbook.decide.summary import held_summary, report_summary
from maild.playbook.effects import Effect, Journal
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.occasions import Occasion
from maild.playbook.reporting import BEGAN, Owed
from maild.playbook.ticket import Ticket
from maild.store import Store

AT_ONCE = 50
"""Cases looked at in one run; the rest come in the next."""

ON_THE_WAY = timedelta(minutes=5)
"""A summary of held mails leaves so long before its time is up, or after half of a shorter one, and is there when it ends."""

HELD, REPORTS = "held-summary", "report-summary"
"""The slots of the two summaries."""

EVENT = "conference"
"""The slots of the letters that go by the calendar of an event."""

REPORT = "transparency"
"""The slots of the letters about transparency reports that are owed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> bool:
        """Do what is due now; true where letters were written. Idle, it reads and writes nothing."""
        with self.store.read() as work:
            due = work.tickets.due(self.clock(), limit=AT_ONCE)
        stepped = [self._step(ticket_id) for ticket_id in due]
        limits = self.clerk.policy.limits
        reports = self._summary(REPORTS, every=limits.summary_every, after=timedelta(0))
        within = limits.held_summary_within
        held = self._summary(HELD, every=limits.held_summary_every, after=max(within - ON_THE_WAY, within / 2))
        now = self.clock()
        events = [self._send_occasion(one, now) for one in occasions.due(self.clerk.policy, now)]
        owed = [self._send_owed(one, now) for one in self._owed(now)]
        return any(stepped) or reports or held or any(events) or any(owed)

    def _step(self, ticket_id: int) -> bool:
        now = self.clock()
        with self.store.read() as work:
            stored = work.tickets.load(ticket_id)
            ticket, case = whole(work.tickets, stored), survivor(work.tickets, stored)
        scene = replace(self._scene(now), survivor=case)
        effects = numbered(passed(ticket, scene), scene)
        try:
            self._write(effects, now)
        except TicketChanged:
            log.decided_again()
            return False
        for effect in effects:
            if isinstance(effect, Journal):
                log.stepped(effect.verb, "", ticket.code)
        return bool(effects)

    def _summary(self, job: str, *, every: timedelta, after: timedelta) -> bool:
        now = self.clock()
        with self.store.read() as work:
            ids = work.tickets.held_unsummarised(AT_ONCE) if job == HELD else work.tickets.untold(AT_ONCE)
            if not ids:
                return False
            tickets = [whole(work.tickets, stored) for stored in work.tickets.load_many(ids)]
            last = work.slots.latest(job)
        if (last is not None and now < datetime.fromisoformat(last) + every) or now < min(one.received_at for one in tickets) + after:
            return False
        return self._send_summary(job, tickets, now)

    def _send_summary(self, job: str, tickets: Sequence[Ticket], now: datetime) -> bool:
        scene = self._scene(now)
        effects = held_summary(tickets, scene) if job == HELD else report_summary(tickets, scene)
        prepared = self.clerk.prepare(numbered(effects, scene), now=now)
        with self.store.begin() as work:
            # The slot and the letters are one transaction: two daemons write one summary, a crash none or one.
            if not work.slots.claim(job, slot=now.isoformat(), now=now, seed=scene.fresh.seed):
                return False
            self.clerk.write(work, prepared, now=now)
            work.tickets.tell([one.id for one in tickets], now=now)
        return True

    def _send_occasion(self, occasion: Occasion, now: datetime) -> bool:
        """The letters that the calendar of an event asks for, once each."""
        with self.store.read() as work:
            if work.slots.seed(EVENT, slot=occasion.slot) is not None:
                return False
        scene = self._scene(now)
        prepared = self.clerk.prepare(numbered(occasions.letters(occasion, scene), scene), now=now)
        with self.store.begin() as work:
            if not work.slots.claim(EVENT, slot=occasion.slot, now=now, seed=scene.fresh.seed):
                return False
            self.clerk.write(work, prepared, now=now)
        log.occasion(occasion.family.value, len(prepared.parcels))
        return True

    def _owed(self, now: datetime) -> Sequence[Owed]:
        """The letters about transparency reports whose time has come."""
        if not self.clerk.policy.conferences:
            return ()
        with self.store.read() as work:
            began = work.slots.latest(BEGAN)
        if began is None:
            began = now.isoformat()
            with self.store.begin() as work:
                work.slots.claim(BEGAN, slot=began, now=now, seed=b"")
        return tuple(reporting.owed(self.clerk.policy, now, began=datetime.fromisoformat(began)))

    def _send_owed(self, owed: Owed, now: datetime) -> bool:
        """The draft of a report to whoever owes it, once each time, until it is released."""
        with self.store.read() as work:
            ended = owed.ended(self.clerk.policy)
            if work.slots.seed(REPORT, slot=owed.slot) is not None or work.releases.is_released(owed.event.slug, since=ended):
                return False
            draft = drafting(work, policy=self.clerk.policy, templates=self.clerk.templates, now=now).draft(owed.event.slug)
        scene = self._scene(now)
        effects = reporting.letters(owed, draft, scene) if draft else ()
        prepared = self.clerk.prepare(numbered(effects, scene), now=now)
        with self.store.begin() as work:
            if not work.slots.claim(REPORT, slot=owed.slot, now=now, seed=scene.fresh.seed):
                return False
            self.clerk.write(work, prepared, now=now)
        log.occasion(f"transparency-{owed.step}", len(prepared.parcels))
        return True

    def _scene(self, now: datetime) -> Scene:
        return Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))

    def _write(self, effects: tuple[Effect, ...], now: datetime) -> None:
        prepared = self.clerk.prepare(effects, now=now)
        with self.store.begin() as work:
            self.clerk.write(work, prepared, now=now)
