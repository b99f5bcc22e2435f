"""A letter's fate is known: what the mail server's word changes for the case."""

from dataclasses import dataclass, replace
from datetime import datetime

from maild.playbook import notices
from maild.playbook.decide.keeping import untaken
from maild.playbook.effects import Append, Effect, Journal
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Scene
from maild.playbook.history import fold
from maild.playbook.joining import facing
from maild.playbook.letters import TO_OTHERS, TO_REPORTER, Kind
from maild.playbook.ticket import State, Ticket

COUNTS = frozenset(kind.value for kind in TO_REPORTER - {Kind.HOLDING})
"""Letters whose acceptance the reporter's clocks know of; the holding letter only says that we are late."""


BY_REFERENCE = frozenset(kind.value for kind in TO_OTHERS)
"""Letters to somebody else on the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one letter; `at` is when its mail server answered."""

    letter: str
    role: str
    handle: str = ""
    """To whom it went, as `Recipient` calls them."""
    accepted: bool
    at: datetime


def settled(ticket: Ticket, fate: Fate, scene: Scene) -> tuple[Effect, ...]:
    """What a letter's fate means for its case. Letters to staff matter only when they fail."""
    if fate.letter in BY_REFERENCE:
        return _settled_by_reference(ticket, fate, scene)
    if fate.accepted:
        return _accepted(ticket, fate) if fate.letter in COUNTS else ()
    entry = _lost(ticket, fate, scene)
    after = fold(ticket, [entry])
    about = facing(scene.survivor, after) if scene.survivor else after
    told = notices.told_of_failure(about, fate.letter, fate.role, scene.policy) if fate.letter != Kind.FAILURE.value else ()
    woken = _woken(scene.survivor, scene) if scene.survivor and after.state is not ticket.state else ()
    return (_append(ticket, entry), *woken, *told, Journal(verb="lost", by="maild", ticket_id=ticket.id))


def _woken(case: Ticket, scene: Scene) -> tuple[Append, ...]:
    """A case that was over is somebody's work again, because one of its reporters did not get the answer."""
    if case.state is not State.CLOSED:
        return ()
    clocks = untaken(replace(case, state=State.REOPENED), scene) if case.lead is None else {}
    return (_append(case, Entry(what=What.WOKEN, at=scene.now, by="maild", facts={"clocks": clocks})),)


def _settled_by_reference(ticket: Ticket, fate: Fate, scene: Scene) -> tuple[Effect, ...]:
    """A letter to somebody else on the case moves no clock; it tells them of a resolution, or the team that it did not arrive."""
    if fate.accepted and fate.letter != Kind.DECISION.value:
        return ()
    what, at = (What.REACHED, fate.at) if fate.accepted else (What.UNREACHED, scene.now)
    entry = Entry(what=what, at=at, by="maild", facts={"letter": fate.letter, "ref": fate.handle})
    after, ref = fold(ticket, [entry]), fate.handle
    if scene.survivor:
        ref = next((one.refs.get(ref, ref) for one in scene.survivor.joins if one.id == ticket.id), ref)
        after = facing(scene.survivor, after)
    told = () if fate.accepted else notices.told_of_failure(after, fate.letter, fate.role, scene.policy, person=ref)
    return (_append(ticket, entry), *told, Journal(verb=f"{what.value}-{fate.letter}", by="maild", ticket_id=ticket.id))


def _lost(ticket: Ticket, fate: Fate, scene: Scene) -> Entry:
    facts: dict[str, Fact] = {"letter": fate.letter, "role": fate.role}
    entry = Entry(what=What.LOST, at=scene.now, by="maild", facts=facts)
    after = fold(ticket, [entry])
    # What a lost answer opens again has to be taken by somebody, where nobody leads it any more.
    again = after.state is not ticket.state and after.lead is None
    return replace(entry, facts={**facts, "clocks": untaken(after, scene)}) if again else entry


def _accepted(ticket: Ticket, fate: Fate) -> tuple[Effect, ...]:
    entry = Entry(what=What.ACCEPTED, at=fate.at, by="maild", facts={"letter": fate.letter})
    return (_append(ticket, entry), Journal(verb=f"accepted-{fate.letter}", by="maild", ticket_id=ticket.id))


def _append(ticket: Ticket, entry: Entry) -> Append:
    return Append(ticket=ticket, entries=(entry,))
