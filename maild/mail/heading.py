"""What the header block tells, and the `Message` it makes together with a body.

Nothing here but code of our own that is linear in the length of a bounded header block: it serves the reader child for every mail,
and the daemon itself for a mail on which the child has died.
"""

import dataclasses
import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from maild.mail import authenticity, charset
from maild.mail.body import Body
from maild.mail.fields import Fields, ids, one_line
from maild.mail.identity import Own, is_address
from maild.mail.kind import Kind, Signs, kind_of
from maild.mail.message import Address, Message

PEOPLE_LIMIT = 1_000
"""Addresses that are kept of one header."""

_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
_PLAIN_ADDRESS = re.compile(r"[^\s<>()\[\]:;@\\,\"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_PHRASE = re.compile(r"\s*+(?:\"([^\"\\]*+)\"|([^\"\\<>()\[\]:;@,]*+))\s*+")

_FROM_BODY = tuple({one.name for one in dataclasses.fields(Body)} & {one.name for one in dataclasses.fields(Message)})
"""What a message has from its body, under the same names."""

People = Callable[[str], tuple[Address, ...]]
"""Reads the people of one address header's value."""


def message_of(raw: bytes, *, fields: Fields, own: Own, people: People, body: Body, defects: tuple[str, ...]) -> Message:
    """Put heading and body together and judge them."""
    named = {name: _all_people(fields, name, people) for name in ("from", "reply-to", "to", "cc")}
    sender = next(iter(named["from"] or named["reply-to"]), None)
    answer_to = _answer_to(fields, named["from"])
    verdicts = authenticity.verdicts(fields, authserv_id=own.authserv_id, form=own.authserv_form)
    signs = Signs(
        fields=fields,
        body=body,
        subject=fields.shown("subject"),
        sender=sender.address if sender else "",
        answer_to=answer_to,
        return_path=return_path(fields),
        verdicts=verdicts,
        own=own,
    )
    return _message(raw, signs, kind_of(signs), named=named, sender=sender, defects=defects)


def _message(  # one line a field: shorter would only be denser
    raw: bytes, signs: Signs, kind: Kind, *, named: Mapping[str, tuple[Address, ...]], sender: Address | None, defects: tuple[str, ...]
) -> Message:
    return Message(
        message_id=(ids(signs.fields.all("message-id")) or (f"{sha256(raw).hexdigest()[:32]}@maild.invalid",))[0],
        in_reply_to=ids(signs.fields.all("in-reply-to")),
        references=ids(signs.fields.all("references")),
        sender=sender,
        strict_sender=authenticity.strict_sender(raw),
        answer_to=signs.answer_to,
        return_path=signs.return_path,
        reply_to=named["reply-to"],
        to=named["to"],
        cc=named["cc"],
        delivered_to=delivered_to(signs.fields),
        subject=signs.subject,
        date=one_line(signs.fields.first("date")),
        sort=kind.sort,
        sort_reason=kind.reason,
        answerable=kind.answerable,
        unanswerable_because=kind.unanswerable_because,
        verdicts=signs.verdicts,
        partial_signers=authenticity.partial_signers(signs.fields),
        defects=defects,
        **{name: getattr(signs.body, name) for name in _FROM_BODY},
    )


def plain_people(value: str) -> tuple[Address, ...] | None:
    """The people of a list of plain addresses and names; None where the list holds anything else (comments, groups, commas in quotes)."""
    found = []
    for item in value.split(","):
        name, angle, address = item.rpartition("<")
        address = address.strip().removesuffix(">") if angle else address.strip()
        phrase = _PHRASE.fullmatch(name)
        if not phrase or not _PLAIN_ADDRESS.fullmatch(address):
            return None
        found.append(person(phrase[1] or phrase[2] or "", address))
    return tuple(found)


def person(name: str, address: str) -> Address:
    """A name as it was written and a bare address."""
    local, _, domain = address.rpartition("@")
    return Address(name=one_line(charset.words(name)), address=f"{local}@{domain.lower()}")


def return_path(fields: Fields) -> str | None:
    """The envelope sender as the receiving server recorded it on top; empty for <>; None where it did not."""
    return fields.first("return-path").strip("<> \t") if "return-path" in fields else None


def delivered_to(fields: Fields) -> tuple[str, ...]:
    """The envelope recipients that servers on the way recorded."""
    values = [value.strip("<> \t") for name in _DELIVERED for value in fields.all(name)]
    return tuple(dict.fromkeys(value for value in values if _PLAIN_ADDRESS.fullmatch(value)))[:PEOPLE_LIMIT]


def _all_people(fields: Fields, name: str, people: People) -> tuple[Address, ...]:
    return tuple(person for value in fields.all(name) for person in people(value))[:PEOPLE_LIMIT]


def _answer_to(fields: Fields, senders: tuple[Address, ...]) -> str | None:
    """The one plain mailbox of the one From header."""
    if len(fields.all("from")) != 1 or len(senders) != 1:
        return None
    address = senders[0].address
    return address if is_address(address) and _PLAIN_ADDRESS.fullmatch(address) else None
