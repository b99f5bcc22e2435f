"""Trying the commands of a mail in written order, before any of them is carried out: all of them apply, or none does.

Two things excepted, which take effect whatever else the mail holds: the safety alarm and a recusal (product.md principles 7 and 8).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from maild.playbook import disclosure, leaks
from maild.playbook.commands import VERBS, Command, Fault, Level, Reading
from maild.playbook.decide.acts import ACTS
from maild.playbook.decide.desk import Desk, Done, Refused, Result, Tried
from maild.playbook.decide.knowing import known
from maild.playbook.decide.lookups import LOOKUPS, UNKNOWN_CASE
from maild.playbook.decide.moves import alarm, noted
from maild.playbook.decide.past import history
from maild.playbook.decide.proposing import PROPOSALS, propose, waits
from maild.playbook.decide.recording import record
from maild.playbook.decide.releasing import release
from maild.playbook.entry import What

NO_CASE = "This mail is about no case; put [case:its-code-name] in front, or answer a mail that is about it."

NEW_CASE = "Where there is none yet, make one in the same mail: [record event=EVENT] above it, and below that what happened."

ON_THE_SPOT = frozenset({"warn", "stop-instruction", "offence"})
"""What staff may want to put on record before anybody has reported anything."""

OTHER_CASE = "This mail answers one about another case; send a new mail for that one."

RANG = "All who may see this case are alarmed all the same."

ALWAYS = frozenset({"case", "recuse", "urgent"})
"""Verbs that count in a mail that is otherwise refused: the safety alarm, a recusal, and which case they are about."""

DECIDING = frozenset({"resolve", "approve", "expel", "lift", "extend", "appeal", "not-a-report", "close"})
"""Verbs by which a case, or what somebody may do, is decided: nobody says them who steps back from the case in the same mail."""

NOT_CLEAN = "You step back from this case in the same mail, so somebody else has to say this."

WITH_LETTER = frozenset({"note", "urgent", "record", "release"})
"""Verbs that tell the team, or whoever is to be told, by a letter of their own."""


def tried(desk: Desk, reading: Reading) -> Desk:
    """The desk after the note above the commands and all of them; what is refused leaves it as it was."""
    remark = reading.note if not leaks.blank(reading.note) else ""
    if remark and desk.ticket is not None:
        desk, remark = noted(desk, remark), ""
    for number, command in enumerate(reading.commands, 1):
        desk = one(replace(desk, commands=reading.commands, later=reading.commands[number:]), command)
    return noted(desk, remark) if remark and desk.seen else desk


def only_always(desk: Desk, commands: Iterable[Command | Fault], refusals: Iterable[str]) -> Desk:
    """The desk with nothing but what always takes effect; every other command is refused in these words."""
    for command, refusal in zip(commands, refusals, strict=True):
        if isinstance(command, Command) and command.verb in ALWAYS:
            desk = one(desk, replace(command, text="") if command.verb == "case" else command)
        elif rings(command) and desk.ticket is not None:
            desk = alarm(desk, command.text).with_result(Result(ok=False, written=command.written, sentence=f"{refusal} {RANG}"))
        else:
            desk = desk.with_result(Result(ok=False, written=command.written, sentence=refusal))
    return desk


def rings(command: Command | Fault) -> bool:
    """Whether a command asks for the safety alarm, be it with a mistake in it."""
    if isinstance(command, Fault):
        return command.urgent
    return command.verb == "urgent" or (command.verb == "determine" and command.keys.get("safety") == "yes")


def one(desk: Desk, command: Command | Fault) -> Desk:
    """The desk after one command, with what became of it."""
    if isinstance(command, Fault):
        return desk.with_result(Result(ok=False, written=command.written, sentence=_with_nearest(command, desk)))
    made = _try(command, desk)
    if isinstance(made, Refused):
        refused = Result(ok=False, written=command.written, sentence=made.sentence, mendable=made.mendable, held=made.held)
        return desk.with_result(refused)
    after, text = _with_spare_text(made.desk, command)
    own = command.verb in WITH_LETTER and (command.verb != "record" or after.opened != desk.opened)
    told = (command.level is not Level.LOOKUP or bool(text)) and not own
    ticket_id = after.case.id if told else None
    return after.with_result(Result(ok=True, written=command.written, sentence=made.sentence, ticket_id=ticket_id, text=text))


def _with_spare_text(desk: Desk, command: Command) -> tuple[Desk, str]:
    """Text below a command that takes none was written for somebody: it is kept as a note, and the team gets it with the command."""
    if VERBS[command.verb].text or command.verb == "resolve":
        return desk, command.text
    if leaks.blank(command.text) or desk.seen is None:
        return desk, ""
    return desk.note(What.NOTE, {"text": command.text, "proven": bool(desk.proof)}), command.text


def _try(command: Command, desk: Desk) -> Tried:
    if command.verb in _ANYWHERE:
        return _ANYWHERE[command.verb](command, desk)
    if desk.ticket is None:
        return Refused(sentence=f"{NO_CASE} {NEW_CASE}" if command.verb in ON_THE_SPOT else NO_CASE)
    if desk.seen is None and command.verb not in ALWAYS:
        return Refused(sentence=UNKNOWN_CASE, mendable=False)
    if command.verb in DECIDING and _steps_back(desk):
        return Refused(sentence=NOT_CLEAN, mendable=False)
    return propose(command, desk) if waits(command, desk) else _ON_A_CASE[command.verb](command, desk)


def _steps_back(desk: Desk) -> bool:
    return any(one.verb == "recuse" and one.value in (None, desk.person.handle) for one in desk.beside)


def _with_nearest(fault: Fault, desk: Desk) -> str:
    if fault.nearest is None:
        return " ".join(filter(None, (fault.sentence, known(fault.sought, desk))))
    return fault.sentence if fault.nearest in fault.sentence else f"{fault.sentence} Did you mean {fault.nearest}?"


def _turned_to(command: Command, desk: Desk) -> Tried:
    code = command.value or ""
    about = desk.thread.ticket if desk.thread else None
    # The token of this mail stands for its own case only; for whoever is kept out of that one, it stands for none.
    if about is not None and about.code != code and disclosure.may_know(about, desk.person):
        return Refused(sentence=OTHER_CASE)
    ticket = desk.named(code)
    return Done(desk=replace(desk, ticket=ticket), sentence=f"About {code}.") if ticket else Refused(sentence=UNKNOWN_CASE, mendable=False)


def _nothing_waits(command: Command, desk: Desk) -> Tried:
    return Refused(sentence="Nothing waits for your confirmation; it may have been confirmed already, or waited too long.", mendable=False)


_ON_A_CASE: Mapping[str, Callable[[Command, Desk], Tried]] = {**ACTS, **PROPOSALS}

_ANYWHERE: Mapping[str, Callable[[Command, Desk], Tried]] = {
    **LOOKUPS,
    "history": history,
    "record": record,
    "release": release,
    "case": _turned_to,
    "confirm": _nothing_waits,
}
"""The commands that need no case on the desk."""
