"""What the playbook may know when it decides about a mail: looked up in the transaction that will write the decision down."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maild.clerk import survivor, whole
from maild.drafting import drafting, said_of
from maild.mail.authenticity import Form, aligned, fails_dmarc
from maild.mail.identity import tokens
from maild.mail.message import Message
from maild.mail.reading import HEADERS_ONLY
from maild.playbook import commands as grammar
from maild.playbook.commands import Command
from maild.playbook.events import Bounced, Found, Mail, Said, Scene, Sort, Thread, Waiting
from maild.playbook.fresh import Fresh
from maild.playbook.guidelines import ASKING, Elsewhere
from maild.playbook.leaks import blank
from maild.playbook.letters import Kind
from maild.playbook.likeness import likenesses, named_by
from maild.playbook.people import Person, Role
from maild.playbook.policy import DAY, Policy
from maild.playbook.ticket import MERGED, Ticket
from maild.playbook.wishes import wishes
from maild.render import Templates
from maild.store import CHALLENGE, REPORTER, Earlier, Letter, Token, Work
from maild.store import Waiting as InboxRow

CODE = re.compile(r"\[([a-z]{2,20}-[a-z]{2,20})\]|\b(R-[2-9A-HJ-NP-Z]{5})\b")
"""A code name or a reference as our Subjects hold them."""

SPEAKS_OF_TEXT = frozenset({"reply", "explain", "show", "write", "resolve", "appeal", "split"})
"""Commands for which the texts of the case are needed: to show them, or to see that none of them leaves."""

MOST_ELSEWHERE = 50
"""Other cases of the same people that are looked at, the newest first."""

NAMES_A_CASE = frozenset({"case", "status", "show", "merge"})
"""Commands whose value is the code name of a case."""

MOST_REPORTS = 2
"""Transparency reports that are drafted for one mail, which may release one: all cases are read for each."""

MOST_CASES = 20
"""Cases one mail may name; the rest of them are unknown to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A mail as it was read, with its row in the inbox. `waited_for` is the mail that it confirms, where it confirms one."""

    row: InboxRow
    message: Message
    waited_for: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneBuilder:
    """Looks up what a decision needs. `authserv_id` and `form` say whose Authentication-Results count."""

    policy: Policy
    authserv_id: str
    form: Form
    templates: Templates

    def build(self, work: Work, arrival: Arrival, *, now: datetime, name_try: int, spent: bool) -> tuple[Mail, Scene]:
        """The mail and everything known about it."""
        return _Look(work=work, builder=self, now=now).scene(arrival, name_try=name_try, spent=spent)

    def confirmed_row(self, work: Work, message: Message, *, now: datetime) -> int | None:
        """The row of the mail whose commands this mail confirms."""
        found = _Look(work=work, builder=self, now=now).challenge(message)
        return found[1].inbox_id if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    work: Work
    builder: SceneBuilder
    now: datetime

    def scene(self, arrival: Arrival, *, name_try: int, spent: bool) -> tuple[Mail, Scene]:
        policy, message = self.builder.policy, arrival.message
        person = policy.by_address(message.strict_sender) if message.strict_sender else None
        thread = self._thread(message, person, spent=spent)
        earlier = self._earlier(message)
        mail = self._doubted(self._mail(arrival), message, id_used=earlier.id_used)
        waiting = self._waiting(message, person, arrival.waited_for)
        asked = [*self._commands(mail, person), *(self._commands(waiting.mail, person) if waiting else ())]
        cases = dict(self._cases(asked, person))
        on_table = [one.ticket for one in (thread, waiting.thread if waiting else None) if one and one.ticket]
        on_table += [waiting.opened] if waiting and waiting.opened else []
        verbs = {command.verb for command in asked}
        scene = Scene(
            now=self.now,
            policy=policy,
            fresh=Fresh(arrival.row.seed),
            name_try=name_try,
            person=person,
            thread=thread,
            known_sender=earlier.sender_known,
            recent_reports=earlier.reports,
            receipts_to_sender=self._receipts(message),
            cases=cases,
            said=self._texts((*on_table, *cases.values())) if verbs & SPEAKS_OF_TEXT else {},
            listed=self._listed(person) if "list" in verbs and person else (),
            waiting=waiting,
            elsewhere=self._elsewhere(asked, [*on_table, *cases.values()]) if verbs & ASKING else (),
            open_challenges=self.work.tokens.open_challenges(person.handle, now=self.now) if person else 0,
        )
        return mail, self._with_reports(scene, asked) if "release" in verbs else scene

    def _earlier(self, message: Message) -> Earlier:
        since = self.now - self.builder.policy.limits.notices_window
        return self.work.messages.earlier(message.message_id, sender=message.answer_to or "", since=since)

    def _receipts(self, message: Message) -> tuple[datetime, ...]:
        if not message.answer_to or not message.answerable:
            return ()
        return tuple(self.work.outbox.receipts_since(self.now - 7 * DAY, recipient=message.answer_to))

    def _mail(self, arrival: Arrival) -> Mail:
        row, message = arrival.row, arrival.message
        junk = row.junk and message.sort.value == Sort.HUMAN.value
        return Mail(
            inbox_id=row.id,
            received_at=row.received_at,
            sort=Sort.SPAM if junk else Sort(message.sort.value),
            sort_reason="it lay in the server's Junk folder" if junk else message.sort_reason,
            answerable=message.answerable,
            unanswerable_because=message.unanswerable_because,
            silent=row.silent,
            truncated=row.truncated,
            name=message.sender.name if message.sender else "",
            address=message.sender.address if message.sender else "",
            strict_sender=message.strict_sender or "",
            answer_to=message.answer_to or "",
            copied_to=self._copied_to(message),
            subject=message.subject,
            text=message.text,
            new_text=message.new_text,
            command_text=message.command_text,
            commands_differ=message.commands_differ,
            attachments=tuple({"name": one.name, "type": one.type, "size": one.size} for one in message.attachments),
            message_id=message.message_id,
            references=message.references or message.in_reply_to,
            language=message.language,
            encrypted=message.encrypted,
            proof=aligned(message, authserv_id=self.builder.authserv_id, form=self.builder.form) or "",
            bounced=tuple(self._bounced(message)),
        )

    def _doubted(self, mail: Mail, message: Message, *, id_used: bool) -> Mail:
        """The mail with what its readers are warned of."""
        return replace(
            mail,
            unread=HEADERS_ONLY in message.defects,
            disowned=fails_dmarc(message.verdicts, authserv_id=self.builder.authserv_id, form=self.builder.form),
            id_used_before=id_used,
        )

    def _copied_to(self, message: Message) -> tuple[str, ...]:
        ours = self.builder.policy.mailbox.lower()
        local, _, domain = ours.rpartition("@")
        seen = (one.address.lower() for one in (*message.to, *message.cc))
        return tuple(address for address in seen if address and address != ours and not _is_plus(address, local, domain))

    def _bounced(self, message: Message) -> Iterator[Bounced]:
        if message.bounce is None:
            return
        permanent = any(one.permanent and one.action == "failed" for one in message.bounce.recipients)
        for row in self._letters_named(message):
            yield Bounced(outbox_id=row.id, ticket_id=row.ticket_id, letter=row.letter, role=row.role, permanent=permanent)

    def _letters_named(self, message: Message) -> Iterable[Letter]:
        """Our letters that a delivery report is about: by the token in the address it came to, or by the Message-IDs it quotes."""
        found: dict[int, Letter] = {}
        for token in tokens(message, mailbox=self.builder.policy.mailbox):
            known = self.work.tokens.find(token, now=self.now)
            if known is not None and known.outbox_id is not None:
                found[known.outbox_id] = self.work.outbox.get(known.outbox_id)
        for message_id in message.bounce.original_ids if message.bounce else ():
            row = self.work.outbox.by_message_id(message_id)
            if row is not None:
                found[row.id] = row
        return found.values()

    def _thread(self, message: Message, person: Person | None, *, spent: bool) -> Thread | None:
        for token in tokens(message, mailbox=self.builder.policy.mailbox):
            known = self.work.tokens.find(token, now=self.now)
            if known is not None and known.purpose != CHALLENGE:
                ticket = self._ticket(known.ticket_id) if known.ticket_id is not None else None
                about = self._about(known, ticket)
                beside = tuple(self._beside(message, known, ticket))
                at = known.issued_at if ticket is None else None
                found, holder = Found.TOKEN, known.holder
                return Thread(
                    ticket=ticket, found=found, token=token, holder=holder, spent=spent, about=about, beside=beside, written_at=at
                )
        ticket_id = self.work.messages.ticket_of([*message.in_reply_to, *reversed(message.references)])
        if ticket_id is not None:
            return Thread(ticket=self._ticket(ticket_id), found=Found.MESSAGE_ID)
        return self._by_subject(message)

    def _about(self, token: Token, ticket: Ticket | None) -> int | None:
        """Whose thread a letter of ours was about, of a case with several reporters: what is about the whole case is about none."""
        if ticket is None or not ticket.joined or token.ticket_id != ticket.id:
            return token.ticket_id
        letter = self.work.outbox.get(token.outbox_id).letter if token.outbox_id is not None else ""
        return ticket.id if letter == Kind.NEW_REPORT.value or token.holder == REPORTER else None

    def _beside(self, message: Message, token: Token, ticket: Ticket | None) -> Iterator[Ticket]:
        """The other cases of a letter about several; looked for only where its reader asks for something that may be about all of them."""
        row = token.outbox_id if token.holder == REPORTER and wishes(message.new_text, message.command_text) else None
        if ticket is None or row is None:
            return
        found = {one.id: one for one in map(self._ticket, self.work.outbox.carried_by(row))}
        yield from (one for ticket_id, one in found.items() if ticket_id != ticket.id)

    def _by_subject(self, message: Message) -> Thread | None:
        match = CODE.search(message.subject)
        if match is None:
            return None
        ticket_id = self.work.tickets.by_code(match[1]) if match[1] else self.work.tickets.by_reference(match[2])
        return Thread(ticket=self._ticket(ticket_id), found=Found.CODE) if ticket_id is not None else None

    def _ticket(self, ticket_id: int) -> Ticket:
        tickets = self.work.tickets
        stored = tickets.load(ticket_id)
        return survivor(tickets, stored) or whole(tickets, stored)

    def challenge(self, message: Message) -> tuple[str, Token] | None:
        """The challenge this mail answers: by its thread, or by the code in a `[confirm:CODE]` line."""
        person = self.builder.policy.by_address(message.strict_sender) if message.strict_sender else None
        if person is None:
            return None
        reading = grammar.read(message.command_text)
        confirms = [one for one in reading.commands if isinstance(one, Command) and one.verb == "confirm"]
        named = [one.value.lower() for one in confirms if one.value]
        for token in (*named, *(tokens(message, mailbox=self.builder.policy.mailbox) if confirms else ())):
            known = self.work.tokens.find(token, now=self.now)
            if known is not None and known.purpose == CHALLENGE and known.holder == person.handle and known.used_at is None:
                return token, known
        return None

    def _waiting(self, message: Message, person: Person | None, waited_for: Message | None) -> Waiting | None:
        found = self.challenge(message)
        if found is None or waited_for is None or found[1].inbox_id is None:
            return None
        row = self.work.inbox.get(found[1].inbox_id)
        thread = self._thread(waited_for, person, spent=False)
        opened = self._ticket(row.id) if self.work.tickets.load_many([row.id]) else None  # a mail makes the case of its own number
        return Waiting(mail=self._mail(Arrival(row=row, message=waited_for)), thread=thread, token=found[0], opened=opened)

    def _commands(self, mail: Mail, person: Person | None) -> Sequence[Command]:
        if person is None:
            return ()
        read = (*grammar.read_subject(mail.subject), *grammar.read(mail.command_text).commands)
        # What else the board writes in brackets is text.
        return [one for one in read if isinstance(one, Command) and (one.verb == "release" or person.role is not Role.BOARD)]

    def _cases(self, commands: Iterable[Command], person: Person | None) -> Iterator[tuple[str, Ticket]]:
        codes = dict.fromkeys((one.value or "").lower() for one in commands if one.verb in NAMES_A_CASE)
        for code in list(codes)[:MOST_CASES]:
            ticket_id = self.work.tickets.by_code(code) if code else None
            if ticket_id is not None and person is not None and self.work.people.sees(person.handle, ticket_id=ticket_id):
                yield code, self._ticket(ticket_id)

    def _listed(self, person: Person) -> tuple[Ticket, ...]:
        mine = self.work.people.tickets(person.handle)
        seen = {one.id for one in mine if one.columns.closed_at is None and one.columns.state != MERGED}
        return tuple(whole(self.work.tickets, stored) for stored in self.work.tickets.load_many(sorted(seen)))

    def _elsewhere(self, commands: Iterable[Command], tickets: Iterable[Ticket]) -> tuple[Elsewhere, ...]:
        """The other cases of those who are on these, or whom the commands name."""
        people = [*(person for ticket in tickets for person in ticket.people), *named_by(commands)]
        found = self.work.marks.tickets([one for person in people for one in likenesses(person)])
        stored = self.work.tickets.load_many(found[:MOST_ELSEWHERE])
        return tuple(Elsewhere(incident=one.survivor_id or one.id, ticket=whole(self.work.tickets, one)) for one in stored)

    def _with_reports(self, scene: Scene, commands: Iterable[Command]) -> Scene:
        """The scene with the transparency reports that the commands name, each with the words below it, and all that there may be."""
        desk = drafting(self.work, policy=self.builder.policy, templates=self.builder.templates, now=self.now)
        named = {one.value or "": "" if blank(one.text) else one.text.strip() for one in commands if one.verb == "release"}
        made = {name: desk.draft(name, learned=learned) for name, learned in list(named.items())[:MOST_REPORTS]}
        return replace(scene, drafts={name: one for name, one in made.items() if one is not None}, reports=desk.reports())

    def _texts(self, tickets: Iterable[Ticket]) -> dict[int, tuple[Said, ...]]:
        return {one.id: tuple(said_of(self.work, one.id)) for ticket in tickets for one in ticket.threads}


def _is_plus(address: str, local: str, domain: str) -> bool:
    name, _, at = address.rpartition("@")
    return at == domain and name.startswith(f"{local}+")
