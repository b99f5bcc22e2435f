"""A ticket is what its entries add up to: `fold` is the only way to one. A fact that is on record is never refused here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import Entry, Fact, What, moment
from maild.playbook.ticket import CasePerson, Determination, No, Reporter, Resolution, State, Ticket, Turn, turn


def fold(ticket: Ticket, entries: Iterable[Entry]) -> Ticket:
    """The ticket after these entries."""
    for entry in entries:
        ticket = _APPLY[entry.what](ticket, entry)
    return ticket


def _turned(ticket: Ticket, what: Turn) -> Ticket:
    to = turn(ticket, what)
    # A fact is never refused: what has happened is recorded, and the state stays as it is where the table knows no way.
    return ticket if isinstance(to, No) else replace(ticket, state=to)


def _set(ticket: Ticket, clock: Clock) -> Ticket:
    return replace(ticket, clocks={**ticket.clocks, clock.duty: clock})


def _met(ticket: Ticket, duty: Duty, at: datetime) -> Ticket:
    clock = ticket.clocks.get(duty)
    return _set(ticket, clock.met(at)) if clock and clock.running else ticket


def _stopped(ticket: Ticket, at: datetime) -> Ticket:
    for duty in Duty:
        ticket = _met(ticket, duty, at)
    return ticket


def _clocks(facts: Mapping[str, Fact]) -> dict[Duty, Clock]:
    return {Duty(duty): clock_from(Duty(duty), cast("Mapping[str, str]", spans)) for duty, spans in _map(facts.get("clocks")).items()}


def clock_from(duty: Duty, spans: Mapping[str, str]) -> Clock:
    """The clock that stands in an entry's facts."""
    return Clock(duty=duty, started_at=moment(spans["from"]), due_at=moment(spans["due"]))


def clock_facts(*clocks: Clock) -> dict[str, Fact]:
    """Clocks as facts of an entry."""
    return {clock.duty.value: {"from": clock.started_at.isoformat(), "due": clock.due_at.isoformat()} for clock in clocks}


def _map(fact: Fact) -> Mapping[str, Fact]:
    return fact if isinstance(fact, Mapping) else {}


def _text(fact: Fact) -> str:
    return fact if isinstance(fact, str) else ""


def _texts(fact: Fact) -> tuple[str, ...]:
    return tuple(map(str, fact)) if isinstance(fact, list | tuple) else ()


def _heard(ticket: Ticket, entry: Entry) -> Reporter:
    told = entry.facts
    return Reporter(
        name=_text(told.get("name")),
        address=_text(told.get("address")),
        language=_text(told.get("language")),
        message_id=_text(told.get("message_id")),
        references=_texts(told.get("references")),
    )


def _opened(ticket: Ticket, entry: Entry) -> Ticket:
    held = entry.what is What.HELD
    return replace(
        ticket,
        state=State.HELD if held else State.NEW,
        held_because=_text(entry.facts.get("because")),
        reporter=_heard(ticket, entry),
        clocks={**ticket.clocks, **_clocks(entry.facts)},
    )


