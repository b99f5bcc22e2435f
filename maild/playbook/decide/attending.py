"""Facts of a conference: presentations, what the reporter wants, whom people told (rows P04 to P08, P16 to P20, P32).

Facts are never refused. Nothing here writes to anybody outside the team: friends, the police and security are told by people.
"""

from maild.playbook import asking
from maild.playbook.commands import Command
from maild.playbook.deadlines import Clock, Duty, speak_clock, support_clock
from maild.playbook.decide.desk import Desk, Done, Tried
from maild.playbook.entry import Fact, What
from maild.playbook.history import clock_facts
from maild.playbook.policy import Conference
from maild.playbook.presentations import MINOR, SPOKEN, STOPPED, Presentation
from maild.playbook.support import DECLINED, MISSING, WANTED, Contact

DIFFERS = (
    "This differs from the playbook (lines 10-11): one-time gaffes and minor problems do not stop a presentation, repeated or serious ones do."
    " Please add why."
)

TO_SPEAK = "One of us speaks to the presenter afterwards; when that is done, write [presentation:spoken]."

SAID = {SPOKEN: "Recorded: the presenter was spoken to.", STOPPED: "Recorded: the presentation was stopped. All of the team are told."}

SILENT = "Recorded. It is not raised again."

TOLD_NOW = "Those at the event are told now, and again until somebody writes [support:{item}=arranged]."

BY_PEOPLE = "One of us does it: nobody outside is written to."

ASKED = "On what basis? Please add it: [contacted:{who} basis=consent], or imminent-danger or legal-duty."

ONLY_WHAT_IS_NEEDED = "Security needs to know whom to look out for and what to do, and nothing of the report."


def presentation(command: Command, desk: Desk) -> Tried:
    """A minor problem makes a task for people; that one was stopped is told to all at once."""
    what, known = command.value or "", desk.case.running(Duty.SPEAK)
    made = Presentation(what=what, talk=command.keys.get("talk", ""), grounds=command.keys.get("grounds", ""))
    facts: dict[str, Fact] = {"what": what, "talk": made.talk, "grounds": made.grounds, "text": command.text}
    if what == MINOR:
        facts["clock"] = _span(speak_clock(desk.scene.now, _event(desk), desk.scene.policy))
    after = desk.note(What.PRESENTATION, facts)
    if what == MINOR:
        done = SPOKEN in (one.value for one in _after(command, desk))
        told = () if known or done else asking.to_speak(after.case, made, desk.scene.policy, but=desk.person)
        return Done(desk=after.also(*told), sentence="Recorded: a minor problem." if done else f"Recorded: a minor problem. {TO_SPEAK}")
    if what == STOPPED:
        after = after.also(*asking.stopped(after.case, made, command.text, desk.person, desk.scene.policy))
    return Done(desk=after, sentence=f"{SAID[what]} {DIFFERS}" if made.differs else SAID[what])


def support(command: Command, desk: Desk) -> Tried:
    """What the reporter wants is told at once to those who can arrange it; what they do not want is not spoken of again."""
    item, status = command.value or "", command.subvalue or ""
    facts: dict[str, Fact] = {"item": item, "status": status, "text": command.text}
    if status == WANTED:
        facts["clock"] = _span(support_clock(desk.scene.now, _event(desk), desk.scene.policy))
    after = desk.note(What.SUPPORT, facts)
    if status == DECLINED:
        return Done(desk=after, sentence=SILENT)
    if status != WANTED:
        return Done(desk=after, sentence=f"Recorded: {item} {status}.")
    if item in (one.value for one in _after(command, desk)):
        return Done(desk=after, sentence=f"Recorded: {item} wanted.")
    told = asking.to_arrange(after.case, [item], desk.scene.policy, text=command.text, but=desk.person)
    return Done(desk=after.also(*told), sentence=f"Recorded: {item} wanted. {TOLD_NOW.format(item=item)} {BY_PEOPLE}")


def contacted(command: Command, desk: Desk) -> Tried:
    """Somebody outside was told, by a person; a missing basis is asked for once."""
    who, basis = command.value or "", command.keys.get("basis", MISSING)
    asked_before = Contact(who=who, basis=MISSING) in desk.case.contacts
    after = desk.note(What.CONTACTED, {"who": who, "basis": basis, "text": command.text})
    asks = ASKED.format(who=who) if basis == MISSING and not asked_before else ""
    hint = ONLY_WHAT_IS_NEEDED if who == "venue-security" else ""
    return Done(desk=after, sentence=" ".join(filter(None, (f"Recorded: {who} contacted.", asks, hint))))


def _after(command: Command, desk: Desk) -> list[Command]:
    """What the mail says later of the same: nobody is asked to do what it tells was done."""
    return [one for one in desk.beside if one in desk.later and one.verb == command.verb]


def _event(desk: Desk) -> Conference | None:
    return desk.scene.policy.conference(desk.case.event)


def _span(clock: Clock) -> Fact:
    return clock_facts(clock)[clock.duty.value]
