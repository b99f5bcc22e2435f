"""What is to be done about an event. A decision is the whole list, made before the first effect is carried out.

Effects hold no I/O: `jobs.casework` and `jobs.reminders` carry them out in one transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from maild.playbook.entry import Entry, Fact
from maild.playbook.letters import Letter
from maild.playbook.releases import Agreement
from maild.playbook.ticket import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Make a ticket: `entries` are its first, and `ticket` is what they make of it."""

    ticket: Ticket
    entries: tuple[Entry, ...]
    told: bool
    """Staff are told by letters of this very decision; otherwise a summary will tell them."""
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Write entries to a ticket, provided that it still has the version that was read.

    `ticket` is the one that was read, before the entries.
    """

    ticket: Ticket
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Keep the mail with a ticket under this relation."""

    ticket_id: int
    relation: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withhold:
    """Hide a ticket from a person, in every query, and take back their tokens for it."""

    ticket_id: int
    handle: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """Let no letter of a ticket that still waits go to this recipient; they stay a participant."""

    ticket_id: int
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear:
    """Let a person see a ticket again."""

    ticket_id: int
    handle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Put a letter into the outbox."""

    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Let one letter say what these waiting ones would: it is of no case, and each of theirs learns of its end as of its own."""

    letter: Letter
    """Its `ticket_id` is the case to which an answer to it belongs."""
    outbox_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Await:
    """Let the commands of this mail wait until the holder of the challenge's token confirms them."""

    token: str
    holder: str
    ticket_id: int | None
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """A token was used for these words: the same words under it do nothing again. A challenge is good once."""

    token: str
    words: str
    challenge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkBounced:
    """A letter of ours came back for good."""

    outbox_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """What comes for a ticket from now on belongs to another one; with `into=None` to itself again."""

    ticket_id: int
    into: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something is wrong until a person mends it; stands in `maild status` and the digest."""

    kind: str
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """One line of the hash-chained journal: what was done by whom about which case, with no text of anybody."""

    verb: str
    by: str
    ticket_id: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What became of the mail: its kind (product.md section 3) and the reason, in words that may stand in a log."""

    kind: str
    reason: str
    ticket_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Somebody agrees to a transparency report as it is now."""

    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A second person agrees to the same, which releases it; `row` is the first one's."""

    row: int
    second: str


Effect = (
    Open
    | Append
    | Keep
    | Withhold
    | Withdraw
    | Clear
    | Attach
    | Send
    | Merge
    | Await
    | Spend
    | MarkBounced
    | Alarm
    | Journal
    | File
    | Agree
    | Release
)
