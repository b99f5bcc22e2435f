"""Which letters there are and what each of them knows; the words stand in `templates/`, one folder a letter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from maild.playbook.entry import Fact
from maild.playbook.people import Role


class Kind(Enum):
    """A letter by the name of its folder in `templates/` (product.md section 8)."""

    RECEIPT = "receipt"
    MERGED_RECEIPT = "merged-receipt"
    TOO_LARGE = "too-large"
    REPLY = "reply"
    EXPLANATION = "explanation"
    HOLDING = "holding"
    OUTCOME = "outcome"
    APPEAL_RESULT = "appeal-result"

    NEW_REPORT = "new-report"
    NEW_MESSAGE = "new-message"
    NOTE = "note"
    COPY = "copy"
    ANSWER = "answer"
    CHALLENGE = "challenge"
    REMINDER = "reminder"
    ALARM = "alarm"
    FAILURE = "failure"
    HELD_SUMMARY = "held-summary"
    REPORT_SUMMARY = "report-summary"
    QUARANTINED = "quarantined"
    DELIVERY_ALARM = "delivery-alarm"
    INTAKE_CARD = "intake-card"
    GUIDELINE = "guideline"
    SANCTION_NOTICE = "sanction-notice"

    DIGEST = "digest"
    MISSED = "missed"
    TOO_FEW = "too-few"

    TO_PERSON = "to-person"
    DECISION = "decision"

    CONTACT = "contact"
    SANCTION_ENDED = "sanction-ended"
    APPEAL_ANSWER = "appeal-answer"

    RECORD_RECEIPT = "record-receipt"
    NEW_RECORD = "new-record"
    TO_DO = "to-do"
    EVENT_REMINDER = "event-reminder"
    EVENT_WARNING = "event-warning"

    TRANSPARENCY_DRAFT = "transparency-draft"
    TRANSPARENCY_RELEASED = "transparency-released"


TO_REPORTER = frozenset(
    {
        *(Kind.RECEIPT, Kind.MERGED_RECEIPT, Kind.TOO_LARGE, Kind.REPLY, Kind.EXPLANATION, Kind.HOLDING, Kind.OUTCOME),
        *(Kind.APPEAL_RESULT, Kind.RECORD_RECEIPT),
    }
)
"""Letters that leave the team, to whoever filed the report."""

TO_OTHERS = frozenset({Kind.TO_PERSON, Kind.DECISION, Kind.CONTACT, Kind.SANCTION_ENDED, Kind.APPEAL_ANSWER})
"""Letters that leave the team, to others than the reporter: people on the case, and the contacts who carry a sanction out."""


LEAVING = frozenset(kind.value for kind in TO_REPORTER | TO_OTHERS)
"""Letters in whose words the code name of a case has no place: it stays in the team, and tells whoever learns it that they speak of the same case."""

INSIDE = frozenset(role.value for role in Role)
"""Roles of those who are told the code name of a case, and answer with tags."""


class Rank(Enum):
    """In which order letters that share a budget go out (security.md, decisions); the values are stored."""

    UNBUDGETED = 0
    KNOWN = 1
    PROVEN = 2
    REST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a letter goes to. Only `disclosure` makes them."""

    handle: str
    """A staff or board handle, `fallback`, `reporter`, or the reference of somebody else on the case."""
    role: str
    name: str
    address: str
    language: str = ""
    """The one that somebody of us chose; empty for all others, whose letters say it themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a letter: its name, its MIME type, and its text, which arrives byte for byte."""

    name: str
    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An outgoing mail before rendering: which template, to whom, which facts.

    `token` becomes its Message-ID and reply address; `not_before` and `latest_at` are what the budgets say of it.
    """

    kind: Kind
    to: Recipient
    ticket_id: int | None = None
    code: str = ""
    reference: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    token: str = ""
    challenge: bool = False
    """Its token is the answer to a question: good once, and only for the commands that wait for it."""
    language: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    follows: str = ""
    """The token of an earlier letter to the same person whose thread this one goes on with, where they have not written since."""
    rank: Rank = Rank.UNBUDGETED
    not_before: datetime | None = None
    latest_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()
    """Only a letter to one of us, or to a contact outside the team, may carry any."""
