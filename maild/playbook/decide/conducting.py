"""What staff put on record of a person's conduct: `[warn:…]`, `[withdraw-warning:…]`, `[stop-instruction:…]`, `[offence:…]` (playbook, "Warnings").

Facts: any of the staff records them, nobody has to approve, and they are refused only where it cannot be told of whom or where.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time

from maild.playbook import disclosure, joining, leaks
from maild.playbook.commands import Command
from maild.playbook.deadlines import in_zone
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.guiding import elsewhere
from maild.playbook.decide.placing import unknown as unknown_place
from maild.playbook.decide.resolving import kept_out_since
from maild.playbook.decide.resolving import person as record_person
from maild.playbook.decide.writing import unknown
from maild.playbook.entry import Fact, What
from maild.playbook.guidelines import records, tally
from maild.playbook.ticket import Ticket


def warn(command: Command, desk: Desk) -> Tried:
    """A verbal warning that one of the staff gave (line 45)."""
    events = {one.slug: one.name for one in desk.scene.policy.conferences}
    event, found = command.keys.get("event", desk.case.event), about(command, command.value or "", desk)
    if isinstance(found, Refused):
        return found
    if "event" in command.keys and event not in events:
        return Refused(sentence=unknown_place(event, kind="event", known=events))
    after, ref = found
    number = f"W{after.case.conduct.numbered + 1}"
    after = after.note(What.WARNED, {"id": number, "ref": ref, "event": event, "text": command.text})
    said = f"{number}: a verbal warning to {ref} is on record{_at(event, desk)}. {_counted(after, ref, event)}"
    return Done(desk=after, sentence=f"{said}{kept_out_since(desk, after)}")


def _at(event: str, desk: Desk) -> str:
    known = desk.scene.policy.conference(event)
    return f", at {known.name if known else event}" if event else ""


def _counted(desk: Desk, ref: str, event: str) -> str:
    """The tally, as far as everybody may know it who reads the copy of this answer."""
    person = desk.case.person(ref)
    assert person is not None
    known = tally(records(person, desk.case, elsewhere(desk), seen=lambda other: _all_see(other, desk)))
    there = f"{known[event]} there, " if event else ""
    return f"Warnings that count: {there}{known.total()} in all."


def _all_see(other: Ticket, desk: Desk) -> bool:
    policy = desk.scene.policy
    team = {to.handle for to in disclosure.team(desk.case, policy)}
    return team <= {to.handle for to in disclosure.team(other, policy)}


def withdraw_warning(command: Command, desk: Desk) -> Tried:
    """A warning that counts no more; it stays in the history."""
    number, known = command.value or "", joining.warnings(desk.case)
    if number not in known:
        ids = ", ".join(sorted(known, key=lambda one: int(one[1:])))
        return Refused(sentence=f"There is no {number} on this case; known: {ids or 'none'}.")
    thread, warning = known[number]
    if warning.withdrawn:
        return Refused(sentence=f"{number} is withdrawn already.", mendable=False)
    if leaks.blank(command.text):
        return Refused(sentence=f"There was no text below it: say why {number} is withdrawn.")
    after = desk.note_on(thread, What.WITHDRAWN, {"id": warning.id, "ref": warning.person, "text": command.text})
    counted = _counted(after, joining.known_as(desk.case, thread, warning.person), warning.event)
    sentence = f"{number} is withdrawn: it stays on record. {counted}"
    return Done(desk=after, sentence=sentence)


def stop_instruction(command: Command, desk: Desk) -> Tried:
    """Somebody was told to stop (line 55)."""
    found = about(command, command.value or "", desk)
    if isinstance(found, Refused):
        return found
    after, ref = found
    facts: dict[str, Fact] = {"ref": ref, "said_by": command.keys.get("by", ""), "text": command.text}
    return Done(desk=after.note(What.STOPPED, facts), sentence=f"Recorded: {ref} was told to stop.{kept_out_since(desk, after)}")


def offence(command: Command, desk: Desk) -> Tried:
    """A single offence that is serious or obviously intentional (lines 57 and 58)."""
    only = desk.case.respondents
    ref = command.keys.get("of") or (only[0].ref if len(only) == 1 else "")
    if not ref:
        return Refused(sentence=f"Say whose it was, such as [offence:{command.value} P1]. {_known(desk)}")
    found = about(command, ref, desk)
    if isinstance(found, Refused):
        return found
    after, ref = found
    facts: dict[str, Fact] = {"ref": ref, "kind": command.value, "happened_at": _moment(command, desk).isoformat(), "text": command.text}
    said = f"Recorded: a single {command.value} offence of {ref}.{kept_out_since(desk, after)}"
    return Done(desk=after.note(What.OFFENDED, facts), sentence=said)


def _moment(command: Command, desk: Desk) -> datetime:
    """When it happened: now, or at the end of the day that is given, since nobody said when on it; never in time to come."""
    now = desk.scene.now
    if "at" not in command.keys:
        return now
    return min(in_zone(datetime.combine(date.fromisoformat(command.keys["at"]), time(23, 59, 59)), desk.scene.policy), now)


def about(command: Command, ref: str, desk: Desk) -> tuple[Desk, str] | Refused:
    """The desk with the person on its case, who may be new and may have no name; refused where the reference is nobody's."""
    known, new = desk.case.person(ref), f"P{len(desk.case.people) + 1}"
    if known is None and ref != new:
        return Refused(sentence=f"{unknown(ref, desk.case)} The next new person is {new}.")
    if known is not None and "name" not in command.keys:
        return desk, ref
    named = {name: command.keys[name] for name in ("name",) if name in command.keys}
    made = record_person(replace(command, verb="person", value=ref, keys=named), desk)
    return made if isinstance(made, Refused) else (made.desk, ref)


def _known(desk: Desk) -> str:
    return f"Known: {', '.join(one.ref for one in desk.case.people) or 'nobody yet'}."


CONDUCT: Mapping[str, Callable[[Command, Desk], Tried]] = {
    "warn": warn,
    "withdraw-warning": withdraw_warning,
    "stop-instruction": stop_instruction,
    "offence": offence,
}
"""The commands that put conduct on record."""
