"""A ticket is what its entries add up to: `fold` is the only way to one. A fact that is on record is never refused here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from maild.playbook import attendance, conducted, joining, parties, places, records, wishes
from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import Entry, Fact, What, moment
from maild.playbook.letters import Kind
from maild.playbook.ticket import DISOWNED, NO_PLAIN_ADDRESS, CasePerson, Determination, No, Reporter, Resolution, State, Ticket, Turn, turn

BY_STAFF = "staff"
"""Who acknowledged or answered where no letter of ours did."""


def fold(ticket: Ticket, entries: Iterable[Entry]) -> Ticket:
    """The ticket after these entries."""
    for entry in entries:
        ticket = APPLY[entry.what](ticket, entry)
    return ticket


def _turned(ticket: Ticket, what: Turn) -> Ticket:
    to = turn(ticket, what)
    # A fact is never refused: what has happened is recorded, and the state stays as it is where the table knows no way.
    return ticket if isinstance(to, No) else replace(ticket, state=to)


def _set(ticket: Ticket, clock: Clock) -> Ticket:
    return replace(ticket, clocks={**ticket.clocks, clock.duty: clock})


def _started(ticket: Ticket, facts: Mapping[str, Fact]) -> Ticket:
    """With the clocks that an entry starts; one that runs already runs on, so that nothing done puts a duty off by the way."""
    started = {duty: clock for duty, clock in _clocks(facts).items() if not ticket.running(duty)}
    return replace(ticket, clocks={**ticket.clocks, **started})


def _met(ticket: Ticket, at: datetime, *duties: Duty) -> Ticket:
    met = {duty: ticket.clocks[duty].met(at) for duty in duties if duty in ticket.clocks}
    return replace(ticket, clocks={**ticket.clocks, **met})


def _unmet(ticket: Ticket, duty: Duty) -> Ticket:
    return _set(ticket, ticket.clocks[duty].again()) if ticket.working and duty in ticket.clocks else ticket


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


def _heard(entry: Entry) -> Reporter:
    told = entry.facts
    return Reporter(
        name=_text(told.get("name")),
        address=_text(told.get("address")),
        language=_text(told.get("language")),
        message_id=_text(told.get("message_id")),
        references=_texts(told.get("references")),
    )


def _opened(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = replace(
        ticket,
        state=State.HELD if entry.what is What.HELD else State.NEW,
        held_because=_text(entry.facts.get("because")),
        held_as=_text(entry.facts.get("as")),
        disowned=bool(entry.facts.get("disowned")),
        receipt=_text(entry.facts.get("receipt")),
        reporter=_heard(entry),
    )
    return _started(ticket, entry.facts)


def _released(ticket: Ticket, entry: Entry) -> Ticket:
    # One of us has looked: all that can stand in the way of an acknowledgement now is the address.
    told = _text(entry.facts.get("receipt")) or (DISOWNED if ticket.disowned else NO_PLAIN_ADDRESS)
    receipt = ticket.receipt if ticket.receipt_made else told
    ticket = replace(_turned(ticket, Turn.RELEASED), held_because="", held_as="", dismissed_as="", closed_at=None, receipt=receipt)
    ticket = wishes.quiet(_started(ticket, entry.facts))
    ticket = _met(ticket, entry.at, Duty.RESPOND) if ticket.answered_at else ticket
    if ticket.acknowledged_at is None:
        return ticket
    return _turned(_met(ticket, entry.at, Duty.ACKNOWLEDGE), Turn.ACKNOWLEDGED)


def _dismissed(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_met(_turned(ticket, Turn.DISMISSED), entry.at, *Duty), dismissed_as=_text(entry.facts.get("as")))


def _wrote(ticket: Ticket, entry: Entry) -> Ticket:
    moved = _turned(ticket, Turn.WROTE)
    ticket = ticket if moved.state is ticket.state else _owing(moved, entry)
    latest = _heard(entry)
    known = ticket.reporter or latest
    return replace(ticket, reporter=replace(known, message_id=latest.message_id, references=latest.references))


def _reopened(ticket: Ticket, entry: Entry) -> Ticket:
    return _owing(_turned(ticket, Turn.REOPENED), entry)


def _owing(ticket: Ticket, entry: Entry) -> Ticket:
    """Owing an answer again: an earlier one, arrived or still on its way, was the answer to an earlier question."""
    ticket = replace(ticket, closed_at=None, reopened_at=entry.at, postponed=None)
    ticket = ticket if ticket.acknowledged_at else _unmet(ticket, Duty.ACKNOWLEDGE)
    return _started(replace(ticket, answered_at=None, answered_by="", answer_open=False, answer_lost=False), entry.facts)


def _accepted(ticket: Ticket, entry: Entry) -> Ticket:
    letter = _text(entry.facts.get("letter"))
    ticket = _acknowledged(ticket, entry, by=letter)
    if letter == Kind.OUTCOME.value:
        ticket = replace(ticket, answers=ticket.answers | {letter})
        ticket = _settled(ticket, entry, by=letter) if ticket.answer_open else ticket
    if letter == Kind.EXPLANATION.value and ticket.explained_until and ticket.working and ticket.answered_at is None:
        again = Clock(duty=Duty.RESPOND, started_at=entry.at, due_at=ticket.explained_until)
        ticket = _set(replace(ticket, explained_until=None, postponed=ticket.clocks.get(Duty.RESPOND)), again)
    return ticket


def _acknowledged(ticket: Ticket, entry: Entry, *, by: str) -> Ticket:
    if ticket.acknowledged_at is None:
        ticket = replace(ticket, acknowledged_at=entry.at, acknowledged_by=by)
    if ticket.state is State.HELD:
        return ticket  # it keeps its 24 hours, ladder included, until a person has said what it is
    return _turned(_met(ticket, entry.at, Duty.ACKNOWLEDGE), Turn.ACKNOWLEDGED)


def _settled(ticket: Ticket, entry: Entry, *, by: str) -> Ticket:
    ticket = _met(ticket, entry.at, Duty.RESPOND)
    if ticket.answered_at is None:
        ticket = replace(ticket, answered_at=entry.at, answered_by=by)
    return replace(ticket, answer_open=False, answer_lost=False)


def _lost(ticket: Ticket, entry: Entry) -> Ticket:
    letter, answers = _text(entry.facts.get("letter")), ticket.answers
    ticket = replace(ticket, answers=answers - {letter})
    if letter == ticket.answered_by or answers == {letter}:
        returned = replace(_turned(ticket, Turn.RETURNED), closed_at=None, answered_at=None, answered_by="", answer_open=True)
        ticket = _unmet(returned, Duty.RESPOND)
    if letter == Kind.OUTCOME.value:
        ticket = replace(ticket, answer_lost=ticket.answer_open)
    if letter == ticket.acknowledged_by and ticket.answered_at is None:
        undone = replace(_turned(ticket, Turn.UNDONE), acknowledged_at=None, acknowledged_by="")
        ticket = _unmet(undone, Duty.ACKNOWLEDGE)
    if letter == Kind.EXPLANATION.value and ticket.postponed and ticket.running(Duty.RESPOND):
        ticket = replace(_set(ticket, ticket.postponed), postponed=None)
    return _started(ticket, entry.facts)


def _taken(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_turned(_met(ticket, entry.at, Duty.TAKE, Duty.TAKE_URGENT), Turn.TAKEN), lead=_text(entry.facts.get("lead")))


def _dropped(ticket: Ticket, entry: Entry) -> Ticket:
    return _started(replace(ticket, lead=None), entry.facts)


def _determined(ticket: Ticket, entry: Entry) -> Ticket:
    known, values = dict(ticket.determinations), _map(entry.facts.get("values"))
    for name, value in values.items():
        known[name] = Determination(value=str(value), by=entry.by, at=entry.at, version=known[name].version + 1 if name in known else 1)
    ticket = replace(_turned(ticket, Turn.DETERMINED), determinations=known)
    return replace(_met(ticket, entry.at, Duty.TAKE_URGENT), urgent=False) if values.get("safety") == "no" else ticket


def _person(ticket: Ticket, entry: Entry) -> Ticket:
    facts = {name: _text(entry.facts.get(name)) for name in ("ref", "role", "name", "address")}
    people = {person.ref: person for person in ticket.people}
    return replace(ticket, people=tuple({**people, facts["ref"]: CasePerson(**facts)}.values()))


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
    untold = (*ticket.untold, *(ref for ref in made.to if ref not in ticket.untold))
    ticket = replace(ticket, resolutions=(*ticket.resolutions, made), untold=untold)
    told = bool(facts.get("answer"))
    return replace(_turned(ticket, Turn.RESOLVED), answer_open=ticket.answer_open or told, answer_lost=ticket.answer_lost and not told)


def _explained(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = replace(_turned(ticket, Turn.EXPLAINED), explained_until=moment(entry.facts["until"]))
    return wishes.explained_to_nobody(ticket, entry.at)


def _told(ticket: Ticket, entry: Entry) -> Ticket:
    ref = {_text(entry.facts.get("ref"))}
    untold = tuple(one for one in ticket.untold if one not in ref)
    return replace(ticket, untold=untold, telling=ticket.telling - ref, reached=ticket.reached - ref, unreached=ticket.unreached - ref)


def _answered(ticket: Ticket, entry: Entry) -> Ticket:
    ticket = _settled(_acknowledged(ticket, entry, by=BY_STAFF), entry, by=BY_STAFF)
    return replace(ticket, answers=ticket.answers | {BY_STAFF}, explained_until=None)


def _withheld(ticket: Ticket, entry: Entry) -> Ticket:
    handle = _text(entry.facts.get("handle"))
    lead = None if ticket.lead == handle else ticket.lead
    withheld = {**ticket.withheld, handle: _text(entry.facts.get("why"))}
    return _started(replace(ticket, lead=lead, withheld=withheld), entry.facts)


def _cleared(ticket: Ticket, entry: Entry) -> Ticket:
    handle = _text(entry.facts.get("handle"))
    withheld = {other: why for other, why in ticket.withheld.items() if other != handle}
    return replace(ticket, withheld=withheld, cleared=(*ticket.cleared, handle))


def _urgent(ticket: Ticket, entry: Entry) -> Ticket:
    return _started(replace(ticket, urgent=True), entry.facts)


def _closed(ticket: Ticket, entry: Entry) -> Ticket:
    """A thread is over with its case, whatever state it had of its own: else its reporter's next mail would ask for no new week."""
    turned = replace(ticket, state=State.CLOSED) if ticket.merged_into else _turned(ticket, Turn.CLOSED)
    return replace(_met(turned, entry.at, *Duty), closed_at=entry.at, urgent=False)


def _step(ticket: Ticket, entry: Entry) -> Ticket:
    return _set(ticket, replace(ticket.clocks[Duty(entry.facts["duty"])], climbed=int(str(entry.facts["number"]))))


def _breached(ticket: Ticket, entry: Entry) -> Ticket:
    duty = Duty(entry.facts["duty"])
    return _set(replace(ticket, missed=ticket.missed | {duty}), replace(ticket.clocks[duty], breached=True))


def _unmoved(ticket: Ticket, entry: Entry) -> Ticket:
    return ticket


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.OPENED: _opened,
    What.HELD: _opened,
    What.RELEASED: _released,
    What.DISMISSED: _dismissed,
    What.WROTE: _wrote,
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
    **dict.fromkeys((What.THIRD_PARTY, What.AUTOMATIC, What.OUTSIDE_ANSWER, What.NOTE, What.LETTER, What.CHALLENGED), _unmoved),
    **parties.APPLY,
    **wishes.APPLY,
    **places.APPLY,
    **records.APPLY,
    **attendance.APPLY,
    **conducted.APPLY,
    **joining.APPLY,
}
"""What each sort of entry means for a ticket."""
