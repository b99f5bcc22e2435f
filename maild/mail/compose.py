"""A letter becomes a parcel: finished bytes that go out unchanged on every attempt.

The headers are written here, line by line and without the standard library's help, whose encoding of a Subject depends on the
interpreter; then they are read back before anything leaves. Whatever a reporter put into a name or a Subject, the parcel holds exactly
the headers that were set (security.md F1, the serialisation guard).
"""

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from maild.errors import GuardTripped
from maild.mail.identity import LOOP_HEADER, bounce_address, is_address, loop_mark, message_id_for, plus_address
from maild.playbook.letters import Attachment, Letter
from maild.playbook.people import Role
from maild.ports import Parcel
from maild.render import Rendered

LONGEST_VALUE = 300
"""Characters of a Subject or a name: nobody reads more, and encoded they must stay a handful of lines."""

LONGEST_PLAIN_VALUE = 66
"""Characters of a Subject that stays as it is: with its name it fits into the 78 of RFC 5322 section 2.1.1."""

LONGEST_BODY_LINE = 78
"""A longer line makes the body quoted-printable, which breaks it on the way and puts it together again for the reader."""

LONGEST_LINE = 998
"""Octets that any line may have (RFC 5322 section 2.1.1)."""

MOST_REFERENCES = 12
"""References kept in a letter: the first and the latest, as mail programs do; an endless list would be the writer's."""

ENCODED_OCTETS = 39
"""Octets of text in one encoded word: with From or Subject before it, its line stays within the 76 of RFC 2047 section 2."""

SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
"""Every answer of a machine but NDR ([MS-OXCMAIL] section 2.1.3.2.20), which `All` would suppress too: a bounce must reach us."""

OURS = frozenset(role.value for role in Role)
"""Roles of the people in the configuration; a letter to anybody else leaves the team."""

_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}@[!-;=?-~]{1,250}")
_TOKEN = re.compile(r"[a-z2-7]{26}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_ .!#$%&'*+/=?^`{|}~()-]+")
_STRAY = re.compile(rb"\r(?!\n)|(?<!\r)\n|[\x00\x80-\xff]|\n[ \t]*\r|[^\r\n]{999}")
"""What no header block of ours holds: a lone CR or LF, NUL, 8-bit, a line without a word in it, a line that is too long."""
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_FILE_TYPE = re.compile(r"[a-z]{1,40}/[a-z0-9.+-]{1,40}")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_MADE_UP = "@maild.invalid"
"""Ends the identifier that was made for a mail without one: nobody could answer to it."""


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
        fixed = replace(rendered, subject="Message")
        return Composed(parcel=_parcel(letter, fixed, sender, date), subject_replaced=True)


def _parcel(letter: Letter, rendered: Rendered, sender: Sender, date: datetime) -> Parcel:
    if not _TOKEN.fullmatch(letter.token):
        raise GuardTripped("a letter has no token of ours")
    content, body = _body(rendered, letter)
    headers = {**dict(_headers(letter, rendered, sender, date)), **content}
    head = _head(headers).encode("utf-8", "replace")
    guard(head, expected=list(headers))
    return Parcel(
        message_id=headers["Message-ID"].strip("<>"),
        envelope_sender=bounce_address(sender.mailbox, letter.token) if sender.plus_addressing else sender.mailbox,
        recipient=plain_address(letter.to.address),
        raw=head + b"\r\n" + body,
    )


