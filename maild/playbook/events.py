"""What happens to a case from outside: a mail came, a letter's fate is known, time has passed. `decide` answers with effects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from maild.playbook.entry import Fact
from maild.playbook.fresh import Fresh
from maild.playbook.guidelines import Elsewhere
from maild.playbook.people import Person
from maild.playbook.policy import Policy
from maild.playbook.releases import Draft
from maild.playbook.ticket import Ticket


class Sort(Enum):
    """What sort of mail it is, as the mail itself tells."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    BULK = "bulk"
    SPAM = "spam"
    BOUNCE = "bounce"
    LOOP = "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as far as the rules need it. Everything in it is text from outside and proves nothing, `strict_sender` included."""

    inbox_id: int
    received_at: datetime
    sort: Sort
    sort_reason: str
    answerable: bool
    unanswerable_because: str
    silent: bool = False
    """Older than `since`: imported without an answer."""
    truncated: bool = False
    name: str
    address: str
    """The sender as shown, for the eye."""
    strict_sender: str
    """The one plain mailbox in From of a mail without a doubtful header, or empty."""
    answer_to: str
    """Where an automatic answer may go: the one plain mailbox in From, or empty. Gives no authority."""
    copied_to: tuple[str, ...] = ()
    subject: str
    text: str
    new_text: str
    command_text: str
    commands_differ: bool = False
    attachments: tuple[Mapping[str, Fact], ...] = ()
    message_id: str
    references: tuple[str, ...] = ()
    language: str = ""
    encrypted: bool = False
    unread: bool = False
    """Nothing but its headers could be read."""
    disowned: bool = False
    """The receiving server says that the sender's domain disowns it (dmarc=fail): the address may be forged."""
    id_used_before: bool = False
    """Another mail came under the same Message-ID."""
    proof: str = ""
    """What proves the sending domain, such as "dmarc=pass"; empty without a proof."""
    bounced: tuple["Bounced", ...] = ()
    """Letters of ours this delivery report is about."""

    @property
    def held_as(self) -> str:
        """The kind under which it is held until a person has looked at it; empty for what a person wrote."""
        return "" if self.sort is Sort.HUMAN else self.sort.value

    @property
    def by_hand(self) -> bool:
        """Whether a person wrote it. A server's verdict of spam is about strangers: of those we know it says nothing."""
        return self.sort in (Sort.HUMAN, Sort.SPAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """A letter of ours that a delivery report names."""

    outbox_id: int
    ticket_id: int | None
    letter: str
    role: str
    permanent: bool


class Found(Enum):
    """How a mail was matched to a case (product.md section 4), strongest first."""

    TOKEN = "token"
    MESSAGE_ID = "message-id"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The thread a mail belongs to. `ticket` is None for a letter of ours that is about no single case."""

    ticket: Ticket | None
    found: Found
    token: str = ""
    holder: str = ""
    """For whom the token was made: a handle, or `reporter`."""
    spent: bool = False
    """The same words under the same token were acted on before: a second delivery of one mail."""
    about: int | None = None
    """Of a case with several reporters: whose thread it is, by ticket id, where that is sure."""
    beside: tuple[Ticket, ...] = ()
    """The other cases that the letter it answers was about; none where nobody asks for anything in brackets."""
    written_at: datetime | None = None
    """When the letter that it answers was written, where that is about no single case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A command mail that waited for its writer to confirm it, and now is confirmed by the holder of `token`."""

    mail: Mail
    thread: Thread | None
    token: str
    opened: Ticket | None = None
    """The case that was made of it at once, since it holds a report; the one that this is part of by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text that is kept with a case; `relation` is what it was: report, followup, note, third-party, …"""

    relation: str
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the rules may know when they decide: the moment, the organisation, and what the store holds about this mail."""

    now: datetime
    policy: Policy
    fresh: Fresh
    name_try: int = 0
    """How often a code name or reference was taken already."""
    person: Person | None = None
    """The registered person whose address is the strict sender."""
    thread: Thread | None = None
    known_sender: bool = False
    recent_reports: int = 0
    """Reports within the window in which notices collapse."""
    receipts_to_sender: tuple[datetime, ...] = ()
    """When acknowledgements to this sender went or are planned, within a week."""
    cases: Mapping[str, Ticket] = field(default_factory=dict)
    """Cases by code name that the mail speaks of, as far as its writer may see them."""
    said: Mapping[int, tuple[Said, ...]] = field(default_factory=dict)
    """The texts of a case, by ticket id, where they are needed."""
    listed: tuple[Ticket, ...] = ()
    """All open cases the writer may see, where the mail asks for a list."""
    waiting: Waiting | None = None
    """The mail that this one confirms."""
    survivor: Ticket | None = None
    """The case that the ticket in question is part of."""
    open_challenges: int = 0
    """Questions to this person whether a mail was theirs that are neither answered nor lapsed."""
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    """Transparency reports that the mail names, by the name in its tag, each with the text below it; not everybody may know of each."""
    reports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Where it names any: every report that there may be, and who is kept out of a case that is counted in it."""
    elsewhere: tuple[Elsewhere, ...] = ()
    """Other cases of people whom the mail is about, where it says something of them; not everybody may know of each."""
