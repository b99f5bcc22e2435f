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

RECIPIENTS_LIMIT = 100
"""Recipients of one report that are kept: each of our letters has one."""
_FLUFL_BYTES = 64 * 1024
"""flufl.bounce needs 0.8 s for 550 kB, and no report names its recipients further down."""
_RETURNED_BYTES = 64 * 1024
"""Of headers that stand in a text."""
_FLUFL_LINE = 400
"""Some of its expressions are quadratic in the length of a line."""

_STATUS_PARTS = frozenset(("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status"))
_DAEMON = re.compile(r"(?:^|[<\"(])\s?mailer[-_ ]?daemon\s?(?:[@<>()\"+]|$)|mail delivery (?:sub)?system", re.IGNORECASE)
_MASTER = re.compile(
    r"<>"
    r"|(?:^|[<\s\"])(?:po{1,2}st_?master|mdaemon|postoffice|\w{0,20}notes_router|mail[-_. ]?delivery[^@\s]{0,20})\\?@"
    r"|(?:^|\")(?:internet )?(?:post_?master|mail(?:er)? ?(?:daemon|delivery)(?: system| service)?|mail administrator|postoffice)\"?\s?(?:[<(]|$)"
    r"|system administrator\"? <system\.administrator@",
    re.IGNORECASE,
)
"""The whole name or the whole local part: a person may be called Postmaster, or work for Mail Delivery Ltd."""
_NOBODY = re.compile(r"(?:^|[<\s])no-reply@", re.IGNORECASE)


def bounce_of(root: Part, *, raw: bytes, text: str, return_path: str | None, own: Iterable[str]) -> Bounce | None:
    """The delivery report that a message is; None where it is none.

    `text` is its body, `own` are the addresses it came to (a report names them too, and they are not the ones that failed).
    """
    if not _is_report(root, text=text, return_path=return_path):
        return None
    ours = frozenset(address.lower() for address in own)
    notice, below = prose.split(text)
    returned = [*_returned(root), fields_of(below[:_RETURNED_BYTES].encode("utf-8", "replace"))]
    recipients = _told(root) or _guessed(raw, text, notice, ours) or _addressed(returned, ours)
    return Bounce(recipients=recipients[:RECIPIENTS_LIMIT], original_ids=_original_ids(root, returned))


def _is_report(root: Part, *, text: str, return_path: str | None) -> bool:
    """Did a mail system write this because it could not deliver? A person's mail that holds such a report is a person's mail."""
    author = root.fields.first("from")
    types = [part.type for part in root.walk()]
    has_status = not _STATUS_PARTS.isdisjoint(types)
    if _DAEMON.search(author) or (has_status and types[0] in ("multipart/report", *_STATUS_PARTS)):
        return True
    returns_mail = _NOBODY.search(author) and "message/rfc822" in types
    answers = bool(return_path) and "in-reply-to" in root.fields  # an envelope with a sender: no mail system writes reports in one
    impersonal = return_path == "" or not author or (_MASTER.search(author) and not answers) or returns_mail
    told = has_status or "x-failed-recipients" in root.fields
    return bool(impersonal) and (told or prose.tells_failure(f"{root.fields.shown('subject')}\n{text}"))


def _told(root: Part) -> tuple[FailedRecipient, ...]:
    """The recipients that structure names."""
    blocks = [block.fields for part in root.walk() if part.type in _STATUS_PARTS for block in part.inside]
    listed = ",".join(root.fields.all("x-failed-recipients"))
    told = [recipient for fields in blocks for recipient in _recipients(fields)]
    told = told or [prose.failed(address) for address in prose.addresses(listed)]
    return tuple({recipient.address.lower(): recipient for recipient in told}.values())


def _recipients(fields: Fields) -> Iterator[FailedRecipient]:
    """The per-recipient fields of one block (RFC 3464 section 2.3); some servers put several recipients into one.

    Where the final recipient is only known inside that house, the original one is the better name.
    """
    final, original = (_addresses_in(fields, name) for name in ("final-recipient", "original-recipient"))
    public = [address for address in final if "." in address.rpartition("@")[2]]
    action = fields.first("action").lower().partition(" ")[0] or "failed"
    for address in public or original or final:
        permanent = action not in ("delayed", "delivered", "relayed", "expanded")
        yield FailedRecipient(address=address, action=action, status=prose.status_in(fields.first("status")), permanent=permanent)


def _addresses_in(fields: Fields, name: str) -> list[str]:
    """One address of each field `name`, with or without its type."""
    return [found[0] for value in fields.all(name) if (found := prose.addresses(value.partition(";")[2] or value))]


def _guessed(raw: bytes, text: str, notice: str, own: frozenset[str]) -> tuple[FailedRecipient, ...]:
    """The recipients that only words name."""
    return tuple(prose.recipients(text, notice, own=own)) or tuple(_flufl(raw, own))


def _addressed(returned: Iterable[Fields], own: frozenset[str]) -> tuple[FailedRecipient, ...]:
    """Where the report names nobody: whom the returned mail was written to."""
    found = [address for fields in returned for address in prose.addresses(fields.first("to")) if address.lower() not in own]
    return tuple(prose.failed(address) for address in dict.fromkeys(found))


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
