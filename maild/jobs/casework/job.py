"""The casework job: takes mails from the inbox and settled letters from the outbox, and files what the playbook decides."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from maild import log
from maild.clerk import AlreadyActed, Clerk, Incoming, survivor, whole
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
from maild.store import CLOSED, QUARANTINE, AlreadyFiled, CodeTaken, ReferenceTaken, Settled, State, Store, Stored, Waiting, Work

BATCH = 50
"""Mails claimed at once."""

READINGS = 3
"""Attempts of the reader child at one mail before it is filed from its headers as "could not be read" (security.md, Parsing)."""

MAX_ATTEMPTS = 12
"""Attempts that never came to an end before a mail is set aside. More than `READINGS`: it is a child that reads, so a daemon that dies
over and over is killed by something else, and the oldest mail of the inbox must not pay for it."""

RETRY = timedelta(seconds=5)
"""Until a mail that could not be read is tried again: long enough for its neighbours to pass."""

HOLDS = 0.02
"""Seconds for which filing may keep others from writing before it commits: no letter waits longer to be sent, however long the queue."""

DECISIONS = 8
"""Times one mail is decided anew because the world moved on in between; more would mean that something is broken."""


Reading = deque[tuple[Waiting, "Future[Arrival | None]"]]
"""Mails of which each was read, is being read or will be, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What a log may say of a mail: what it was, the code name of its case, how many letters it made."""

    kind: str
    code: str
    letters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishaps:
    """What went wrong with which mails of a batch: one strange message costs only itself, and it is kept (rule 7)."""

    rows: dict[int, str] = field(default_factory=dict)

    @contextmanager
    def of(self, row: Waiting) -> Iterator[None]:
        """Work on one mail. Raises `PassesByItself`, and what a closed database raises: that is not the mail's fault."""
        try:
            yield
        except AlreadyFiled:
            log.filed_elsewhere()
        except PassesByItself:
            raise
        except CLOSED:
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, its neighbours go on)
            self.rows[row.id] = log.quarantined(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """Frozen collaborators with one `run`. `written` is called after each commit that may have put letters into the outbox."""

    store: Store
    reader: Reader
    own: Own
    scenes: SceneBuilder
    clerk: Clerk
    clock: Callable[[], datetime]
    seed: Callable[[], bytes]
    written: Callable[[], None]

    def run(self, *, beat: Callable[[], None] = lambda: None) -> bool:
        """Work through what waits; true where more may be waiting. `beat` is called before each mail that has to be waited for.

        Raises `PassesByItself` where the database is away.
        """
        rows, mishaps = self._claim(), Mishaps()
        if rows:
            self._file_all(rows, mishaps, beat)
        if mishaps.rows:
            self._quarantine(mishaps)
        self._tell_of_quarantine(raised=bool(mishaps.rows))
        # A crowd is filed, and so acknowledged, before the books are kept of what was sent.
        return len(rows) == BATCH or self._note_settled() or bool(rows)

    def waits(self) -> bool:
        """Whether a mail lies in the inbox, if only to be tried again in a while."""
        with self.store.read() as work:
            return work.inbox.oldest_new() is not None

    def _claim(self) -> list[Waiting]:
        if not self.waits():
            return []
        with self.store.begin() as work:
            return work.inbox.claim(BATCH, now=self.clock(), max_attempts=MAX_ATTEMPTS)

    def _file_all(self, rows: Sequence[Waiting], mishaps: Mishaps, beat: Callable[[], None]) -> None:
        """The reader child is given one mail after the other in a thread of its own; what it has read by then is filed together."""
        with ThreadPoolExecutor(1, thread_name_prefix="reading") as ahead:
            reading = deque((row, ahead.submit(self._read, row)) for row in rows)
            try:
                while reading:
                    beat()
                    self._file_some(reading, mishaps)
            finally:
                ahead.shutdown(wait=False, cancel_futures=True)

    def _read(self, row: Waiting) -> Arrival | None:
        """The mail as it was read; None where it is to be read again later."""
        if row.last:
            return Arrival(row=row, message=from_headers(row.raw, own=self.own))
        try:
            message = self.reader.read(row.raw)
            return Arrival(row=row, message=message, waited_for=self._waited_for(message))
        except Unreadable as error:
            log.unreadable(attempt=row.attempts, error=error)
        if row.attempts >= READINGS:
            return Arrival(row=row, message=from_headers(row.raw, own=self.own))
        with self.store.begin() as work:
            work.inbox.retry_later(row.id, at=self.clock() + RETRY)
        return None

    def _waited_for(self, message: Message) -> Message | None:
        """The earlier mail whose commands this one confirms."""
        if "confirm" not in message.command_text.lower():
            return None
        with self.store.read() as work:
            row = self.scenes.confirmed_row(work, message, now=self.clock())
            raw = work.inbox.raw(row) if row is not None else None
        return self.reader.read(raw) if raw is not None else None

    def _file_some(self, reading: Reading, mishaps: Mishaps) -> None:
        """File in one transaction what has been read, each mail with its savepoint. Nobody who holds the database waits for the reader."""
        until = monotonic() + HOLDS
        filed: list[Filed] = []
        wait([reading[0][1]])
        with self.store.begin() as work:
            while reading and reading[0][1].done() and (not filed or monotonic() < until):
                row, read = reading.popleft()
                with mishaps.of(row):
                    arrival = read.result()
                    if arrival is not None:
                        filed.append(self._file(work, arrival))
        self.written()
        for one in filed:
            log.filed(one.kind, code=one.code, letters=one.letters)

    def _file(self, work: Work, arrival: Arrival) -> Filed:
        name_try, spent = 0, False
        for _ in range(DECISIONS):
            try:
                with work.unit():
                    return self._decide(work, arrival, name_try=name_try, spent=spent)
            except (CodeTaken, ReferenceTaken):
                name_try += 1
            except AlreadyActed:
                spent = True
            except TicketChanged:
                log.decided_again()
        raise MailAtFault("a mail could not be filed: its case changed every time it was decided")

    def _decide(self, work: Work, arrival: Arrival, *, name_try: int, spent: bool) -> Filed:
        now = self.clock()
        mail, scene = self.scenes.build(work, arrival, now=now, name_try=name_try, spent=spent)
        prepared = self.clerk.prepare(arrived(mail, scene), now=now)
        incoming = Incoming(inbox_id=arrival.row.id, received_at=arrival.row.received_at, message=arrival.message)
        self.clerk.write(work, prepared, now=now, incoming=incoming)
        return _filed(prepared.effects, scene)

    def _quarantine(self, mishaps: Mishaps) -> None:
        now = self.clock()
        with self.store.begin() as work:
            for row, what in mishaps.rows.items():
                work.inbox.quarantine(row, error=what, now=now)

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
        """Let the tickets know what came of their letters; true where more may be waiting."""
        with self.store.read() as work:
            if not work.outbox.unnoted(1):
                return False
        now = self.clock()
        with self.store.begin() as work:
            letters = work.outbox.unnoted(BATCH)
            tickets = {stored.id: stored for stored in work.tickets.load_many({letter.ticket_id for letter in letters})}
            noted = [letter.id for letter in letters if self._note(work, letter, tickets[letter.ticket_id], now)]
            work.outbox.note(noted, now=now)
        self.written()
        return len(letters) == BATCH or len(noted) < len(letters)

    def _note(self, work: Work, letter: Settled, stored: Stored, now: datetime) -> bool:
        """False where the ticket has moved on since it was read: then it is this letter's turn again."""
        fate = Fate(
            letter=letter.letter,
            role=letter.role,
            handle=letter.handle or "",
            accepted=letter.outcome is Outcome.DELIVERED and not letter.bounced,
            at=letter.settled_at,
        )
        case, ticket = survivor(work.tickets, stored), whole(work.tickets, stored)
        scene = Scene(now=now, policy=self.clerk.policy, fresh=Fresh(self.seed()), survivor=case)
        prepared = self.clerk.prepare(numbered(settled(ticket, fate, scene), scene), now=now)
        try:
            with work.unit():
                self.clerk.write(work, prepared, now=now)
        except TicketChanged:
            return False
        return True

    def _carry_out(self, effects: tuple[Effect, ...], now: datetime) -> None:
        prepared = self.clerk.prepare(effects, now=now)
        with self.store.begin() as work:
            self.clerk.write(work, prepared, now=now)
        self.written()


def _filed(effects: Sequence[Effect], scene: Scene) -> Filed:
    file = next((effect for effect in effects if isinstance(effect, File)), None)
    threads = (scene.thread, scene.waiting.thread if scene.waiting else None)
    known = (
        *(effect.ticket for effect in effects if isinstance(effect, Open | Append)),
        *(thread.ticket for thread in threads if thread and thread.ticket),
        *scene.cases.values(),
    )
    code = next((ticket.code for ticket in known if file and ticket.id == file.ticket_id), "")
    return Filed(kind=file.kind if file else "", code=code, letters=sum(isinstance(effect, Send) for effect in effects))
