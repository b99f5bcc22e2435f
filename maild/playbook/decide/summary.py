"""Many cases in one letter: what is held, and reports that came faster than notices may."""

from collections.abc import Sequence
from itertools import chain

from maild.playbook import disclosure, notices
from maild.playbook.effects import Effect, Journal, Send
from maild.playbook.entry import Fact
from maild.playbook.events import Scene
from maild.playbook.letters import Kind, Letter, Recipient
from maild.playbook.ticket import Ticket


def held_summary(tickets: Sequence[Ticket], scene: Scene) -> tuple[Effect, ...]:
    """New held items, to each of staff those they may know of."""
    return _summary(Kind.HELD_SUMMARY, tickets, scene)


def report_summary(tickets: Sequence[Ticket], scene: Scene) -> tuple[Effect, ...]:
    """Reports that came too fast for a notice each; whoever is told of a single one gets a notice as of any."""
    return _summary(Kind.REPORT_SUMMARY, tickets, scene)


def _summary(kind: Kind, tickets: Sequence[Ticket], scene: Scene) -> tuple[Effect, ...]:
    readers: dict[str, tuple[Recipient, list[Ticket]]] = {}
    for ticket in tickets:
        for to in disclosure.team(ticket, scene.policy):
            readers.setdefault(to.handle, (to, []))[1].append(ticket)
    letters = (_letter(kind, to, known, scene) for to, known in readers.values())
    return (*chain.from_iterable(letters), Journal(verb=kind.value, by="maild", facts={"count": len(tickets)}))


def _letter(kind: Kind, to: Recipient, known: Sequence[Ticket], scene: Scene) -> tuple[Send, ...]:
    if kind is Kind.REPORT_SUMMARY and len(known) == 1:
        return notices.told_late(known[0], to, scene.policy)
    return (Send(letter=Letter(kind=kind, to=to, facts={"items": [_item(one) for one in known]})),)


def _item(ticket: Ticket) -> dict[str, Fact]:
    # No text and no subject: one letter holds many cases, and whoever wants to know more asks with [show:…].
    return {"code": ticket.code, "received_at": ticket.received_at.isoformat(), "held_as": ticket.held_as}
