"""The five determinations and the resolutions (playbook lines 75 to 92)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.entry import Fact, What
from maild.playbook.progress import missing
from maild.playbook.ticket import CasePerson, No, Ticket, Turn, turn

CHOICES = {
    "violation": "yes|no|cannot-tell",
    "ongoing": "yes|no|unknown",
    "safety": "yes|no|unknown",
    "who": "P1, a name in quotes, unknown or nobody",
}
"""What each determination but the first can be."""

REFERENCE = re.compile(r"[Pp][1-9][0-9]?")

MEASURES = frozenset({"private-reprimand", "public-reprimand", "vacation", "ban", "apology"})
"""Resolutions that are about a person who did something."""


def determine(command: Command, desk: Desk) -> Tried:
    """One or more of the five; a later one supersedes an earlier one."""
    ticket = desk.case
    to = turn(ticket, Turn.DETERMINED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    values: dict[str, Fact] = {name: command.keys[name] for name in ("violation", "ongoing", "safety") if name in command.keys}
    if not leaks.blank(command.text):
        values["what"] = command.text
    elif "what" in command.words:
        return Refused(sentence="Write what happened in the lines below the tag.")
    who = _who(command.keys["who"], ticket) if "who" in command.keys else None
    if isinstance(who, Refused):
        return who
    if who is not None:
        values["who"] = who.value
    if not values:
        return Refused(sentence="It determines nothing: give what (text below the tag), violation=, who=, ongoing= or safety=.")
    return _determined(desk, values, who)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Who:
    value: str
    new: tuple[CasePerson, ...]


def _determined(desk: Desk, values: dict[str, Fact], who: "_Who | None") -> Done:
    after = _taken_in_passing(desk)
    for person in who.new if who else ():
        after = after.note(What.PERSON, {"ref": person.ref, "role": person.role, "name": person.name})
    after = after.note(What.DETERMINED, {"values": values})
    left = missing(after.case)
    made = "Recorded: " + ", ".join(values) + "."
    refs = "".join(f" {person.ref} is {person.name}." for person in (who.new if who else ()))
    return Done(desk=after, sentence=made + refs + (f" Still to determine: {', '.join(left)}." if left else ""))


def _who(value: str, ticket: Ticket) -> "_Who | Refused":
    if value.lower() in ("unknown", "nobody"):
        return _Who(value=value.lower(), new=())
    names = [name.strip() for name in value.split(",") if name.strip()]
    refs: list[str] = []
    new: list[CasePerson] = []
    for name in names:
        known = _known(name, ticket)
        if known is None and REFERENCE.fullmatch(name):
            return Refused(sentence=f'There is no {name.upper()} on this case; name the person in quotes to add them: who="their name".')
        if known is None:
            known = CasePerson(ref=f"P{len(ticket.people) + len(new) + 1}", role="respondent", name=name)
            new.append(known)
        refs.append(known.ref)
    return _Who(value=",".join(refs), new=tuple(new)) if refs else Refused(sentence=f"who= can be {CHOICES['who']}.")


def _known(name: str, ticket: Ticket) -> CasePerson | None:
    by_name = next((person for person in ticket.people if person.name.casefold() == name.casefold()), None)
    return ticket.person(name) or by_name


def _taken_in_passing(desk: Desk) -> Desk:
    # Whoever does the work without a lead leads; a tired volunteer should not have to remember [take].
    return desk if desk.case.lead else desk.note(What.TAKEN, {"lead": desk.person.handle})


def resolve(command: Command, desk: Desk) -> Tried:
    """A resolution; refused with the exact fix until all five determinations are there."""
    ticket = desk.case
    to = turn(ticket, Turn.RESOLVED)
    refusal = to.sentence if isinstance(to, No) else next(_objections(command, desk, ticket), "")
    if refusal:
        return Refused(sentence=refusal)
    kind = command.value or ""
    concerned = _concerned(command, ticket) if kind in MEASURES else ()
    reachable = disclosure.reporter(ticket) is not None
    after = _taken_in_passing(desk).note(
        What.RESOLVED,
        {
            "kind": kind,
            "to": list(concerned),
            "label": command.keys.get("label", ""),
            "text": command.text,
            "tell": list(concerned),
            "answer": reachable and "silent" not in command.words,
        },
    )
    if not reachable:
        after = after.note(What.ANSWERED, {"because": "there is no address to answer"})
    return Done(desk=after, sentence=_resolved_sentence(command, concerned, reachable=reachable))


def _resolved_sentence(command: Command, concerned: tuple[str, ...], *, reachable: bool) -> str:
    untold = f" Please tell {', '.join(concerned)} and then write [told:{concerned[0]}]." if concerned else ""
    if not reachable:
        return f"Resolved: {command.value}. There is no address to which the reporter could be answered.{untold}"
    if "silent" in command.words:
        return f"Resolved: {command.value}. The reporter is sent nothing, so the week for answering them runs on.{untold}"
    return f"Resolved: {command.value}. The reporter gets the outcome letter.{untold}"


def _objections(command: Command, desk: Desk, ticket: Ticket) -> Iterator[str]:
    kind = command.value or ""
    left = missing(ticket)
    if left:
        yield f"Not determined yet: {', '.join(left)}. Put this line above it, filled in: {_line_for(left)}{_text_for(left)}"
        return
    if not leaks.blank(command.text) and kind != "other":
        yield (
            "There is text under it, and it is not clear for whom. Put [reply] above the text if it is for the reporter"
            f" or [note] if it is for the team; what you tell {_someone(ticket)} you tell them yourself, then write [told:…]."
        )
    yield from _kind_objections(command, desk, ticket, ticket.determinations["violation"].value)


def _kind_objections(command: Command, desk: Desk, ticket: Ticket, violation: str) -> Iterator[str]:
    kind = command.value or ""
    in_this_mail = {str(entry.facts["kind"]) for _, entry in desk.entries if entry.what is What.RESOLVED}
    if kind == "nothing" and violation == "yes":
        yield "You determined that it is a violation; nothing can be the resolution only where violation is no or cannot-tell."
    if (kind == "nothing" and in_this_mail) or "nothing" in in_this_mail:
        yield "nothing cannot be combined with another resolution."
    if kind in MEASURES and violation != "yes":
        yield f"A {kind} needs violation=yes, and you determined {violation}."
    if kind in MEASURES and not _concerned(command, ticket):
        yield _whom(command, ticket)
    if kind == "other" and not (command.keys.get("label") and not leaks.blank(command.text)):
        yield 'It needs a label and text below it, for example [resolve:other label="moderated talk"] and a line that says what was decided.'


def _whom(command: Command, ticket: Ticket) -> str:
    known = ", ".join(f"{person.ref} ({person.name})" for person in ticket.people) or "nobody is on the case yet"
    if "to" in command.keys:
        return f"to={command.keys['to']} names nobody on this case; known: {known}."
    return f"Say whom it concerns, for example to=P1; known: {known}."


def _concerned(command: Command, ticket: Ticket) -> tuple[str, ...]:
    if "to" not in command.keys:
        return (ticket.respondents[0].ref,) if len(ticket.respondents) == 1 else ()
    people = [ticket.person(ref.strip()) for ref in command.keys["to"].split(",")]
    return tuple(person.ref for person in people if person) if all(people) else ()


def _line_for(left: tuple[str, ...]) -> str:
    keys = " ".join(f"{name}={CHOICES[name] if name != 'who' else 'P1'}" for name in left if name != "what")
    return f"[determine {keys}]" if keys else "[determine what]"


def _text_for(left: tuple[str, ...]) -> str:
    return " with what happened in the lines below it." if "what" in left else "."


def _someone(ticket: Ticket) -> str:
    return ticket.respondents[0].ref if ticket.respondents else "the respondent"


def person(command: Command, desk: Desk) -> Tried:
    """Somebody on the case, by reference: new, or known and now better known."""
    ref, keys = (command.value or "").upper(), command.keys
    known = desk.case.person(ref)
    expected = f"P{len(desk.case.people) + 1}"
    if known is None and ref != expected:
        return Refused(sentence=f"There is no {ref} on this case; the next new person is {expected}.")
    facts = {
        "ref": ref,
        "role": keys.get("role", known.role if known else "respondent"),
        "name": keys.get("name", known.name if known else ""),
        "address": keys.get("address", known.address if known else ""),
    }
    return Done(
        desk=desk.note(What.PERSON, facts), sentence=f"Recorded: {ref} is {facts['name'] or 'somebody without a name'} ({facts['role']})."
    )


def told(command: Command, desk: Desk) -> Tried:
    """The respondent was told, by other means than this mailbox."""
    ticket = desk.case
    person = ticket.person(command.value or "")
    if person is None:
        known = ", ".join(one.ref for one in ticket.people) or "nobody"
        return Refused(sentence=f"There is no {command.value} on this case; known: {known}.")
    return Done(desk=desk.note(What.TOLD, {"ref": person.ref}), sentence=f"Recorded: {person.ref} was told.")
