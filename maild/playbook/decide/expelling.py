"""`[expel:P1 ground=…]`: an expulsion from the event of the case, at the discretion of conference staff (playbook lines 50 to 58).

On the spot, so no determination is asked for; what follows is asked instead: whether security and the authorities should know (line 60).
"""

from collections.abc import Iterator
from datetime import datetime, time

from maild.playbook import disclosure, leaks
from maild.playbook.commands import Command
from maild.playbook.conduct import DISCRETION, EXPULSION
from maild.playbook.deadlines import in_zone
from maild.playbook.decide.carrying import carried
from maild.playbook.decide.desk import Desk, Done, Refused, Tried
from maild.playbook.decide.measures import places
from maild.playbook.decide.moves import led
from maild.playbook.decide.writing import unknown
from maild.playbook.entry import What
from maild.playbook.events import Scene
from maild.playbook.policy import Conference, Policy
from maild.playbook.sanctions import Sanction, sanction_facts
from maild.playbook.ticket import No, Ticket, Turn, turn

NO_REASON = "At your discretion, say why in the lines below the tag; the text stays with the team."

CONTACTED = "Once one of us has told them, write [contacted:venue-security], or police or medical in its place."


def expel(command: Command, desk: Desk) -> Tried:
    """An expulsion until the event ends: a sanction like any, whose places are the event itself and the spaces that belong to it."""
    ref, ticket = command.value or "", desk.case
    person, event = ticket.person(ref), desk.scene.policy.conference(ticket.event)
    refusal = _refusal(command, desk)
    if person is None or event is None or refusal:
        return Refused(sentence=refusal)
    by = tuple(filter(None, (desk.proposed_by, desk.person.handle)))
    known = next((one for one in ticket.sanctions if one.running(desk.scene.now) and _is_of(one, person.ref, event)), None)
    new = Sanction(
        id=f"S{len(ticket.sanctions) + 1}",
        kind=EXPULSION,
        person=person.ref,
        spaces=(event.slug, *event.spaces),
        start=desk.scene.now,
        until=_end(event, desk.scene.policy),
        by=by,
    )
    ground = {"ref": person.ref, "ground": command.keys["ground"], "event": event.slug, "text": command.text}
    after = led(desk).note(What.EXPELLED, {**ground, "proposed_by": desk.proposed_by})
    after = after if known else after.note(What.SANCTIONED, sanction_facts(new))
    after, to_do = carried(after, new=() if known else (new,))
    return Done(desk=after, sentence=" ".join((*_said(known or new, event, after), *to_do)))


def _is_of(sanction: Sanction, ref: str, event: Conference) -> bool:
    return (sanction.kind, sanction.person) == (EXPULSION, ref) and event.slug in sanction.spaces


def _end(event: Conference, policy: Policy) -> datetime:
    return in_zone(datetime.combine(event.end, time(23, 59, 59)), policy)


def _refusal(command: Command, desk: Desk) -> str:
    ticket, scene = desk.case, desk.scene
    to, event = turn(ticket, Turn.DETERMINED), scene.policy.conference(ticket.event)
    if isinstance(to, No):
        return to.sentence
    if ticket.person(command.value or "") is None:
        return unknown(command.value or "", ticket)
    if event is None:
        return _no_event(scene.policy)
    if _end(event, scene.policy) <= scene.now:
        return f"{event.name} ended on {event.end.isoformat()}; to keep somebody out from now on, resolve the case with a ban."
    return NO_REASON if command.keys["ground"] == DISCRETION and leaks.blank(command.text) else ""


def _no_event(policy: Policy) -> str:
    known = [one.slug for one in policy.conferences]
    if not known:
        return "An expulsion is from an event, and the configuration has no [[event]]; to keep somebody out of spaces, resolve with a ban."
    line = f"[event:{known[-1]}]"
    return f"An expulsion is from an event, and this case is at none. Put a line like this above it: {line}. Known: {', '.join(known)}."


def _said(sanction: Sanction, event: Conference, desk: Desk) -> Iterator[str]:
    policy, reached = desk.scene.policy, disclosure.representatives(desk.case, desk.scene.policy)
    yield f"{sanction.id}: {sanction.person} is expelled from {places(sanction.spaces, policy)} until {event.end.isoformat()}."
    yield "Should the security of the venue, the police or a medic know of it?"
    if event.security:
        yield f"Security: {event.security}."
    if reached:
        yield f"Representatives: {'; '.join(reached)}."
    yield CONTACTED


def expelling(ticket: Ticket, ref: str, ground: str, scene: Scene) -> str:
    """The tags that would expel somebody on this ground now, to be copied; empty where there is no event to be expelled from."""
    open_events = [one for one in scene.policy.conferences if _end(one, scene.policy) > scene.now]
    line = f"[expel:{ref} ground={ground}]"
    if any(one.slug == ticket.event for one in open_events):
        return line
    return f"[event:{open_events[0].slug}] {line}" if open_events and not ticket.event else ""
