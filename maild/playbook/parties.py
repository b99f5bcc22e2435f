"""What entries about others than the reporter mean for a ticket: letters to them, their answers, sanctions and proposals."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook import enforcing
from maild.playbook.entry import Entry, What
from maild.playbook.letters import Kind
from maild.playbook.proposals import Proposal, command_from
from maild.playbook.sanctions import sanction_from
from maild.playbook.ticket import Ticket


def _ref(entry: Entry) -> str:
    return str(entry.facts["ref"])


def _telling(ticket: Ticket, entry: Entry) -> Ticket:
    ref = {_ref(entry)}
    return replace(ticket, telling=ticket.telling | ref, unreached=ticket.unreached - ref)


def _reached(ticket: Ticket, entry: Entry) -> Ticket:
    ref = {_ref(entry)}
    if not ref & ticket.telling:
        return ticket  # they were told by other means meanwhile
    untold = tuple(one for one in ticket.untold if one not in ref)
    return replace(ticket, untold=untold, telling=ticket.telling - ref, reached=ticket.reached | ref)


def _unreached(ticket: Ticket, entry: Entry) -> Ticket:
    ref, letter = _ref(entry), entry.facts.get("letter")
    if letter not in (Kind.DECISION.value, Kind.APPEAL_ANSWER.value):
        return ticket
    again = (ref in ticket.reached or letter == Kind.APPEAL_ANSWER.value) and ref not in ticket.untold
    untold = (*ticket.untold, ref) if again else ticket.untold
    lost = {ref} & {*untold}
    return replace(ticket, untold=untold, telling=ticket.telling - {ref}, reached=ticket.reached - {ref}, unreached=ticket.unreached | lost)


def _heard(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, heard_from={**ticket.heard_from, _ref(entry): str(entry.facts["message_id"])})


def _sanctioned(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, sanctions=(*ticket.sanctions, sanction_from(entry.facts, start=entry.at)))


def _proposed(ticket: Ticket, entry: Entry) -> Ticket:
    number, command = str(entry.facts["id"]), command_from(entry.facts["command"])
    if ticket.proposal is not None and ticket.proposal.id == number:
        return replace(ticket, proposal=replace(ticket.proposal, commands=(*ticket.proposal.commands, command)))
    proposal = Proposal(id=number, by=entry.by, at=entry.at, commands=(command,))
    return replace(ticket, proposal=proposal, proposals=ticket.proposals + 1)


def _decided(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, proposal=None)


def _unmoved(ticket: Ticket, entry: Entry) -> Ticket:
    return ticket


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.WRITTEN: _unmoved,
    What.TELLING: _telling,
    What.REACHED: _reached,
    What.UNREACHED: _unreached,
    What.HEARD: _heard,
    What.SANCTIONED: _sanctioned,
    What.PROPOSED: _proposed,
    What.APPROVED: _decided,
    What.OBJECTED: _decided,
    **enforcing.APPLY,
}
"""What each of these entries means for a ticket."""
