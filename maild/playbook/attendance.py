"""What entries about presentations, support and contacts mean for a ticket."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import Entry, What, moment
from maild.playbook.presentations import MINOR, SPOKEN, Presentation
from maild.playbook.support import MISSING, Contact, wanted
from maild.playbook.ticket import Ticket


def _presentation(ticket: Ticket, entry: Entry) -> Ticket:
    facts = entry.facts
    made = Presentation(what=str(facts["what"]), talk=str(facts.get("talk", "")), grounds=str(facts.get("grounds", "")))
    ticket = replace(ticket, presentations=(*ticket.presentations, made))
    if made.what == SPOKEN:
        return _met(ticket, entry, Duty.SPEAK)
    return _running(ticket, entry, Duty.SPEAK) if made.what == MINOR else ticket


def _support(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = replace(ticket, support={**ticket.support, str(entry.facts["item"]): str(entry.facts["status"])})
    return _running(ticket, entry, Duty.SUPPORT) if wanted(ticket.support) else _met(ticket, entry, Duty.SUPPORT)


def _contacted(ticket: Ticket, entry: Entry) -> Ticket:
    """A basis that is given later takes the place of the one that was missing."""
    made = Contact(who=str(entry.facts["who"]), basis=str(entry.facts["basis"]))
    kept = tuple(one for one in ticket.contacts if one != Contact(who=made.who, basis=MISSING))
    return replace(ticket, contacts=(*kept, made))


def _running(ticket: Ticket, entry: Entry, duty: Duty) -> Ticket:
    """With the clock of this entry; one that runs already runs on."""
    span = entry.facts.get("clock")
    if ticket.running(duty) or not isinstance(span, Mapping):
        return ticket
    clock = Clock(duty=duty, started_at=moment(span["from"]), due_at=moment(span["due"]))
    return replace(ticket, clocks={**ticket.clocks, duty: clock})


def _met(ticket: Ticket, entry: Entry, duty: Duty) -> Ticket:
    met = {duty: ticket.clocks[duty].met(entry.at)} if duty in ticket.clocks else {}
    return replace(ticket, clocks={**ticket.clocks, **met})


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.PRESENTATION: _presentation,
    What.SUPPORT: _support,
    What.CONTACTED: _contacted,
}
"""What each of these entries means for a ticket."""
