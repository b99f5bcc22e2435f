"""The ladders of what is decided: a sanction before its end, a task until it is confirmed, an appeal until it is answered.

They run whatever the state of the case: a closed one stays closed, and a sanction ends all the same (product.md section 7).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from maild.playbook.deadlines import Clock, Duty, ladder, same_time_in_days
from maild.playbook.policy import DAY, Policy
from maild.playbook.sanctions import Sanction
from maild.playbook.tasks import Appeal, Task
from maild.playbook.ticket import Ticket

WEEK, LAST_DAY, END = "week", "day", "end"
"""The steps of a sanction that ends."""

UNDONE = "undone"
"""The step of a task that nobody has confirmed; it comes every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One step of one of these ladders."""

    about: str
    """The number of the sanction or task, or `appeal of` a sanction."""
    number: int
    at: datetime
    rung: str


def due_marks(ticket: Ticket, policy: Policy, now: datetime) -> tuple[Mark, ...]:
    """Of each ladder the highest step that has passed and is not climbed yet."""
    return tuple(mark for steps in _ladders(ticket, policy) if (mark := _highest(steps, now)))


def next_mark(ticket: Ticket, policy: Policy) -> datetime | None:
    """When the next step of any of these ladders comes."""
    firsts = (next(steps, None) for steps in _ladders(ticket, policy))
    return min((mark.at for mark in firsts if mark is not None), default=None)


def about_appeal(appeal: Appeal) -> str:
    """What the ladder of an appeal is called."""
    return f"appeal of {appeal.sanction}"


def _highest(steps: Iterator[Mark], now: datetime) -> Mark | None:
    passed = None
    for mark in steps:
        if mark.at > now:
            break
        passed = mark
    return passed


def _ladders(ticket: Ticket, policy: Policy) -> Iterator[Iterator[Mark]]:
    """The steps of each ladder that are not climbed."""
    for sanction in ticket.sanctions:
        yield _left(ticket, _of_sanction(sanction, policy))
    for task in ticket.tasks:
        yield _left(ticket, _of_task(task))
    for appeal in ticket.appeals:
        yield _left(ticket, _of_appeal(appeal, policy))


def _left(ticket: Ticket, steps: Iterator[Mark]) -> Iterator[Mark]:
    return (mark for mark in steps if mark.number > ticket.noticed.get(mark.about, 0))


def _of_sanction(sanction: Sanction, policy: Policy) -> Iterator[Mark]:
    until, since = sanction.until, sanction.since or sanction.start
    if until is None or sanction.lifted_at is not None or sanction.ended_at is not None:
        return
    for number, (days, rung) in enumerate(((7, WEEK), (1, LAST_DAY), (0, END)), start=1):
        at = same_time_in_days(until, -days, policy)
        if at > since:
            yield Mark(about=sanction.id, number=number, at=at, rung=rung)


def _of_task(task: Task) -> Iterator[Mark]:
    if task.open:
        yield from (Mark(about=task.id, number=number, at=task.at + number * DAY, rung=UNDONE) for number in count(1))


def _of_appeal(appeal: Appeal, policy: Policy) -> Iterator[Mark]:
    if not appeal.open:
        return
    # The ladder of the answer to a reporter, without the letter that nobody wrote (product.md section 7).
    clock, clocks = Clock(duty=Duty.RESPOND, started_at=appeal.at, due_at=appeal.due_at), replace(policy.clocks, holding_letter=False)
    yield from (Mark(about=about_appeal(appeal), number=step.number, at=step.at, rung=step.rung.value) for step in ladder(clock, clocks))
