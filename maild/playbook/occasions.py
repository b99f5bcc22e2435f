"""What the calendar of a conference asks for: letters to its staff, about no case (rows P22 and P33).

An occasion is one family of letters about one event, with the moments at which one is due. Whoever asks is told the latest that has passed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum

from maild.playbook import disclosure
from maild.playbook.deadlines import MORNING, in_zone
from maild.playbook.effects import Effect, Journal, Send
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.intake_card import intake_card
from maild.playbook.letters import Kind, Letter, Recipient
from maild.playbook.policy import DAY, Conference, Policy

EVENING = time(18)
"""When the last day of an event ends, for those who work there."""

WARNED_BEFORE = (14, 7, 1)
"""Days before the event on which staff are warned that representatives are missing."""

AT_LEAST = 2
"""Representatives an event should name."""

ASKED_AFTER = (0, 1, 3, 7)
"""Days after the last day on which staff are asked for what they have not sent in."""

LAPSES = 30 * DAY
"""So long after the event nobody is asked any more: an event may stand in the configuration for years."""


class Family(Enum):
    """What a letter is about; the values are stored."""

    REPRESENTATIVES = "representatives"
    CARD = "card"
    SEND_IN = "send-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A letter that is due: its family, its event, and how many days before or after."""

    family: Family
    event: Conference
    days: int

    @property
    def slot(self) -> str:
        """Its appointment: once each, whatever happens in between."""
        return f"{self.event.slug}/{self.event.start.isoformat()}/{self.family.value}/{self.days}"


def due(policy: Policy, now: datetime) -> Iterator[Occasion]:
    """For each event and family the latest occasion that has passed, as long as it is of use."""
    for event in policy.conferences:
        for family in Family:
            passed = [(at, days) for at, days in _moments(family, event, policy) if at <= now]
            if passed and now < _ends(family, event, policy) and _is_wanted(family, event):
                yield Occasion(family=family, event=event, days=passed[-1][1])


def _moments(family: Family, event: Conference, policy: Policy) -> list[tuple[datetime, int]]:
    """When a letter of this family is due, in order, each with its days before or after the event."""
    if family is Family.SEND_IN:
        return [(in_zone(datetime.combine(event.end + days * DAY, EVENING), policy), days) for days in ASKED_AFTER]
    before = WARNED_BEFORE if family is Family.REPRESENTATIVES else WARNED_BEFORE[-1:]
    return [(in_zone(datetime.combine(event.start - days * DAY, MORNING), policy), days) for days in before]


def _ends(family: Family, event: Conference, policy: Policy) -> datetime:
    """From when on a letter of this family is of no use."""
    over = in_zone(datetime.combine(event.end + DAY, time()), policy)
    return over + LAPSES if family is Family.SEND_IN else over


def _is_wanted(family: Family, event: Conference) -> bool:
    return family is not Family.REPRESENTATIVES or len(event.representatives) < AT_LEAST


def letters(occasion: Occasion, scene: Scene) -> tuple[Effect, ...]:
    """The letters of an occasion, to the staff of its event."""
    to, policy = disclosure.event_staff(occasion.event, scene.policy), scene.policy
    if occasion.family is Family.CARD:
        made = [_card(occasion.event, one) for one in to]
    else:
        kind = Kind.EVENT_REMINDER if occasion.family is Family.SEND_IN else Kind.EVENT_WARNING
        made = [Letter(kind=kind, to=one, facts=_facts(occasion, policy)) for one in to]
    journal = Journal(verb=f"event-{occasion.family.value}", by="maild", facts={"event": occasion.event.slug})
    return (*(Send(letter=one) for one in made), journal)


def _card(event: Conference, to: Recipient) -> Letter:
    people = map(_reached, event.representatives)
    return intake_card(to, event=event.name, slug=event.slug, representatives=people, security=event.security)


def _reached(representative: str) -> dict[str, Fact]:
    """Name and contact of one, who stands in the configuration as on a sign: "Ana Example, 555-0101"."""
    name, _, contact = representative.partition(",")
    return {"name": name.strip(), "contact": contact.strip()}


def _facts(occasion: Occasion, policy: Policy) -> dict[str, Fact]:
    event = occasion.event
    return {
        "event": event.name,
        "slug": event.slug,
        "first": occasion.days == 0,
        "start": in_zone(datetime.combine(event.start, time(12)), policy).isoformat(),
        "representatives": list(event.representatives),
        "security": event.security,
    }
