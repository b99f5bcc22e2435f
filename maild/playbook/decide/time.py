"""Time has passed: the highest step of each ladder that is due and not climbed (product.md section 7)."""

from collections.abc import Iterator
from dataclasses import replace

from maild.playbook import asking, notices
from maild.playbook.deadlines import Clock, Duty, Rung, Step, due_step
from maild.playbook.decide.watched import watched
from maild.playbook.effects import Append, Effect, Journal, Send
from maild.playbook.entry import Entry, What
from maild.playbook.events import Scene
from maild.playbook.history import fold
from maild.playbook.joining import facing
from maild.playbook.letters import Kind
from maild.playbook.ticket import Ticket


def passed(ticket: Ticket, scene: Scene) -> tuple[Effect, ...]:
    """What is due on this case now; nothing where no step has come."""
    due = [(clock, step) for clock in ticket.clocks.values() if (step := due_step(clock, scene.policy.clocks, scene.now))]
    entries = tuple(entry for clock, step in due for entry in _climbed(clock, step, scene))
    seen = watched(fold(ticket, entries), scene)
    entries = (*entries, *seen.entries)
    if not entries:
        return ()
    after = fold(ticket, entries)
    letters = [letter for clock, step in due for letter in _letters(after, clock, step, scene)]
    journal = [Journal(verb=f"{clock.duty.value}-{step.rung.value}", by="maild", ticket_id=ticket.id) for clock, step in due]
    return (Append(ticket=ticket, entries=entries), *letters, *seen.letters, *journal, *seen.journal)


def _climbed(clock: Clock, step: Step, scene: Scene) -> Iterator[Entry]:
    duty = clock.duty.value
    yield Entry(what=What.STEP, at=scene.now, by="maild", facts={"duty": duty, "number": step.number, "rung": step.rung.value})
    if step.rung is Rung.BREACH and not clock.breached:
        yield Entry(what=What.BREACHED, at=scene.now, by="maild", facts={"duty": duty, "due": clock.due_at.isoformat()})


def _letters(ticket: Ticket, clock: Clock, step: Step, scene: Scene) -> tuple[Send, ...]:
    if clock.duty in asking.DUTIES:
        return asking.reminded(ticket, clock.duty, scene.policy)
    about = facing(scene.survivor, ticket) if scene.survivor else ticket
    if clock.duty is Duty.TAKE_URGENT:
        return notices.alarmed(about, "maild", "", scene.policy, proven=True, again=True)
    if step.rung is not Rung.HOLDING:
        return notices.reminded(about, step, clock.duty, scene.policy, now=scene.now)
    # Written by no person, so only to those to whom an automatic letter may go: who was acknowledged.
    holding = tuple(Send(letter=one) for one in notices.to_reporter(ticket, Kind.HOLDING, {}) if ticket.acknowledged_at)
    told = step if holding else replace(step, rung=Rung.STAFF)
    return (*holding, *notices.reminded(about, told, clock.duty, scene.policy, now=scene.now))
