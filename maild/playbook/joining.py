"""One incident, several reports: each keeps its reporter's thread, reference and deadlines, and the staff work on one case.

A case that was merged goes on as the thread of its reporter. Nothing sealed moves: what was said there stays there, and is looked up there.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace

from maild.playbook.conduct import VerbalWarning
from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import Entry, Fact, What, moment
from maild.playbook.people import normalise
from maild.playbook.ticket import CasePerson, Determination, Joined, No, Ticket, Turn, turn

PARTY = "party"
"""Why somebody is kept out who filed a report; nobody lifts that."""

NAMED = "hold"
"""Why somebody is kept out whom a report names; another of us may lift that."""

TAKING = (Duty.TAKE, Duty.TAKE_URGENT)
"""The duties of the team, which has one case to take."""


def facing(case: Ticket, thread: Ticket) -> Ticket:
    """The case as it stands towards the reporter of one of its threads: their wishes, their deadlines, their reference."""
    if thread.id == case.id:
        return case
    return replace(
        case,
        reference=thread.reference,
        received_at=thread.received_at,
        reporter=thread.reporter,
        receipt=thread.receipt,
        disowned=thread.disowned,
        no_contact=thread.no_contact,
        anonymous=thread.anonymous,
        acknowledged_at=thread.acknowledged_at,
        answered_at=thread.answered_at,
        clocks={**thread.clocks, **{duty: case.clocks[duty] for duty in TAKING if duty in case.clocks}},
        joined=(replace(case, joined=()), *(one for one in case.joined if one.id != thread.id)),
    )


def joining(case: Ticket, other: Ticket, out: Mapping[str, str]) -> dict[str, Fact]:
    """The facts of the entry that makes `other` part of `case`: its people under references of their own, and what only it determined.

    `out` are those who must know of neither from now on, and why.
    """
    refs, added = dict[str, Fact](), list[Fact]()
    for one in other.people:
        known = next((here for here in case.people if _same(here, one)), None)
        refs[one.ref] = known.ref if known else f"P{len(case.people) + len(added) + 1}"
        if known is None:
            added.append({"ref": refs[one.ref], "role": one.role, "name": one.name, "address": one.address})
    determined = {name: made for name, made in other.determinations.items() if name not in case.determinations}
    return {
        "id": other.id,
        "code": other.code,
        "refs": refs,
        "people": added,
        "determinations": {name: _determined(name, made, refs) for name, made in determined.items()},
        "warnings": {one.id: f"W{case.conduct.numbered + number}" for number, one in enumerate(other.conduct.warnings, 1)},
        "out": {one.code: _parties_since(one, out) for one in (*case.threads, other)},
    }


def _parties_since(ticket: Ticket, out: Mapping[str, str]) -> dict[str, Fact]:
    return {handle: ticket.withheld.get(handle, "") for handle, why in out.items() if why == PARTY and ticket.withheld.get(handle) != PARTY}


def let_in(case: Ticket, ticket: Ticket, parties: Set[str], *, quiet: bool) -> dict[str, str]:
    """Who was kept out of this report of the case as a party to another one and is none any more; each with why they stay out, or nothing.

    `parties` are those who still are. What was written since they came together may be about them: only where it is `quiet` they are let in.
    """
    known = {handle: why for one in case.joins for handle, why in one.out.get(ticket.code, {}).items()}
    freed = (handle for handle, why in ticket.withheld.items() if why == PARTY and handle in known.keys() - parties)
    return {handle: known[handle] or ("" if quiet else NAMED) for handle in freed}


def known_as(case: Ticket, thread: Ticket, ref: str) -> str:
    """What somebody is called on the case who is called this on one of its threads."""
    return next((one.refs.get(ref, ref) for one in case.joins if one.id == thread.id), ref)


def warned_as(case: Ticket, thread: Ticket, number: str) -> str:
    """The number on the case of a warning that has this one on one of its threads."""
    return next((one.warnings.get(number, number) for one in case.joins if one.id == thread.id), number)


def warnings(case: Ticket) -> dict[str, tuple[Ticket, VerbalWarning]]:
    """All warnings of a case by the numbers it knows them by, each with the thread on whose record it stands."""
    return {warned_as(case, thread, one.id): (thread, one) for thread in reversed(case.threads) for one in thread.conduct.warnings}


def _same(here: CasePerson, there: CasePerson) -> bool:
    """Whether both reports are of this person: the name is the same, and no address speaks against it."""
    known = [normalise(one.address) for one in (here, there) if one.address]
    return bool(here.name) and here.name.casefold() == there.name.casefold() and len(set(known)) < 2 and here.role == there.role


def _determined(name: str, made: Determination, refs: Mapping[str, Fact]) -> Fact:
    value = ",".join(str(refs.get(one, one)) for one in made.value.split(",")) if name == "who" else made.value
    return {"value": value, "by": made.by, "at": made.at.isoformat()}


def _map(fact: Fact) -> Mapping[str, Fact]:
    return fact if isinstance(fact, Mapping) else {}


def _joined(ticket: Ticket, entry: Entry) -> Ticket:
    facts = entry.facts
    rows = facts["people"] if isinstance(facts["people"], list | tuple) else ()
    people = tuple(CasePerson(**{name: str(value) for name, value in _map(row).items()}) for row in rows)
    determinations = {name: _determination(_map(made)) for name, made in _map(facts["determinations"]).items()}
    new = Joined(
        id=int(str(facts["id"])),
        code=str(facts["code"]),
        at=entry.at,
        refs={there: str(here) for there, here in _map(facts["refs"]).items()},
        people=people,
        determinations=determinations,
        warnings={there: str(here) for there, here in _map(facts.get("warnings")).items()},
        out={code: {handle: str(why) for handle, why in _map(out).items()} for code, out in _map(facts.get("out")).items()},
    )
    known = {**determinations, **ticket.determinations}
    conduct = replace(ticket.conduct, numbered=ticket.conduct.numbered + len(new.warnings))
    return replace(ticket, joins=(*ticket.joins, new), people=(*ticket.people, *people), determinations=known, conduct=conduct)


def _determination(made: Mapping[str, Fact]) -> Determination:
    return Determination(value=str(made["value"]), by=str(made["by"]), at=moment(made["at"]), version=1)


def _parted(ticket: Ticket, entry: Entry) -> Ticket:
    """Without that report, but with what was noted of its people, put on record of them and determined anew since: that stays here."""
    ticket = _let_in(ticket, entry)
    part = next((one for one in ticket.joins if one.id == entry.facts["id"]), None)
    if part is None:
        return ticket  # the thread of another reporter of the same case
    return replace(
        ticket,
        joins=tuple(one for one in ticket.joins if one is not part),
        joined=tuple(one for one in ticket.joined if one.id != part.id),
        people=tuple(_emptied(one) if one in part.people and not _on_record(ticket, one.ref, part) else one for one in ticket.people),
        determinations={name: made for name, made in ticket.determinations.items() if part.determinations.get(name) != made},
    )


def _on_record(ticket: Ticket, ref: str, part: Joined) -> bool:
    """Whether something stays that makes no sense without its person: a sanction that has to end, a warning that counts, a third report."""
    conduct = ticket.conduct
    if any(ref in one.refs.values() for one in ticket.joins if one is not part):
        return True
    known = {*ticket.heard_from, *(one.person for one in ticket.sanctions), *(one.person for one in conduct.warnings)}
    return ref in known | {one.person for one in conduct.stops} | {one.person for one in conduct.offences}


def _emptied(person: CasePerson) -> CasePerson:
    """Nobody: a reference is never given twice on a case."""
    return CasePerson(ref=person.ref, role="", name="")


def _merged(ticket: Ticket, entry: Entry) -> Ticket:
    met = {duty: ticket.clocks[duty].met(entry.at) for duty in TAKING if duty in ticket.clocks}
    return replace(ticket, merged_into=int(str(entry.facts["into"])), lead=None, clocks={**ticket.clocks, **met})


def _split(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(_let_in(_taken_again(ticket, entry), entry), merged_into=None)


def _let_in(ticket: Ticket, entry: Entry) -> Ticket:
    changed = _map(entry.facts.get("withheld"))
    return replace(ticket, withheld={handle: str(why) for handle, old in ticket.withheld.items() if (why := changed.get(handle, old))})


def _woken(ticket: Ticket, entry: Entry) -> Ticket:
    """An answer to another reporter came back: the case is open again, and this one was answered."""
    to = turn(ticket, Turn.RETURNED)
    return replace(_taken_again(ticket, entry), state=ticket.state if isinstance(to, No) else to, closed_at=None)


def _taken_again(ticket: Ticket, entry: Entry) -> Ticket:
    clocks = {Duty(duty): _map(spans) for duty, spans in _map(entry.facts["clocks"]).items()}
    new = {duty: Clock(duty=duty, started_at=moment(spans["from"]), due_at=moment(spans["due"])) for duty, spans in clocks.items()}
    return replace(ticket, clocks={**ticket.clocks, **new})


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.JOINED: _joined,
    What.PARTED: _parted,
    What.MERGED: _merged,
    What.SPLIT: _split,
    What.WOKEN: _woken,
}
"""What each of these entries means for a ticket; `history` merges them in."""
