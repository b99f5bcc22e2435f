"""The five determinations and the resolutions (playbook lines 75 to 92)."""

from collections.abc import Iterator
from dataclasses import replace

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command, person_refs
from maild.playbook.decide.carrying import carried
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.measures import MEASURES, PREPARED, Wanted, objections, said, sanctioned
from maild.playbook.decide.moves import ALARMED, alarm, kept_out, led
from maild.playbook.decide.reporters import resolved, unreachable
from maild.playbook.decide.writing import telling, to_be_told, unknown
from maild.playbook.entry import Fact, What
from maild.playbook.people import mentioned
from maild.playbook.progress import determining, missing, resolving
from maild.playbook.ticket import CasePerson, No, Ticket, Turn, turn

WITH_TEXT = frozenset({"other", "public-reprimand"})
"""Kinds of resolution whose text is their own."""

CHOICES = {
    "violation": "yes, no or cannot-tell",
    "who": "a name in quotes, unknown or nobody",
    "ongoing": "yes, no or unknown",
    "safety": "yes, no or unknown",
}
"""What each determination but the first can be."""


SAFE = "The case is no longer urgent; [urgent] rings again."
"""What is said where it is determined that nobody is in danger any more."""


def determine(command: Command, desk: Desk) -> Tried:
    """One or more of the five; a later one supersedes an earlier one."""
    to = turn(desk.case, Turn.DETERMINED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    values: dict[str, Fact] = {name: command.keys[name] for name in ("violation", "ongoing", "safety") if name in command.keys}
    if not leaks.blank(command.text):
        values["what"] = command.text
    elif "what" in command.words:
        return Refused(sentence="Write what happened in the lines below the tag.")
    who = _who(command.keys["who"], desk.case) if "who" in command.keys else ()
    if isinstance(who, str):
        return Refused(sentence=who)
    if "who" in command.keys:
        values["who"] = ",".join(person.ref for person in who) or command.keys["who"]
    if not values:
        return Refused(sentence="It determines nothing: give what (text below the tag), violation=, who=, ongoing= or safety=.")
    return _determined(desk, values, who)


def _determined(desk: Desk, values: dict[str, Fact], who: tuple[CasePerson, ...]) -> Done:
    after, sentences = led(desk), ["Recorded: " + ", ".join(values) + "."]
    for new in who:
        if new != desk.case.person(new.ref):
            after, sentence = _on_case(after, new)
            sentences.append(sentence)
    after = after.note(What.DETERMINED, {"values": values})
    if values.get("safety") == "yes" and not desk.case.urgent:
        # Who leads by determining has not said that they act on the danger: that takes a [take] after it.
        after = alarm(after, "")
        sentences.append(ALARMED)
    if desk.case.urgent and not after.case.urgent:
        sentences.append(SAFE)
    sentences += _at_odds(values, after)
    if left := missing(after.case):
        sentences.append(f"Still to determine: {', '.join(left)}.")
    return Done(desk=after, sentence=" ".join(sentences))


def _at_odds(values: dict[str, Fact], desk: Desk) -> Iterator[str]:
    """What is said where the case was resolved as the new determination would not allow: it is a fact, and the resolution stands."""
    case, violation = desk.case, values.get("violation")
    unfit = {made.kind for made in case.standing} & (frozenset({"nothing"}) if violation == "yes" else MEASURES)
    if violation is None or not unfit:
        return
    lines = [f"[reopen] {resolving(case)}", *(f"[lift:{one.id}]" for one in case.sanctions if one.running(desk.scene.now))]
    yield f"The case is resolved with {', '.join(sorted(unfit))}, and that stands. To decide anew: {', and '.join(lines)}."


def _who(value: str, ticket: Ticket) -> tuple[CasePerson, ...] | str:
    """Those a determination names, each as a respondent; none for `unknown` and `nobody`; or why it cannot be."""
    if value in ("unknown", "nobody"):
        return ()
    people = {one.ref: one for one in ticket.people}
    who: dict[str, CasePerson] = {}
    for name in value.split(","):
        known = people.get(name) or next((one for one in people.values() if one.name.casefold() == name.casefold()), None)
        if known is None and person_refs(name):
            return f'There is no {name} on this case; name the person in quotes to add them: who="their name".'
        found = replace(known or CasePerson(ref=f"P{len(people) + 1}", role="", name=name), role="respondent")
        people[found.ref] = who[found.ref] = found
    return tuple(who.values())


def _on_case(desk: Desk, new: CasePerson) -> tuple[Desk, str]:
    """The desk with somebody on its case; one of us who has that name or address must not hear of it from now on."""
    after = desk.note(What.PERSON, {"ref": new.ref, "role": new.role, "name": new.name, "address": new.address})
    ours = mentioned(f"{new.name}\n{new.address}", desk.scene.policy.everybody) - {desk.person.handle, *desk.case.withheld}
    sentence = f"{new.ref} is {new.name or 'somebody without a name'} ({new.role})."
    after = kept_out(after, dict.fromkeys(ours, "hold")) if ours else after
    return after, f"{sentence}{kept_out_since(desk, after)}"


def kept_out_since(before: Desk, after: Desk) -> str:
    """That some of us were kept out of the case for a name that was given to somebody on it; empty where nobody was."""
    out = sorted(after.case.withheld.keys() - before.case.withheld.keys())
    lift = " ".join(f"[unrecuse:{handle}]" for handle in out)
    return f" Kept out of this case for that name: {', '.join(out)}; if that is a mistake, write {lift}." if out else ""


def resolve(command: Command, desk: Desk) -> Tried:
    """A resolution; refused with the exact fix until all five determinations are there."""
    ticket = desk.case
    to, wanted = turn(ticket, Turn.RESOLVED), Wanted(command=command, to=concerned(command, ticket), desk=desk)
    if refusal := to.sentence if isinstance(to, No) else next(_objections(wanted, ticket), ""):
        return Refused(sentence=refusal)
    reachable = disclosure.reporter(ticket) is not None
    facts: dict[str, Fact] = {
        "kind": command.value,
        "to": list(wanted.to),
        "label": command.keys.get("label", "") or _manner(command),
        "text": command.text,
        "answer": reachable and "silent" not in command.words,
        "proposed_by": desk.proposed_by,
    }
    by = tuple(filter(None, (desk.proposed_by, desk.person.handle)))
    after, sanctions = sanctioned(replace(wanted, desk=led(desk).note(What.RESOLVED, facts)), by=by)
    after, to_do = carried(after, new=[one for one in sanctions if one not in ticket.sanctions])
    if not reachable:
        after = after.note(What.ANSWERED, {"because": unreachable(ticket)})
    after = resolved(telling(after), facts, silent="silent" in command.words)
    sentences = (
        *_resolved(command, ticket),
        *said(sanctions, desk.scene.policy),
        *to_do,
        *to_be_told(after, wanted.to),
    )
    return Done(desk=after, sentence=" ".join(sentences))


def _manner(command: Command) -> str:
    """How an apology is asked for, as its label."""
    return next((word for word in ("public", "private") if word in command.words), "")


def _resolved(command: Command, ticket: Ticket) -> Iterator[str]:
    yield f"Resolved: {command.value}."
    if command.value == "public-reprimand":
        yield PREPARED
    for thread in ticket.threads:
        yield _answered(f"The reporter {thread.reference}" if ticket.joined else "The reporter", thread, command)


def _answered(who: str, thread: Ticket, command: Command) -> str:
    if disclosure.reporter(thread) is None:
        return f"{who} is sent nothing, because {unreachable(thread)}; the duty of the week is met."
    if "silent" in command.words:
        return f"{who} is sent nothing, so the week for answering them runs on."
    return f"{who} gets the outcome letter."


def _objections(wanted: Wanted, ticket: Ticket) -> Iterator[str]:
    left, command = missing(ticket), wanted.command
    if left:
        line, story = determining(ticket), ", and what happened in the lines below it" if "what" in left else ""
        yield f"Not determined yet: {', '.join(left)}. Put this line above it, with what is true{story}: {line}{_choices(left)}"
    elif command.value not in WITH_TEXT and not leaks.blank(command.text):
        yield (
            "There is text under it, and it is not clear for whom. Put [reply] above the text if it is for the reporter,"
            f" {_for_someone(ticket)}, or [note] if it is for the team."
        )
    else:
        yield from _kind_objections(wanted, ticket, ticket.determinations["violation"].value)


def _kind_objections(wanted: Wanted, ticket: Ticket, violation: str) -> Iterator[str]:
    command, kind = wanted.command, wanted.command.value or ""
    others = {made.kind for made in ticket.standing} - {kind}
    if kind == "nothing" and violation == "yes":
        yield "You determined that it is a violation; nothing can be the resolution only where violation is no or cannot-tell."
    if others and "nothing" in (kind, *others):
        yield "nothing cannot be combined with another resolution; to decide anew, put [reopen] in front."
    if kind in MEASURES and violation != "yes":
        yield f"A {kind} needs violation=yes, and you determined {violation}."
    if (kind in MEASURES or "to" in command.keys) and not wanted.to:
        yield _whom(command, ticket)
    if kind in MEASURES:
        yield from _misdirected(wanted, ticket)
    yield from objections(wanted)


def _misdirected(wanted: Wanted, ticket: Ticket) -> Iterator[str]:
    """A measure for somebody who was not determined to have done it; a wrong reference would punish a witness, or the reporter."""
    kind, who = wanted.command.value, ticket.determinations["who"].value
    other = next((one for one in ticket.people if one.ref in wanted.to and one.role != "respondent"), None)
    line = f"put [determine who={','.join(wanted.to)}] above it"
    if other is not None:
        yield f"{other.ref} is on this case as {other.role}, and {kind} is for a respondent. If they did it, {line}."
    elif wanted.to and who in ("nobody", "unknown"):
        yield f"You determined who={who}, and {kind} is for somebody. If you know by now, {line}."


def _whom(command: Command, ticket: Ticket) -> str:
    known = ", ".join(f"{person.ref} ({person.name})" for person in ticket.people) or "nobody is on the case yet"
    if "to" in command.keys:
        return f"to={command.keys['to']} names nobody on this case; known: {known}."
    return f"Say whom it concerns, for example to=P1; known: {known}."


def concerned(command: Command, ticket: Ticket) -> tuple[str, ...]:
    """Whom a resolution is for, by reference: a measure without `to=` is for the only respondent."""
    if "to" not in command.keys:
        return (ticket.respondents[0].ref,) if command.value in MEASURES and len(ticket.respondents) == 1 else ()
    people = [ticket.person(ref) for ref in command.keys["to"].split(",")]
    return tuple(person.ref for person in people if person) if all(people) else ()


def _choices(left: tuple[str, ...]) -> str:
    said = "; ".join(f"{name}: {CHOICES[name]}" for name in left if name in CHOICES)
    return f" ({said})." if said else "."


def _for_someone(ticket: Ticket) -> str:
    ref = ticket.respondents[0].ref if ticket.respondents else ""
    return f"[write:{ref}] if it is for {ref}" if ref else "tell the respondent yourself if it is for them"


def person(command: Command, desk: Desk) -> Tried:
    """Somebody on the case, by reference: new, or known and now better known."""
    ref, keys, people = command.value or "", command.keys, desk.case.people
    expected = f"P{len(people) + 1}"
    known = desk.case.person(ref)
    if known is None and ref != expected:
        return Refused(sentence=f"There is no {ref} on this case; the next new person is {expected}.")
    was = known or CasePerson(ref=ref, role="respondent", name="")
    new = CasePerson(ref=ref, role=keys.get("role", was.role), name=keys.get("name", was.name), address=keys.get("address", was.address))
    after, sentence = _on_case(desk, new)
    return Done(desk=after, sentence=f"Recorded: {sentence}")


def told(command: Command, desk: Desk) -> Tried:
    """The respondent was told, by other means than this mailbox."""
    ticket = desk.case
    person = ticket.person(command.value or "")
    if person is None:
        return Refused(sentence=unknown(command.value or "", ticket))
    return Done(desk=desk.note(What.TOLD, {"ref": person.ref}), sentence=f"Recorded: {person.ref} was told.")
