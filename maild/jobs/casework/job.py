"""The casework job: takes mails from the inbox and settled letters from the outbox, and files what the playbook decides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from maild import log
from maild.clerk import AlreadyActed, Clerk, Incoming, ticket_of
from maild.errors import MailAtFault, PassesByItself, TicketChanged, Unreadable
from maild.jobs.casework.scene import Arrival, SceneBuilder
from maild.mail.identity import Own
from maild.mail.message import Message
from maild.mail.reading import Reader, from_headers
from maild.playbook import disclosure
from maild.playbook.decide import arrived, numbered, settled
from maild.playbook.decide.delivery import Fate
from maild.playbook.effects import Alarm, Append, Effect, File, Journal, Open, Send
from maild.playbook.events import Scene
from maild.playbook.fresh import Fresh
from maild.playbook.letters import Kind, Letter
from maild.ports import Outcome
from maild.store import QUARANTINE, AlreadyFiled, CodeTaken, ReferenceTaken, Settled, State, Store, Waiting

BATCH = 50
"""Mails claimed at once."""

READINGS = 3
"""Attempts of the reader child at one mail before it is filed from its headers as "could not be read" (security.md, Parsing)."""

MAX_ATTEMPTS = 12
"""Attempts that never came to an end before a mail is set aside. More than `READINGS`: it is a child that reads, so a daemon that dies
over and over is killed by something else, and the oldest mail of the inbox must not pay for it."""

RETRY = timedelta(seconds=5)
"""Until a mail that could not be read is tried again: long enough for its neighbours to pass."""

DECISIONS = 8
"""Times one mail is decided anew because the world moved on in between; more would mean that something is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """Frozen collaborators with one `run`."""

    store: Store
    reader: Reader
    own: Own
    scenes: SceneBuilder
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]

    def run(self) -> bool:
        """Work through what waits; true where more may be waiting. Raises `PassesByItself` where the database is away."""
        noted = self._note_settled()
        rows = self._claim()
        raised = [row.id for row in rows if not self._one(row)]
        self._tell_of_quarantine(raised=bool(raised))
        return noted or bool(rows)

    def waits(self) -> bool:
        """Whether a mail lies in the inbox, if only to be tried again in a while."""
        with self.store.read() as work:
            return work.inbox.oldest_new() is not None

    def _claim(self) -> list[Waiting]:
        if not self.waits():
            return []
        with self.store.begin() as work:
            return work.inbox.claim(BATCH, now=self.clock(), max_attempts=MAX_ATTEMPTS)

    def _one(self, row: Waiting) -> bool:
        """File one mail; false where it went into quarantine."""
        try:
            message = self._read(row)
            if message is not None:
                self._file(Arrival(row=row, message=message))
        except AlreadyFiled:
            log.filed_elsewhere()
        except PassesByItself:
            raise
        except Exception as error:  # noqa: BLE001 (rule 7: one strange message costs only itself, and it is kept)
            self._quarantine(row, error)
            return False
        return True

    def _read(self, row: Waiting) -> Message | None:
        """The message; None where it is to be read again later."""
        if row.last:
            return from_headers(row.raw, own=self.own)
        try:
            return self.reader.read(row.raw)
        except Unreadable as error:
            log.unreadable(attempt=row.attempts, error=error)
            if row.attempts >= READINGS:
                return from_headers(row.raw, own=self.own)
            with self.store.begin() as work:
                work.inbox.retry_later(row.id, at=self.clock() + RETRY)
            return None

    def _file(self, arrival: Arrival) -> None:
        name_try, spent = 0, False
        for _ in range(DECISIONS):
            try:
                return self._decide(arrival, name_try=name_try, spent=spent)
            except (CodeTaken, ReferenceTaken):
                name_try += 1
            except AlreadyActed:
                spent = True
            except TicketChanged:
                log.decided_again()
        raise MailAtFault("a mail could not be filed: its case changed every time it was decided")

    def _decide(self, arrival: Arrival, *, name_try: int, spent: bool) -> None:
        now = self.clock()
        mail, scene = self.scenes.build(arrival, now=now, name_try=name_try, spent=spent, waited_for=self._waited_for(arrival, now))
        prepared = self.clerk.prepare(arrived(mail, scene), now=now)
        incoming = Incoming(inbox_id=arrival.row.id, received_at=arrival.row.received_at, message=arrival.message)
        with self.store.begin() as work:
            self.clerk.write(work, prepared, now=now, incoming=incoming)
        _log_filed(prepared.effects)

    def _waited_for(self, arrival: Arrival, now: datetime) -> Message | None:
        row = self.scenes.confirmed_row(arrival, now=now) if "confirm" in arrival.message.command_text.lower() else None
        if row is None:
            return None
        with self.store.read() as work:
            raw = work.inbox.raw(row)
        return self.reader.read(raw)

    def _quarantine(self, row: Waiting, error: Exception) -> None:
        what = log.quarantined(error)
        with self.store.begin() as work:
            work.inbox.quarantine(row.id, error=what, now=self.clock())

    def _tell_of_quarantine(self, *, raised: bool) -> None:
        """Staff hear of every cycle that set a mail aside, and of one that the inbox itself set aside (no alarm stands yet)."""
        with self.store.read() as work:
            count = work.inbox.counts()[State.QUARANTINED]
            standing = any(alarm.kind == QUARANTINE for alarm in work.alarms.standing())
        if count and (raised or not standing):
            self._send_quarantine(count)

    def _send_quarantine(self, count: int) -> None:
        now = self.clock()
        scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))
        letters = [
            Send(letter=Letter(kind=Kind.QUARANTINED, to=to, facts={"count": count})) for to in disclosure.all_staff(self.clerk.policy)
        ]
        effects: tuple[Effect, ...] = (*letters, Alarm(kind=QUARANTINE), Journal(verb="quarantined", by="maild", facts={"count": count}))
        self._carry_out(numbered(effects, scene), now)

    def _note_settled(self) -> bool:
        with self.store.read() as work:
            letters = work.outbox.unnoted(BATCH)
        for letter in letters:
            self._note(letter)
        return len(letters) == BATCH

    def _note(self, letter: Settled) -> None:
        for _ in range(DECISIONS):
            now = self.clock()
            with self.store.read() as work:
                ticket = ticket_of(work.tickets.load(letter.ticket_id))
            scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()))
            fate = Fate(
                letter=letter.letter,
                role=letter.role,
                accepted=letter.outcome is Outcome.DELIVERED and not letter.bounced,
                at=letter.settled_at,
            )
            prepared = self.clerk.prepare(numbered(settled(ticket, fate, scene), scene), now=now)
            try:
                with self.store.begin() as work:
                    self.clerk.write(work, prepared, now=now)
                    work.outbox.note([letter.id], now=now)
                return
            except TicketChanged:
                log.decided_again()

    def _carry_out(self, effects: tuple[Effect, ...], now: datetime) -> None:
        prepared = self.clerk.prepare(effects, now=now)
        with self.store.begin() as work:
            self.clerk.write(work, prepared, now=now)


def _log_filed(effects: tuple[Effect, ...]) -> None:
    kind = next((effect.kind for effect in effects if isinstance(effect, File)), "")
    code = next((effect.ticket.code for effect in effects if isinstance(effect, Open | Append)), "")
    log.filed(kind, code=code, letters=sum(isinstance(effect, Send) for effect in effects))
