"""What people at an event are asked to do, and are reminded of until somebody says that it is done. Only ever to the case team."""

from collections.abc import Iterable, Mapping, Sequence

from maild.playbook import disclosure, notices
from maild.playbook.deadlines import Duty
from maild.playbook.effects import Send
from maild.playbook.entry import Fact
from maild.playbook.letters import Kind, Recipient
from maild.playbook.people import Person
from maild.playbook.policy import Policy
from maild.playbook.presentations import MINOR, Presentation
from maild.playbook.support import wanted
from maild.playbook.ticket import Ticket

DUTIES = frozenset({Duty.SPEAK, Duty.SUPPORT})
"""The duties whose reminders are letters of this kind."""

NOTHING: Mapping[str, Fact] = {"by": "", "text": "", "talk": "", "grounds": "", "wanted": [], "again": False}


def to_speak(ticket: Ticket, made: Presentation, policy: Policy, *, but: Person | None = None, again: bool = False) -> tuple[Send, ...]:
    """Somebody is to speak to the presenter: to the lead, else to those at the event."""
    led = [to for to in disclosure.team(ticket, policy) if to.handle == ticket.lead]
    return _asked(ticket, led or disclosure.at_event(ticket, policy), policy, {"task": "speak", "talk": made.talk, "again": again}, but=but)


def stopped(ticket: Ticket, made: Presentation, text: str, by: Person, policy: Policy) -> tuple[Send, ...]:
    """A presentation was stopped: to all who may see the case, at once (playbook line 12, row P06)."""
    facts: dict[str, Fact] = {"task": "stopped", "talk": made.talk, "grounds": made.grounds, "by": by.name, "text": text}
    return _asked(ticket, disclosure.team(ticket, policy), policy, facts, but=by)


def to_arrange(
    ticket: Ticket, items: Sequence[str], policy: Policy, *, text: str = "", but: Person | None = None, again: bool = False
) -> tuple[Send, ...]:
    """What the reporter wants is to be arranged: to those at the event."""
    facts: dict[str, Fact] = {"task": "support", "wanted": list(items), "text": text, "again": again}
    return _asked(ticket, disclosure.at_event(ticket, policy), policy, facts, but=but)


def reminded(ticket: Ticket, duty: Duty, policy: Policy) -> tuple[Send, ...]:
    """The same once more, to all of them."""
    if duty is Duty.SUPPORT:
        return to_arrange(ticket, wanted(ticket.support), policy, again=True)
    last = next(one for one in reversed(ticket.presentations) if one.what == MINOR)
    return to_speak(ticket, last, policy, again=True)


def _asked(ticket: Ticket, to: Iterable[Recipient], policy: Policy, facts: Mapping[str, Fact], *, but: Person | None) -> tuple[Send, ...]:
    """To all of these but who asks for it."""
    told = [one for one in to if but is None or one.handle != but.handle]
    return notices.about(ticket, Kind.TO_DO, told, {**NOTHING, **facts, **notices.at_hand(ticket, policy)}, policy)
