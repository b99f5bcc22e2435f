"""What was read below the header block."""

from dataclasses import dataclass

from maild.mail.message import Attachment, Bounce


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Texts, attachments and what the structure says; everything empty where nothing could be read."""

    text: str = ""
    new_text: str = ""
    own_words: str = ""
    command_text: str = ""
    commands_differ: bool = False
    attachments: tuple[Attachment, ...] = ()
    report_type: str = ""
    """What a machine reports here, lower case: delivery-status, disposition-notification, tlsrpt …; empty where it does not."""
    complaint: bool = False
    """A part holds the header by which Outlook.com marks a mail its user complained about."""
    bounce: Bounce | None = None
    encrypted: bool = False
    language: str = ""
