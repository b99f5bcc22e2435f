"""What is ours in a mail: the mailbox, the tokens in Message-IDs and plus-addresses, and the mark that stops loops.

A token is 26 characters of lower-case base32 (16 random bytes). It stands in the Message-ID of a letter, `<TOKEN@DOMAIN>`, in
the reply address `info+TOKEN@DOMAIN`, and in the bounce address `info+b.TOKEN@DOMAIN`. A token found here is only a candidate:
whether it was ever given out, to whom and for what is for the store to say (security.md section 5.1).
"""

import hmac
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from maild.mail.authenticity import Form
from maild.mail.message import Message

LOOP_HEADER = "X-Maild-Loop"
"""The one X-Maild-… header that is read on the way in; all others are ignored."""

ADDRESS_LIMIT = 254
"""Octets of an address that fits into a path (RFC 5321 section 4.5.3.1.3)."""

TEST = "check"
"""Begins the nonce of a mail that maild wrote to itself (`maild check --round-trip`): a letter's nonce is a token, which is shorter."""

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_TOKEN = re.compile(r"[a-z2-7]{26}")
_NONCE = re.compile(r"[a-z0-9]{1,64}")
_CANDIDATES_LIMIT = 50
"""Tokens taken from one mail: a letter holds a handful; more would only buy look-ups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a reader has to know of this installation to read a mail. It crosses the pipe to the reader child once."""

    mailbox: str
    """The address reports go to, such as info@pymalta.org."""
    separator: str = ""
    """The line above which a reply is to be written; our letters carry it."""
    loop_key: bytes = b""
    """Authenticates `LOOP_HEADER`; without it no mail is taken for a letter of ours that came back."""
    authserv_id: str = ""
    """The receiving server's name in Authentication-Results; empty: no header proves anything."""
    authserv_form: Form = Form.RFC8601


def is_address(text: str) -> bool:
    """Is this one address that a letter can go to, and nothing else (RFC 5321 section 4.1.2, without quoted local parts)?"""
    return len(text) <= ADDRESS_LIMIT and _ADDRESS.fullmatch(text) is not None


def mailbox_of(address: str) -> str:
    """The mailbox behind a plus-address, in small letters."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def message_id_for(token: str, *, domain: str) -> str:
    """The Message-ID of a letter with this token, without angle brackets."""
    return f"{token}@{domain.lower()}"


def plus_address(mailbox: str, token: str) -> str:
    """Where an answer to the letter with this token comes in: info+TOKEN@pymalta.org."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{token}@{domain}"


def bounce_address(mailbox: str, token: str) -> str:
    """Where a delivery report on the letter with this token comes in: info+b.TOKEN@pymalta.org."""
    return plus_address(mailbox, f"b.{token}")


def tokens(message: Message, *, mailbox: str) -> tuple[str, ...]:
    """Every token of ours the message names, each once: plus-addresses first, then the letters it answers, latest first, then
    the letters a delivery report returns. Case is folded: servers on the way change it."""
    addresses = (*message.delivered_to, *(person.address for person in (*message.to, *message.cc)))
    returned = message.bounce.original_ids if message.bounce else ()
    identifiers = (*message.in_reply_to, *reversed(message.references), *returned)
    domain = mailbox.rpartition("@")[2].lower()
    found = dict.fromkeys((*_from_addresses(addresses, mailbox.lower()), *_from_ids(identifiers, domain)))
    return tuple(found)[:_CANDIDATES_LIMIT]


def _from_addresses(addresses: Iterable[str], mailbox: str) -> Iterator[str]:
    local, _, domain = mailbox.rpartition("@")
    for address in addresses:
        extended, _, at = address.lower().rpartition("@")
        token = extended.removeprefix(f"{local}+").removeprefix("b.")
        if at == domain and extended.startswith(f"{local}+") and _TOKEN.fullmatch(token):
            yield token


def _from_ids(identifiers: Iterable[str], domain: str) -> Iterator[str]:
    for identifier in identifiers:
        token, _, at = identifier.lower().rpartition("@")
        if at == domain and _TOKEN.fullmatch(token):
            yield token


def loop_mark(key: bytes, nonce: str) -> str:
    """The value of `LOOP_HEADER` for one letter: NONCE.MAC, so that only our own letters are known as such when they come back."""
    return f"{nonce}.{hmac.new(key, b'maild loop ' + nonce.encode(), sha256).hexdigest()[:32]}"


def is_loop_mark(key: bytes, value: str) -> bool:
    """Is `value` a mark that `loop_mark` made with this key? No key, no mark."""
    nonce = value.strip().partition(".")[0]
    return bool(key) and _NONCE.fullmatch(nonce) is not None and hmac.compare_digest(loop_mark(key, nonce).encode(), value.strip().encode())


def is_test_id(key: bytes, message_id: str) -> bool:
    """Is this the Message-ID of a test mail of ours? Its local part is a loop mark: what returns it proves itself, whoever wrote it."""
    local = message_id.lower().rpartition("@")[0]
    return local.startswith(TEST) and is_loop_mark(key, local)
