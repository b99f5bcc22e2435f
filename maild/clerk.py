"""Writes down what was decided: effects become rows, letters become parcels. One transaction, all or nothing.

Two steps, because no transaction is open while words are rendered: `prepare` finishes the letters, `write` writes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from maild import log
from maild.errors import PassesByItself, TicketChanged
from maild.mail.compose import Composed, Sender, compose
from maild.mail.message import Message
from maild.playbook.effects import (
    Agree,
    Alarm,
    Append,
    Attach,
    Await,
    Clear,
    Effect,
    File,
    Journal,
    Keep,
    MarkBounced,
    Merge,
    Open,
    Release,
    Send,
    Spend,
    Withdraw,
    Withhold,
)
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.history import fold
from maild.playbook.letters import TO_OTHERS, Letter
from maild.playbook.likeness import likenesses
from maild.playbook.policy import Policy
from maild.playbook.ticket import Ticket
from maild.render import Templates
from maild.store import CHALLENGE, THREAD, Stored, Tickets, Work, columns_for, hashed

SUBJECT_REPLACED = "subject-replaced"
"""The alarm of a letter whose Subject would have broken its headers."""


class AlreadyActed(PassesByItself):
    """These very words came before under the same token: decide once more, knowing that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """The mail a decision is about, as it is to be kept."""

    inbox_id: int
    received_at: datetime
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A decision whose letters are finished."""

    effects: tuple[Effect, ...]
    parcels: Mapping[int, Composed]
    """By the letter's place among the effects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Turns decisions into rows."""

    policy: Policy
    templates: Templates
    sender: Sender

    def prepare(self, effects: tuple[Effect, ...], *, now: datetime) -> Prepared:
        """Render and compose every letter of a decision. Raises `GuardTripped`."""
        parcels = {place: self._finish(effect.letter, now) for place, effect in enumerate(effects) if isinstance(effect, Send | Merge)}
        return Prepared(effects=effects, parcels=parcels)

    def _finish(self, letter: Letter, now: datetime) -> Composed:
        return compose(letter, self.templates.letter(letter), sender=self.sender, date=now.astimezone(self.policy.zone))

    def write(self, work: Work, prepared: Prepared, *, now: datetime, incoming: Incoming | None = None) -> None:
        """Carry out a decision. Raises `TicketChanged`, `CodeTaken`, `ReferenceTaken` or `AlreadyActed`: then decide once more."""
        page = _Page(policy=self.policy, work=work, now=now, incoming=incoming)
        for place, effect in enumerate(prepared.effects):
            page.carry_out(effect, prepared.parcels.get(place))
        work.journal.append(page.lines, now=now)


def ticket_of(stored: Stored) -> Ticket:
    """The ticket that its stored history adds up to."""
    blank = Ticket(id=stored.id, code=stored.code, reference=stored.reference, received_at=stored.received_at, version=stored.version)
    return fold(blank, stored.entries)


def whole(tickets: Tickets, stored: Stored) -> Ticket:
    """The same with the threads of its other reporters; that of most cases is no further question to the database."""
    ticket = ticket_of(stored)
    if not ticket.joins:
        return ticket
    return replace(ticket, joined=tuple(map(ticket_of, tickets.load_many([one.id for one in ticket.joins]))))


def survivor(tickets: Tickets, stored: Stored) -> Ticket | None:
    """The case that a ticket is part of."""
    return whole(tickets, tickets.load(stored.survivor_id)) if stored.survivor_id is not None else None


