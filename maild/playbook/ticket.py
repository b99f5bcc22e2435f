"""A ticket, and the one table of what can change its state: everything that moves a ticket stands in this file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from maild.playbook.conduct import Conduct
from maild.playbook.deadlines import Clock, Duty
from maild.playbook.presentations import Presentation
from maild.playbook.proposals import Proposal
from maild.playbook.sanctions import Sanction
from maild.playbook.support import Contact
from maild.playbook.tasks import Appeal, Task


class State(Enum):
    """Where a ticket stands (product.md section 5)."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    REVIEW = "review"
    RESOLVED = "resolved"
    CLOSED = "closed"
    HELD = "held"
    NOT_A_REPORT = "not-a-report"
    REOPENED = "reopened"


class Turn(Enum):
    """What can move a ticket from one state to another."""

    ACKNOWLEDGED = "the acknowledgement was accepted"
    UNDONE = "the acknowledgement came back"
    RETURNED = "the answer came back"
    TAKEN = "take"
    DETERMINED = "determine"
    RESOLVED = "resolve"
    EXPLAINED = "explain"
    CLOSED = "close"
    REOPENED = "reopen"
    WROTE = "the reporter wrote again"
    RELEASED = "report"
    DISMISSED = "not-a-report"


RECEIPT_MADE = "queued"
"""What an entry says where an acknowledgement went into the outbox; otherwise it says why none did."""

NO_PLAIN_ADDRESS = "its sender is not one plain address"
DISOWNED = "the receiving server says dmarc=fail"
"""Why nobody can be acknowledged, whatever the mail was taken for."""


@dataclass(frozen=True, slots=True)
class No:
    """A turn that is not possible in a state: the sentence says why and what to do instead."""

    sentence: str
    mendable: bool = True
    """False where there is nothing to do instead."""


_HELD = No("This message is held and not a report yet; put [report] in front to make it one.")
_DISMISSED = No("This was set aside as no report; put [report] in front to take it up again.")
_CLOSED = No("This case is closed; put [reopen] in front to work on it again.")
_ALREADY = No("This is a report already, so nothing had to be done.", mendable=False)
_OPEN = No("This case is open, so there is nothing to reopen.", mendable=False)
_UNRESOLVED = No("There is no resolution yet: resolve the case first, or set it aside with [not-a-report:enquiry].")

N, A, V, R, C, H, X, O = State  # noqa: E741 (one letter a state keeps the table readable)

_ROWS: Mapping[State, tuple[State | No, ...]] = {
    # The columns are the turns in their order: acknowledged, undone, returned, taken, determined, resolved, explained, closed and so on.
    N: (A, N, N, V, V, R, N, _UNRESOLVED, _OPEN, N, _ALREADY, X),
    A: (A, N, A, V, V, R, A, _UNRESOLVED, _OPEN, A, _ALREADY, X),
    V: (V, V, V, V, V, R, V, _UNRESOLVED, _OPEN, V, _ALREADY, X),
    R: (R, R, R, R, R, R, R, C, O, R, _ALREADY, X),
    C: (C, C, O, _CLOSED, _CLOSED, _CLOSED, _CLOSED, _CLOSED, O, O, _ALREADY, X),
    H: (H, H, H, _HELD, _HELD, _HELD, _HELD, _HELD, _HELD, H, N, X),
    X: (X, X, X, _DISMISSED, _DISMISSED, _DISMISSED, _DISMISSED, _DISMISSED, _DISMISSED, X, N, _DISMISSED),
    O: (O, O, O, V, V, R, O, C, _OPEN, O, _ALREADY, X),
}

