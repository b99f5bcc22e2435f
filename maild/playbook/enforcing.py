"""What entries about a sanction after its decision mean for a ticket: tasks, its end, an appeal, and how far its ladders are climbed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from maild.playbook.entry import Entry, What, moment
from maild.playbook.sanctions import EVERYWHERE, Sanction
from maild.playbook.tasks import Appeal, task_from
from maild.playbook.ticket import Ticket

LIFTED = "lifted"
"""How an appeal ends whose sanction is lifted before anybody answered it."""


def sanction_of(ticket: Ticket, number: str) -> Sanction | None:
    """The sanction with this number."""
    return next((one for one in ticket.sanctions if one.id == number), None)


def others_running(ticket: Ticket, sanction: Sanction, now: datetime) -> tuple[Sanction, ...]:
    """What else keeps the same person out of something now."""
    return tuple(one for one in ticket.sanctions if one.person == sanction.person and one.id != sanction.id and one.running(now))


def appealed(ticket: Ticket, number: str) -> bool:
    """Whether an appeal of this sanction waits for an answer."""
    return any(one.sanction == number and one.open for one in ticket.appeals)


def freed(spaces: tuple[str, ...], others: tuple[Sanction, ...]) -> tuple[str, ...]:
    """Of these spaces those out of which nothing else keeps the person."""
    kept = {slug for one in others for slug in one.spaces}
    return () if EVERYWHERE in kept else tuple(slug for slug in spaces if slug not in kept)


def _tasked(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, tasks=(*ticket.tasks, task_from(entry.facts, at=entry.at)))


def _confirmed(ticket: Ticket, entry: Entry) -> Ticket:
    tasks = tuple(replace(one, done=True) if one.id == entry.facts["id"] else one for one in ticket.tasks)
    return replace(ticket, tasks=tasks)


def _changed(ticket: Ticket, entry: Entry, **changes: object) -> Ticket:
    """The ticket with its sanction changed, and without what was still to be done about the old one."""
    number = str(entry.facts["id"])
    sanctions = tuple(replace(one, **changes) if one.id == number else one for one in ticket.sanctions)  # type: ignore[arg-type]
    tasks = tuple(replace(one, dropped=True) if one.sanction == number and one.open else one for one in ticket.tasks)
    noticed = {about: climbed for about, climbed in ticket.noticed.items() if about != number}
    return replace(ticket, sanctions=sanctions, tasks=tasks, noticed=noticed)


def _lifted(ticket: Ticket, entry: Entry) -> Ticket:
    """Over; nothing is left of it to appeal against."""
    lifted = _changed(ticket, entry, lifted_at=entry.at)
    if not appealed(ticket, str(entry.facts["id"])):
        return lifted
    answered = _answered(lifted, entry, str(entry.facts.get("outcome", LIFTED)))
    return answered if entry.facts.get("told", True) else _untold(answered, str(entry.facts["person"]))


def _ended(ticket: Ticket, entry: Entry) -> Ticket:
    return _changed(ticket, entry, ended_at=entry.at)


def _extended(ticket: Ticket, entry: Entry) -> Ticket:
    facts, by = entry.facts, entry.facts["by"]
    until = moment(facts["until"]) if facts["until"] else None
    deciders = tuple(map(str, by)) if isinstance(by, list | tuple) else ()
    known = sanction_of(ticket, str(facts["id"]))
    both = tuple(dict.fromkeys((*(known.by if known else ()), *deciders)))
    changed = _changed(ticket, entry, until=until, since=entry.at, by=both)
    return changed if facts.get("told") else _untold(changed, str(facts["person"]))


def _untold(ticket: Ticket, ref: str) -> Ticket:
    return ticket if ref in ticket.untold else replace(ticket, untold=(*ticket.untold, ref))


def _noticed(ticket: Ticket, entry: Entry) -> Ticket:
    return replace(ticket, noticed={**ticket.noticed, str(entry.facts["about"]): int(str(entry.facts["number"]))})


def _appealed(ticket: Ticket, entry: Entry) -> Ticket:
    appeal = Appeal(sanction=str(entry.facts["id"]), at=entry.at, due_at=moment(entry.facts["due"]))
    return replace(ticket, appeals=(*ticket.appeals, appeal))


def _answered(ticket: Ticket, entry: Entry, outcome: str) -> Ticket:
    number = entry.facts["id"]
    appeals = tuple(replace(one, outcome=outcome) if one.sanction == number and one.open else one for one in ticket.appeals)
    noticed = {about: climbed for about, climbed in ticket.noticed.items() if about != f"appeal of {number}"}
    return replace(ticket, appeals=appeals, noticed=noticed)


def _judged(ticket: Ticket, entry: Entry) -> Ticket:
    judged = _answered(ticket, entry, str(entry.facts["outcome"]))
    return judged if entry.facts["told"] else _untold(judged, str(entry.facts["person"]))


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {
    What.TASKED: _tasked,
    What.CONFIRMED: _confirmed,
    What.LIFTED: _lifted,
    What.EXTENDED: _extended,
    What.ENDED: _ended,
    What.NOTICED: _noticed,
    What.APPEALED: _appealed,
    What.JUDGED: _judged,
}
"""What each of these entries means for a ticket; `parties` merges it in."""
