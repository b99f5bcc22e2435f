"""What a mail says to the team alone: a note binds nobody, so it is read at once, marked as not proven, while the rest waits for a [confirm].

It does not wait with the rest (security.md, "Who may command"): what one of us tells the others of a case must not lie unseen for a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from maild.playbook import leaks
from maild.playbook.commands import VERBS, Command, Fault, Level, Reading
from maild.playbook.decide.desk import Desk, Result
from maild.playbook.decide.trying import tried


def noted_at_once(desk: Desk, reading: Reading) -> Desk:
    """The desk with its ticket as it was, and the notes of a mail that is asked back on their cases."""
    after = tried(desk, Reading(note=_above(desk, reading), commands=tuple(_notes(reading))))
    case = after.touched.get(desk.ticket.id, desk.ticket) if desk.ticket else None
    return replace(after, ticket=case, results=desk.results, commands=(), later=())


def to_the_team(desk: Desk, reading: Reading) -> str:
    """All that is read at once, for whoever is asked about the rest."""
    texts = (_above(desk, reading), *(one.text for one in _notes(reading)))
    return "\n\n".join(one.strip() for one in texts if not leaks.blank(one))


def unnoted(reading: Reading) -> Reading:
    """What is left to be carried out."""
    left = (replace(one, text="") if _spare(one) else one for one in reading.commands if one.verb != "note")
    return Reading(note="", commands=tuple(left))


def still_asked(reading: Reading, results: Sequence[Result]) -> Iterator[Result]:
    """Of what became of all commands, what is asked back."""
    for one, result in zip(reading.commands, results, strict=True):
        if one.verb != "note":
            yield replace(result, text="") if _spare(one) else result


def _above(desk: Desk, reading: Reading) -> str:
    """The text above all tags; of a mail that makes a case of its own it is a note there already."""
    return "" if desk.ticket is None and any(one.verb == "record" for one in reading.commands) else reading.note


def _notes(reading: Reading) -> Iterator[Command]:
    """Each text for the team as a note, and the case it is about; below a [record] it belongs to what was taken down."""
    taken_down = False
    for one in reading.commands:
        taken_down = one.verb == "record" or (taken_down and one.verb != "case")
        if isinstance(one, Command) and one.verb == "case":
            yield replace(one, text="")
        if isinstance(one, Command) and not taken_down and not leaks.blank(one.text) and (one.verb == "note" or _spare(one)):
            yield replace(one, verb="note")


def _spare(one: Command | Fault) -> bool:
    """Whether text below a command was written for the team, because the command takes none."""
    return isinstance(one, Command) and not VERBS[one.verb].text and one.verb != "resolve" and one.level is not Level.ALWAYS
