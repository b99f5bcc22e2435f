"""The two networks as maild sees them, and the values they trade.

A `Mailbox` is where mail comes from (IMAP), a `Courier` is who takes mail away (SMTP). These are the only protocols in the
house, because these are the only places where a fake is needed; `tests/contracts` holds every implementation to the same tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where on the server a message lies. UIDs mean nothing without their UIDVALIDITY (RFC 9051 section 2.3.1.1)."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What SELECT told of a folder. `uidnext` is 0 where the server does not say."""

    name: str
    uidvalidity: int
    uidnext: int
    exists: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server holds it: bytes nobody has looked at yet.

    `received_at` is INTERNALDATE in UTC: the moment from which every clock runs. `size` is the server's RFC822.SIZE in bytes;
    `truncated` is true where the message is over the limit and `raw` holds its beginning only.
    """

    source: Source
    raw: bytes
    received_at: datetime
    size: int
    truncated: bool = False


class Mailbox(Protocol):
    """One connection to the place where reports arrive. Connects by itself on first use and again after a failure.

    Every method raises `MailboxAway` (try again later), `LoginRefused` or `CertificateRefused` (the operator must act), and
    after raising the next call starts with a fresh connection. Nothing here ever sets `\\Seen`, and only `put_away` changes anything.
    """

    def select(self, folder: str) -> Folder:
        """Open a folder. Raises `MailboxAway` where it does not exist."""

    def junk(self) -> str | None:
        """The name of the folder with the special use \\Junk (RFC 6154), or the usual names; None where there is none."""

    def uids_above(self, watermark: int) -> Sequence[int]:
        """UIDs greater than `watermark` in the selected folder, ascending; 0 asks for all of them."""

    def fetch(self, uids: Sequence[int], *, size_limit: int) -> Sequence[Fetched]:
        """Fetch up to 50 messages with BODY.PEEK[]; vanished ones are left out. A message over `size_limit` bytes comes truncated."""

    def put_away(self, uids: Sequence[int], *, folder: str | None) -> str:
        """Move mails of the selected folder to another one, which is made if it is missing; with None, flag them where they lie.

        By UID; those that are gone are passed over, and doing it twice does no harm. The answer is empty, or a sentence that says why the
        server does not do it; without UIDs nothing is done and it only says whether it could. The slashes of `folder` are the server's own delimiter.
        """

    def wait(self, seconds: float) -> bool:
        """Wait until the selected folder changes (IDLE where the server has it), at most `seconds`; true when it may have."""

    def interrupt(self) -> None:
        """From another thread, when maild stops: make a `wait` under way, or the next one, return at once, and break off anything else.

        What was broken off raises `MailboxAway`; the mail stays on the server.
        """

    def close(self) -> None:
        """Log out, quietly. May be called twice."""


class Outcome(Enum):
    """How an attempt to deliver one parcel ended; failing is normal, so it is a value and no exception."""

    DELIVERED = "delivered"
    """The server took responsibility with 250 after the final dot."""
    DEFERRED = "deferred"
    """Surely not sent; a later attempt may succeed (4xx, or the connection ended before the final dot)."""
    FAILED = "failed"
    """Surely not sent, and trying again will not help (5xx)."""
    UNCERTAIN = "uncertain"
    """The final dot went out and no answer came back: sent or not, nobody knows (RFC 1047)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A finished mail with its envelope: exactly these bytes go out, on every attempt. CRLF line ends, not dot-stuffed."""

    message_id: str
    envelope_sender: str
    recipient: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server said to a parcel: the outcome, the SMTP code (0 without one) and its text without the recipient's address."""

    outcome: Outcome
    code: int
    text: str


class Offer(Protocol):
    """A parcel the server is willing to take: MAIL FROM and RCPT TO are through, DATA is not."""

    def send(self) -> Answer:
        """DATA, the bytes, the dot; waits up to 600 s for the answer (RFC 5321 section 4.5.3.2.6). Never raises for the network."""


class Courier(Protocol):
    """One long-lived connection to the submission server, opened by itself and again after a failure."""

    def offer(self, parcel: Parcel) -> Offer | Answer:
        """Go up to RCPT TO: an `Offer`, or the `Answer` of a server that refused this parcel.

        Raises `CourierAway`, `LoginRefused` or `CertificateRefused` for anything before MAIL FROM: that is the server's state
        and not the parcel's.
        """

    def interrupt(self) -> None:
        """From another thread, when maild stops: break off what is under way."""

    def close(self) -> None:
        """QUIT, quietly. May be called twice."""
