"""The delivery job: the only one that talks SMTP. It takes what is due, sends it, and records what came of it. It decides nothing.

The moment at which nobody can know any more is durable before it comes: `phase = 'dot'` is committed before DATA.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from time import monotonic

from maild import log
from maild.errors import MaildError, PassesByItself
from maild.playbook.budgets import acknowledgements_allowed
from maild.playbook.policy import HOUR, Limits
from maild.playbook.retry import Again, GiveUp, after_refusal
from maild.ports import Answer, Courier, Offer, Outcome
from maild.store import CLOSED, UNBUDGETED, Claimed, ClaimLost, Store, Work

AT_ONCE = 50
"""Letters claimed together; the rest of them go back when maild stops."""

AGAIN, HOLD_ON = 1.0, 120.0
"""Seconds between two tries to record an answer, and for all of them: with the wait for the answer itself less than the watchdog's patience."""

FUSE = "fuse"
"""The alarm of too many letters in an hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Frozen collaborators with one `run`.

    `merge` puts receipts that wait together into one letter. `settled` is called when some letters have come to an end.
    """

    store: Store
    courier: Courier
    limits: Limits
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    stop: Event
    merge: Callable[[], object]
    settled: Callable[[], None]
    untold: Event = field(default_factory=Event)
    """Letters have come to an end of which `settled` was not told yet."""

    def run(self, *, beat: Callable[[], None] = lambda: None) -> bool:
        """Send what is due; true where more may be due. `beat` is called before each letter: a server may be slow with every one.

        Raises what `Courier.offer` raises, and `StoreAway`.
        """
        self.recover()
        self._merge()
        claimed, more = self._claim(), False
        try:
            more = self._send_all(claimed, beat)
            return more
        finally:
            # Letters that wait to be sent come before the books on those that were.
            if claimed:
                self.untold.set()
            if self.untold.is_set() and not more:
                self.untold.clear()
                self.settled()

    def _send_all(self, claimed: list[Claimed], beat: Callable[[], None]) -> bool:
        waiting, dotted = deque(claimed), False
        while waiting:
            beat()
            if self.stop.is_set():
                self._give_back(waiting, dotted=dotted)
                return False
            try:
                if waiting[0].rank == UNBUDGETED:  # whoever has just written does not wait for fifty notices about others
                    waiting.extendleft(reversed(self._claim(before=len(waiting))))
                offer = self._offer(waiting[0])
            except MaildError:
                self._give_back(waiting, dotted=dotted)
                raise
            dotted = self._finish(waiting, offer, dotted=dotted)
        return len(claimed) == AT_ONCE

    def _finish(self, waiting: deque[Claimed], offer: Offer | Answer, *, dotted: bool) -> bool:
        """Send the first of those that wait, and record what came of it; true where the dot of the next one is recorded with it."""
        letter = waiting[0]
        try:
            answer = offer if isinstance(offer, Answer) else self._sent(letter, offer, dotted=dotted)
            # A crowd of receipts goes through one conversation, so the next one's DATA follows in a moment: one commit for both.
            follower = waiting[1] if len(waiting) > 1 and waiting[1].rank != UNBUDGETED else None
            dotted = self._settle(letter, answer, follower)
        except MaildError:
            self._give_back(waiting)
            raise
        waiting.popleft()
        return dotted

    def recover(self) -> int:
        """Take back letters whose sender died, at start and when a daemon beside us has gone."""
        with self.store.begin() as work:
            return work.outbox.recover(self.clock(), uncertain_after=self.limits.uncertain_after)

    def next_due(self) -> datetime | None:
        """When the next letter is due."""
        with self.store.read() as work:
            return work.outbox.next_due(self.clock())

    def _merge(self) -> None:
        try:
            self.merge()
        except PassesByItself:
            raise
        except Exception as error:  # noqa: BLE001 (receipts that cannot be merged go one by one, and nothing waits for them)
            log.broken("merging", error)

    def _claim(self, *, before: int = 0) -> list[Claimed]:
        """What is due; `before` that many letters which were claimed already, only receipts."""
        now = self.clock()
        with self.store.read() as work:
            if not (work.outbox.receipt_due(now) if before else work.outbox.due(now)):
                return []
            left = self.limits.letters_per_hour - work.outbox.sent_since(now - HOUR) - before
            receipts = acknowledgements_allowed(work.outbox.receipts_since(now - HOUR), now, self.limits)
        if before and not (left > 0 and receipts):
            return []
        if left <= 0:
            self._blow_fuse(now)
            return []
        with self.store.begin() as work:
            work.alarms.clear(FUSE, now=now)
            return work.outbox.claim(now, limit=min(AT_ONCE, left), receipts_allowed=receipts, receipts_only=bool(before))

    def _blow_fuse(self, now: datetime) -> None:
        with self.store.begin() as work:
            if work.alarms.raise_(FUSE, now=now):
                log.alarm(FUSE)

    def _offer(self, letter: Claimed) -> Offer | Answer:
        try:
            return self.courier.offer(letter.parcel)
        except ValueError:  # an envelope no server would take: one letter's fault, which must not hold up the others
            log.unsendable(letter.letter)
            return Answer(outcome=Outcome.FAILED, code=0, text="the envelope or the bytes of this letter cannot be sent")

    def _sent(self, letter: Claimed, offer: Offer, *, dotted: bool) -> Answer:
        if not dotted:
            with self.store.begin() as work:
                work.outbox.dot(letter.id)
        return offer.send()

    def _settle(self, letter: Claimed, answer: Answer, follower: Claimed | None) -> bool:
        now = self.clock()
        next_at = None
        if answer.outcome is Outcome.UNCERTAIN:
            next_at = now + self.limits.uncertain_after
        elif answer.outcome is not Outcome.DELIVERED:
            answer, next_at = self._after_refusal(letter, answer, now)
        dotted = self._record(letter, answer, now, next_at, follower if answer.outcome is Outcome.DELIVERED else None)
        _log_settled(letter, answer)
        return dotted

    def _record(self, letter: Claimed, answer: Answer, now: datetime, next_at: datetime | None, follower: Claimed | None) -> bool:
        """Write the answer down. Nobody else knows it: where the database is away and it is forgotten, a letter that arrived goes out again."""
        until = monotonic() + HOLD_ON
        while True:
            try:
                with self.store.begin() as work:
                    work.outbox.settle(letter.id, answer=answer, now=now, next_at=next_at)
                    return follower is not None and _dotted(work, follower)
            except CLOSED:
                if monotonic() > until or self.stop.wait(AGAIN):
                    raise

    def _after_refusal(self, letter: Claimed, answer: Answer, now: datetime) -> tuple[Answer, datetime | None]:
        then = after_refusal(
            permanent=answer.outcome is Outcome.FAILED,
            role=letter.role,
            attempts=letter.attempts,
            made_at=letter.made_at,
            now=now,
            chance=self.chance(),
            limits=self.limits,
        )
        match then:
            case Again():
                return Answer(outcome=Outcome.DEFERRED, code=answer.code, text=answer.text), then.at
            case GiveUp():
                return Answer(outcome=Outcome.FAILED, code=answer.code, text=answer.text), None

    def _give_back(self, letters: Sequence[Claimed], *, dotted: bool = False) -> None:
        with self.store.begin() as work:
            if dotted:  # and not offered: it surely did not leave
                work.outbox.undot(letters[0].id)
            for letter in letters:
                work.outbox.return_to_pending(letter.id)


def _dotted(work: Work, letter: Claimed) -> bool:
    """Whether this letter is still ours; if not, that is found out again when it is offered, and the answer before it is recorded all the same."""
    try:
        work.outbox.dot(letter.id)
    except ClaimLost:
        return False
    return True


def _log_settled(letter: Claimed, answer: Answer) -> None:
    if answer.outcome is Outcome.DELIVERED:
        log.sent(letter.letter, answer.code)
    else:
        log.not_sent(letter.letter, answer.outcome.value, answer.code)
