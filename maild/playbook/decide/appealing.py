"""Appeals against permanent sanctions: recorded by staff, answered within a week by somebody who did not decide them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import chain
from types import MappingProxyType

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command
from maild.playbook.deadlines import respond_clock
from maild.playbook.decide import leaving
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.sanctioning import end_of, extended, in_force, lifted
from maild.playbook.decide.writing import reasons
from maild.playbook.effects import Journal, Send
from maild.playbook.enforcing import sanction_of
from maild.playbook.entry import Fact, What
from maild.playbook.letters import Kind, Recipient
from maild.playbook.policy import Policy
from maild.playbook.sanctions import Sanction
from maild.playbook.ticket import Ticket

A_YEAR = timedelta(days=365)
"""How far ahead the example of a new end lies."""

RESULTS = MappingProxyType({"upheld": "stays as it is", "changed": "is changed", "reversed": "is lifted"})
"""How an appeal can end, as the answer says it."""


def appeal(command: Command, desk: Desk) -> Tried:
    """An appeal came, or is answered."""
    return _judged(command, desk) if command.value in RESULTS else _appealed(command, desk)


def _appealed(command: Command, desk: Desk) -> Tried:
    scene, number = desk.scene, command.value or ""
    sanction = in_force(number, desk.case, scene.now, scene.policy)
    if isinstance(sanction, Refused):
        return sanction
    if sanction.until is not None:
        return Refused(sentence=_ends(sanction, sanction.until, scene.policy))
    if "until" in command.keys:
        return Refused(sentence=f"until= goes with the answer to an appeal: [appeal:changed {number} until={command.keys['until']}].")
    known = next((one for one in desk.case.appeals if one.sanction == number and one.open), None)
    if known is not None:
        return Done(desk=desk, sentence=f"The appeal of {number} is on record already. {_who_answers(desk, number)}")
    due = respond_clock(scene.now, scene.policy).due_at
    after = desk.note(What.APPEALED, {"id": number, "due": due.isoformat(), "text": command.text})
    by = due.astimezone(scene.policy.zone).date().isoformat()
    return Done(desk=after, sentence=f"Recorded: an appeal of {number}, to be answered by {by}. {_who_answers(after, number)}")


def _ends(sanction: Sanction, until: datetime, policy: Policy) -> str:
    day, line = until.astimezone(policy.zone).date().isoformat(), f"[lift:{sanction.id}]"
    return f"{sanction.id} ends on {day}; only what is permanent can be appealed. To end it sooner: {line}."


def _who_answers(desk: Desk, number: str) -> str:
    able = " or ".join(to.handle for to in disclosure.reviewers(desk.case, desk.scene.policy, number))
    return f"It can be answered by {able}, who did not decide it." if able else "Everybody who may answer it took part in the decision."


def _judged(command: Command, desk: Desk) -> Tried:
    sanction = _appealed_sanction(command, desk)
    if isinstance(sanction, Refused):
        return sanction
    able = disclosure.reviewers(desk.case, desk.scene.policy, sanction.id)
    if desk.person.handle in sanction.by and able:
        return Refused(sentence=_own(sanction, able), mendable=False)
    if refusal := next(_objections(command, sanction, desk), ""):
        return Refused(sentence=refusal)
    held = tuple(reasons(command.text, desk, to=sanction.person))
    if held and leaving.INSIST not in command.words:
        return leaving.refused(command, desk, held)
    after, sentences = _as_judged(command, sanction, desk)
    insisted = (
        (Journal(verb="insisted", by=desk.person.handle, ticket_id=desk.case.id, facts={"letter": Kind.APPEAL_ANSWER.value}),)
        if held
        else ()
    )
    return Done(desk=after.also(*insisted), sentence=" ".join(sentences))


def _appealed_sanction(command: Command, desk: Desk) -> Sanction | Refused:
    """The sanction whose appeal is meant; it may be left out where one is open."""
    ticket = desk.case
    waiting = [one.sanction for one in ticket.appeals if one.open]
    number = command.keys.get("sanction") or (waiting[0] if len(waiting) == 1 else "")
    sanction = sanction_of(ticket, number)
    if sanction is not None and number in waiting:
        return sanction
    if waiting:
        return Refused(sentence=f"Say which appeal you answer: {' or '.join(f'[appeal:{command.value} {one}]' for one in waiting)}.")
    return _never_appealed(number, desk)


def _never_appealed(number: str, desk: Desk) -> Refused:
    """Why there is no appeal to answer, with the line that records one where there can be one."""
    now, policy = desk.scene.now, desk.scene.policy
    for_good = [one.id for one in desk.case.sanctions if one.permanent and one.running(now)]
    named = in_force(number, desk.case, now, policy) if number and sanction_of(desk.case, number) else None
    if isinstance(named, Refused):
        return named
    if named is not None and named.until is not None:
        why = _ends(named, named.until, policy)
    elif for_good:
        why = f"Where one came, record it first: [appeal:{number if number in for_good else for_good[0]}]."
    else:
        why = "Only what is permanent can be appealed, and nothing on this case is."
    return Refused(sentence=f"No appeal waits for an answer on this case. {why}")


def _own(sanction: Sanction, able: Iterable[Recipient]) -> str:
    return f"You took part in deciding {sanction.id}, so somebody else has to answer this: {' or '.join(to.handle for to in able)}."


def _objections(command: Command, sanction: Sanction, desk: Desk) -> Iterator[str]:
    policy = desk.scene.policy
    if leaks.blank(command.text):
        yield f"There was no text below it; write what {sanction.person} shall read under the tag."
    until = command.keys.get("until")
    today = desk.scene.now.astimezone(policy.zone).date()
    if command.value == "changed" and (until is None or date.fromisoformat(until) <= today):
        yield f"Say until which day it lasts from now on, such as [appeal:changed {sanction.id} until={today + A_YEAR}]."


def _as_judged(command: Command, sanction: Sanction, desk: Desk) -> tuple[Desk, tuple[str, ...]]:
    """The desk with the answer on its way, and what it changes."""
    outcome, ref, policy = command.value or "", sanction.person, desk.scene.policy
    letters = notices.to_person(desk.case, Kind.APPEAL_ANSWER, ref, {"text": command.text}, policy)
    told = bool(letters)
    after, changes = desk, tuple[str, ...]()
    if outcome == "changed":
        after, changes = extended(after, sanction, end_of(command.keys["until"], policy), {"told": told})
    elif outcome == "reversed":
        after, changes = lifted(after, sanction, {"outcome": outcome})
    facts: dict[str, Fact] = {"id": sanction.id, "outcome": outcome, "person": ref, "told": told}
    after = after.note(What.JUDGED, facts).note(What.WRITTEN, {"ref": ref, "text": command.text})
    answered = f"The answer goes to {ref}." if told else f"There is no address of {ref}: please tell them and then write [told:{ref}]."
    heard = {thread.reference: made for thread in after.case.threads if (made := _to_reporter(thread, outcome))}
    said = (f"The appeal is answered: {sanction.id} {RESULTS[outcome]}.", *changes, answered)
    told_too = (f"The reporter{f' {one}' if after.case.joined else ''} is told that a measure was changed." for one in heard)
    return after.also(*(Send(letter=one) for one in letters), *chain(*heard.values())), (*said, *told_too)


def _to_reporter(ticket: Ticket, outcome: str) -> tuple[Send, ...]:
    """What the reporter of a thread hears where the outcome is another one now, if they ever heard of an outcome."""
    if outcome == "upheld" or not ticket.answers:
        return ()
    return tuple(Send(letter=one) for one in notices.to_reporter(ticket, Kind.APPEAL_RESULT, {"outcome": outcome}))
