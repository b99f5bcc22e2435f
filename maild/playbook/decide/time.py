"""Time has passed: the highest step of each ladder that is due and not climbed (product.md section 7)."""

from maild.playbook import notices
from maild.playbook.deadlines import Clock, Duty, Rung, Step, due_step
from maild.playbook.decide.acts import letter_to_reporter
from maild.playbook.effects import Append, Effect, Journal, Send
from maild.playbook.entry import Entry, What
from maild.playbook.events import Scene
from maild.playbook.history import fold
from maild.playbook.letters import Kind
from maild.playbook.ticket import Ticket


def passed(ticket: Ticket, scene: Scene) -> tuple[Effect, ...]:
    """What is due on this case now; nothing where no step has come."""
    due = [(clock, step) for clock in ticket.clocks.values() if (step := due_step(clock, scene.policy.clocks, scene.now))]
    entries = tuple(entry for clock, step in due for entry in _climbed(ticket, clock, step, scene))
    if not entries:
        return ()
    after = fold(ticket, entries)
    letters = [letter for clock, step in due for letter in _letters(after, clock, step, scene)]
    journal = [Journal(verb=f"{clock.duty.value}-{step.rung.value}", by="maild", ticket_id=ticket.id) for clock, step in due]
    return (Append(ticket=ticket, entries=entries), *letters, *journal)


def _climbed(ticket: Ticket, clock: Clock, step: Step, scene: Scene) -> tuple[Entry, ...]:
    facts = {"duty": clock.duty.value, "number": step.number, "rung": step.rung.value}
    climbed = Entry(what=What.STEP, at=scene.now, by="maild", facts=facts)
    if step.rung is not Rung.BREACH or clock.duty.value in ticket.breaches:
        return (climbed,)
    return (climbed, Entry(what=What.BREACHED, at=scene.now, by="maild", facts={"duty": clock.duty.value, "due": clock.due_at.isoformat()}))


def _letters(ticket: Ticket, clock: Clock, step: Step, scene: Scene) -> tuple[Send, ...]:
    if clock.duty is Duty.TAKE_URGENT:
        return notices.alarmed(ticket, "maild", scene.policy, proven=True, again=True)
    if step.rung is Rung.HOLDING:
        return _holding(ticket, clock, step, scene)
    return notices.reminded(ticket, step, clock.duty, scene.policy)


def _holding(ticket: Ticket, clock: Clock, step: Step, scene: Scene) -> tuple[Send, ...]:
    letter = letter_to_reporter(Kind.HOLDING, ticket, {})
    told = notices.reminded(ticket, step, clock.duty, scene.policy)
    return (Send(letter=letter), *told) if letter else told
