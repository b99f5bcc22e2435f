"""The letters of a case: which of us gets one, and what it knows. No prose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from maild.playbook import disclosure
from maild.playbook.deadlines import Duty, Rung, Step, explained_until
from maild.playbook.effects import Alarm, Effect, Send
from maild.playbook.entry import Fact
from maild.playbook.events import Mail
from maild.playbook.letters import Kind, Letter, Recipient
from maild.playbook.people import Person
from maild.playbook.policy import Notices, Policy
from maild.playbook.progress import determining, missing, open_duties, resolving
from maild.playbook.ticket import Ticket
from maild.playbook.wishes import THE_REPORTER, hidden_facts

WORDS: Mapping[str, Fact] = {
    **dict.fromkeys(("name", "address", "subject", "text", "notes", "talk"), ""),
    **{name: [] for name in ("attachments", "copied_to", "done", "asked_unknown")},
}
"""The facts that hold what somebody wrote, as a minimal notice has them."""

NOBODY_MAY_SEE = "nobody-may-see"
"""The alarm of a case from which everybody is kept."""

NO_WISHES: Mapping[str, Fact] = {"asked": [], "asked_out": [], "asked_unknown": []}
"""What a notice says of a mail that asks us for nothing (see `wishes`)."""

FROM_OTHERS = frozenset({"person", "third-party", "kept-out", "contact", "confirmed"})
"""Mails on a case that are not by its reporter."""

NUMBERS_ONLY: Mapping[str, Fact] = {
    "determining": "",
    "resolving": "",
    "open": [],
    "proposed": False,
    "reachable": True,
    "no_contact": False,
    "reporters": [],
}
"""The board sees numbers and states: not even whether somebody was determined to be the respondent."""


def to_reporter(ticket: Ticket, kind: Kind, facts: Mapping[str, Fact]) -> tuple[Letter, ...]:
    """A letter to the one who filed the report, on their own thread; none where there is no address."""
    to, filed = disclosure.reporter(ticket), ticket.reporter
    if to is None or filed is None:
        return ()
    letter = Letter(
        kind=kind,
        to=to,
        ticket_id=ticket.id,
        code=ticket.code,
        reference=ticket.reference,
        facts=facts,
        language=filed.language,
        in_reply_to=filed.message_id,
        references=tuple(filter(None, (*filed.references, filed.message_id))),
    )
    return (letter,)


def to_person(ticket: Ticket, kind: Kind, ref: str, facts: Mapping[str, Fact], policy: Policy) -> tuple[Letter, ...]:
    """A letter to somebody else on the case, on a thread of their own: it names no case, and no mail but theirs."""
    them, last = disclosure.person(ticket, ref, policy), ticket.heard_from.get(ref, "")
    return tuple(
        Letter(kind=kind, to=to, ticket_id=ticket.id, facts=facts, in_reply_to=last, references=(last,) if last else ())
        for to in ((them,) if them else ())
    )


def about(ticket: Ticket, kind: Kind, to: Iterable[Recipient], facts: Mapping[str, Fact], policy: Policy) -> tuple[Send, ...]:
    """One letter about a case to each of these people, with as much of anybody's words as the organisation wants in a notice."""
    minimal = policy.notices is Notices.MINIMAL or bool(facts.get("minimal"))
    wordless = {name: nothing for name, nothing in WORDS.items() if minimal and name in facts}
    team = [one.handle for one in disclosure.team(ticket, policy)]
    shown = {name: hidden_facts(fact, ticket) if name in WORDS else fact for name, fact in facts.items()}
    known = {**_case(ticket), **shown, **wordless, "minimal": minimal, "team": team}
    return tuple(
        Send(letter=Letter(kind=kind, to=one, ticket_id=ticket.id, code=ticket.code, reference=ticket.reference, facts=known)) for one in to
    )


def told_of_report(
    ticket: Ticket, mail: Mail, policy: Policy, unanswered_because: str, wishes: Mapping[str, Fact] = NO_WISHES
) -> tuple[Send, ...]:
    """A new report: to the case team."""
    facts: dict[str, Fact] = {
        **_by_reporter(ticket, _mail(mail, mail.text)),
        **wishes,
        "unanswered_because": unanswered_because,
        "withheld": named_ones(ticket, policy),
    }
    return about(ticket, Kind.NEW_REPORT, disclosure.team(ticket, policy), facts, policy)


