"""What SMTP demands of a parcel, and what may be kept of a server's answer. Pure."""

import re
from typing import Final

from maild.ports import Answer, Outcome, Parcel

LONGEST_TEXT: Final = 200
"""Characters kept of what a server says: it ends up in a table row and on a screen."""

_OUTCOMES: Final = {2: Outcome.DELIVERED, 4: Outcome.DEFERRED, 5: Outcome.FAILED}


def check(parcel: Parcel) -> None:
    """Raise `ValueError` for a parcel that could say more than one mail to the server: maild composed it wrongly."""
    addresses = parcel.envelope_sender + parcel.recipient
    if not parcel.recipient or not addresses.isprintable() or not {" ", "<", ">"}.isdisjoint(addresses):
        raise ValueError("An envelope address is empty or holds a space, an angle bracket or a control character.")
    lines = parcel.raw.count(b"\r\n")
    if not parcel.raw.endswith(b"\r\n") or parcel.raw.count(b"\r") != lines or parcel.raw.count(b"\n") != lines:
        raise ValueError("A parcel holds a lone CR or LF, or does not end with CRLF.")


def path(address: str) -> bytes:
    """An address as MAIL and RCPT want it; the empty one is `<>` (RFC 5321 section 4.1.2)."""
    return b"<%s>" % address.encode()


def options(parcel: Parcel) -> dict[str, bytes]:
    """What to tell the server beside the sender, by the extension it has to offer for it (RFC 1870, 6152 and 6531)."""
    wanted = {"size": b"SIZE=%d" % len(parcel.raw)}
    if not parcel.raw.isascii():
        wanted["8bitmime"] = b"BODY=8BITMIME"
    if not (parcel.envelope_sender + parcel.recipient).isascii():
        wanted["smtputf8"] = b"SMTPUTF8"
    return wanted


def stuffed(raw: bytes) -> bytes:
    """The bytes as DATA carries them: a second dot where a line begins with one, and the final dot (RFC 5321 section 4.5.2)."""
    return (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def answer(code: int, text: str, *, recipient: str) -> Answer:
    """What a 2xx, 4xx or 5xx says about a parcel (RFC 5321 section 4.2.1: the first digit decides)."""
    return Answer(outcome=_OUTCOMES[code // 100], code=code, text=_tidy(text, recipient=recipient))


def _tidy(text: str, *, recipient: str) -> str:
    """One line without control characters, and without the address or either half of it in whatever punctuation."""
    local, _, domain = recipient.rpartition("@")
    halves = [half for half in (local, local.partition("+")[0], domain) if half]
    words = "".join(char if char.isprintable() else " " for char in text).split()
    # Nearly every answer is free of them, and to compile a pattern costs more than to send the letter.
    if "@" in text or any(half.casefold() in text.casefold() for half in halves):
        named = re.compile(rf"@|(?<!\w)(?:{'|'.join(map(re.escape, halves))})(?!\w)", re.IGNORECASE)
        words = ["<address>" if named.search(word) else word for word in words]
    return " ".join(words)[:LONGEST_TEXT]
