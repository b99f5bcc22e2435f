"""What maild knows of an incoming mail once it has been read: plain values that cross the reader child's pipe as JSON."""

from dataclasses import dataclass
from enum import Enum


class Sort(Enum):
    """What sort of mail a message is, as far as the message itself tells (the playbook decides what it means for a case)."""

    HUMAN = "human"
    """A person wrote it, or it cannot be told that none did: a doubt is a person."""
    AUTOMATIC = "automatic"
    """Vacation notices, out-of-office replies, receipts (RFC 3834)."""
    BULK = "bulk"
    """Lists and newsletters."""
    SPAM = "spam"
    """The receiving server's own verdict; never ours."""
    BOUNCE = "bounce"
    """A delivery report (RFC 3464, or a form of it that older or other servers write)."""
    LOOP = "loop"
    """A letter of ours that came back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A decoded display name (may be empty) and a bare address, lower-cased in its domain only."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is listed of an attachment; its bytes stay in the raw message. `name` is never used as a path."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecipient:
    """One recipient a delivery report speaks of (RFC 3464 section 2.3)."""

    address: str
    action: str
    """failed, delayed, delivered, relayed or expanded; `failed` where the form is not RFC 3464."""
    status: str
    """An enhanced status code such as 5.1.1 (RFC 3463), or empty."""
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery report: who was not reached, and which of our letters it is about, as far as it says."""

    recipients: tuple[FailedRecipient, ...]
    original_ids: tuple[str, ...]
    """Message-IDs named in the returned part or in In-Reply-To/References, without angle brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One method of one Authentication-Results header (RFC 8601), as written."""

    authserv_id: str
    method: str
    result: str
    properties: tuple[tuple[str, str], ...]
    """(ptype.property, value) pairs such as ("header.from", "example.org")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A parsed incoming mail. Everything here is text from outside: never a path, never a template, never a header of ours."""

    message_id: str
    """Without angle brackets; where the mail has none, one derived from its content, ending in `@maild.invalid`."""
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Address | None
    """The author shown (From; Reply-To where From holds nothing readable). For the eye: it proves nothing."""
    strict_sender: str | None
    """The one plain mailbox of the one From header under the strict grammar on the raw bytes (security.md section 5.2 step 2),
    lower-cased; None where From is anything else or where a header that may stand once stands twice."""
    answer_to: str | None
    """Where an automatic answer may go: the one plain mailbox of the one From header, lower-cased in its domain. More forgiving than
    `strict_sender`: a second Subject or a Sender takes nobody's answer away, but gives no authority either."""
    return_path: str | None
    """The envelope sender as the receiving server recorded it; empty for <>; None where it recorded none."""
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    """Addresses of Delivered-To, X-Original-To and the like: where a plus-address survives."""
    subject: str
    date: str
    """The Date header as written; shown, never trusted."""
    text: str
    """The whole decoded body as text, quotes and all."""
    new_text: str
    """Only what the writer wrote now or passed on: no quotes, no signature. Where it is unsure what is new, this keeps the text."""
    own_words: str
    """The new text without a mail that is passed on below the writer's words; the whole new text where it cannot be told apart."""
    command_text: str
    """The part of the new text where commands may stand: like `new_text`, but where unsure it stops at the first possible quote or
    signature; empty for forwards."""
    commands_differ: bool
    """The HTML and the text alternative hold different command lines: somebody may be shown other commands than we would run."""
    attachments: tuple[Attachment, ...]
    sort: Sort
    sort_reason: str
    """Why this sort, in words that may stand in a log: header names and rules, never values."""
    answerable: bool
    """May an automatic answer go to `answer_to`, as far as the message itself tells (RFC 3834, security.md section 4)?"""
    unanswerable_because: str
    """The rule that forbids an answer, in a few words; empty where one is allowed."""
    bounce: Bounce | None
    verdicts: tuple[Verdict, ...]
    """Methods of the topmost Authentication-Results headers, above the first Received that another host wrote, top first."""
    partial_signers: tuple[str, ...]
    """Domains of DKIM-Signatures that cover only the beginning of the body (`l=`); an empty one stands for an unreadable domain."""
    encrypted: bool
    """OpenPGP or S/MIME: the text cannot be read here."""
    language: str
    """Of the writer's own words: `en`, `mt` or empty where it cannot be told."""
    defects: tuple[str, ...]
    """What was wrong with the mail and how it was read all the same; for `maild inspect`, in words without values."""
