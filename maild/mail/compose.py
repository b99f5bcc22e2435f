"""A letter becomes a parcel: finished bytes that go out unchanged on every attempt.

The headers are written here, line by line, and read back before anything leaves: whatever a reporter put into a name or a
Subject, the parcel holds exactly the headers that were set (security.md F1, the serialisation guard).
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from maild.errors import GuardTripped
from maild.mail.identity import bounce_address, loop_mark, message_id_for, plus_address
from maild.playbook.letters import TO_REPORTER, Letter
from maild.ports import Parcel
from maild.render import Rendered

LONGEST_VALUE = 900
"""Characters of one header value; RFC 5322 section 2.1.1 allows lines of 998."""

LONGEST_BODY_LINE = 900
"""A longer line makes the body quoted-printable, which wraps it."""

MOST_REFERENCES = 12
"""References kept in a letter: the first and the latest, as mail programs do; an endless list would be the writer's."""

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\ud800-\udfff]+")
"""Characters that could end a header, reverse its reading direction, or hide in it."""

MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}")
"""What may stand between angle brackets (RFC 5322 section 3.6.4, loosely): visible ASCII without angle brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who all letters come from. `loop_key` signs them so that they are known when they come back."""

    name: str
    mailbox: str
    plus_addressing: bool
    loop_key: bytes

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.mailbox.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A parcel, and whether the guard had to replace its Subject."""

    parcel: Parcel
    subject_replaced: bool


def compose(letter: Letter, rendered: Rendered, *, sender: Sender, date: datetime) -> Composed:
    """Finish a letter. Raises `GuardTripped` where not even a fixed Subject makes it safe."""
    try:
        return Composed(parcel=_parcel(letter, rendered, sender, date), subject_replaced=False)
    except GuardTripped:
        fixed = replace(rendered, subject=f"[{sender.name}] Message")
        return Composed(parcel=_parcel(letter, fixed, sender, date), subject_replaced=True)


def _parcel(letter: Letter, rendered: Rendered, sender: Sender, date: datetime) -> Parcel:
    headers = dict(_headers(letter, rendered, sender, date))
    content, body = _body(rendered, letter.token)
    headers |= content
    head = b"".join(f"{name}: {value}\r\n".encode("ascii") for name, value in headers.items())
    guard(head, expected=list(headers))
    return Parcel(
        message_id=headers["Message-ID"].strip("<>"),
        envelope_sender=bounce_address(sender.mailbox, letter.token) if sender.plus_addressing else sender.mailbox,
        recipient=letter.to.address,
        raw=head + b"\r\n" + body,
    )


def guard(head: bytes, *, expected: list[str]) -> None:
    """Read the header block back: the names that stand there must be the names that were set, each once, in order.

    Raises `GuardTripped` on any other name, on a lone CR or LF and on a NUL.
    """
    if re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", head) or not head.endswith(b"\r\n"):
        raise GuardTripped("the header block of a letter holds a stray line end")
    lines = [line for line in head[:-2].split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    names = [line.partition(b":")[0].decode("ascii", "replace") for line in lines]
    if names != expected:
        raise GuardTripped("the header block of a letter does not hold exactly the headers that were set")


def _headers(letter: Letter, rendered: Rendered, sender: Sender, date: datetime) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender.name, sender.mailbox)
    # The name of a reporter comes from outside and is not needed to reach them.
    yield "To", letter.to.address if letter.to.handle == "reporter" else _mailbox(letter.to.name, letter.to.address)
    yield "Subject", encoded(rendered.subject)
    yield "Date", format_datetime(date)
    yield "Message-ID", f"<{message_id_for(letter.token, domain=sender.domain)}>"
    if letter.in_reply_to and MESSAGE_ID.fullmatch(letter.in_reply_to):
        yield "In-Reply-To", f"<{letter.in_reply_to}>"
    references = _references(letter, sender)
    if references:
        yield "References", "\r\n ".join(f"<{one}>" for one in references)
    if sender.plus_addressing:
        yield "Reply-To", plus_address(sender.mailbox, letter.token)
    yield "Auto-Submitted", "auto-replied" if letter.in_reply_to else "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "X-Maild-Loop", loop_mark(sender.loop_key, letter.token)
    yield "MIME-Version", "1.0"


def _references(letter: Letter, sender: Sender) -> list[str]:
    roots = []
    if letter.ticket_id is not None and letter.kind not in TO_REPORTER:
        # Nobody ever sent this one: it is the common root that keeps a person's mails of one case together.
        roots.append(f"case.{letter.ticket_id:x}.{letter.to.handle}@{sender.domain}")
    known = [one for one in dict.fromkeys((*roots, *letter.references)) if MESSAGE_ID.fullmatch(one)]
    return known if len(known) <= MOST_REFERENCES else [known[0], *known[-(MOST_REFERENCES - 1) :]]


def clean(text: str) -> str:
    """Text for one header line: nothing that ends it, hides in it or turns its direction; not longer than a line may be."""
    return UNSAFE.sub(" ", text).strip()[:LONGEST_VALUE]


def encoded(text: str) -> str:
    """A header value, as RFC 2047 asks where it is not plain; an encoded word that came from outside is spelt out as text."""
    value = clean(text)
    if value.isascii() and "=?" not in value and len(value) <= 200:
        return value
    return Header(value, "utf-8", maxlinelen=75, header_name="Subject").encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    shown = clean(name)
    if not shown:
        return address
    if re.fullmatch(r"[\w !#$%&'*+/=?^`{|}~-]+", shown, re.ASCII) and "=?" not in shown:
        return f'"{shown}" <{address}>'
    return f"{Header(shown, 'utf-8', maxlinelen=60).encode(linesep=chr(13) + chr(10))} <{address}>"


def _body(rendered: Rendered, token: str) -> tuple[dict[str, str], bytes]:
    if rendered.html is None:
        return _part("plain", rendered.text)
    # The token is random, so nobody outside can write a line that ends a part.
    boundary = f"=_{token}"
    parts = []
    for subtype, text in (("plain", rendered.text), ("html", rendered.html)):
        headers, body = _part(subtype, text)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        parts.append(f"--{boundary}\r\n{head}\r\n".encode("ascii") + body)
    return {"Content-Type": f'multipart/alternative; boundary="{boundary}"'}, b"".join(parts) + f"--{boundary}--\r\n".encode("ascii")


def _part(subtype: str, text: str) -> tuple[dict[str, str], bytes]:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    easy = plain.isascii() and b"\0" not in plain and max(map(len, plain.split(b"\n"))) <= LONGEST_BODY_LINE
    body = plain if easy else quopri.encodestring(plain)
    headers = {"Content-Type": f"text/{subtype}; charset=utf-8", "Content-Transfer-Encoding": "7bit" if easy else "quoted-printable"}
    return headers, body.replace(b"\n", b"\r\n")
