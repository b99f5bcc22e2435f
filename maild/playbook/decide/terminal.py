"""A command of the person who runs maild, given at the terminal of the server: the same acts as by mail, and nobody to prove or answer.

Only for what was held or set aside. Whoever holds the key reads everything, but reports are decided on by staff.
"""

from maild.playbook import commands as grammar
from maild.playbook.commands import Command
from maild.playbook.decide.acts import ACTS
from maild.playbook.decide.answering import copies
from maild.playbook.decide.desk import Desk, Refused, Result
from maild.playbook.effects import Append, Effect, Journal
from maild.playbook.events import Mail, Scene, Sort
from maild.playbook.people import Person, Role
from maild.playbook.ticket import State, Ticket

OPERATOR = Person(handle="operator", name="Whoever runs maild", address="", role=Role.STAFF)
"""Stands in the history and in the journal; gets no letters."""

AT_HAND = frozenset({State.HELD, State.NOT_A_REPORT})

NOT_HELD = "It is not held, it is a case; its team decides by mail."


def by_operator(ticket: Ticket, tag: str, scene: Scene) -> tuple[Result, tuple[Effect, ...]]:
    """What becomes of this tag, such as `[report]`: done or refused in a sentence, and what is to be done."""
    (command,) = grammar.read(tag).commands
    assert isinstance(command, Command)
    proof = "the key of the database"
    desk = Desk(scene=scene, mail=_no_mail(ticket, scene), person=OPERATOR, ticket=ticket, proof=proof, may_decide=True)
    made = ACTS[command.verb](command, desk) if ticket.state in AT_HAND else Refused(sentence=NOT_HELD)
    if isinstance(made, Refused):
        return Result(ok=False, written=tag, sentence=made.sentence), ()
    result = Result(ok=True, written=tag, sentence=made.sentence, ticket_id=ticket.id)
    return result, _effects(ticket, made.desk.with_result(result))


def _effects(ticket: Ticket, desk: Desk) -> tuple[Effect, ...]:
    entries = tuple(entry for _, entry in desk.entries)
    journal = (Journal(verb=entry.what.value, by=OPERATOR.handle, ticket_id=ticket.id) for entry in entries)
    return (Append(ticket=ticket, entries=entries), *copies(desk), *journal, *desk.effects)


def _no_mail(ticket: Ticket, scene: Scene) -> Mail:
    return Mail(
        inbox_id=ticket.id,
        received_at=scene.now,
        sort=Sort.HUMAN,
        sort_reason="",
        answerable=False,
        unanswerable_because="it was said at the terminal",
        name=OPERATOR.name,
        address="",
        strict_sender="",
        answer_to="",
        subject="",
        text="",
        new_text="",
        command_text="",
        message_id="",
    )
