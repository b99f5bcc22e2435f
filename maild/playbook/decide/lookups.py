"""Commands that only answer the asker: what they may see, and nothing changes (behaviour 39)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from maild.playbook.commands import Command, help_rows
from maild.playbook.deadlines import explained_until
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.entry import Fact
from maild.playbook.events import Said
from maild.playbook.joining import known_as
from maild.playbook.progress import DEADLINES, missing, next_deadline, open_duties
from maild.playbook.proposals import Proposal, written
from maild.playbook.sanctions import Sanction
from maild.playbook.support import spoken_of
from maild.playbook.ticket import State, Ticket
from maild.playbook.wishes import hidden_facts, hidden_in

UNKNOWN_CASE = "There is no case of that name that you can see."
"""Said of a case that does not exist and of one that the asker is kept out of: the same words (behaviour 40)."""

OF_REPORTERS = frozenset({"report", "followup", "letter", "automatic"})
"""What is said between us and the reporter of a thread."""

WHICH = "This mail is about no case; name one, for example [status:quiet-harbour], or answer a mail that is about it."


def _case(command: Command, desk: Desk) -> Ticket | Refused:
    if command.value is None and desk.ticket is None:
        return Refused(sentence=WHICH)
    return (desk.named(command.value) if command.value else desk.seen) or Refused(sentence=UNKNOWN_CASE, mendable=False)


def _status(command: Command, desk: Desk) -> Tried:
    ticket = _case(command, desk)
    if isinstance(ticket, Refused):
        return ticket
    return Done(desk=desk.showing({"kind": "status", **row(ticket), **particulars(ticket)}), sentence="See below.")


def _show(command: Command, desk: Desk) -> Tried:
    ticket = _case(command, desk)
    if isinstance(ticket, Refused):
        return ticket
    shown: list[Fact] = [
        {"relation": one.relation, "by": one.by, "at": one.at.isoformat(), "text": one.text} for one in texts(ticket, desk.scene.said)
    ]
    return Done(desk=desk.showing({"kind": "show", **row(ticket), **particulars(ticket), "texts": shown}), sentence="See below.")


def texts(ticket: Ticket, said: Mapping[int, Sequence[Said]]) -> Iterator[Said]:
    """The texts of all threads of a case in order, as its team reads them: each says of which reporter it is, where there are several."""
    every = [(one, thread) for thread in ticket.threads for one in said.get(thread.id, ())]
    for one, thread in sorted(every, key=lambda pair: pair[0].at):
        by, relation = known_as(ticket, thread, one.by), _relation(one, thread, ticket)
        yield replace(one, by=by, relation=relation, text=hidden_in(one.text, ticket))


def _relation(said: Said, thread: Ticket, case: Ticket) -> str:
    left, _, ref = said.relation.partition(" to ")
    if ref:
        return f"{left} to {known_as(case, thread, ref)}"
    return f"{said.relation} ({thread.reference})" if case.joined and said.relation in OF_REPORTERS else said.relation


def _list(command: Command, desk: Desk) -> Tried:
    which = command.value or ""
    rows: list[Fact] = [row(ticket) for ticket in _chosen(which, desk)]
    return Done(desk=desk.showing({"kind": "list", "which": which, "rows": rows}), sentence=f"{len(rows)} below.")


def _chosen(which: str, desk: Desk) -> Iterator[Ticket]:
    """The cases a list holds, as this mail has left them; `listed` has only those the asker might see before it."""
    now = desk.scene.now
    for ticket in sorted((desk.touched.get(one.id, one) for one in desk.scene.listed), key=lambda one: one.received_at):
        overdue = any(ticket.running(duty) and ticket.clocks[duty].due_at <= now for duty in DEADLINES)
        fits = {
            "open": ticket.working and ticket.state is not State.HELD,
            "mine": ticket.working and ticket.lead == desk.person.handle,
            "overdue": overdue,
            "held": ticket.state is State.HELD,
        }
        if fits[which] and desk.works_on(ticket):
            yield ticket


def _help(command: Command, desk: Desk) -> Tried:
    until = explained_until(desk.scene.now, desk.scene.policy)
    rows: list[Fact] = [{"example": example, "effect": effect} for example, effect in help_rows(until)]
    left: list[Fact] = list(missing(desk.seen)) if desk.seen else []
    return Done(desk=desk.showing({"kind": "help", "rows": rows, "missing": left}), sentence="See below.")


def row(ticket: Ticket) -> dict[str, Fact]:
    """What a list may say of a case: code name, state, lead, moments; no text, no names of outsiders."""
    deadline = next_deadline(ticket)
    return {
        "code": ticket.code,
        "state": ticket.state_name,
        "lead": ticket.lead,
        "urgent": ticket.urgent,
        "received_at": ticket.received_at.isoformat(),
        "next_deadline": deadline.isoformat() if deadline else None,
    }


def particulars(ticket: Ticket) -> dict[str, Fact]:
    """What else there is to say of a case to its team: determinations, people by reference and name, resolutions, duties.

    Without the name of a reporter who asked for that, whoever wrote it there.
    """
    determined: list[Fact] = [
        {"name": name, "value": hidden_in(made.value, ticket), "by": made.by, "version": made.version}
        for name, made in ticket.determinations.items()
    ]
    return {
        "reference": ticket.reference,
        "disowned": ticket.disowned,
        "no_contact": ticket.no_contact,
        "anonymous": ticket.anonymous,
        "missing": list(missing(ticket)),
        "open": list(open_duties(ticket)),
        "reporters": [_reporter(thread) for thread in ticket.joined],
        "people": [
            {"ref": one.ref, "role": one.role, "name": hidden_in(one.name, ticket)} for one in ticket.people if one.role or one.name
        ],
        "determinations": determined,
        "sanctions": [_sanction(one) for one in ticket.sanctions],
        "presentations": [{"what": one.what, "talk": hidden_in(one.talk, ticket), "grounds": one.grounds} for one in ticket.presentations],
        "support": [{"item": item, "status": status} for item, status in spoken_of(ticket.support)],
        "contacts": [{"who": one.who, "basis": one.basis} for one in ticket.contacts],
        "proposal": _proposal(ticket.proposal, ticket) if ticket.proposal else None,
        "resolutions": [{"kind": made.kind, "to": list(made.to), "label": hidden_in(made.label, ticket)} for made in ticket.resolutions],
        "acknowledged_at": ticket.acknowledged_at.isoformat() if ticket.acknowledged_at else None,
        "answered_at": ticket.answered_at.isoformat() if ticket.answered_at else None,
    }


def _reporter(thread: Ticket) -> dict[str, Fact]:
    """How things stand towards another reporter of the case."""
    deadline = next_deadline(thread)
    return {
        "code": thread.code,
        "reference": thread.reference,
        "received_at": thread.received_at.isoformat(),
        "next_deadline": deadline.isoformat() if deadline else None,
        "no_contact": thread.no_contact,
        "anonymous": thread.anonymous,
        "disowned": thread.disowned,
    }


def _sanction(one: Sanction) -> dict[str, Fact]:
    until = one.until.isoformat() if one.until else None
    over = "lifted" if one.lifted_at else "over" if one.ended_at else ""
    return {"id": one.id, "kind": one.kind, "person": one.person, "spaces": list(one.spaces), "until": until, "over": over}


def _proposal(waiting: Proposal, ticket: Ticket) -> dict[str, Fact]:
    commands = hidden_facts(written(waiting.commands), ticket)
    return {"id": waiting.id, "by": waiting.by, "at": waiting.at.isoformat(), "commands": commands}


LOOKUPS: Mapping[str, Callable[[Command, Desk], Tried]] = {"status": _status, "show": _show, "list": _list, "help": _help}
"""The commands that only answer."""
