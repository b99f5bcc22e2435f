"""Mails to ourselves: what a test mail of `maild check --round-trip` looks like, and what its way has made of it.

Each carries the loop mark of a letter of ours, so that no daemon takes it for a report, and a Message-ID that proves itself, so that
none takes a delivery report about it for one either.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import Enum

from maild.mail import authenticity
from maild.mail.authenticity import Form
from maild.mail.compose import SUPPRESSED, Sender
from maild.mail.fields import Fields, fields_of, ids
from maild.mail.heading import plain_people
from maild.mail.identity import LOOP_HEADER, TEST, loop_mark, message_id_for
from maild.mail.message import Address
from maild.mail.scan import scan
from maild.mail.trace import RECEIVED_LIMIT, by
from maild.ports import Parcel

_TEXT = """\
maild wrote this mail to itself, to find out how the mail host treats its letters.
There is nothing to do. It may be deleted.
"""
_PROPERTY = "policy.maild"
"""The property (RFC 8601 section 2.3) that tells our forged verdict from a genuine one."""
_RESULTS = "authentication-results"
_EXCHANGE_HOSTS = "exchangelabs.com"
"""What hosts of Exchange Online call themselves towards each other; towards the world they are of outlook.com."""


class Fate(Enum):
    """What became of a forged Authentication-Results."""

    STRIPPED = "stripped"
    """It is gone, as RFC 8601 section 5 wants it."""
    BELOW = "below"
    """It stands below the lines of our own servers, where maild believes nothing."""
    BELIEVED = "believed"
    """maild would believe it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a header says that nobody but the mail host wrote: a value for `authserv_id`, and one for `form`."""

    authserv_id: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A test mail as it came back."""

    message_id_kept: bool
    mark_kept: bool
    sender_kept: bool
    """From still is our mailbox, and nobody else."""
    proof: Proof | None
    """Who wrote the topmost Authentication-Results that is not the forged one."""
    forged: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One test mail: what goes out, and how it is known when it comes back."""

    token: str
    mark: str
    mailbox: str
    parcel: Parcel
    forged: Proof | None = None


def probe(token: str, *, sender: Sender, recipient: str, envelope_sender: str, date: datetime, forged: Proof | None = None) -> Probe:
    """A mail to ourselves. `token` is a fresh one; `forged` puts an Authentication-Results on top, as somebody who cheats would."""
    mark = loop_mark(sender.loop_key, TEST + token)
    message_id = message_id_for(mark, domain=sender.domain)
    headers = {
        **({"Authentication-Results": _forgery(forged, sender.domain, token)} if forged else {}),
        "From": sender.mailbox,
        "To": recipient,
        "Subject": f"maild check {token}",
        "Date": format_datetime(date),
        "Message-ID": f"<{message_id}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": SUPPRESSED,
        LOOP_HEADER: mark,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=us-ascii",
    }
    lines = [*(f"{name}: {value}" for name, value in headers.items()), "", *_TEXT.splitlines(), ""]
    parcel = Parcel(message_id=message_id, envelope_sender=envelope_sender, recipient=recipient, raw="\r\n".join(lines).encode("ascii"))
    return Probe(token=token, mark=mark, mailbox=sender.mailbox, parcel=parcel, forged=forged)


def _forgery(proof: Proof, domain: str, token: str) -> str:
    verdict = f"dmarc=pass header.from={domain} {_PROPERTY}={token}"
    return f"{verdict}; compauth=pass reason=100" if proof.form is Form.EXCHANGE else f"{proof.authserv_id}; {verdict}"


def echo_of(raw: bytes, sent: Probe) -> Echo | None:
    """What a mail tells as the echo of `sent`; None where it is not that mail. `raw` may be the beginning of a mail."""
    fields = fields_of(scan(raw).head)
    marks = fields.all(LOOP_HEADER.lower())
    if not (sent.mark in marks or (sent.token in fields.first("subject") and not returns(raw, sent))):
        return None
    return Echo(
        message_id_kept=sent.parcel.message_id in ids(fields.all("message-id")),
        mark_kept=sent.mark in marks,
        sender_kept=_writers(fields) == [sent.mailbox.lower()],
        proof=_proof(fields, sent.token),
        forged=_fate(fields, sent),
    )


def returns(raw: bytes, sent: Probe) -> bool:
    """Is this a delivery report about `sent`?"""
    scanned = scan(raw)
    fields = fields_of(scanned.head)
    if sent.mark in fields.all(LOOP_HEADER.lower()):
        return False
    machine = "multipart/report" in fields.first("content-type").lower() or "mailer-daemon" in fields.first("from").lower()
    return machine and sent.token.encode() in scanned.raw


def witnessed(raw: bytes, *, known: Proof | None) -> Proof | None:
    """Who vouches for a mail that somebody else sent; None where nobody does. `known` is what the name of the mail host tells."""
    fields = fields_of(scan(raw).head)
    if LOOP_HEADER.lower() in fields:
        return None
    for guess in (None, known):
        form = guess.form if guess else Form.RFC8601
        server = authenticity.witness(fields, authserv_id=guess.authserv_id if guess else "", form=form)
        if server is not None:
            return _named(server, fields)
    return None


def _writers(fields: Fields) -> list[str]:
    """The addresses of From; a name beside them may be the mail host's doing."""
    return [person.address.lower() for value in fields.all("from") for person in plain_people(value) or (Address(name="", address=""),)]


def _proof(fields: Fields, token: str) -> Proof | None:
    servers = (authenticity.written_by(value) for value in fields.all(_RESULTS) if token not in value)
    server = next((server for server in servers if server is not None), None)
    return None if server is None else _named(server, fields)


def _named(server: str, fields: Fields) -> Proof:
    """Exchange Online writes no authserv-id: there the domain of the hosts that take mail in counts."""
    if server:
        return Proof(authserv_id=server, form=Form.RFC8601)
    host = by(fields.first("received")[:RECEIVED_LIMIT])
    domain = ".".join(host.split(".")[-2:])
    return Proof(authserv_id="outlook.com" if domain == _EXCHANGE_HOSTS else domain, form=Form.EXCHANGE)


def _fate(fields: Fields, sent: Probe) -> Fate:
    names = [name for name, value in fields.pairs if name == "received" or (name == _RESULTS and sent.token.encode() in value)]
    if _RESULTS not in names:
        return Fate.STRIPPED
    believed = sent.forged and authenticity.verdicts(fields, authserv_id=sent.forged.authserv_id, form=sent.forged.form)
    if names[0] == _RESULTS or any((_PROPERTY, sent.token) in verdict.properties for verdict in believed or ()):
        return Fate.BELIEVED
    return Fate.BELOW