def _released(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = replace(_turned(ticket, Turn.RELEASED), held_because="", dismissed_as="", closed_at=None)
    clocks = dict(ticket.clocks)
    for duty, clock in _clocks(entry.facts).items():
        clocks[duty] = clock if duty not in clocks or not clocks[duty].running else clocks[duty]
    return replace(ticket, clocks=clocks)


def _dismissed(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_stopped(_turned(ticket, Turn.DISMISSED), entry.at), dismissed_as=_text(entry.facts.get("as")))


def _wrote(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = replace(_turned(ticket, Turn.WROTE), clocks={**ticket.clocks, **_clocks(entry.facts)})
    if ticket.state is State.REOPENED:
        ticket = replace(ticket, closed_at=None)
    if ticket.reporter is None:
        return ticket
    latest = _heard(ticket, entry)
    return replace(ticket, reporter=replace(ticket.reporter, message_id=latest.message_id, references=latest.references))


def _accepted(ticket: Ticket, entry: Entry) -> Ticket:
    letter = entry.facts.get("letter")
    ticket = _met(ticket, Duty.ACKNOWLEDGE, entry.at)
    ticket = _turned(replace(ticket, acknowledged_at=ticket.acknowledged_at or entry.at), Turn.ACKNOWLEDGED)
    if letter == "outcome":
        ticket = replace(_met(ticket, Duty.RESPOND, entry.at), answered_at=entry.at, answer_open=False)
    if letter == "explanation" and ticket.explained_until is not None:
        again = Clock(duty=Duty.RESPOND, started_at=entry.at, due_at=ticket.explained_until)
        ticket = replace(_set(ticket, again), explained_until=None)
    return ticket


def _lost(ticket: Ticket, entry: Entry) -> Ticket:
    letter = entry.facts.get("letter")
    if letter == "receipt" and ticket.answered_at is None:
        ticket = _turned(replace(ticket, acknowledged_at=None), Turn.UNDONE)
        clock = ticket.clocks.get(Duty.ACKNOWLEDGE)
        ticket = _set(ticket, replace(clock, met_at=None)) if clock and ticket.working else ticket
    if letter == "outcome":
        ticket = _unanswered(ticket)
    return ticket


def _unanswered(ticket: Ticket) -> Ticket:
    clock = ticket.clocks.get(Duty.RESPOND)
    ticket = replace(ticket, answered_at=None, answer_open=True)
    return _set(ticket, replace(clock, met_at=None)) if clock and ticket.working else ticket


def _taken(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = _met(_met(ticket, Duty.TAKE, entry.at), Duty.TAKE_URGENT, entry.at)
    return replace(_turned(ticket, Turn.TAKEN), lead=_text(entry.facts.get("lead")) or entry.by)


def _dropped(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, lead=None, clocks={**ticket.clocks, **_clocks(entry.facts)})


def _determined(ticket: Ticket, entry: Entry) -> Ticket:
    known = dict(ticket.determinations)
    for name, value in _map(entry.facts.get("values")).items():
        version = known[name].version + 1 if name in known else 1
        known[name] = Determination(value=str(value), by=entry.by, at=entry.at, version=version)
    return replace(_turned(ticket, Turn.DETERMINED), determinations=known)


def _person(ticket: Ticket, entry: Entry) -> Ticket:
    facts = {name: _text(entry.facts.get(name)) for name in ("ref", "role", "name", "address")}
    others = tuple(person for person in ticket.people if person.ref != facts["ref"])
    return replace(ticket, people=(*others, CasePerson(**facts)))


def _resolved(ticket: Ticket, entry: Entry) -> Ticket:
    facts = entry.facts
    made = Resolution(
        kind=_text(facts.get("kind")),
        to=_texts(facts.get("to")),
        label=_text(facts.get("label")),
        text=_text(facts.get("text")),
        by=entry.by,
        at=entry.at,
    )
    untold = (*ticket.untold, *(ref for ref in _texts(facts.get("tell")) if ref not in ticket.untold))
    ticket = replace(ticket, resolutions=(*ticket.resolutions, made), untold=untold)
    return replace(_turned(ticket, Turn.RESOLVED), answer_open=ticket.answer_open or bool(facts.get("answer")))


def _explained(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_turned(ticket, Turn.EXPLAINED), explained_until=moment(entry.facts["until"]))


def _told(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, untold=tuple(ref for ref in ticket.untold if ref != entry.facts.get("ref")))


def _answered(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = _met(_met(ticket, Duty.ACKNOWLEDGE, entry.at), Duty.RESPOND, entry.at)
    ticket = _turned(replace(ticket, acknowledged_at=ticket.acknowledged_at or entry.at), Turn.ACKNOWLEDGED)
    return replace(ticket, answered_at=entry.at, answer_open=False, explained_until=None)


def _withheld(ticket: Ticket, entry: Entry) -> Ticket:
    handle = _text(entry.facts.get("handle"))
    lead = None if ticket.lead == handle else ticket.lead
    clocks = {**ticket.clocks, **_clocks(entry.facts)}
    return replace(ticket, lead=lead, clocks=clocks, withheld={**ticket.withheld, handle: _text(entry.facts.get("why"))})


def _cleared(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, withheld={handle: why for handle, why in ticket.withheld.items() if handle != entry.facts.get("handle")})


def _urgent(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, urgent=True, clocks={**ticket.clocks, **_clocks(entry.facts)})


def _closed(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_stopped(_turned(ticket, Turn.CLOSED), entry.at), closed_at=entry.at)


def _reopened(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_turned(ticket, Turn.REOPENED), closed_at=None, clocks={**ticket.clocks, **_clocks(entry.facts)})


def _step(ticket: Ticket, entry: Entry) -> Ticket:
    clock = ticket.clocks.get(Duty(_text(entry.facts.get("duty"))))
    number = entry.facts.get("number")
    return _set(ticket, replace(clock, climbed=number)) if clock and isinstance(number, int) else ticket


def _breached(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, breaches=(*ticket.breaches, _text(entry.facts.get("duty"))))


def _unmoved(ticket: Ticket, entry: Entry) -> Ticket:
    return ticket


_APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.OPENED: _opened,
    What.HELD: _opened,
    What.RELEASED: _released,
    What.DISMISSED: _dismissed,
    What.WROTE: _wrote,
    What.THIRD_PARTY: _unmoved,
    What.AUTOMATIC: _unmoved,
    What.OUTSIDE_ANSWER: _unmoved,
    What.NOTE: _unmoved,
    What.LETTER: _unmoved,
    What.ACCEPTED: _accepted,
    What.LOST: _lost,
    What.TAKEN: _taken,
    What.DROPPED: _dropped,
    What.DETERMINED: _determined,
    What.PERSON: _person,
    What.RESOLVED: _resolved,
    What.EXPLAINED: _explained,
    What.TOLD: _told,
    What.ANSWERED: _answered,
    What.WITHHELD: _withheld,
    What.CLEARED: _cleared,
    What.URGENT: _urgent,
    What.CLOSED: _closed,
    What.REOPENED: _reopened,
    What.STEP: _step,
    What.BREACHED: _breached,
    What.CHALLENGED: _unmoved,
}
