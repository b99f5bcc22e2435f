"""Delivery reports: whom they speak of, and which letter of ours they are about.

A report is believed to be one when its structure says so (RFC 3464) or when a mail system wrote it; what a person forwards or
quotes is a person's mail. Read in this order: RFC 3464, X-Failed-Recipients, the prose of `prose.py`, flufl.bounce. None of this
moves a ticket: only a token of ours among `original_ids` or in the recipient's address does.
"""

import re
from collections.abc import Iterable, Iterator
from email.parser import BytesParser
from email.policy import compat32

from flufl.bounce import all_failures

from maild.mail import prose
from maild.mail.fields import Fields, fields_of, ids
from maild.mail.message import Bounce, FailedRecipient
from maild.mail.parts import Part
from maild.mail.roles import is_unread
from maild.mail.trace import is_public

RECIPIENTS_LIMIT = 100
"""Recipients of one report that are kept: each of our letters has one."""
_FLUFL_BYTES = 64 * 1024
"""flufl.bounce needs 0.8 s for 550 kB, and no report names its recipients further down."""
_RETURNED_BYTES = 64 * 1024
"""Of headers that stand in a text."""
_FLUFL_LINE = 400
"""Some of its expressions are quadratic in the length of a line."""

_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status"))
_REACHED = ("delivered", "relayed", "expanded")
"""Actions of recipients who were reached: a report names them where it names nobody else."""
_RETURNED_PARTS = frozenset(("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "text/rfc822"))
_DAEMON = re.compile(r"(?:^|[<\"(])\s?mailer[-_ ]?daemon\s?(?:[@<>()\"+]|$)|mail delivery (?:sub)?system", re.IGNORECASE)
_MASTER = re.compile(
    r"<>"
    r"|(?:^|[<\s\"])(?:po{1,2}st_?master|mdaemon|postoffice|\w{0,20}notes_router|mmdf|maiser|microsoftexchange[0-9a-f]{32}|dsn|ndr"
    r"|mail[-_. ]?(?:delivery|system|server)[^@\s]{0,20}|delivery[-_.]?(?:notification|status|report)s?)(?:[+-][^@\s]{0,40})?\\?@"
    r"|(?:^|\")(?:(?:internet |the )?post_?master|mail(?:er)? ?(?:daemon|delivery)(?: system| service| report| agent| notification)?"
    r"|mail[- ]administrator|postoffice|internet mail service|microsoft exchange(?: server)?|mail trans(?:port|fer) (?:system|agent)"
    r"|(?:\w{1,20} )?(?:e-?)?mail (?:system|server|router|gateway)(?: at [\w.-]{1,100})?)\"?\s?(?:[<(]|$)"
    r"|system administrator\"? <system\.administrator@",
    re.IGNORECASE,
)
"""The whole name or the whole local part: a person may be called Postmaster, or work for Mail Delivery Ltd."""


def bounce_of(root: Part, *, raw: bytes, text: str, return_path: str | None, own: Iterable[str]) -> Bounce | None:
    """The delivery report that a message is; None where it is none.

    `text` is its body, `own` are the addresses it came to (a report names them too, and they are not the ones that failed).
    """
    ours = frozenset(address.lower() for address in own)
    if not _is_report(root, text=text, return_path=return_path, own=ours):
        return None
    notice, below = prose.split(text)
    returned = [*_returned(root), fields_of(below[:_RETURNED_BYTES].encode("utf-8", "replace"))]
    written_to = _addressed(returned, ours)
    delayed = prose.tells_delay(root.fields.shown("subject"), notice)
    guess = prose.recipients(text, notice, own=ours, written_to=frozenset(map(str.lower, written_to)), permanent=not delayed)
    recipients = _told(root) or tuple(guess) or tuple(_flufl(raw, ours)) or tuple(map(prose.failed, written_to))
    return Bounce(recipients=recipients[:RECIPIENTS_LIMIT], original_ids=_original_ids(root, returned))


def _is_report(root: Part, *, text: str, return_path: str | None, own: frozenset[str]) -> bool:
    """Did a mail system write this because it could not deliver? A person's mail that holds such a report is a person's mail."""
    author = root.fields.shown("from")
    types = [part.type for part in root.walk()]
    has_status = not _STATUS_PARTS.isdisjoint(types)
    if _DAEMON.search(author) or (has_status and types[0] in ("multipart/report", *_STATUS_PARTS)):
        return True
    sure = _is_system(root, author, return_path)
    senders = prose.addresses(author.lower())
    if not sure and return_path != "" and not any(map(is_unread, senders)):
        return False
    if (sure or return_path == "") and (has_status or "x-failed-recipients" in root.fields):
        return True
    fails = prose.tells_failure(f"{root.fields.shown('subject')}\n{text}")
    named = own.union(senders)
    if sure:
        return fails or (bool(_MASTER.search(author.rpartition(" ")[2])) and prose.singles_out(text, own=named))
    # Somebody's vacation notice, or a shop: the words alone are not enough.
    returns_mail = not _RETURNED_PARTS.isdisjoint(types) or prose.returns_mail(text)
    return fails and (returns_mail or (return_path == "" and _names_a_stranger(root, text, named)))


def _names_a_stranger(root: Part, text: str, own: frozenset[str]) -> bool:
    """Does a line begin with an address of another house? A vacation notice names colleagues, and says what it answers."""
    house = tuple(f"@{address.rpartition('@')[2]}" for address in prose.addresses(root.fields.first("from").lower()))
    return "in-reply-to" not in root.fields and not all(address.lower().endswith(house) for address in prose.led(text, own=own))


def _is_system(root: Part, author: str, return_path: str | None) -> bool:
    """Does it come from where only mail systems write?"""
    answers = bool(return_path) and "in-reply-to" in root.fields  # an envelope with a sender: no mail system writes reports in one
    certified = "x-ricevuta" in root.fields  # what Italy's certified mail tells senders
    return not author or certified or bool(_MASTER.search(author) and not answers)


def _told(root: Part) -> tuple[FailedRecipient, ...]:
    """The recipients that structure names."""
    blocks = [block.fields for part in root.walk() if part.type in _STATUS_PARTS for block in part.inside]
    listed = ",".join(root.fields.all("x-failed-recipients"))
    told = [recipient for fields in blocks for recipient in _recipients(fields)]
    told = [recipient for recipient in told if recipient.action not in _REACHED] or told
    told = told or [prose.failed(address) for address in prose.addresses(listed)]
    return tuple({recipient.address.lower(): recipient for recipient in told}.values())


def _recipients(fields: Fields) -> Iterator[FailedRecipient]:
    """The per-recipient fields of one block (RFC 3464 section 2.3); some servers put several recipients into one.

    Where the final recipient is only known inside that house, the original one is the better name: so it is where Exchange wraps
    a name of its own directory into an address (IMCEA).
    """
    final, original = (_addresses_in(fields, name) for name in ("final-recipient", "original-recipient"))
    public = [address for address in final if is_public(address.rpartition("@")[2].strip("[]")) and not address.upper().startswith("IMCEA")]
    action = fields.first("action").lower().partition(" ")[0] or "failed"
    for address in public or original or final:
        permanent = action != "delayed" and action not in _REACHED
        yield FailedRecipient(address=address, action=action, status=prose.status_in(fields.first("status")), permanent=permanent)


def _addresses_in(fields: Fields, name: str) -> list[str]:
    """One address of each field `name`, with or without its type."""
    return [found for value in fields.all(name) if (found := prose.address_in(value.partition(";")[2] or value))]


def _addressed(returned: Iterable[Fields], own: frozenset[str]) -> list[str]:
    """Whom the returned mail was written to."""
    found = [address for fields in returned for address in prose.addresses(fields.first("to")) if address.lower() not in own]
    return list(dict.fromkeys(found))


def _flufl(raw: bytes, own: frozenset[str]) -> Iterator[FailedRecipient]:
    beginning = b"\n".join(line[:_FLUFL_LINE] for line in raw[:_FLUFL_BYTES].splitlines())
    try:
        delayed, gone = all_failures(BytesParser(policy=compat32).parsebytes(beginning))
    except Exception:  # noqa: BLE001 (some of its detectors trip over a From without an address: that one knows nothing, then)
        return
    for found, permanent in ((delayed, False), (gone, True)):
        for address in sorted(octets.decode("ascii", "replace") for octets in found):
            if "@" in address and address.lower() not in own:
                yield prose.failed(address, permanent=permanent)


def _returned(root: Part) -> Iterator[Fields]:
    """The headers of the returned mail, whole or alone (RFC 6522 section 4), and what else stands in fields."""
    for part in root.walk():
        yield from (inner.fields for inner in part.inside if part.type.startswith("message/"))
        if part.type in ("text/rfc822-headers", "message/rfc822-headers", "text/rfc822"):
            yield fields_of(part.octets[:_RETURNED_BYTES].replace(b"\r\n", b"\n"))


def _original_ids(root: Part, returned: Iterable[Fields]) -> tuple[str, ...]:
    """Message-IDs of the mail that was returned and of the one this says it answers."""
    told = [value for fields in returned for name in ("message-id", "original-envelope-id", "in-reply-to") for value in fields.all(name)]
    return ids([*told, *root.fields.all("in-reply-to"), *root.fields.all("references")])
