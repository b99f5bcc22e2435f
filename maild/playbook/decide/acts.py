"""What each command does to a case: the desk afterwards with a sentence, or a refusal with the exact fix.

Refuse decisions, never facts (product.md principle 1).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from maild.playbook import disclosure, leaks, notices
from maild.playbook.commands import Command, parse_date
from maild.playbook.deadlines import LONGEST_EXPLANATION, in_zone, respond_clock, same_time_in_days, take_clock
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.resolving import determine, person, resolve, told
from maild.playbook.effects import Clear, Send, Withhold
from maild.playbook.entry import Fact, What
from maild.playbook.history import clock_facts
from maild.playbook.letters import Kind, Letter
from maild.playbook.progress import open_duties
from maild.playbook.ticket import No, Ticket, Turn, turn

NO_ADDRESS = "There is no address to which this reporter can be answered; if you reached them another way, write [answered]."


def letter_to_reporter(kind: Kind, ticket: Ticket, facts: Mapping[str, Fact]) -> Letter | None:
    """A letter to the one who filed the report, on their own thread; None where there is no address."""
    to, reporter = disclosure.reporter(ticket), ticket.reporter
    if to is None or reporter is None:
        return None
    return Letter(
        kind=kind,
        to=to,
        ticket_id=ticket.id,
        code=ticket.code,
        reference=ticket.reference,
        facts=facts,
        language=reporter.language,
        in_reply_to=reporter.message_id,
        references=(*reporter.references, reporter.message_id),
    )


def may_leave(command: Command, desk: Desk) -> str:
    """Why this text has to stay, with the way to send it all the same; empty where it may leave."""
    if "anyway" in command.words:
        return ""
    ticket = desk.case
    reasons = leaks.found(command.text, ticket, [said.text for said in desk.scene.said.get(ticket.id, ())], desk.scene.policy)
    if not reasons:
        return ""
    insist = command.written[:-1] + " anyway]"
    return f"Held, nothing was sent: {'; '.join(reasons)}. If it is meant to leave, send it again with {insist}."


def _note(command: Command, desk: Desk) -> Tried:
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it.")
    ticket = desk.case
    shared = notices.told_of_note(ticket, command.text, desk.person, desk.scene.policy, proven=desk.proven)
    return Done(desk=desk.note(What.NOTE, {"text": command.text}).also(*shared), sentence="Kept as an internal note.")


def _reply(command: Command, desk: Desk) -> Tried:
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it; write what the reporter shall read under the tag.")
    if disclosure.reporter(desk.case) is None:
        return Refused(sentence=NO_ADDRESS)
    if held := may_leave(command, desk):
        return Refused(sentence=held)
    if desk.outcome_follows:
        words = "\n\n".join(filter(None, (desk.words, command.text)))
        return Done(desk=replace(desk, words=words), sentence="Your words go to the reporter in the outcome letter.")
    letter = letter_to_reporter(Kind.REPLY, desk.case, {"text": command.text})
    after = desk.note(What.LETTER, {"letter": Kind.REPLY.value, "text": command.text}).also(*_sent(letter)).telling("your reply")
    return Done(desk=after, sentence="Your text goes to the reporter.")


def _sent(letter: Letter | None) -> tuple[Send, ...]:
    return (Send(letter=letter),) if letter else ()


def _explain(command: Command, desk: Desk) -> Tried:
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it: say why the case is not resolved yet.")
    until = _until(command, desk)
    if isinstance(until, Refused):
        return until
    to = turn(desk.case, Turn.EXPLAINED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    letter = letter_to_reporter(Kind.EXPLANATION, desk.case, {"text": command.text, "until": until.isoformat()})
    if letter is None:
        return Refused(sentence=NO_ADDRESS)
    if held := may_leave(command, desk):
        return Refused(sentence=held)
    after = desk.note(What.EXPLAINED, {"until": until.isoformat(), "text": command.text}).also(*_sent(letter)).telling("your explanation")
    return Done(desk=after, sentence="Your explanation goes to the reporter; the new deadline holds once their mail server has taken it.")


def _until(command: Command, desk: Desk) -> datetime | Refused:
    policy, now = desk.scene.policy, desk.scene.now
    today = now.astimezone(policy.zone).date()
    day = parse_date(command.keys.get("until", ""))
    if day is None:
        return Refused(sentence=f"It needs a date, for example [explain until={today.replace(day=today.day).isoformat()}].")
    if not 0 < (day - today).days <= LONGEST_EXPLANATION:
        last = same_time_in_days(now, LONGEST_EXPLANATION, policy).astimezone(policy.zone).date()
        return Refused(sentence=f"The date must lie ahead, and no later than {last.isoformat()} (seven days from now).")
    end_of_day = in_zone(datetime.combine(day, datetime.max.time().replace(microsecond=0)), policy)
    return min(end_of_day, same_time_in_days(now, LONGEST_EXPLANATION, policy))


def _take(command: Command, desk: Desk) -> Tried:
    return _led_by(desk, desk.person.handle, "You lead this case now.")


def _assign(command: Command, desk: Desk) -> Tried:
    handle = (command.value or "").lower()
    team = disclosure.team(desk.case, desk.scene.policy)
    known = next((to for to in team if to.handle == handle), None)
    if known is None:
        return Refused(sentence=f"{handle} cannot lead this case; it can be {_any_of([to.handle for to in team])}.")
    return _led_by(desk, handle, f"{known.name} leads this case now.")


def _led_by(desk: Desk, handle: str, sentence: str) -> Tried:
    to = turn(desk.case, Turn.TAKEN)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    return Done(desk=desk.note(What.TAKEN, {"lead": handle}), sentence=sentence)


def _drop(command: Command, desk: Desk) -> Tried:
    ticket = desk.case
    if ticket.lead is None:
        return Refused(sentence="Nobody leads this case.")
    clock = take_clock(desk.scene.now, urgent=ticket.urgent, clocks=desk.scene.policy.clocks)
    return Done(desk=desk.note(What.DROPPED, {"clocks": clock_facts(clock)}), sentence="Nobody leads this case now.")


def _answered(command: Command, desk: Desk) -> Tried:
    return Done(desk=desk.note(What.ANSWERED), sentence="Recorded: the reporter was answered by other means.")


def _recuse(command: Command, desk: Desk) -> Tried:
    handle = (command.value or desk.person.handle).lower()
    ticket, policy = desk.case, desk.scene.policy
    them = policy.person(handle)
    if them is None or handle in ticket.withheld:
        return Refused(sentence=f"There is no {handle} on this case.")
    clock = take_clock(desk.scene.now, urgent=ticket.urgent, clocks=policy.clocks) if ticket.lead == handle else None
    facts: dict[str, Fact] = {"handle": handle, "why": "recused", "clocks": clock_facts(clock) if clock else {}}
    after = desk.note(What.WITHHELD, facts).also(Withhold(ticket_id=ticket.id, handle=handle, why="recused"))
    return Done(desk=after.also(*_too_few(after.case, after)), sentence=f"{them.name} hears nothing more of this case.")


def _too_few(ticket: Ticket, desk: Desk) -> tuple[Send, ...]:
    policy = desk.scene.policy
    if any(disclosure.may_know(ticket, person) for person in policy.staff):
        return ()
    told = {to.handle: to for to in (*disclosure.team(ticket, policy), *disclosure.board(ticket, policy))}
    return notices.about(ticket, Kind.TOO_FEW, told.values(), {}, policy)


def _unrecuse(command: Command, desk: Desk) -> Tried:
    handle, ticket = (command.value or "").lower(), desk.case
    if handle == desk.person.handle:
        return Refused(sentence="Somebody else has to say this of you.")
    if handle not in ticket.withheld:
        return Refused(sentence=f"{handle} is not kept out of this case.")
    after = desk.note(What.CLEARED, {"handle": handle}).also(Clear(ticket_id=ticket.id, handle=handle))
    return Done(desk=after, sentence=f"{handle} may see this case again.")


def _not_a_report(command: Command, desk: Desk) -> Tried:
    to = turn(desk.case, Turn.DISMISSED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    if desk.case.urgent:
        return Refused(sentence="This case is urgent; an urgent case cannot be set aside.")
    return Done(
        desk=desk.note(What.DISMISSED, {"as": command.value or ""}), sentence=f"Set aside as {command.value}: it has no deadlines now."
    )


def _report(command: Command, desk: Desk) -> Tried:
    ticket, policy = desk.case, desk.scene.policy
    to = turn(ticket, Turn.RELEASED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    clocks = (respond_clock(ticket.received_at, policy), take_clock(desk.scene.now, urgent=False, clocks=policy.clocks))
    after = desk.note(What.RELEASED, {"clocks": clock_facts(*clocks)})
    receipt = letter_to_reporter(Kind.RECEIPT, ticket, {}) if ticket.acknowledged_at is None else None
    if receipt is None:
        return Done(desk=after, sentence="It is a report now.")
    return Done(desk=after.also(*_sent(receipt)).telling("the acknowledgement"), sentence="It is a report now, and is acknowledged.")


def _urgent(command: Command, desk: Desk) -> Tried:
    return Done(desk=alarm(desk), sentence="All who may see this case are alarmed, every hour until somebody writes [take].")


def alarm(desk: Desk) -> Desk:
    """The desk after the safety alarm (product.md principle 7)."""
    clock = take_clock(desk.scene.now, urgent=True, clocks=desk.scene.policy.clocks)
    after = desk.note(What.URGENT, {"proven": desk.proven, "clocks": clock_facts(clock)})
    return after.also(*notices.alarmed(after.case, desk.person.name, desk.scene.policy, proven=desk.proven))


def _close(command: Command, desk: Desk) -> Tried:
    to = turn(desk.case, Turn.CLOSED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    duties = open_duties(desk.case)
    if duties:
        return Refused(sentence=f"Still open: {'; '.join(duties)}.")
    return Done(desk=desk.note(What.CLOSED), sentence="The case is closed.")


def _reopen(command: Command, desk: Desk) -> Tried:
    to = turn(desk.case, Turn.REOPENED)
    if isinstance(to, No):
        return Refused(sentence=to.sentence)
    clocks = [respond_clock(desk.scene.now, desk.scene.policy)]
    if desk.case.lead is None:
        clocks.append(take_clock(desk.scene.now, urgent=False, clocks=desk.scene.policy.clocks))
    return Done(desk=desk.note(What.REOPENED, {"clocks": clock_facts(*clocks)}), sentence="The case is open again, with a new week.")


def _any_of(handles: list[str]) -> str:
    return " or ".join(handles) or "nobody"


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
    "person": person,
    "answered": _answered,
    "recuse": _recuse,
    "unrecuse": _unrecuse,
    "not-a-report": _not_a_report,
    "report": _report,
    "urgent": _urgent,
    "close": _close,
    "reopen": _reopen,
}
"""The commands that act on the case on the desk."""