TURNS: Mapping[State, Mapping[Turn, State | No]] = {state: dict(zip(Turn, row, strict=True)) for state, row in _ROWS.items()}
"""The one table of states: what each turn does in each state. The manual's picture is drawn from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who filed the report. `address` is empty where there is none that may be answered."""

    name: str
    address: str
    language: str
    message_id: str
    """Of the last message heard from them: what a letter to them answers (without angle brackets)."""
    references: tuple[str, ...] = ()
    contact: str = ""
    """Their address where they have not allowed us to write to it: nobody's recipient, and nothing that may leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePerson:
    """Somebody on the case, by reference."""

    ref: str
    role: str
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Determination:
    """One of the five things staff determine (playbook lines 77 to 81); `version` counts from 1, the last one holds."""

    value: str
    by: str
    at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """One resolution (playbook lines 86 to 92) as it was commanded."""

    kind: str
    to: tuple[str, ...]
    label: str
    text: str
    by: str
    at: datetime


MERGED = "merged"
"""How the state of a case is called that is part of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Another report of the same incident, which had a case of its own until `at`."""

    id: int
    code: str
    at: datetime
    refs: Mapping[str, str]
    """Its people: the reference there, the reference here."""
    people: tuple[CasePerson, ...]
    """Those who were not here before, as they came."""
    determinations: Mapping[str, Determination]
    """What was determined there and not here, as it came."""
    warnings: Mapping[str, str] = field(default_factory=dict)
    """Its warnings: the number there, the number here."""
    out: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By code: who is a party since, and to the other report alone; each with why they were kept out before, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A case. `received_at` is the server's receipt of the report; all moments are UTC."""

    id: int
    code: str
    reference: str
    received_at: datetime
    version: int = 0
    state: State = State.NEW
    reporter: Reporter | None = None
    lead: str | None = None
    urgent: bool = False
    held_because: str = ""
    """The sign by which it was told, such as the name of a header: for the operator."""
    held_as: str = ""
    """What it was taken for, by the name of its sort: for the team."""
    disowned: bool = False
    """The address of the reporter may be forged."""
    dismissed_as: str = ""
    people: tuple[CasePerson, ...] = ()
    determinations: Mapping[str, Determination] = field(default_factory=dict)
    resolutions: tuple[Resolution, ...] = ()
    untold: tuple[str, ...] = ()
    receipt: str = ""
    """`RECEIPT_MADE`, or why there is no acknowledgement."""
    answer_open: bool = False
    """An outcome letter was written and is not accepted yet, or came back."""
    answer_lost: bool = False
    """It did not arrive, so that somebody has to answer the reporter another way."""
    explained_until: datetime | None = None
    """To when an explanation that is not accepted yet puts the answer off."""
    postponed: Clock | None = None
    """The week as it was before an explanation was accepted: what counts again if the explanation comes back."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    """What acknowledged it: the letter that was accepted, or `staff` by other means."""
    answered_at: datetime | None = None
    answered_by: str = ""
    """What answered it, in the same words."""
    answers: frozenset[str] = frozenset()
    """What ever answered the reporter, be it to an earlier question than the one that is open."""
    reopened_at: datetime | None = None
    closed_at: datetime | None = None
    clocks: Mapping[Duty, Clock] = field(default_factory=dict)
    missed: frozenset[Duty] = frozenset()
    """What was ever late, be it made up for since."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Who must not know of this case, and why: hold (mentioned), recused, party."""
    cleared: tuple[str, ...] = ()
    """Whom another has let in again: for a mention alone they are not held back a second time."""
    telling: frozenset[str] = frozenset()
    """Whose letter about a resolution is on its way."""
    reached: frozenset[str] = frozenset()
    """Who counts as told because such a letter was accepted: what its bounce undoes."""
    unreached: frozenset[str] = frozenset()
    """Who did not get it: the next letter to them takes its place."""
    heard_from: Mapping[str, str] = field(default_factory=dict)
    """The Message-ID of the last mail of each person on the case: what a letter to them answers."""
    sanctions: tuple[Sanction, ...] = ()
    proposal: Proposal | None = None
    """What waits for a second person."""
    proposals: int = 0
    """How many were ever made."""
    no_contact: bool = False
    """The reporter asked that nothing be sent to them."""
    anonymous: bool = False
    """The reporter asked that the team be shown neither their name nor their address."""
    event: str = ""
    """The conference or meetup where it happened, by the word that tags use for it."""
    space: str = ""
    """The space where it happened, likewise."""
    tasks: tuple[Task, ...] = ()
    """What sanctions ask somebody to do."""
    appeals: tuple[Appeal, ...] = ()
    noticed: Mapping[str, int] = field(default_factory=dict)
    """How far the ladder of each sanction, task and appeal is climbed."""
    presentations: tuple[Presentation, ...] = ()
    """What was done about presentations."""
    support: Mapping[str, str] = field(default_factory=dict)
    """What the reporter wants or does not want, and what became of it, by its name in tags."""
    contacts: tuple[Contact, ...] = ()
    """Whom people told of it outside the team."""
    conduct: Conduct = field(default_factory=Conduct)
    """What staff put on record of the people on it."""
    unconfirmed: bool = False
    """One of us is said to have taken it down in person, and has not confirmed that yet."""
    merged_into: int | None = None
    """The case that this one is part of: then it is no more than the thread of its reporter, with their deadlines."""
    joins: tuple[Joined, ...] = ()
    """The other reports of the same incident."""
    joined: tuple["Ticket", ...] = ()
    """Their threads. No entry makes them: whoever loads the case puts them here."""

    @property
    def threads(self) -> tuple["Ticket", ...]:
        """One for each reporter, this one first."""
        return (self, *self.joined)

    @property
    def state_name(self) -> str:
        """The state as it is shown; of a case that is part of another it is that."""
        return self.state.value if self.merged_into is None else MERGED

    @property
    def receipt_made(self) -> bool:
        """An acknowledgement was put into the outbox: a ticket gets one."""
        return self.receipt == RECEIPT_MADE

    @property
    def respondents(self) -> tuple[CasePerson, ...]:
        """Those the report is about."""
        return tuple(person for person in self.people if person.role == "respondent")

    @property
    def standing(self) -> tuple[Resolution, ...]:
        """The resolutions that hold: those made since the case was last reopened."""
        return tuple(made for made in self.resolutions if self.reopened_at is None or made.at >= self.reopened_at)

    def running(self, duty: Duty) -> bool:
        """Whether this duty is open."""
        return duty in self.clocks and self.clocks[duty].running

    def person(self, ref: str) -> CasePerson | None:
        """Who has this reference, whatever its case."""
        return next((person for person in self.people if person.ref == ref.upper()), None)

    @property
    def working(self) -> bool:
        """Whether somebody still has to do something: neither closed nor set aside."""
        return self.state not in (State.CLOSED, State.NOT_A_REPORT)


def turn(ticket: Ticket, what: Turn) -> State | No:
    """Where a turn would lead, or why it cannot be."""
    return TURNS[ticket.state][what]
