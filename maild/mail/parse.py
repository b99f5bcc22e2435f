"""Bytes in, a `Message` out. This runs in the reader child and may be killed at any moment: it stores nothing and remembers nothing.

compat32 finds the parts, `headers` reads the fields, and mail-parser is asked where a list of addresses is out of the ordinary: its
whole parser costs 0.45 ms a mail, and its body parsing mixes forwarded texts into the mail's own (libraries.md section 3).
"""

import re

from mailparser.utils import get_addresses

from maild.mail import quoting, uuencode
from maild.mail.body import Body
from maild.mail.bounce import bounce_of
from maild.mail.fields import Fields
from maild.mail.heading import message_of, person, plain_people, return_path
from maild.mail.identity import Own, mailbox_of
from maild.mail.message import Address, Message
from maild.mail.parts import Part, parts_of
from maild.mail.prose import addresses
from maild.mail.scan import Scanned, scan
from maild.mail.text import body_of, language_of, markup_of

_ODD_LENGTH = 16 * 1024
"""Characters of one header that mail-parser is given; it takes seconds for what is much longer."""
_TAGS = re.compile(r"^[ \t]*((?:\[[A-Za-z][^\[\]]{0,500}\][ \t]*)+)$", re.MULTILINE)
"""Lines that hold nothing but tags; a tag may run over several lines."""
_REPORTS = ("message/disposition-notification", "message/delivery-status", "message/global-delivery-status")
_SECRET_TYPES = {"multipart/encrypted", "application/pgp-encrypted"}
_SECRET_MARK = "-----BEGIN PGP MESSAGE-----"


def parse(raw: bytes, *, own: Own) -> Message:
    """Read a mail; where its body cannot be read, from its headers only. Raises what the standard library raises for neither."""
    scanned = scan(raw)
    try:
        return _message(raw, scanned, own)
    except Exception as error:  # noqa: BLE001 (rule 7: one strange message costs only itself, and its headers are still worth reading)
        reason = f"the body cannot be read ({type(error).__name__})"
    return _message(raw, scanned.without_body(reason), own)


def _message(raw: bytes, scanned: Scanned, own: Own) -> Message:
    root = parts_of(scanned.raw, below=scanned.body)
    return message_of(raw, fields=root.fields, own=own, people=_people, body=_body(root, scanned.raw, own), defects=scanned.defects)


def _body(root: Part, raw: bytes, own: Own) -> Body:
    text, attachments = body_of(root)
    subject = root.fields.shown("subject")
    words = uuencode.taken_out(text)[0]
    new_text, own_words, command_text = quoting.views(words, separator=own.separator, subject=subject)
    return Body(
        text=text,
        new_text=new_text,
        own_words=own_words,
        command_text=command_text,
        commands_differ=_commands_differ(root, command_text, separator=own.separator, subject=subject),
        attachments=attachments,
        report_type=_report_type(root),
        complaint=any(map(_is_complaint, root.walk())),
        bounce=bounce_of(root, raw=raw, text=text, return_path=return_path(root.fields), own=_recipients(root.fields, own)),
        encrypted=any(map(_is_secret, root.walk())) or _SECRET_MARK in text,
        language=language_of(own_words),
    )


def _report_type(root: Part) -> str:
    """RFC 6522: the whole mail is a report, or it is only forwarded."""
    if root.type == "multipart/report":
        return root.parameters.get("report-type", "unnamed").lower()
    return root.type.partition("/")[2] if root.type in _REPORTS else ""


def _is_complaint(part: Part) -> bool:
    return part.type == "message/feedback-report" or any("x-hmxmroriginalrecipient" in inner.fields for inner in part.inside)


def _commands_differ(root: Part, command_text: str, *, separator: str, subject: str) -> bool:
    """Would somebody who is shown the HTML see other command lines than those of the plain text?"""
    if not any(part.type == "text/plain" for part in root.walk()):
        return False
    tags = _tags(command_text)
    markup = markup_of(root) if tags or _shows_brackets(root) else ""
    return bool(markup) and _tags(quoting.command_text(markup, separator=separator, subject=subject)) != tags


def _shows_brackets(root: Part) -> bool:
    return any(b"[" in part.encoded for part in root.walk() if part.type == "text/html")


def _tags(text: str) -> list[str]:
    """The command lines of a text, white space and case folded."""
    return [" ".join(found.split()).casefold() for found in _TAGS.findall(text)] if "[" in text else []


def _is_secret(part: Part) -> bool:
    """OpenPGP or S/MIME that hides the text (RFC 3156 section 4, RFC 8551 section 3.2); a signature alone does not."""
    smime = part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime")
    return part.type in _SECRET_TYPES or (smime and part.parameters.get("smime-type", "").lower() != "signed-data")


def _recipients(fields: Fields, own: Own) -> list[str]:
    """Whom the mail came to, with and without its extension, and us. Not X-Original-To: some mail systems name the failed recipient in it."""
    came_to = [address for name in ("to", "delivered-to") for value in fields.all(name) for address in addresses(value)]
    return [*came_to, *map(mailbox_of, came_to), own.mailbox]


def _people(value: str) -> tuple[Address, ...]:
    """The people of an address header."""
    plain = plain_people(value)
    if plain is not None:
        return plain
    return tuple(person(name, address) for name, address in get_addresses(value[:_ODD_LENGTH]) if "@" in address)