def told_late(ticket: Ticket, to: Recipient, policy: Policy) -> tuple[Send, ...]:
    """The same some time after it came, to one of them: without its words, which [show] gives."""
    facts: dict[str, Fact] = {
        **WORDS,
        **NO_WISHES,
        "minimal": True,
        "unanswered_because": "" if ticket.receipt_made else ticket.receipt,
        "withheld": named_ones(ticket, policy),
        "disowned": ticket.disowned,
        **dict.fromkeys(("encrypted", "truncated", "unread", "id_used_before"), False),
    }
    return about(ticket, Kind.NEW_REPORT, [to], facts, policy)


def told_of_message(
    ticket: Ticket, mail: Mail, policy: Policy, relation: str, wishes: Mapping[str, Fact] = NO_WISHES, *, by: str = ""
) -> tuple[Send, ...]:
    """Another mail on the case: to the case team. `relation` says from whom: followup, person, third-party, kept-out or automatic.

    `by` is, of somebody on the case, their reference.
    """
    known = ticket.person(by)
    facts: dict[str, Fact] = {
        **(_mail(mail, mail.new_text) if known or relation in FROM_OTHERS else _by_reporter(ticket, _mail(mail, mail.new_text))),
        **wishes,
        "relation": relation,
        "writer": f"{known.ref} ({known.role})" if known else _contact(ticket, by),
        "answer_to": by if disclosure.person(ticket, by, policy) else "",
        "withheld": named_ones(ticket, policy),
    }
    return about(ticket, Kind.NEW_MESSAGE, disclosure.team(ticket, policy), facts, policy)


def _contact(ticket: Ticket, by: str) -> str:
    """The contact of some place who was asked to carry a sanction out, as a notice names them."""
    asked = next((task for task in ticket.tasks if task.id == by), None)
    return f"the contact of {', '.join(asked.places)}, who was asked about {asked.sanction} ({asked.id})" if asked else ""


def told_of_note(ticket: Ticket, text: str, by: Person, policy: Policy, *, proven: bool) -> tuple[Send, ...]:
    """What one of the team wrote for the team: to the others."""
    facts: dict[str, Fact] = {"by": by.name, "text": text, "proven": proven}
    return about(ticket, Kind.NOTE, disclosure.others(ticket, policy, by), facts, policy)


def told_of_acts(
    ticket: Ticket, done: Sequence[Fact], leaving: Mapping[str, Fact], by: Person, policy: Policy, *, proven: bool
) -> tuple[Send, ...]:
    """What one of the team did, to the others: `done` has written, sentence and text of each act, `leaving` what goes to the reporter,
    and the number of what was proposed and waits for one of them.
    """
    facts: dict[str, Fact] = {"by": by.name, "done": list(done), "proven": proven, "proposal": "", **leaving}
    return about(ticket, Kind.COPY, disclosure.others(ticket, policy, by), facts, policy)


def alarmed(ticket: Ticket, by: str, text: str, policy: Policy, *, proven: bool, again: bool = False) -> tuple[Send, ...]:
    """Somebody may be in danger: to all who may see the case."""
    facts: dict[str, Fact] = {"by": by, "text": text, "proven": proven, "again": again, **at_hand(ticket, policy)}
    return about(ticket, Kind.ALARM, disclosure.team(ticket, policy), facts, policy)


def event_name(ticket: Ticket, policy: Policy) -> str:
    """The name of the event where it happened; empty where it was at none, or it is configured no longer."""
    event = policy.conference(ticket.event)
    return event.name if event else ""


def at_hand(ticket: Ticket, policy: Policy) -> dict[str, Fact]:
    """Where it happened, and who can be reached there: for the team alone (playbook, "Expulsion", last lines)."""
    event = policy.conference(ticket.event)
    return {
        "event": event_name(ticket, policy),
        "representatives": list(disclosure.representatives(ticket, policy)),
        "security": event.security if event else "",
    }


def too_few(ticket: Ticket, policy: Policy, *, told: Sequence[Send] = ()) -> tuple[Send, ...]:
    """Nobody of the staff may know of the case: to whoever works on it instead, and to the board; but for those who are `told` anyway."""
    if any(disclosure.may_know(ticket, person) for person in policy.staff):
        return ()
    everybody = {to.handle: to for to in (*disclosure.team(ticket, policy), *disclosure.board(ticket, policy))}
    left = everybody.keys() - {send.letter.to.handle for send in told}
    return about(ticket, Kind.TOO_FEW, [to for handle, to in everybody.items() if handle in left], NUMBERS_ONLY, policy)


