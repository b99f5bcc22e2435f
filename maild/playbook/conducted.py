"""What entries about the conduct of a person mean for a ticket."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook.conduct import Conduct, Offence, Stop, VerbalWarning
from maild.playbook.entry import Entry, What, moment
from maild.playbook.ticket import Ticket


def _with(ticket: Ticket, conduct: Conduct) -> Ticket:
    return replace(ticket, conduct=conduct)


def _fact(entry: Entry, name: str) -> str:
    return str(entry.facts[name])


def _warned(ticket: Ticket, entry: Entry) -> Ticket:
    known = ticket.conduct
    new = VerbalWarning(
        id=_fact(entry, "id"),
        person=_fact(entry, "ref"),
        event=_fact(entry, "event"),
        by=entry.by,
        at=entry.at,
        text=_fact(entry, "text"),
    )
    return _with(ticket, replace(known, warnings=(*known.warnings, new), numbered=int(new.id[1:])))


def _withdrawn(ticket: Ticket, entry: Entry) -> Ticket:
    known, number = ticket.conduct, _fact(entry, "id")
    warnings = tuple(replace(one, withdrawn=True) if one.id == number else one for one in known.warnings)
    return _with(ticket, replace(known, warnings=warnings))


def _stopped(ticket: Ticket, entry: Entry) -> Ticket:
    known = ticket.conduct
    new = Stop(person=_fact(entry, "ref"), by=_fact(entry, "said_by"), at=entry.at)
    return _with(ticket, replace(known, stops=(*known.stops, new)))


def _offended(ticket: Ticket, entry: Entry) -> Ticket:
    known = ticket.conduct
    new = Offence(person=_fact(entry, "ref"), kind=_fact(entry, "kind"), at=moment(entry.facts["happened_at"]))
    return _with(ticket, replace(known, offences=(*known.offences, new)))


def _noticed(ticket: Ticket, entry: Entry) -> Ticket:
    known = ticket.conduct
    return _with(ticket, replace(known, noticed=known.noticed | {(_fact(entry, "ref"), _fact(entry, "ground"))}))


def _unmoved(ticket: Ticket, entry: Entry) -> Ticket:
    return ticket


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.WARNED: _warned,
    What.WITHDRAWN: _withdrawn,
    What.STOPPED: _stopped,
    What.OFFENDED: _offended,
    What.GUIDELINE: _noticed,
    What.EXPELLED: _unmoved,
}
"""What each of these entries means for a ticket."""
