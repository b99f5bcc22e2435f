"""Where the commands of one mail are tried out, one after the other, before anything is decided.

A desk is a value: each command answers with the desk as it would be afterwards, or with a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from maild.playbook.commands import Command, Level
from maild.playbook.effects import Effect
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene
from maild.playbook.history import fold
from maild.playbook.people import Person
from maild.playbook.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one command: done or refused, the tag as it was written, and a sentence."""

    ok: bool
    written: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The case as the commands so far would leave it. `ticket` is None where a mail is about no case yet."""

    scene: Scene
    mail: Mail
    person: Person
    ticket: Ticket | None
    proven: bool
    entries: tuple[tuple[int, Entry], ...] = ()
    """(ticket id, entry) in the order of the commands."""
    effects: tuple[Effect, ...] = ()
    """Letters, recusals and what else a command asks for besides its entries."""
    outcome_follows: bool = False
    """The mail resolves the case with an outcome letter: the words of its `[reply]` belong into that letter."""
    words: str = ""
    """Those words."""
    said: tuple[Mapping[str, Fact], ...] = ()
    """Sections of the answer to the asker: status, history, lists, help."""
    sent: tuple[str, ...] = ()
    """What will leave the team, in words."""
    results: tuple[Result, ...] = ()

    @property
    def case(self) -> Ticket:
        """The ticket on the desk. Raises `ValueError` where the mail is about no case, which a caller has ruled out."""
        if self.ticket is None:
            raise ValueError("no case on the desk")
        return self.ticket

    def note(self, what: What, facts: Mapping[str, Fact] | None = None) -> "Desk":
        """The desk after one more entry on its ticket."""
        entry = Entry(what=what, at=self.scene.now, by=self.person.handle, facts=facts or {})
        return replace(self, ticket=fold(self.case, [entry]), entries=(*self.entries, (self.case.id, entry)))

    def also(self, *effects: Effect) -> "Desk":
        """The desk with more effects."""
        return replace(self, effects=(*self.effects, *effects))

    def telling(self, what: str) -> "Desk":
        """The desk, with one more thing that leaves the team."""
        return replace(self, sent=(*self.sent, what))

    def showing(self, section: Mapping[str, Fact]) -> "Desk":
        """The desk, with one more section in the answer."""
        return replace(self, said=(*self.said, section))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that works: the desk afterwards, and what it did, in a sentence."""

    desk: Desk
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A command that cannot be carried out: why, and the exact fix."""

    sentence: str


Tried = Done | Refused


def needs_proof(command: Command) -> bool:
    """Whether a command decides something, so that a proof beyond address and token is asked for."""
    return command.level is Level.DECISION
