"""Carrying a sanction out: who is asked to, with the person, the measure, the dates and nothing else (product.md section 5)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from maild.playbook import disclosure, leaks, notices
from maild.playbook.conduct import EXPULSION
from maild.playbook.decide.desk import Desk
from maild.playbook.effects import Send
from maild.playbook.enforcing import appealed, freed, others_running
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Scene
from maild.playbook.history import fold
from maild.playbook.letters import Kind, Letter
from maild.playbook.policy import Policy
from maild.playbook.sanctions import EVERYWHERE, Sanction
from maild.playbook.tasks import Act, Task, task_facts
from maild.playbook.ticket import Ticket

ASKED = {
    Act.IMPOSE: "is asked to put it in force",
    Act.CHANGE: "is told the new dates",
    Act.RESTORE: "is asked to restore access",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What is handed to whom: the entries of the case, the letters, and sentences for whoever decided it."""

    entries: tuple[Entry, ...] = ()
    letters: tuple[Send, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    slug: str
    name: str
    contact: str = ""


def carried(desk: Desk, *, new: Iterable[Sanction], act: Act = Act.IMPOSE) -> tuple[Desk, tuple[str, ...]]:
    """The desk with these sanctions handed to whoever carries them out, and what is said of it."""
    sentences = list[str]()
    for sanction in new:
        made = handed(desk.case, sanction, act, desk.scene, by=desk.person.handle)
        desk = desk.enter(*made.entries).also(*made.letters)
        sentences += made.sentences
    return desk, tuple(sentences)


def handed(ticket: Ticket, sanction: Sanction, act: Act, scene: Scene, *, by: str) -> Handed:
    """One task for each contact with all of their places, and one for the staff with those that have none."""
    entries, letters, sentences = list[Entry](), list[Send](), list[str]()
    for (contact, why), places in _by_contact(ticket, sanction, act, scene).items():
        number = f"T{len(ticket.tasks) + 1}"
        token = scene.fresh.token(f"task-{ticket.id}-{number}")
        names = tuple(place.name for place in places)
        task = Task(id=number, sanction=sanction.id, act=act, places=names, contact=contact, token=token, at=scene.now)
        letters += _letter(ticket, sanction, task, scene.policy)
        entries.append(Entry(what=What.TASKED, at=scene.now, by=by, facts=task_facts(task)))
        ticket = fold(ticket, entries[-1:])
        sentences.append(_said(task, why))
    return Handed(entries=tuple(entries), letters=tuple(letters), sentences=tuple(sentences))


def _said(task: Task, why: str) -> str:
    where = ", ".join(task.places)
    if task.contact:
        return f"{task.id}: the contact of {where} {ASKED[task.act]}; they get the name, the measure and the dates."
    return f"{task.id}: please do it yourselves in {where}{f' ({why})' if why else ''}, then write [done:{task.id}]."


def _by_contact(ticket: Ticket, sanction: Sanction, act: Act, scene: Scene) -> Mapping[tuple[str, str], list[_Place]]:
    """The places, by the address that is asked and, where it is nobody's, why not."""
    found: dict[tuple[str, str], list[_Place]] = {}
    for place in _open_places(ticket, sanction, act, scene):
        why = _unasked(ticket, sanction, place, scene.policy) if place.contact else ""
        found.setdefault(("" if why else place.contact, why), []).append(place)
    return found


def _open_places(ticket: Ticket, sanction: Sanction, act: Act, scene: Scene) -> Iterator[_Place]:
    """The places that a sanction is about or, at its end, those out of which nothing else keeps the person."""
    slugs = _slugs(sanction, scene.policy)
    if act is Act.RESTORE:
        slugs = freed(slugs, others_running(ticket, sanction, scene.now))
    return (_place(slug, sanction, scene.policy) for slug in slugs)


def _slugs(sanction: Sanction, policy: Policy) -> tuple[str, ...]:
    every = tuple(space.slug for space in policy.spaces)
    return every if EVERYWHERE in sanction.spaces and every else sanction.spaces


def _place(slug: str, sanction: Sanction, policy: Policy) -> _Place:
    event = policy.conference(slug) if sanction.kind == EXPULSION else None
    known = event or next((one for one in policy.spaces if one.slug == slug), None)
    if known is None:
        return _Place(slug=slug, name="every space" if slug == EVERYWHERE else slug)
    return _Place(slug=slug, name=known.name, contact=known.contact)


def _unasked(ticket: Ticket, sanction: Sanction, place: _Place, policy: Policy) -> str:
    """Why the contact of a place is not written to; empty where they are."""
    who = ticket.person(sanction.person)
    if who is None or leaks.blank(who.name):
        return f"nobody has written down the name of {sanction.person}"
    if who.role == "reporter" or any(leaks.naming(who.name, ticket)):
        return f"what {sanction.person} is called tells who the reporter is"
    if disclosure.contact(ticket, "", place.contact, policy) is None:
        return "its contact may not know of this case, or has no address"
    return ""


def _letter(ticket: Ticket, sanction: Sanction, task: Task, policy: Policy) -> Iterator[Send]:
    to, who = disclosure.contact(ticket, task.id, task.contact, policy), ticket.person(sanction.person)
    if to is None or who is None:
        return
    earlier = [one for one in ticket.tasks if (one.sanction, one.contact) == (sanction.id, task.contact)]
    heard = next((ticket.heard_from[one.id] for one in reversed(earlier) if one.id in ticket.heard_from), "")
    facts: dict[str, Fact] = {
        "act": task.act.value,
        "person": who.name,
        "measure": sanction.kind,
        "places": list(task.places),
        "start": sanction.start.isoformat(),
        "until": sanction.until.isoformat() if sanction.until else None,
        "over": min(sanction.until or task.at, task.at).isoformat(),
    }
    yield Send(
        letter=Letter(
            kind=Kind.CONTACT,
            to=to,
            ticket_id=ticket.id,
            facts=facts,
            token=task.token,
            in_reply_to=heard,
            references=(heard,) if heard else (),
            follows=earlier[-1].token if earlier else "",
        )
    )


def ended(ticket: Ticket, sanction: Sanction, scene: Scene) -> tuple[Send, ...]:
    """The letter to whom it was about, of what is open to them again: to those alone who know of it by a letter, or have appealed."""
    names = [place.name for place in _open_places(ticket, sanction, Act.RESTORE, scene)]
    knows = sanction.person in ticket.reached or appealed(ticket, sanction.id)
    if not knows or not names:
        return ()
    everywhere = EVERYWHERE in sanction.spaces and not others_running(ticket, sanction, scene.now)
    over = min(sanction.until or scene.now, scene.now)
    facts: dict[str, Fact] = {"places": list(names), "everywhere": everywhere, "over": over.isoformat()}
    return tuple(Send(letter=one) for one in notices.to_person(ticket, Kind.SANCTION_ENDED, sanction.person, facts, scene.policy))
