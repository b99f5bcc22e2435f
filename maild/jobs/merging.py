"""Merges acknowledgements that wait for one person. Delivery calls it before it claims: a moment later they would leave one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild import log
from maild.clerk import Clerk, ticket_of
from maild.playbook.decide import numbered
from maild.playbook.decide.merging import Unsent, merged
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.store import Letter, LettersMoved, Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """Frozen collaborators with one `run`."""

    store: Store
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> None:
        """Merge what has to be merged now, all of it: what is left would leave one by one. Where nothing has, it writes nothing."""
        now = self.clock()
        while sum(self._merge(unsent, now) for unsent in self._crowds(now)):
            pass

    def _crowds(self, now: datetime) -> list[list[Unsent]]:
        with self.store.read() as work:
            return [_unsent(work, letters) for letters in work.outbox.crowded(now)]

    def _merge(self, unsent: Sequence[Unsent], now: datetime) -> bool:
        """Whether some of them were merged."""
        scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))
        prepared = self.clerk.prepare(numbered(merged(unsent, scene), scene), now=now)
        if not prepared.effects:
            return False
        try:
            with self.store.begin() as work:
                self.clerk.write(work, prepared, now=now)
        except LettersMoved:  # another daemon sends or merges them
            log.decided_again()
            return False
        return True


def _unsent(work: Work, letters: Sequence[Letter]) -> list[Unsent]:
    tickets = {stored.id: ticket_of(stored) for stored in work.tickets.load_many({one.ticket_id for one in letters if one.ticket_id})}
    return [Unsent(outbox_id=one.id, letter=one.letter, ticket=tickets[one.ticket_id]) for one in letters if one.ticket_id]
