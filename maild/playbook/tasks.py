"""What a sanction leaves to be done: somebody carries it out, place by place, and an appeal is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from maild.playbook.entry import Fact


class Act(Enum):
    """What is to be done about a sanction; the values are stored."""

    IMPOSE = "impose"
    CHANGE = "change"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One act in some places, for the one person who is their contact or, without a `contact`, for the staff themselves."""

    id: str
    """T1, T2 and so on, in the order in which they came up on this case."""
    sanction: str
    act: Act
    places: tuple[str, ...]
    """What the places are called, as people know them."""
    contact: str
    """The address that was asked; empty where nobody outside was."""
    token: str
    """That of the letter to them, which an answer and the next letter on the same thread name."""
    at: datetime
    done: bool = False
    dropped: bool = False
    """Something else came of the sanction before it was done."""

    @property
    def open(self) -> bool:
        """Whether somebody still has to do it, or to say that it is done."""
        return not self.done and not self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """Somebody asks that a sanction without an end be looked at again by others than those who decided it."""

    sanction: str
    at: datetime
    due_at: datetime
    outcome: str = ""

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.outcome


def task_facts(task: Task) -> dict[str, Fact]:
    """A task as the facts of its entry; it came up at the entry's own moment."""
    return {
        "id": task.id,
        "sanction": task.sanction,
        "act": task.act.value,
        "places": list(task.places),
        "contact": task.contact,
        "token": task.token,
    }


def task_from(facts: Mapping[str, Fact], *, at: datetime) -> Task:
    """The task that stands in an entry's facts."""
    places = facts["places"]
    return Task(
        id=str(facts["id"]),
        sanction=str(facts["sanction"]),
        act=Act(facts["act"]),
        places=tuple(map(str, places)) if isinstance(places, list | tuple) else (),
        contact=str(facts["contact"]),
        token=str(facts["token"]),
        at=at,
    )


def to_do(task: Task) -> str:
    """What is open of a task, in words for staff."""
    where = ", ".join(task.places)
    if task.contact:
        whom = f"{task.id}: the contact of {where} has not confirmed"
        return f"{whom} {_CONFIRMED[task.act].format(task.sanction)} (write [done:{task.id}] where you know it)"
    return f"{task.id}: {_OURSELVES[task.act].format(task.sanction, where)} (then write [done:{task.id}])"


_CONFIRMED = {
    Act.IMPOSE: "that {} is in force",
    Act.CHANGE: "the new dates of {}",
    Act.RESTORE: "that access is restored after {}",
}

_OURSELVES = {
    Act.IMPOSE: "put {0} in force in {1} yourselves",
    Act.CHANGE: "set the new dates of {0} in {1} yourselves",
    Act.RESTORE: "restore access to {1} yourselves, {0} is over",
}
