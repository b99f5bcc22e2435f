"""Time has passed for what was decided: who is told of a sanction that ends, a task nobody confirmed, an appeal that waits."""

from collections.abc import Iterator
from dataclasses import dataclass

from maild.playbook import disclosure, notices
from maild.playbook.deadlines import Rung
from maild.playbook.decide.carrying import ended, handed
from maild.playbook.decide.sanctioning import longer
from maild.playbook.effects import Journal, Send
from maild.playbook.enforcing import sanction_of
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Scene
from maild.playbook.history import fold
from maild.playbook.letters import Kind, Recipient
from maild.playbook.policy import Policy
from maild.playbook.sanctions import Sanction
from maild.playbook.tasks import Act, to_do
from maild.playbook.ticket import Ticket
from maild.playbook.watching import END, UNDONE, Mark, about_appeal, due_marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the look at these ladders comes to."""

    entries: tuple[Entry, ...] = ()
    letters: tuple[Send, ...] = ()
    journal: tuple[Journal, ...] = ()


def watched(ticket: Ticket, scene: Scene) -> Seen:
    """The highest step of each ladder that is due; the tasks of one case that wait are told of in one letter."""
    marks = due_marks(ticket, scene.policy, scene.now)
    entries, letters = list[Entry](), list[Send]()
    for mark in marks:
        made = [Entry(what=What.NOTICED, at=scene.now, by="maild", facts={"about": mark.about, "number": mark.number, "rung": mark.rung})]
        sanction = sanction_of(ticket, mark.about)
        if sanction is not None and mark.rung == END:
            made.append(Entry(what=What.ENDED, at=scene.now, by="maild", facts={"id": sanction.id}))
            to_restore = handed(fold(ticket, made), sanction, Act.RESTORE, scene, by="maild")
            made += to_restore.entries
            letters += (*to_restore.letters, *ended(ticket, sanction, scene))
        ticket = fold(ticket, made)
        entries += made
    told = (letter for mark in marks for letter in _told(ticket, mark, scene))
    journal = tuple(Journal(verb=f"{_kind(mark)}-{mark.rung}", by="maild", ticket_id=ticket.id) for mark in marks)
    return Seen(entries=tuple(entries), letters=(*letters, *told, *_of_tasks(ticket, marks, scene)), journal=journal)


def _kind(mark: Mark) -> str:
    return {"S": "sanction", "T": "task"}.get(mark.about[0], "appeal")


def _told(ticket: Ticket, mark: Mark, scene: Scene) -> Iterator[Send]:
    sanction = sanction_of(ticket, mark.about)
    if sanction is not None:
        waiting: list[Fact] = [to_do(task) for task in ticket.tasks if task.open and task.sanction == sanction.id and mark.rung == END]
        facts: dict[str, Fact] = {**_facts(sanction, scene.policy), "about": mark.rung, "tasks": waiting}
        yield from _notice(ticket, disclosure.lead(ticket, scene.policy), facts, scene)
    elif _kind(mark) == "appeal":
        yield from _of_appeal(ticket, mark, scene)


def _of_tasks(ticket: Ticket, marks: tuple[Mark, ...], scene: Scene) -> tuple[Send, ...]:
    due = {mark.about for mark in marks if mark.rung == UNDONE}
    waiting: list[Fact] = [to_do(task) for task in ticket.tasks if task.open and task.id in due]
    return _notice(ticket, disclosure.lead(ticket, scene.policy), {"about": UNDONE, "tasks": waiting}, scene) if waiting else ()


def _of_appeal(ticket: Ticket, mark: Mark, scene: Scene) -> Iterator[Send]:
    """To whoever can answer it first, then to all of the team, then to the board."""
    policy, rung = scene.policy, Rung(mark.rung)
    appeal = next(one for one in ticket.appeals if one.open and about_appeal(one) == mark.about)
    able = disclosure.reviewers(ticket, policy, appeal.sanction)
    due: dict[str, Fact] = {"due": appeal.due_at.isoformat(), "rung": rung.value}
    if rung in (Rung.BOARD, Rung.BREACH):
        facts: dict[str, Fact] = {**due, "duty": "appeal", **notices.NUMBERS_ONLY}
        yield from notices.about(ticket, Kind.MISSED, disclosure.board(ticket, policy), facts, policy)
    if rung is not Rung.BOARD:
        first = tuple(to for to in able if to.handle == ticket.lead) or able or disclosure.team(ticket, policy)
        to = first if rung in (Rung.LEAD, Rung.LEAD_AGAIN) else disclosure.team(ticket, policy)
        names: list[Fact] = [one.handle for one in able]
        yield from _notice(ticket, to, {"about": "appeal", **due, "sanction": appeal.sanction, "able": names}, scene)


def _notice(ticket: Ticket, to: tuple[Recipient, ...], facts: dict[str, Fact], scene: Scene) -> tuple[Send, ...]:
    nothing: dict[str, Fact] = {"tasks": [], "able": []}
    return notices.about(ticket, Kind.SANCTION_NOTICE, to, {**nothing, **facts}, scene.policy)


def _facts(sanction: Sanction, policy: Policy) -> dict[str, Fact]:
    until = sanction.until.isoformat() if sanction.until else None
    return {"sanction": sanction.id, "kind": sanction.kind, "person": sanction.person, "until": until, "longer": longer(sanction, policy)}