def too_few_left(before: Ticket, after: Ticket, policy: Policy, *, told: Sequence[Send] = ()) -> tuple[Effect, ...]:
    """The same where somebody may have been kept out just now: once, and again each time the next one has to step in.

    Where nobody at all is left the alarm stands; it is raised again with whatever comes to such a case.
    """
    if not disclosure.team(after, policy):
        return (Alarm(kind=NOBODY_MAY_SEE, ticket_id=after.id),)
    unchanged = disclosure.team(before, policy) == disclosure.team(after, policy)
    return () if unchanged and too_few(before, policy) else too_few(after, policy, told=told)


def on_thread(letters: Iterable[Send], thread: Ticket) -> tuple[Send, ...]:
    """The same letters; what answers them is about the reporter of this thread."""
    return tuple(Send(letter=replace(send.letter, ticket_id=thread.id)) for send in letters)


def reminded(ticket: Ticket, step: Step, duty: Duty, policy: Policy, *, now: datetime) -> tuple[Send, ...]:
    """A step of a ladder: to whom that step belongs."""
    facts: dict[str, Fact] = {"duty": duty.value, "rung": step.rung.value, "until": explained_until(now, policy)}
    if step.rung in (Rung.BOARD, Rung.BREACH):
        board = about(ticket, Kind.MISSED, disclosure.board(ticket, policy), {**facts, **NUMBERS_ONLY}, policy)
        return board if step.rung is Rung.BOARD else (*board, *about(ticket, Kind.REMINDER, disclosure.team(ticket, policy), facts, policy))
    to = disclosure.lead(ticket, policy) if step.rung in (Rung.LEAD, Rung.LEAD_AGAIN) else disclosure.team(ticket, policy)
    return about(ticket, Kind.REMINDER, to, facts, policy)


def told_of_failure(ticket: Ticket, letter: str, role: str, policy: Policy, *, person: str = "") -> tuple[Send, ...]:
    """A letter of ours did not arrive: to the case team. `person` is to whom else on the case it went, by reference."""
    facts: dict[str, Fact] = {"letter": letter, "role": role, "person": person}
    return about(ticket, Kind.FAILURE, disclosure.team(ticket, policy), facts, policy)


def _case(ticket: Ticket) -> dict[str, Fact]:
    respond, acknowledge = ticket.clocks.get(Duty.RESPOND), ticket.clocks.get(Duty.ACKNOWLEDGE)
    return {
        "state": ticket.state.value,
        "urgent": ticket.urgent,
        "lead": ticket.lead,
        "received_at": ticket.received_at.isoformat(),
        "acknowledge_by": acknowledge.due_at.isoformat() if acknowledge and acknowledge.running else None,
        "respond_by": respond.due_at.isoformat() if respond and respond.running else None,
        "missing": list(missing(ticket)),
        "determining": determining(ticket),
        "resolving": resolving(ticket),
        "open": list(open_duties(ticket)),
        "proposed": ticket.proposal is not None,
        "reachable": any(disclosure.reporter(one) for one in ticket.threads),
        "reporter_disowned": ticket.disowned,
        "no_contact": all(one.no_contact for one in ticket.threads),
        "reporters": [one.reference for one in ticket.threads],
        "acknowledged": ticket.acknowledged_at is not None,
        "under_way": "",
    }


def _mail(mail: Mail, text: str) -> dict[str, Fact]:
    return {
        "name": mail.name,
        "address": mail.address,
        "subject": mail.subject,
        "text": text,
        "attachments": list(mail.attachments),
        "copied_to": list(mail.copied_to),
        "encrypted": mail.encrypted,
        "truncated": mail.truncated,
        "unread": mail.unread,
        "disowned": mail.disowned,
        "id_used_before": mail.id_used_before,
    }


def _by_reporter(ticket: Ticket, facts: dict[str, Fact]) -> dict[str, Fact]:
    """The facts of a mail of theirs, without the sender where they asked for that."""
    return {**facts, "name": "", "address": THE_REPORTER} if ticket.anonymous else facts


def named_ones(ticket: Ticket, policy: Policy) -> list[Fact]:
    """Who is kept out of a case because a mail names them."""
    return [handle for handle, why in ticket.withheld.items() if why == "hold" and policy.person(handle)]