def guard(head: bytes, *, expected: list[str]) -> None:
    """Read the header block back: the names that stand there must be the names that were set, each once, in order.

    Raises `GuardTripped` on any other name and on a stray byte that some mail server might take for the end of a line.
    """
    if _STRAY.search(head) or not head.endswith(b"\r\n"):
        raise GuardTripped("the header block of a letter holds a byte that must not be there")
    lines = [line for line in head[:-2].split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    names = [line.partition(b":")[0].decode("ascii") for line in lines]
    if names != expected:
        raise GuardTripped("the header block of a letter does not hold exactly the headers that were set")


def _headers(letter: Letter, rendered: Rendered, sender: Sender, date: datetime) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(sender.name, sender.mailbox)
    # The name of a reporter comes from outside and is not needed to reach them.
    yield "To", _mailbox(letter.to.name if letter.to.role in OURS else "", letter.to.address)
    yield "Subject", encoded(rendered.subject)
    yield "Date", format_datetime(date)
    yield "Message-ID", f"<{message_id_for(letter.token, domain=sender.domain)}>"
    answered = letter.in_reply_to or (message_id_for(letter.follows, domain=sender.domain) if letter.follows else "")
    if _may_be_named(answered, letter):
        yield "In-Reply-To", f"<{answered}>"
    references = _references(letter, sender)
    if references:
        yield "References", "\r\n ".join(f"<{one}>" for one in references)
    if sender.plus_addressing:
        yield "Reply-To", plus_address(sender.mailbox, letter.token)
    yield "Auto-Submitted", "auto-replied" if letter.in_reply_to else "auto-generated"
    yield "X-Auto-Response-Suppress", SUPPRESSED
    yield LOOP_HEADER, loop_mark(sender.loop_key, letter.token)
    yield "MIME-Version", "1.0"


def _references(letter: Letter, sender: Sender) -> list[str]:
    roots = []
    if letter.ticket_id is not None and letter.to.role in OURS:
        # Nobody ever sent this one: it is the common root that keeps a person's mails of one case together.
        roots.append(f"case.{letter.ticket_id:x}.{letter.to.handle}@{sender.domain}")
    ours = [message_id_for(letter.follows, domain=sender.domain)] if letter.follows else []
    known = [one for one in dict.fromkeys((*roots, *ours, *letter.references)) if _may_be_named(one, letter)]
    return known if len(known) <= MOST_REFERENCES else [known[0], *known[-(MOST_REFERENCES - 1) :]]


def _may_be_named(message_id: str, letter: Letter) -> bool:
    """A Message-ID that may stand in this letter: nothing but one, and no root of a case in a letter that leaves the team."""
    fits = _MESSAGE_ID.fullmatch(message_id) and "=?" not in message_id and not message_id.endswith(_MADE_UP)
    return bool(fits) and not (letter.to.role not in OURS and message_id.startswith("case."))


def plain_address(address: str) -> str:
    """The address, if it is one and nothing else. Raises `GuardTripped`."""
    if not is_address(address):
        raise GuardTripped("the address of a letter is not one plain address")
    return address


def clean(text: str) -> str:
    """Text for one header line: nothing that ends it, hides in it or turns its direction."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 4 * LONGEST_VALUE]).split())[:LONGEST_VALUE]


def encoded(text: str) -> str:
    """A header value, in encoded words where it is not plain (RFC 2047); one that came from outside is spelt out as text."""
    value = clean(text)
    return value if value.isascii() and "=?" not in value and len(value) <= LONGEST_PLAIN_VALUE else _encoded_words(value)


def _encoded_words(value: str) -> str:
    pieces = [b""]
    for octets in (letter.encode("utf-8") for letter in value):
        if len(pieces[-1]) + len(octets) > ENCODED_OCTETS:
            pieces.append(b"")
        pieces[-1] += octets
    return "\r\n ".join(f"=?utf-8?b?{b64encode(piece).decode('ascii')}?=" for piece in pieces)


@lru_cache(maxsize=256)
def _mailbox(name: str, address: str) -> str:
    shown = clean(name)
    if not shown:
        return plain_address(address)
    plain = _PLAIN_NAME.fullmatch(shown) and "=?" not in shown and len(shown) <= LONGEST_PLAIN_VALUE
    return f'"{shown}" <{plain_address(address)}>' if plain else f"{_encoded_words(shown)}\r\n <{plain_address(address)}>"


def _body(rendered: Rendered, letter: Letter) -> tuple[dict[str, str], bytes]:
    words = [_part(subtype, text) for subtype, text in (("plain", rendered.text), ("html", rendered.html))]
    # The token is random, so nobody outside can write a line that ends a part; and neither of the two boundaries begins the other.
    alternative = _multipart("alternative", words, boundary=f"=_{letter.token}")
    if not letter.attachments:
        return alternative
    files = [_file(one) for one in _allowed(letter)]
    return _multipart("mixed", [alternative, *files], boundary=f"=f_{letter.token}")


def _multipart(subtype: str, parts: Iterable[tuple[dict[str, str], bytes]], *, boundary: str) -> tuple[dict[str, str], bytes]:
    written = b"".join(f"--{boundary}\r\n{_head(headers)}\r\n".encode("ascii") + body + b"\r\n" for headers, body in parts)
    return {"Content-Type": f'multipart/{subtype}; boundary="{boundary}"'}, written + f"--{boundary}--\r\n".encode("ascii")


def _head(headers: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


def _allowed(letter: Letter) -> tuple[Attachment, ...]:
    """The files of a letter, if it may carry any. Raises `GuardTripped`: what leaves the team is words in a template, and never a file."""
    if letter.to.role not in OURS:
        raise GuardTripped("a letter that leaves the team carries a file")
    if not all(_FILE_NAME.fullmatch(one.name) and _FILE_TYPE.fullmatch(one.type) for one in letter.attachments):
        raise GuardTripped("the name or type of a file in a letter is not a plain one")
    return letter.attachments


def _file(one: Attachment) -> tuple[dict[str, str], bytes]:
    """As base64, so that its bytes arrive as they were, line ends too."""
    headers = {
        "Content-Type": f"{one.type}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{one.name}"',
        "Content-Transfer-Encoding": "base64",
    }
    return headers, encodebytes(one.text.encode("utf-8")).replace(b"\n", b"\r\n")


def _part(subtype: str, text: str) -> tuple[dict[str, str], bytes]:
    plain = _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")).encode("utf-8")
    easy = plain.isascii() and max(map(len, plain.split(b"\n"))) <= LONGEST_BODY_LINE
    body = plain if easy else b2a_qp(plain)
    headers = {"Content-Type": f"text/{subtype}; charset=utf-8", "Content-Transfer-Encoding": "7bit" if easy else "quoted-printable"}
    return headers, body.replace(b"\n", b"\r\n")
