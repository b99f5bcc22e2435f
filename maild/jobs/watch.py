"""The watch job: the three invariants, and letters that wait too long. What does not hold becomes a standing alarm that people hear of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild import log
from maild.clerk import Clerk
from maild.playbook import disclosure
from maild.playbook.decide import numbered
from maild.playbook.effects import Effect, Send
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Kind, Letter
from maild.store import QUARANTINE, Alarm, Store, broken, mended


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> bool:
        """Check, raise what is wrong, and tell staff and board of alarms nobody has told them of; true where something was written."""
        now = self.clock()
        with self.store.read() as work:
            wrong, right = broken(work, now=now), mended(work, now=now)
            if not work.inbox.quarantined():
                right += [alarm.kind for alarm in work.alarms.standing() if alarm.kind == QUARANTINE]
        if wrong or right:
            self._note(wrong, right, now)
        with self.store.read() as work:
            untold = [alarm for alarm in work.alarms.standing() if alarm.told_at is None]
        return self._tell(untold, now) if untold else False

    def _note(self, wrong: list[str], right: list[str], now: datetime) -> None:
        for name in wrong:
            log.invariant(name)
        with self.store.begin() as work:
            for name in wrong:
                work.alarms.raise_(name, now=now)
            for name in right:
                work.alarms.clear(name, now=now)

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
