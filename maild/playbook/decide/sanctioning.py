"""What people decide and record about a sanction once it is there: `[done:T1]`, `[lift:S1]`, `[extend:S1 until=…]`."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command
from maild.playbook.deadlines import in_zone
from maild.playbook.decide.carrying import carried, ended
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.measures import LONGEST_VACATION, said
from maild.playbook.decide.writing import telling, to_be_told
from maild.playbook.enforcing import appealed, sanction_of
from maild.playbook.entry import Fact, What
from maild.playbook.policy import Policy
from maild.playbook.sanctions import Sanction
from maild.playbook.tasks import Act
from maild.playbook.ticket import Ticket

EXAMPLE = timedelta(days=14)
"""By how much the example of a longer sanction makes it longer."""


def done(command: Command, desk: Desk) -> Tried:
    """Somebody says that it is done: a fact, and never refused for what the task is about."""
    tasks = {task.id: task for task in desk.case.tasks}
    task = tasks.get(command.value or "")
    if task is None:
        known = ", ".join(one.id for one in tasks.values() if one.open) or "none"
        return Refused(sentence=f"There is no {command.value} on this case; open: {known}.")
    if not task.open:
        why = "was confirmed before" if task.done else f"matters no more, because {task.sanction} was changed since"
        return Done(desk=desk, sentence=f"{task.id} {why}.")
    return Done(desk=desk.note(What.CONFIRMED, {"id": task.id}), sentence=f"Recorded: {task.id} is done.")


def lift(command: Command, desk: Desk) -> Tried:
    """A sanction ends before its time; contacts are told, and whoever it was about where a letter told them of it."""
    sanction = in_force(command.value or "", desk.case, desk.scene.now, desk.scene.policy)
    if isinstance(sanction, Refused):
        return sanction
    if leaks.blank(command.text):
        return Refused(sentence="There was no text below it: say why it is lifted. That stays in the team.")
    letters, ref = ended(desk.case, sanction, desk.scene), sanction.person
    after, sentences = lifted(desk, sanction, {"text": command.text, "person": ref, "told": bool(letters)})
    told = _told(after, sanction, by_letter=bool(letters), answers=appealed(desk.case, sanction.id))
    return Done(desk=after.also(*letters), sentence=" ".join((f"{sanction.id} is lifted.", *sentences, *told)))


def _told(desk: Desk, sanction: Sanction, *, by_letter: bool, answers: bool) -> Iterator[str]:
    """What is said of whom it was about; whoever appealed has to hear of it, by us or by people."""
    ref = sanction.person
    if answers:
        yield "That answers the appeal."
    if by_letter:
        yield f"{ref} is told by a letter."
    elif answers:
        yield from to_be_told(desk, [ref])
    elif disclosure.person(desk.case, ref, desk.scene.policy) is None:
        yield f"{ref} is not told by us: there is no address of theirs, so please tell them."
    else:
        yield f"{ref} is not told by us: use [write:{ref}]."


def lifted(desk: Desk, sanction: Sanction, facts: dict[str, Fact]) -> tuple[Desk, tuple[str, ...]]:
    """The desk with a sanction lifted and whoever carries it out asked to restore access."""
    after = desk.note(What.LIFTED, {"id": sanction.id, **facts})
    return carried(after, new=[sanction], act=Act.RESTORE)


def extend(command: Command, desk: Desk) -> Tried:
    """A sanction ends later, or never."""
    policy, now = desk.scene.policy, desk.scene.now
    sanction = in_force(command.value or "", desk.case, now, policy)
    if isinstance(sanction, Refused):
        return sanction
    if refusal := next(_too_long(command, sanction, desk), ""):
        return Refused(sentence=refusal)
    until = None if "permanent" in command.words else end_of(command.keys["until"], policy)
    after, sentences = extended(desk, sanction, until, {"text": command.text})
    after = telling(after)
    return Done(desk=after, sentence=" ".join((*sentences, *to_be_told(after, [sanction.person]))))


def extended(desk: Desk, sanction: Sanction, until: datetime | None, facts: dict[str, Fact]) -> tuple[Desk, tuple[str, ...]]:
    """The desk with other dates of a sanction, which its contacts are told."""
    by = [handle for handle in (desk.proposed_by, desk.person.handle) if handle]
    end = until.isoformat() if until else None
    after = desk.note(What.EXTENDED, {"id": sanction.id, "until": end, "by": by, "person": sanction.person, **facts})
    changed = sanction_of(after.case, sanction.id)
    assert changed is not None
    after, sentences = carried(after, new=[changed], act=Act.CHANGE)
    return after, (*said([changed], desk.scene.policy), *sentences)


def _too_long(command: Command, sanction: Sanction, desk: Desk) -> Iterator[str]:
    until, permanent = command.keys.get("until"), "permanent" in command.words
    if sanction.until is None:
        yield f"{sanction.id} has no end already. To end it, write [lift:{sanction.id}] and the reason below it."
    elif (until is not None) == permanent:
        yield from _how_long(sanction, desk)
    else:
        yield from _no_such_end(date.fromisoformat(until) if until else None, sanction, _day(sanction.until, desk.scene.policy), desk)


def _how_long(sanction: Sanction, desk: Desk) -> Iterator[str]:
    for_good = "" if sanction.kind == "vacation" else f"[extend:{sanction.id} permanent]"
    yield f"Say how long, and only one way: {' or '.join(filter(None, (longer(sanction, desk.scene.policy), for_good)))}."


def _no_such_end(end: date | None, sanction: Sanction, last: date, desk: Desk) -> Iterator[str]:
    """Why a sanction that lasts until `last` cannot last until `end`, or for good where that is None."""
    if end is not None and end <= last:
        yield f"{sanction.id} ends on {last.isoformat()} as it is: give a later day, or end it now with [lift:{sanction.id}] and the reason."
    longest = _longest(sanction, desk.scene.policy)
    if sanction.kind == "vacation" and (end is None or end > longest):
        how_long = f"until={end.isoformat()}" if end else "permanent"
        line = f"[resolve:ban to={sanction.person} spaces={','.join(sanction.spaces)} {how_long}]"
        yield f"A vacation lasts {LONGEST_VACATION} days at most, this one until {longest.isoformat()}; what is longer is a ban, such as {line}."


def longer(sanction: Sanction, policy: Policy) -> str:
    """A tag that makes a sanction longer, as an example that works; empty where it cannot be."""
    if sanction.until is None:
        return ""
    last = _day(sanction.until, policy)
    end = min(last + EXAMPLE, _longest(sanction, policy)) if sanction.kind == "vacation" else last + EXAMPLE
    return f"[extend:{sanction.id} until={end.isoformat()}]" if end > last else ""


def _longest(sanction: Sanction, policy: Policy) -> date:
    return _day(sanction.start, policy) + timedelta(days=LONGEST_VACATION)


def _day(moment: datetime, policy: Policy) -> date:
    return moment.astimezone(policy.zone).date()


def end_of(day: str, policy: Policy) -> datetime:
    """The end of a day in the organisation's own time."""
    return in_zone(datetime.combine(date.fromisoformat(day), time(23, 59, 59)), policy)


def in_force(number: str, ticket: Ticket, now: datetime, policy: Policy) -> Sanction | Refused:
    """A sanction that still keeps somebody out, or why there is none of that number."""
    sanction = sanction_of(ticket, number)
    if sanction is None:
        known = " ".join(said((one for one in ticket.sanctions if one.running(now)), policy)) or "No other sanction runs on it."
        return Refused(sentence=f"There is no {number} on this case. {known}")
    if sanction.running(now):
        return sanction
    over = sanction.lifted_at or sanction.until or now
    how = "was lifted" if sanction.lifted_at else "ended"
    return Refused(sentence=f"{number} is over: it {how} on {over.astimezone(policy.zone).date().isoformat()}.", mendable=False)
