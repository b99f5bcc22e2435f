"""Where a case happened: at a conference or meetup, or in a space of the community."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from maild.playbook.entry import Entry, What
from maild.playbook.ticket import Ticket


def _placed(ticket: Ticket, entry: Entry) -> Ticket:
    facts = entry.facts
    return replace(ticket, event=str(facts.get("event", ticket.event)), space=str(facts.get("space", ticket.space)))


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {What.PLACED: _placed}
"""What each of these entries means for a ticket."""
