"""What each command does to a case: the desk afterwards with a sentence, or a refusal with the exact fix.

Refuse decisions, never facts (product.md principle 1).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command
from maild.playbook.deadlines import LONGEST_EXPLANATION, Duty, acknowledge_clock, in_zone, respond_clock, take_clock
from maild.playbook.decide import leaving, reporters
from maild.playbook.decide.appealing import appeal
from maild.playbook.decide.attending import contacted, presentation, support
from maild.playbook.decide.conducting import CONDUCT
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.expelling import expel
from maild.playbook.decide.joining import JOINING
from maild.playbook.decide.keeping import untaken
from maild.playbook.decide.lines import anew
from maild.playbook.decide.moves import ALARMED, alarm, kept_out, noted
from maild.playbook.decide.placing import event, space
from maild.playbook.decide.resolving import determine, person, resolve, told
from maild.playbook.decide.sanctioning import done, extend, lift
from maild.playbook.decide.writing import write
from maild.playbook.effects import Clear, Send
from maild.playbook.entry import Fact, What
from maild.playbook.history import clock_facts
from maild.playbook.letters import Kind, Letter, Rank
from maild.playbook.progress import open_duties
from maild.playbook.ticket import RECEIPT_MADE, No, Ticket, Turn, turn

EXPLAINED_TO_NOBODY = "Recorded. The reporter asked for no contact and is sent nothing; the one-week clock runs again until that date."

FORGED = "It is a report now. It is not acknowledged, because its address may be forged: if you are sure whom you write to, use [reply]."


def _sent(letters: Iterable[Letter]) -> tuple[Send, ...]:
    return tuple(Send(letter=letter) for letter in letters)


def _note(command: Command, desk: Desk) -> Tried:
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it.")
    return Done(desk=noted(desk, command.text), sentence="Kept as an internal note.")


def _reply(command: Command, desk: Desk) -> Tried:
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it; write what the reporter shall read under the tag.")
    thread = reporters.addressed(command, desk)
    if isinstance(thread, Refused):
        return thread
    letters = notices.to_reporter(thread, Kind.REPLY, {"text": command.text})
    if refusal := leaving.held(command, desk, thread) if letters else leaving.unreachable(thread):
        return refusal
    facts: dict[str, Fact] = {"letter": Kind.REPLY.value, "text": command.text, **leaving.insisted(command)}
    after = desk.note_on(thread, What.LETTER, facts).also(*_sent(letters))
    return Done(desk=after, sentence=f"The text goes to {reporters.called(thread, desk.case)}.")


def _explain(command: Command, desk: Desk) -> Tried:
    to, until, thread = turn(desk.case, Turn.EXPLAINED), _until(command, desk), reporters.addressed(command, desk)
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it: say why the case is not resolved yet.")
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    if isinstance(until, Refused):
        return until
    return thread if isinstance(thread, Refused) else _explained(command, desk, thread, until)


def _explained(command: Command, desk: Desk, thread: Ticket, until: datetime) -> Tried:
    facts: dict[str, Fact] = {"text": command.text, "until": until.isoformat()}
    letters = notices.to_reporter(thread, Kind.EXPLANATION, facts)
    if not letters and not thread.no_contact:
        return leaving.unreachable(thread)
    if refusal := leaving.held(command, desk, thread) if letters else None:
        return refusal
    after = desk.note_on(thread, What.EXPLAINED, {**facts, **leaving.insisted(command)}).also(*_sent(letters))
    sentence = f"The explanation goes to {reporters.called(thread, desk.case)}."
    return Done(desk=after, sentence=sentence if letters else EXPLAINED_TO_NOBODY)


def _until(command: Command, desk: Desk) -> datetime | Refused:
    """The end of the day that the reporter is told, and never later than a new week would end."""
    policy, now = desk.scene.policy, desk.scene.now
    day = date.fromisoformat(command.keys["until"])
    end = in_zone(datetime.combine(day, time(23, 59, 59)), policy)
    last = respond_clock(now, policy).due_at
    if end <= now or (day - now.astimezone(policy.zone).date()).days > LONGEST_EXPLANATION:
        final = last.astimezone(policy.zone).date().isoformat()
        line = anew(command, until=final)
        return Refused(sentence=f"The date must lie ahead, and no later than {final} (seven days from now), such as {line}.")
    return min(end, last)


def _take(command: Command, desk: Desk) -> Tried:
    return _led_by(desk, desk.person.handle, desk.person.name)


def _assign(command: Command, desk: Desk) -> Tried:
    handle, team = command.value or "", disclosure.team(desk.case, desk.scene.policy)
    known = next((to for to in team if to.handle == handle), None)
    if known is None:
        return Refused(sentence=f"{handle} cannot lead this case; it can be {' or '.join(to.handle for to in team)}.")
    return _led_by(desk, handle, known.name)


def _led_by(desk: Desk, handle: str, name: str) -> Tried:
    to = turn(desk.case, Turn.TAKEN)
    # Whatever the state: somebody has to be able to answer an alarm.
    if isinstance(to, No) and not desk.case.running(Duty.TAKE_URGENT):
        return Refused(sentence=to.sentence)
    return Done(desk=desk.note(What.TAKEN, {"lead": handle}), sentence=f"{name} leads this case now.")


def _drop(command: Command, desk: Desk) -> Tried:
    if desk.case.lead is None:
        return Refused(sentence="Nobody leads this case.", mendable=False)
    return Done(desk=desk.note(What.DROPPED, {"clocks": untaken(desk.case, desk.scene)}), sentence="Nobody leads this case now.")


def _answered(command: Command, desk: Desk) -> Tried:
    thread = reporters.addressed(command, desk)
    if isinstance(thread, Refused):
        return thread
    sentence = f"Recorded: {reporters.called(thread, desk.case)} was answered by other means."
    return Done(desk=desk.note_on(thread, What.ANSWERED), sentence=sentence)


def _recuse(command: Command, desk: Desk) -> Tried:
    handle, policy = command.value or desk.person.handle, desk.scene.policy
    them = policy.person(handle)
    if them is None:
        known = " or ".join(one.handle for one in policy.everybody)
        return Refused(sentence=f"There is nobody called {handle}; it can be {known}.")
    return Done(desk=kept_out(desk, {handle: "recused"}), sentence=f"{them.name} hears nothing more of this case.")


def _unrecuse(command: Command, desk: Desk) -> Tried:
    handle, ticket = command.value or "", desk.case
    if handle == desk.person.handle:
        return Refused(sentence="Somebody else has to say this of you.", mendable=False)
    if handle not in ticket.withheld:
        out = [f"[unrecuse:{one}]" for one, why in ticket.withheld.items() if why != "party"]
        return Refused(sentence=f"{handle} is not kept out of this case; it can be {' or '.join(out) or 'nobody'}.")
    if ticket.withheld[handle] == "party":
        return Refused(sentence=f"{handle} is a party to this case and stays out of it.", mendable=False)
    after = reporters.each(desk.note(What.CLEARED, {"handle": handle}), What.CLEARED, {"handle": handle})
    after = after.also(*(Clear(ticket_id=one.id, handle=handle) for one in ticket.threads))
    return Done(desk=after, sentence=f"{handle} may see this case again.")


def _not_a_report(command: Command, desk: Desk) -> Tried:
    to = turn(desk.case, Turn.DISMISSED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    if desk.case.urgent:
        return Refused(sentence="This case is urgent, and cannot be set aside; if nobody is in danger, write [determine safety=no] first.")
    if desk.case.joined:
        return Refused(
            sentence="There are several reports in this case; take them apart with [split] first, and set aside the one you mean."
        )
    after = desk.note(What.DISMISSED, {"as": command.value or ""})
    return Done(desk=after, sentence=f"Set aside as {command.value}: it has no deadlines now.")


def _report(command: Command, desk: Desk) -> Tried:
    ticket = desk.case
    to = turn(ticket, Turn.RELEASED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence, mendable=to.mendable)
    # No automatic letter to an address that may be forged: whoever has it may know nothing of the report.
    unwanted = ticket.receipt_made or ticket.acknowledged_at or ticket.disowned
    receipt = () if unwanted else notices.to_reporter(ticket, Kind.RECEIPT, {})
    # Whom one of us took for a person goes first, and no budget holds it (security.md, "order when scarce").
    first = (replace(letter, rank=Rank.KNOWN, latest_at=desk.scene.now) for letter in receipt)
    after = desk.note(What.RELEASED, {"receipt": RECEIPT_MADE if receipt else "", "clocks": _owed(desk)}).also(*_sent(first))
    return Done(
        desk=after, sentence="It is a report now, and is acknowledged." if receipt else FORGED if ticket.disowned else "It is a report now."
    )


def _owed(desk: Desk) -> dict[str, Fact]:
    """The clocks of a report that was held or set aside: they count from its receipt, or from now if none ever ran."""
    ticket, policy, now = desk.case, desk.scene.policy, desk.scene.now
    start = ticket.received_at if ticket.clocks else now
    acknowledge = () if ticket.acknowledged_at or ticket.no_contact else (acknowledge_clock(start, policy.clocks),)
    # One that was answered while it was held owes the answer again should that letter come back.
    respond = () if ticket.answered_at and Duty.RESPOND in ticket.clocks else (respond_clock(start, policy),)
    take = () if ticket.lead else (take_clock(now, urgent=False, clocks=policy.clocks),)
    return clock_facts(*acknowledge, *respond, *take)


def _urgent(command: Command, desk: Desk) -> Tried:
    return Done(desk=alarm(desk, command.text), sentence=ALARMED)


def _close(command: Command, desk: Desk) -> Tried:
    to, duties = turn(desk.case, Turn.CLOSED), open_duties(desk.case)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    if duties:
        return Refused(sentence=f"Still open: {'; '.join(duties)}.")
    return Done(desk=reporters.each(desk.note(What.CLOSED), What.CLOSED), sentence="The case is closed.")


def _reopen(command: Command, desk: Desk) -> Tried:
    to, ticket, policy = turn(desk.case, Turn.REOPENED), desk.case, desk.scene.policy
    if isinstance(to, No):
        return Refused(sentence=to.sentence, mendable=to.mendable)
    take = () if ticket.lead else (take_clock(desk.scene.now, urgent=False, clocks=policy.clocks),)
    week = respond_clock(desk.scene.now, policy)
    after = desk.note(What.REOPENED, {"clocks": clock_facts(week, *take)})
    return Done(
        desk=reporters.each(after, What.REOPENED, {"clocks": clock_facts(week)}), sentence="The case is open again, with a new week."
    )


ACTS: Mapping[str, Callable[[Command, Desk], Tried]] = {
    "note": _note,
    "reply": _reply,
    "explain": _explain,
    "take": _take,
    "assign": _assign,
    "drop": _drop,
    "determine": determine,
    "resolve": resolve,
    "told": told,
    "write": write,
    "person": person,
    "answered": _answered,
    "recuse": _recuse,
    "unrecuse": _unrecuse,
    "not-a-report": _not_a_report,
    "report": _report,
    "urgent": _urgent,
    "close": _close,
    "reopen": _reopen,
    "event": event,
    "space": space,
    "done": done,
    "lift": lift,
    "extend": extend,
    "appeal": appeal,
    "presentation": presentation,
    "support": support,
    "contacted": contacted,
    **CONDUCT,
    "expel": expel,
    **JOINING,
}
"""The commands that act on the case on the desk."""
