"""Letters to others on a case than its reporter, each on a thread of their own (product.md section 6, `[write:P1]`)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command
from maild.playbook.decide import leaving
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.effects import Effect, Journal, Send
from maild.playbook.entry import Entry, What
from maild.playbook.letters import TO_OTHERS, Kind
from maild.playbook.ticket import CasePerson, Ticket
from maild.playbook.wishes import hidden_in


def write(command: Command, desk: Desk) -> Tried:
    """A letter to somebody on the case; nothing of it goes to anybody else, and what they answer comes to the team alone."""
    ref = command.value or ""
    to = desk.case.person(ref)
    refusal = unknown(ref, desk.case) if to is None else _objection(command, to, desk)
    if refusal or to is None:
        return Refused(sentence=refusal)
    letters = notices.to_person(desk.case, Kind.TO_PERSON, ref, {"text": command.text}, desk.scene.policy)
    held = tuple(reasons(command.text, desk, to=ref))
    if held and leaving.INSIST not in command.words:
        return leaving.refused(command, desk, held)
    insisted = (Journal(verb="insisted", by=desk.person.handle, ticket_id=desk.case.id, facts={"letter": "to-person"}),) if held else ()
    after = desk.note(What.WRITTEN, {"ref": ref, "text": command.text}).also(*(Send(letter=one) for one in letters), *insisted)
    return Done(desk=telling(after), sentence=f"The letter goes to {ref} ({to.name or to.role}), and to nobody else.")


def unknown(ref: str, ticket: Ticket) -> str:
    """What is said of a reference that nobody on the case has."""
    known = ", ".join(f"{one.ref} ({hidden_in(one.name, ticket)})" if one.name else one.ref for one in ticket.people) or "nobody"
    return f"There is no {ref} on this case; known: {known}."


def _objection(command: Command, to: CasePerson, desk: Desk) -> str:
    if leaks.blank(command.text):
        return f"There was no text below it; write what {to.ref} shall read under the tag."
    if to.role == "reporter" or disclosure.of_a_reporter(desk.case, to.address):
        return f"{to.ref} is the reporter; to write to the reporter, put [reply] above your text."
    if disclosure.person(desk.case, to.ref, desk.scene.policy) is None:
        wrong = "our own address stands for" if to.address else "there is no address of"
        return (
            f"Not possible: {wrong} {to.ref}. Put a line like this above it, with their address: [person:{to.ref} address=name@example.org]"
        )
    return ""


def reasons(text: str, desk: Desk, *, to: str = "") -> Iterator[str]:
    """Why a text must not leave the team for anybody but the reporter; `to` is whose own words it may repeat."""
    yield from leaks.naming(text, desk.case)
    yield from leaks.inside(text, desk.case, leaving.kept(desk, to=to), desk.scene.policy)


def telling(desk: Desk) -> Desk:
    """The desk with the letter of this mail to whoever it resolved something about as what tells them of it.

    So does the letter to somebody whom the one of an earlier mail did not reach.
    """
    decided = {ref for entry in _entries(desk, What.RESOLVED) for ref in _refs(entry)} | desk.case.unreached
    decided |= {str(entry.facts["person"]) for entry in _entries(desk, What.EXTENDED)}
    told = {str(entry.facts["ref"]) for entry in _entries(desk, What.TELLING)}
    for ref in sorted((decided & written_to(desk)) - told):
        desk = desk.note(What.TELLING, {"ref": ref})
    return replace(desk, effects=tuple(_as_decision(effect, desk.case, decided) for effect in desk.effects))


def written_to(desk: Desk) -> set[str]:
    """Whom this mail writes to, of those on the case on the desk."""
    sends = (effect.letter for effect in desk.effects if isinstance(effect, Send))
    return {letter.to.handle for letter in sends if letter.ticket_id == desk.case.id and letter.kind in TO_OTHERS}


def to_be_told(desk: Desk, refs: Iterable[str]) -> Iterator[str]:
    """What is said of those who have to hear of a decision and do not by this mail, be it by a command that comes after this one."""
    later = {id(one) for one in desk.later}
    beside = {one.value or "" for one in desk.beside if id(one) in later and one.verb in ("told", "write")}
    told = beside | written_to(desk)
    return (f"Please tell {ref} and then write [told:{ref}]." for ref in refs if ref not in told)


def _as_decision(effect: Effect, ticket: Ticket, decided: set[str]) -> Effect:
    if not isinstance(effect, Send) or effect.letter.kind is not Kind.TO_PERSON or effect.letter.ticket_id != ticket.id:
        return effect
    letter = effect.letter
    if letter.to.handle not in decided:
        return effect
    theirs = (one for one in ticket.sanctions if one.person == letter.to.handle)
    for_good = any(one.permanent and one.lifted_at is None for one in theirs)
    return Send(letter=replace(letter, kind=Kind.DECISION, facts={**letter.facts, "for_good": for_good}))


def _entries(desk: Desk, what: What) -> Iterator[Entry]:
    return (entry for ticket_id, entry in desk.entries if ticket_id == desk.case.id and entry.what is what)


def _refs(entry: Entry) -> tuple[str, ...]:
    to = entry.facts["to"]
    return tuple(map(str, to)) if isinstance(to, list | tuple) else ()
