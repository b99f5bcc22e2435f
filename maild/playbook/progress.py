"""What a case still needs: the missing determinations, the open duties, the next deadline, the next thing to do."""

from collections.abc import Iterator
from datetime import datetime

from maild.playbook.deadlines import Duty, next_step
from maild.playbook.policy import Clocks
from maild.playbook.support import wanted
from maild.playbook.tasks import to_do
from maild.playbook.ticket import State, Ticket

DETERMINATIONS = ("what", "violation", "who", "ongoing", "safety")
"""The five things staff must determine, in the playbook's order (lines 77 to 81)."""

NOT_TAKEN = "the reporter's mail server has not taken the outcome letter yet"
"""Of a letter that is on its way, be it for a second or for days."""

DEADLINES = (Duty.ACKNOWLEDGE, Duty.RESPOND)
"""The duties that are owed to the reporter; the others only keep the team awake."""


def missing(ticket: Ticket) -> tuple[str, ...]:
    """The determinations that are not made yet."""
    return tuple(name for name in DETERMINATIONS if name not in ticket.determinations)


def determining(ticket: Ticket) -> str:
    """The tag that determines what is missing, as an example that can be sent as it stands; empty where nothing is missing."""
    left = missing(ticket)
    values = {"violation": "yes", "who": _refs(ticket) or '"their name"', "ongoing": "no", "safety": "no"}
    words = [name if name == "what" else f"{name}={values[name]}" for name in left]
    return f"[determine {' '.join(words)}]" if left else ""


def resolving(ticket: Ticket) -> str:
    """The tag that resolves the case once all is determined, as an example that fits what is determined already."""
    violation, who = ticket.determinations.get("violation"), ticket.determinations.get("who")
    if violation is not None and violation.value != "yes":
        return "[resolve:nothing]"
    if who is not None and not ticket.respondents:
        return '[resolve:other label="what it is called"]'
    return "[resolve:private-reprimand" + (f" to={_refs(ticket)}]" if len(ticket.respondents) > 1 else "]")


def _refs(ticket: Ticket) -> str:
    return ",".join(person.ref for person in ticket.respondents)


def open_duties(ticket: Ticket) -> tuple[str, ...]:
    """What stands between this case and its end, in words for staff."""
    duties = [untaken(ref) if ref in ticket.telling else f"tell {ref} (then write [told:{ref}])" for ref in ticket.untold]
    if ticket.proposal is not None:
        duties.append(f"the proposal {ticket.proposal.id} waits for a second person")
    duties += [to_do(task) for task in ticket.tasks if task.open]
    duties += [_to_answer(appeal.sanction) for appeal in ticket.appeals if appeal.open]
    duties.extend(duty for thread in ticket.threads for duty in _owed(thread, ticket))
    if ticket.running(Duty.SPEAK):
        duties.append("speak to the presenter (then write [presentation:spoken])")
    duties.extend(f"arrange what the reporter wants: {item} (then write [support:{item}=arranged])" for item in wanted(ticket.support))
    return tuple(duties)


def _to_answer(number: str) -> str:
    return f"the appeal of {number} waits for somebody who did not decide it ([appeal:upheld {number}] or another answer, and the text below it)"


def _owed(thread: Ticket, case: Ticket) -> Iterator[str]:
    """What is open towards the reporter of a thread."""
    answered = f"[answered to={thread.reference}]" if case.joined else "[answered]"
    who = f"the reporter {thread.reference}" if case.joined else "the reporter"
    reopened = State.REOPENED in (case.state, thread.state)
    if thread.answer_open and thread.answer_lost:
        yield f"the answer did not reach {who} (answer them another way, then write {answered})"
    elif thread.answer_open:
        yield not_taken(thread, case)
    elif thread.running(Duty.RESPOND) and (thread.state is State.RESOLVED or (reopened and not thread.answers)):
        yield f"{who} has not been told the outcome (answer them, then write {answered})"


def not_taken(thread: Ticket, case: Ticket) -> str:
    """What is said of an outcome letter that is on its way, be it for a second or for days."""
    return f"{NOT_TAKEN} ({thread.reference})" if case.joined else NOT_TAKEN


def untaken(ref: str) -> str:
    """What is said of a letter to somebody else on the case that is on its way."""
    return f"the mail server of {ref} has not taken the letter to them yet"


def next_deadline(ticket: Ticket) -> datetime | None:
    """When the next thing is due to the reporter."""
    clocks = (clock for thread in ticket.threads for clock in thread.clocks.values())
    return min((clock.due_at for clock in clocks if clock.running and clock.duty in DEADLINES), default=None)


def next_at(ticket: Ticket, clocks: Clocks) -> datetime | None:
    """When the next step of any ladder of this case comes."""
    steps = (next_step(clock, clocks) for clock in ticket.clocks.values())
    return min((step.at for step in steps if step is not None), default=None)
