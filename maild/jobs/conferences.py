"""The part of the reminders job that goes by the calendar of an event: its letters, once each, the latest alone after a downtime."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild import log
from maild.clerk import Clerk
from maild.playbook.decide import numbered
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.occasions import Occasion, due, letters
from maild.store import Store

JOB = "conference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conferences:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> bool:
        """Send what is due now; true where letters were written. Without an event at hand it asks the database nothing."""
        now = self.clock()
        sent = [self._send(one, now) for one in due(self.clerk.policy, now)]
        return any(sent)

    def _send(self, occasion: Occasion, now: datetime) -> bool:
        with self.store.read() as work:
            if work.slots.seed(JOB, slot=occasion.slot) is not None:
                return False
        scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))
        prepared = self.clerk.prepare(numbered(letters(occasion, scene), scene), now=now)
        with self.store.begin() as work:
            # The slot and the letters are one transaction: two daemons write them once, a crash none or once.
            if not work.slots.claim(JOB, slot=occasion.slot, now=now, seed=scene.fresh.seed):
                return False
            self.clerk.write(work, prepared, now=now)
        log.occasion(occasion.family.value, len(prepared.parcels))
        return True
