"""Keeping people out of a case: whoever is named in it, is a party to it, or steps back (product.md section 10)."""

from collections.abc import Mapping

from maild.playbook.deadlines import take_clock
from maild.playbook.effects import Withhold
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import clock_facts
from maild.playbook.people import mentioned
from maild.playbook.policy import Policy
from maild.playbook.ticket import State, Ticket


def named_in(mail: Mail, text: str, policy: Policy) -> frozenset[str]:
    """Handles of those of us whom a mail names: in its text, its Subject, its sender, its copies or its attachments."""
    attached = (str(attachment.get("name", "")) for attachment in mail.attachments)
    # The text comes first, so that its greeting is where a greeting is looked for.
    return mentioned("\n".join((text, mail.subject, mail.name, mail.address, *mail.copied_to, *attached)), policy.everybody)


def withholding(ticket: Ticket, reasons: Mapping[str, str], scene: Scene, *, by: str = "maild") -> tuple[Entry, ...]:
    """The entries that keep people out of a case, each for a reason; where one of them led, somebody else has to take it."""
    return tuple(_withheld(ticket, handle, why, scene, by=by) for handle, why in sorted(reasons.items()))


def hidden(ticket: Ticket, reasons: Mapping[str, str]) -> tuple[Withhold, ...]:
    """What makes the store keep them out."""
    out = sorted(reasons.items())
    return tuple(Withhold(ticket_id=one.id, handle=handle, why=why) for one in ticket.threads for handle, why in out)


def _withheld(ticket: Ticket, handle: str, why: str, scene: Scene, *, by: str) -> Entry:
    clocks = untaken(ticket, scene) if handle == ticket.lead else {}
    return Entry(what=What.WITHHELD, at=scene.now, by=by, facts={"handle": handle, "why": why, "clocks": clocks})


def untaken(ticket: Ticket, scene: Scene, *, parted: bool = False) -> dict[str, Fact]:
    """The clock until somebody has to have taken a case that lost its lead; none where nobody works on it.

    One that is part of another is not taken by itself, unless it is `parted` from it just now.
    """
    if not ticket.working or ticket.state is State.HELD or (ticket.merged_into is not None and not parted):
        return {}
    return clock_facts(take_clock(scene.now, urgent=ticket.urgent, clocks=scene.policy.clocks))
