"""The digest job: the board's weekly letter, once for each ISO week, also after a downtime and also when there is nothing to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild import log
from maild.clerk import Clerk, ticket_of
from maild.drafting import drafting
from maild.playbook import disclosure, reporting, tally
from maild.playbook.deadlines import Duty
from maild.playbook.decide import numbered
from maild.playbook.effects import Effect, Journal, Send
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Kind, Letter, Recipient
from maild.playbook.policy import Conference
from maild.playbook.reporting import BEGAN
from maild.playbook.tally import Standing
from maild.store import Seen, Store, Work

JOB = "digest"

Owing = tuple[tuple[Conference, frozenset[str]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> bool:
        """Send the digest of the latest week that has none; true where letters were written."""
        now = self.clock()
        slot = tally.weekly_slot(now, self.clerk.policy)
        week = tally.week_of(slot, self.clerk.policy)
        with self.store.read() as work:
            if work.slots.seed(JOB, slot=week) is not None:
                return False
            scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))
            effects = numbered(self._letters(work, slot, scene, week), scene)
        prepared = self.clerk.prepare(effects, now=now)
        with self.store.begin() as work:
            if not work.slots.claim(JOB, slot=week, now=now, seed=scene.fresh.seed):
                return False
            self.clerk.write(work, prepared, now=now)
        log.digest_sent(week, len(prepared.parcels))
        return True

    def begin(self) -> None:
        """At the very first start: the week that is under way owes no digest, for there was no maild to write one."""
        now = self.clock()
        week = tally.week_of(tally.weekly_slot(now, self.clerk.policy), self.clerk.policy)
        with self.store.read() as work:
            if work.slots.latest(JOB) is not None:
                return
        with self.store.begin() as work:
            work.slots.claim(JOB, slot=week, now=now, seed=self.seed())

    def _letters(self, work: Work, slot: datetime, scene: Scene, week: str) -> tuple[Effect, ...]:
        house, owed = _house(work, scene.now), self._owed(work, scene.now)
        letters = (
            self._letter(work, to, slot, scene, {**house, **_reports(to, owed, scene)}) for to in disclosure.whole_board(scene.policy)
        )
        return (*letters, Journal(verb="digest", by="maild", facts={"week": week}))

    def _owed(self, work: Work, now: datetime) -> Owing:
        """The events whose reports are owed, each with who is kept out of one of its cases."""
        began = work.slots.latest(BEGAN)
        due = reporting.owed(self.clerk.policy, now, began=datetime.fromisoformat(began)) if began else ()
        events = [one.event for one in due if not work.releases.is_released(one.event.slug, since=one.ended(self.clerk.policy))]
        if not events:
            return ()
        out = drafting(work, policy=self.clerk.policy, templates=self.clerk.templates, now=now).reports()
        return tuple((event, out[event.slug]) for event in events)

    def _letter(self, work: Work, to: Recipient, slot: datetime, scene: Scene, house: dict[str, Fact]) -> Send:
        # Each reader's own numbers: a case one is kept out of is in no line and in no total.
        cases = [_standing(work, seen, scene.now) for seen in work.people.tickets(to.handle)]
        facts = tally.digest(cases, slot=slot, now=scene.now, policy=scene.policy)
        return Send(letter=Letter(kind=Kind.DIGEST, to=to, facts={**facts, **house}))


def _reports(to: Recipient, owed: Owing, scene: Scene) -> dict[str, Fact]:
    """The reports that are owed, as far as the reader may know of all that is counted in them."""
    return {"reports": reporting.told((event for event, out in owed if to.handle not in out), scene.now, scene.policy)}


def _standing(work: Work, seen: Seen, now: datetime) -> Standing:
    columns = seen.columns
    return Standing(
        code=seen.code,
        state=columns.state,
        received_at=seen.received_at,
        acknowledge_due_at=columns.acknowledge_due_at,
        acknowledged_at=columns.acknowledged_at,
        respond_due_at=columns.respond_due_at,
        answered_at=columns.answered_at,
        unspoken=columns.closed_at is None and _unspoken(work, seen, now),
        over=columns.closed_at is not None,
    )


def _unspoken(work: Work, seen: Seen, now: datetime) -> bool:
    """Whether a presenter of this case is still to be spoken to, the morning after the event or later; in no column, for it is asked once a week."""
    speak = ticket_of(work.tickets.load(seen.id)).clocks.get(Duty.SPEAK)
    return speak is not None and speak.running and speak.due_at <= now


def _house(work: Work, now: datetime) -> dict[str, Fact]:
    number, digest = work.journal.head()
    overdue = work.outbox.overdue(now)
    return {
        "quarantined": len(work.inbox.quarantined()),
        "unsent": len(overdue),
        "failed": work.outbox.failed_since(now - tally.WEEK),
        "alarms": sorted({alarm.kind for alarm in work.alarms.standing()}),
        "journal": {"number": number, "hash": digest.hex()},
    }
