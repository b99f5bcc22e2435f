"""Mail of those who only watch: the board, and a contact outside who is not needed. Their tags are text, but for `[release:…]`.

A transparency report is released by two people, of whom one may well be of the board (product.md section 9).
"""

from dataclasses import replace

from maild.playbook import disclosure
from maild.playbook.commands import Command, Fault
from maild.playbook.decide.desk import Desk
from maild.playbook.decide.orders import desk_of, noted_by, ordered, reading_of
from maild.playbook.decide.trying import only_always, rings
from maild.playbook.effects import Effect
from maild.playbook.events import Mail, Scene, Thread
from maild.playbook.people import Person, Role
from maild.playbook.ticket import Ticket

RELEASE = "release"
"""The one verb that is theirs too."""

TEAM_ONLY = "Only the case team can act on a case."

WATCHING = "Only the case team can act on a case; your mail was kept as a note for them."


def releases(mail: Mail, person: Person) -> bool:
    """Whether such a person wants to release a report with this mail; not where it rings the alarm, which goes first."""
    commands = reading_of(mail).commands if person.role is not Role.STAFF and mail.by_hand else ()
    return any(map(_is_release, commands)) and not any(map(rings, commands))


def _is_release(command: Command | Fault) -> bool:
    meant = (command.nearest or "") if isinstance(command, Fault) else ""
    return command.verb == RELEASE or meant.startswith(f"[{RELEASE}")


def release(mail: Mail, scene: Scene, person: Person) -> tuple[Effect, ...]:
    """A mail that releases a report is about no case, whatever it answers; nothing else that stands in it is done."""
    reading = reading_of(mail)
    allowed = tuple(one if _is_release(one) else Fault(written=one.written, sentence=TEAM_ONLY, verb=one.verb) for one in reading.commands)
    return ordered(desk_of(mail, scene, person, scene.thread, None), replace(reading, commands=allowed), keep=False)


def from_onlooker(mail: Mail, scene: Scene, thread: Thread, ticket: Ticket, person: Person) -> tuple[Effect, ...]:
    """The board, or the contact outside, wrote on a case they watch: a note for the team, but for what always takes effect."""
    if releases(mail, person):
        return release(mail, scene, person)
    desk, wanted = desk_of(mail, scene, person, thread, ticket), reading_of(mail).commands
    return noted_by(only_always(desk, wanted, [_team_only(one, desk) for one in wanted]), remark=WATCHING)


def _team_only(command: Command | Fault, desk: Desk) -> str:
    if command.verb != "warn":
        return TEAM_ONLY
    *others, last = (to.handle for to in disclosure.team(desk.case, desk.scene.policy))
    return f"Only staff warn; ask one of them: {', '.join(others)}{' or ' if others else ''}{last}."