@dataclass(slots=True, kw_only=True)
class _Page:
    """One decision on its way into the rows."""

    policy: Policy
    work: Work
    now: datetime
    incoming: Incoming | None
    lines: list[Mapping[str, Fact]] = field(default_factory=list)

    def carry_out(self, effect: Effect, composed: Composed | None) -> None:
        match effect:
            case Open():
                self._open(effect)
            case Append():
                after = fold(effect.ticket, effect.entries)
                self.work.tickets.append(
                    effect.ticket.id, version=effect.ticket.version, entries=effect.entries, columns=columns_for(after, self.policy)
                )
                self._mark_people(after, effect.entries)
            case Send() if composed is not None:
                self._send(effect.letter, composed, ticket_id=effect.letter.ticket_id)
            case Merge() if composed is not None:
                self.work.outbox.supersede(effect.outbox_ids, by=self._send(effect.letter, composed, ticket_id=None))
            case Agree() | Release():
                self._release(effect)
            case Journal():
                self.lines.append({"verb": effect.verb, "by": effect.by, "ticket": effect.ticket_id, **effect.facts})
            case _:
                self._mark(effect)

    def _mark(self, effect: Effect) -> None:
        match effect:
            case Withhold() | Withdraw() | Clear():
                self._hide(effect)
            case Attach():
                self.work.tickets.merge(effect.ticket_id, into=effect.into)
            case Spend():
                self._spend(effect)
            case MarkBounced():
                self.work.outbox.bounced(effect.outbox_id, now=self.now)
            case Alarm():
                self.work.alarms.raise_(effect.kind, ticket_id=effect.ticket_id, now=self.now)
            case Keep() | Await() | File():
                self._about_mail(effect)
            case _:
                raise TypeError(f"nobody carries out {type(effect).__name__}")

    def _about_mail(self, effect: Keep | Await | File) -> None:
        if self.incoming is None:
            raise ValueError(f"{type(effect).__name__} is about a mail, and there is none")
        match effect:
            case Keep():
                self._keep(effect, self.incoming)
            case Await():
                self._await(effect, self.incoming)
            case File():
                self.work.inbox.file(
                    self.incoming.inbox_id, kind=effect.kind, reason=effect.reason, ticket_id=effect.ticket_id, now=self.now
                )

    def _open(self, effect: Open) -> None:
        ticket = effect.ticket
        self.work.tickets.open(
            ticket_id=ticket.id,
            code=ticket.code,
            reference=ticket.reference,
            received_at=ticket.received_at,
            reporter_address=ticket.reporter.address if ticket.reporter and ticket.reporter.address else None,
            columns=columns_for(ticket, self.policy),
            entries=effect.entries,
            now=self.now,
            # Its own mail, which is an earlier one where a record waited for its writer to confirm it.
            key_of=ticket.id if self.incoming else None,
        )
        self._mark_people(ticket, effect.entries)
        if effect.told or effect.silent:
            self.work.tickets.tell([ticket.id], now=self.now)

    def _mark_people(self, ticket: Ticket, entries: Sequence[Entry]) -> None:
        """Let whom these entries name be found again on other cases, and whom another report brings along or takes away."""
        changed = any(entry.what in (What.PERSON, What.JOINED, What.PARTED) for entry in entries)
        for one in ticket.people if changed else ():
            self.work.marks.put(ticket.id, ref=one.ref, likenesses=likenesses(one))

    def _send(self, letter: Letter, composed: Composed, *, ticket_id: int | None) -> int:
        """Into the outbox, as a letter of this case; the answer is its row."""
        if composed.subject_replaced:
            log.guard_tripped(letter.kind.value)
            self.work.alarms.raise_(SUBJECT_REPLACED, ticket_id=letter.ticket_id, now=self.now)
        row = self.work.outbox.enqueue(
            composed.parcel,
            letter=letter.kind.value,
            role=letter.to.role,
            handle=letter.to.handle,
            ticket_id=ticket_id,
            rank=letter.rank.value,
            next_at=letter.not_before or self.now,
            latest_at=letter.latest_at,
            alarm_at=self._alarm_at(letter),
            now=self.now,
        )
        if not letter.challenge:
            self.work.tokens.issue(
                letter.token,
                ticket_id=letter.ticket_id,
                holder=letter.to.handle,
                purpose=THREAD,
                now=self.now,
                # Somebody on the case may answer after months, as the reporter may; what a token of ours opens is to end.
                expires_at=None if letter.kind in TO_OTHERS else self.now + self.policy.limits.token_life,
                outbox_id=row,
            )
        return row

    def _alarm_at(self, letter: Letter) -> datetime:
        return max(letter.not_before or self.now, self.now) + self.policy.limits.alarm_after

    def _await(self, effect: Await, incoming: Incoming) -> None:
        self.work.tokens.issue(
            effect.token,
            ticket_id=effect.ticket_id,
            holder=effect.holder,
            purpose=CHALLENGE,
            now=self.now,
            expires_at=effect.until,
            inbox_id=incoming.inbox_id,
        )

    def _hide(self, effect: Withhold | Withdraw | Clear) -> None:
        match effect:
            case Withhold():
                self.work.people.withhold(effect.ticket_id, handle=effect.handle, kind=effect.why, now=self.now)
            case Withdraw():
                self.work.outbox.withdraw(effect.ticket_id, handle=effect.handle, now=self.now)
            case Clear():
                self._clear(effect)

    def _clear(self, effect: Clear) -> None:
        for kind in ("hold", "recused", "party"):
            self.work.people.lift(effect.ticket_id, handle=effect.handle, kind=kind, now=self.now)

    def _release(self, effect: Agree | Release) -> None:
        match effect:
            case Agree():
                self.work.releases.agree(effect.agreement)
            case Release():
                if not self.work.releases.release(effect.row, second=effect.second, now=self.now):
                    raise TicketChanged("Somebody released this report meanwhile: decide once more.")

    def _spend(self, effect: Spend) -> None:
        if effect.challenge:
            fresh = self.work.tokens.spend(effect.token, now=self.now)
        else:
            words = hashlib.sha256(effect.words.encode("utf-8", "surrogatepass")).digest()
            fresh = self.work.tokens.use(hashed(effect.token), command_hash=words, now=self.now)
        if not fresh:
            raise AlreadyActed("These words came before and were acted on.")

    def _keep(self, effect: Keep, incoming: Incoming) -> None:
        message = incoming.message
        facts: dict[str, Fact] = {
            "by": effect.by,
            "name": message.sender.name if message.sender else "",
            "address": message.sender.address if message.sender else "",
            "subject": message.subject,
            "text": message.text,
            "new_text": message.new_text,
            "attachments": [{"name": one.name, "type": one.type, "size": one.size} for one in message.attachments],
            "date": message.date,
        }
        self.work.messages.add(
            ticket_id=effect.ticket_id,
            inbox_id=incoming.inbox_id,
            relation=effect.relation,
            at=incoming.received_at,
            message_id=message.message_id,
            sender=message.strict_sender,
            facts=facts,
        )
