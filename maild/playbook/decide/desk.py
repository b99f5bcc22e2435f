"""The desk at which one mail's commands are tried, one after another, before any of them is carried out.

A desk is a value: each command answers with the desk as it would be afterwards, or with a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from maild.playbook import disclosure
from maild.playbook.commands import Command, Fault
from maild.playbook.effects import Effect
from maild.playbook.entry import Entry, Fact, What
from maild.playbook.events import Mail, Scene, Thread
from maild.playbook.history import fold
from maild.playbook.people import Person
from maild.playbook.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one command: done or refused, the tag as it was written, and a sentence."""

    ok: bool
    written: str
    sentence: str
    ticket_id: int | None = None
    """The case whose team is told of it; None where it is nothing to the others."""
    text: str = ""
    """The text that went with it, for the team."""
    held: str = ""
    """The text of a letter that was held back, which only its writer is shown."""
    mendable: bool = True
    """Of what was refused: it can be sent again in another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The case as the commands so far would leave it. `ticket` is None where a mail is about no case yet."""

    scene: Scene
    mail: Mail
    person: Person
    ticket: Ticket | None
    proof: str
    """What proves the writer beyond their address, in words; empty where nothing does."""
    may_decide: bool
    """The proof is enough for a decision."""
    touched: Mapping[int, Ticket] = field(default_factory=dict)
    """The cases that were changed, as they are now."""
    entries: tuple[tuple[int, Entry], ...] = ()
    """(ticket id, entry) in the order of the commands."""
    effects: tuple[Effect, ...] = ()
    """Letters, recusals and what else a command asks for besides its entries."""
    said: tuple[Mapping[str, Fact], ...] = ()
    """Sections of the answer to the asker: status, history, lists, help."""
    results: tuple[Result, ...] = ()
    commands: tuple[Command | Fault, ...] = ()
    """All commands of the mail, while they are tried."""
    later: tuple[Command | Fault, ...] = ()
    """Those that come after the one that is tried."""
    opened: int | None = None
    """The case that this mail makes, where it makes one."""
    proposed_by: str = ""
    """Who proposed what the writer of this mail is carrying out."""

    @property
    def case(self) -> Ticket:
        """The ticket on the desk, for what is tried only where there is one."""
        assert self.ticket is not None
        return self.ticket

    @property
    def made(self) -> Ticket | None:
        """The case that this mail makes, as it is now."""
        return self.touched.get(self.opened) if self.opened is not None else None

    @property
    def seen(self) -> Ticket | None:
        """The ticket on the desk, as long as it is the writer's to work on."""
        return self.ticket if self.ticket is not None and self.works_on(self.ticket) else None

    @property
    def thread(self) -> Thread | None:
        """The thread of the mail with the commands, which is not the thread of a mail that only confirms them."""
        return self.scene.waiting.thread if self.scene.waiting else self.scene.thread

    @property
    def beside(self) -> tuple[Command, ...]:
        """The commands of the mail that are about the same case as the one that is tried, itself among them."""
        about, cases = self.thread.ticket.code if self.thread and self.thread.ticket else "", list[str]()
        for one in self.commands:
            if isinstance(one, Command) and one.verb in ("case", "record"):
                about = one.value or one.verb
            cases.append(about)
        here = cases[len(self.commands) - len(self.later) - 1] if cases else ""
        return tuple(one for one, case in zip(self.commands, cases, strict=True) if case == here and isinstance(one, Command))

    def named(self, code: str) -> Ticket | None:
        """The case of this name as it is now, if it is the writer's to work on."""
        known = (*filter(None, (self.ticket,)), *self.touched.values(), *self.scene.cases.values())
        found = next((one for one in known if code in (thread.code for thread in one.threads) and one.merged_into is None), None)
        return found if found is not None and self.works_on(found) else None

    def works_on(self, ticket: Ticket) -> bool:
        """Whether the writer belongs to the team of a case, or did when the mail came and was not kept out by it.

        Who lets two colleagues in again steps out of the team with the first of them, and has the second still to name.
        """
        came = (self.thread.ticket if self.thread else None, *self.scene.cases.values())
        stood = (ticket, *(one for one in came if one is not None and one.id == ticket.id))
        return disclosure.may_know(ticket, self.person) and any(disclosure.may_act(one, self.person, self.scene.policy) for one in stood)

    def note(self, what: What, facts: Mapping[str, Fact] | None = None) -> "Desk":
        """The desk after one more entry on its ticket."""
        return self.enter(Entry(what=what, at=self.scene.now, by=self.person.handle, facts=facts or {}))

    def note_on(self, thread: Ticket, what: What, facts: Mapping[str, Fact] | None = None) -> "Desk":
        """The desk after one more entry on the thread of one of its case's reporters."""
        entry = Entry(what=what, at=self.scene.now, by=self.person.handle, facts=facts or {})
        return self.enter(entry) if thread.id == self.case.id else self.enter_on(thread, entry)

    def enter(self, *entries: Entry) -> "Desk":
        """The desk after these entries on its ticket."""
        ticket = fold(self.case, entries)
        entered = (*self.entries, *((ticket.id, entry) for entry in entries))
        return replace(self, ticket=ticket, touched={**self.touched, ticket.id: ticket}, entries=entered)

    def enter_on(self, thread: Ticket, *entries: Entry) -> "Desk":
        """The desk after these entries on the thread of another reporter of its case."""
        after = fold(thread, entries)
        case = replace(self.case, joined=tuple(after if one.id == after.id else one for one in self.case.joined))
        entered = (*self.entries, *((thread.id, entry) for entry in entries))
        return replace(self, ticket=case, touched={**self.touched, case.id: case, after.id: after}, entries=entered)

    def with_thread(self, thread: Ticket) -> "Desk":
        """The desk with the thread of one more reporter on its case."""
        return replace(self, ticket=replace(self.case, joined=(*self.case.joined, thread)))

    def also(self, *effects: Effect) -> "Desk":
        """The desk with more effects."""
        return replace(self, effects=(*self.effects, *effects))

    def showing(self, section: Mapping[str, Fact]) -> "Desk":
        """The desk, with one more section in the answer."""
        return replace(self, said=(*self.said, section))

    def with_result(self, result: Result) -> "Desk":
        """The desk, with what became of one more command."""
        return replace(self, results=(*self.results, result))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A command that works: the desk afterwards, and what it did, in a sentence."""

    desk: Desk
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A command that cannot be carried out: why, and the exact fix where there is one."""

    sentence: str
    mendable: bool = True
    """False where nothing of it can be put right by sending it again."""
    held: str = ""
    """The text of a letter that was held back."""


Tried = Done | Refused
