"""What there is to name: said to whoever named a person, a space, a sanction or anything else in a way that cannot be read."""

from collections.abc import Callable, Iterable, Mapping

from maild.playbook.decide.desk import Desk
from maild.playbook.decide.measures import said
from maild.playbook.decide.writing import people
from maild.playbook.policy import Policy
from maild.playbook.sanctions import EVERYWHERE
from maild.playbook.values import APPEAL, HANDLE, PERSON, PERSONS, PROPOSAL, SANCTION, SLUGS, SPACE, TASK, WHO, Kind


def known(kinds: Iterable[Kind], desk: Desk) -> str:
    """What can be named of these kinds, in sentences; of a case only to somebody who works on it."""
    ours = (_OURS[kind](desk.scene.policy) for kind in kinds if kind in _OURS)
    theirs = (_ON_THE_CASE[kind](desk) for kind in kinds if kind in _ON_THE_CASE and desk.seen is not None)
    return " ".join(dict.fromkeys(filter(None, (*ours, *theirs))))


def _people(desk: Desk) -> str:
    return f"Known on this case: {people(desk.case)}."


def _sanctions(desk: Desk) -> str:
    running = [one for one in desk.case.sanctions if one.running(desk.scene.now)]
    return " ".join(said(running, desk.scene.policy)) or "No sanction runs on this case."


def _tasks(desk: Desk) -> str:
    return f"Open: {', '.join(task.id for task in desk.case.tasks if task.open) or 'none'}."


def _proposals(desk: Desk) -> str:
    return f"{desk.case.proposal.id} waits." if desk.case.proposal else "No proposal waits on this case."


def _spaces(policy: Policy, *more: str) -> str:
    listed = [*(space.slug for space in policy.spaces), *more]
    return f"Known: {', '.join(listed)}." if listed else ""


_OURS: Mapping[Kind, Callable[[Policy], str]] = {
    SPACE: _spaces,
    SLUGS: lambda policy: _spaces(policy, EVERYWHERE),
    HANDLE: lambda policy: f"Known: {', '.join(one.handle for one in policy.everybody)}.",
}

_ON_THE_CASE: Mapping[Kind, Callable[[Desk], str]] = {
    **dict.fromkeys((PERSON, PERSONS, WHO), _people),
    **dict.fromkeys((SANCTION, APPEAL), _sanctions),
    TASK: _tasks,
    PROPOSAL: _proposals,
}
