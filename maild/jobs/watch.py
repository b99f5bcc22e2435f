"""The watch job: the three invariants, and letters that wait too long. What does not hold becomes a standing alarm that people hear of,
and one whose reason is gone is cleared. Once a day it writes the head of the journal into the log.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from maild import log
from maild.clerk import SUBJECT_REPLACED, Clerk, whole
from maild.playbook import disclosure
from maild.playbook.decide import numbered
from maild.playbook.effects import Effect, Send
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Kind, Letter
from maild.playbook.notices import NOBODY_MAY_SEE
from maild.playbook.reporting import NOBODY_MAY_RELEASE
from maild.playbook.ticket import State
from maild.store import QUARANTINE, Alarm, Store, Work, broken, mended

EVENT_STANDS = timedelta(days=8)
"""So long after people were told an alarm stands that is about something which happened once: at least one digest names it."""

OVER = frozenset({State.CLOSED, State.NOT_A_REPORT})
"""Cases that wait for nobody."""


@dataclass(slots=True, kw_only=True)
class Anchored:
    """The day whose anchor stands in the log."""

    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]
    anchored: Anchored = field(default_factory=Anchored)

    def run(self) -> bool:
        """Check, raise what is wrong, and tell staff and board of alarms nobody has told them of; true where something was written."""
        now = self.clock()
        with self.store.read() as work:
            wrong, kept = broken(work, now=now), mended(work, now=now)
            right = [alarm for alarm in work.alarms.standing() if alarm.kind in kept or self._is_over(work, alarm, now)]
            self._anchor(work, now)
        if wrong or right:
            self._note(wrong, right, now)
        with self.store.read() as work:
            untold = [alarm for alarm in work.alarms.standing() if alarm.told_at is None]
        return self._tell(untold, now) if untold else False

    def _is_over(self, work: Work, alarm: Alarm, now: datetime) -> bool:
        """Whether what the alarm tells is no longer so."""
        if alarm.kind == QUARANTINE:
            return not work.inbox.quarantined()
        if alarm.kind in (SUBJECT_REPLACED, NOBODY_MAY_RELEASE):
            return alarm.told_at is not None and now - alarm.told_at > EVENT_STANDS
        if alarm.kind == NOBODY_MAY_SEE and alarm.ticket_id is not None:
            ticket = whole(work.tickets, work.tickets.load(alarm.ticket_id))
            return ticket.state in OVER or bool(disclosure.team(ticket, self.clerk.policy))
        return False

    def _anchor(self, work: Work, now: datetime) -> None:
        """Whoever cuts lines off the journal's end cannot cut them out of a log that was carried away from this machine."""
        if self.anchored.day != now.date():
            number, digest = work.journal.head()
            log.anchor(number, digest.hex())
            self.anchored.day = now.date()

    def _note(self, wrong: list[str], right: list[Alarm], now: datetime) -> None:
        for name in wrong:
            log.invariant(name)
        with self.store.begin() as work:
            for name in wrong:
                work.alarms.raise_(name, now=now)
            for alarm in right:
                work.alarms.clear(alarm.kind, ticket_id=alarm.ticket_id, now=now)
                if alarm.kind == NOBODY_MAY_SEE and alarm.ticket_id is not None:
                    work.tickets.untell(alarm.ticket_id)

    def _tell(self, untold: list[Alarm], now: datetime) -> bool:
        policy = self.clerk.policy
        scene = Scene(now=now, policy=policy, fresh=Fresh(self.seed()))
        kinds = sorted({alarm.kind for alarm in untold})
        readers = {to.handle: to for to in (*disclosure.all_staff(policy), *disclosure.whole_board(policy))}.values()
        letters: tuple[Effect, ...] = tuple(Send(letter=Letter(kind=Kind.DELIVERY_ALARM, to=to, facts={"alarms": kinds})) for to in readers)
        prepared = self.clerk.prepare(numbered(letters, scene), now=now)
        with self.store.begin() as work:
            self.clerk.write(work, prepared, now=now)
            work.alarms.tell([alarm.id for alarm in untold], now=now)
        return True
