"""What in a header block may be believed: the strict From grammar, and the receiving server's Authentication-Results (RFC 8601).

Both fail closed. A genuine mail that they refuse costs one `[confirm]`; a forged one that they accept costs a case.
"""

import re
from collections.abc import Iterable
from enum import Enum
from itertools import takewhile

from maild.mail.fields import Fields
from maild.mail.message import Message, Verdict
from maild.mail.scan import HEADER_BYTES
from maild.mail.trace import RECEIVED_LIMIT, by, entrance

_ONCE = frozenset(
    b"from sender reply-to to cc bcc subject date message-id in-reply-to references mime-version content-type"
    b" content-transfer-encoding".split()
)
"""Headers that may stand once (RFC 5322 section 3.6). A second one is read by one program and not by the next: finding F7."""
_FIELD_START = re.compile(rb"([!-9;-~]+):")
_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_ADDRESS = _ATOM + rb"(?:\." + _ATOM + rb")*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++"
_DISPLAY = rb"(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~. \t-]|\"(?:[^\"\\\x00-\x1f\x7f-\xff]|\\[ -~])*+\")*+"
_MAILBOX = re.compile(rb"[ \t]*+(?:" + _DISPLAY + rb"<(" + _ADDRESS + rb")>|(" + _ADDRESS + rb"))[ \t]*+")
_ADDRESS_LIMIT = 254
"""Octets of an address (RFC 5321 section 4.5.3.1.3, less its angle brackets)."""

_AR_LIMIT = 16 * 1024
"""Characters of one Authentication-Results that are read; longer ones are not believed."""
_MARK = re.compile(r"\\.|[\"()]", re.DOTALL)
_SEGMENT = re.compile(r"(?:[^;\"]|\"(?:[^\"\\]|\\.)*+\"?)++")
_PAIR = re.compile(r"\s*+([^\s=;\"]++)\s*+=\s*+(\"(?:[^\"\\]|\\.)*+\"|[^\s;\"]*+)\s*+")
_AUTHSERV = re.compile(r"\s*(?:\"([^\"\\\s]+)\"|([^\s=;\"/]+))(?:[\s/]+[0-9]+)?\s*")
_BELOW_RECEIVED = ("mx.google.com",)
"""Servers that write their verdict below the Received line of the same hop. They remove forged ones (RFC 8601 section 5)."""
_LENGTH_TAG = re.compile(r"(?:^|;)\s*l\s*=")
_DOMAIN_TAG = re.compile(r"(?:^|;)\s*d\s*=\s*([^\s;]{1,255})")


class Form(Enum):
    """How the receiving server writes Authentication-Results; the values are those of `form` in [authentication]."""

    RFC8601 = "standard"
    """With its authserv-id in front."""
    EXCHANGE = "exchange"
    """Without: Exchange Online. The configured authserv-id then names the domain of the hosts that take mail in (outlook.com)."""


def strict_sender(raw: bytes) -> str | None:
    """The one plain mailbox of the one From header, lower-cased, if the header block follows the strict grammar; else None.

    The grammar (security.md section 5.2 step 2): uniform line ends, no NUL, every line a field or a folded one, no header twice
    that may stand once, no Resent-…, From one ASCII mailbox without comment, group or route, Sender absent or the same mailbox.
    """
    found = _strict_fields(raw)
    if found is None or [name for name, _ in found].count(b"from") != 1:
        return None
    senders = {_mailbox(value) for name, value in found if name in (b"from", b"sender")}
    return senders.pop() if len(senders) == 1 else None


def _strict_fields(raw: bytes) -> list[tuple[bytes, bytes]] | None:
    """Names and values, unfolded; None where the block breaks the grammar of fields."""
    line_end = b"\r\n" if b"\r\n" in raw[: raw.find(b"\n") + 1] else b"\n"
    block, blank, _ = raw.partition(line_end * 2)
    if not blank or len(block) > HEADER_BYTES or b"\0" in block or _has_bare_end(block, line_end):
        return None
    fields: list[tuple[bytes, bytes]] = []
    for line in block.split(line_end):
        start = _FIELD_START.match(line)
        if start:
            fields.append((start[1].lower(), line[start.end() :]))
        elif fields and line[:1] in (b" ", b"\t") and line.strip():
            fields[-1] = (fields[-1][0], fields[-1][1] + line)
        else:
            return None
    once = [name for name, _ in fields if name in _ONCE or name.startswith(b"resent-")]
    return fields if len(set(once)) == len(once) and not any(name.startswith(b"resent-") for name in once) else None


def _has_bare_end(block: bytes, line_end: bytes) -> bool:
    rest = block.replace(line_end, b"")
    return b"\r" in rest or b"\n" in rest


def _mailbox(value: bytes) -> str | None:
    found = _MAILBOX.fullmatch(value)
    address = found and (found[1] or found[2])
    if not address or b"=?" in address or len(address) > _ADDRESS_LIMIT:
        return None
    return address.decode("ascii").lower()


def aligned(message: Message, *, authserv_id: str, form: Form = Form.RFC8601) -> str | None:
    """What proves that the mail comes from the domain of its `strict_sender`, as words (`dmarc=pass`); None where nothing does.

    Believed is only the topmost header of the pinned server. It has to say dmarc=pass for exactly the From domain or, unless it says
    dmarc=fail, dkim=pass for exactly that domain. A domain that signs only the beginning of a body (`l=`) proves nothing.
    """
    if not authserv_id or message.strict_sender is None:
        return None
    domain = message.strict_sender.rpartition("@")[2]
    ours = _pinned(message.verdicts, authserv_id, form)
    dmarc = [verdict.result for verdict in ours if verdict.method == "dmarc"]
    if len(dmarc) > 1 or "fail" in dmarc or any(_related(domain, signer) for signer in message.partial_signers):
        return None
    return next((f"{verdict.method}=pass" for verdict in ours if verdict.result == "pass" and _speaks_for(verdict, domain)), None)


def fails_dmarc(verdicts: Iterable[Verdict], *, authserv_id: str, form: Form = Form.RFC8601) -> bool:
    """Does the pinned server say dmarc=fail? Then an answer would reach somebody who wrote nothing (backscatter)."""
    return any(verdict.method == "dmarc" and verdict.result == "fail" for verdict in _pinned(verdicts, authserv_id, form))


def _pinned(verdicts: Iterable[Verdict], authserv_id: str, form: Form) -> list[Verdict]:
    """The verdicts of the configured server; none where none is configured."""
    pinned = "" if form is Form.EXCHANGE else authserv_id.lower()
    return [verdict for verdict in verdicts if authserv_id and verdict.authserv_id.lower() == pinned]


def _speaks_for(verdict: Verdict, domain: str) -> bool:
    properties = dict(verdict.properties)
    if verdict.method == "dmarc":
        return properties.get("header.from", "").lower() == domain
    signer = properties.get("header.d") or properties.get("header.i", "").rpartition("@")[2]
    return verdict.method == "dkim" and signer.lower() == domain


def _related(domain: str, other: str) -> bool:
    """Is one the other, or above it?"""
    return other == "" or f".{domain}".endswith(f".{other}") or f".{other}".endswith(f".{domain}")


def partial_signers(fields: Fields) -> tuple[str, ...]:
    """Domains whose DKIM-Signature covers only the beginning of the body (`l=`, RFC 6376 section 8.2): finding F7 (d)."""
    partial = [value[:_AR_LIMIT] for value in fields.all("dkim-signature") if _LENGTH_TAG.search(value[:_AR_LIMIT])]
    signers = [_DOMAIN_TAG.search(value) for value in partial]
    return tuple(found[1].lower() if found else "" for found in signers)


def verdicts(fields: Fields, *, authserv_id: str, form: Form) -> tuple[Verdict, ...]:
    """The methods of the Authentication-Results that our own servers wrote, of each authserv-id the topmost; no others are believed."""
    found: dict[str, list[Verdict]] = {}
    if "authentication-results" not in fields:
        return ()
    for name, value in _own_part(fields, authserv_id, form):
        if name == "authentication-results" and len(value) <= _AR_LIMIT:
            server, methods = _results(fields.unfolded(value), form)
            found.setdefault(server.lower(), methods)
    return tuple(verdict for methods in found.values() for verdict in methods)


def written_by(value: str) -> str | None:
    """The authserv-id of one Authentication-Results, lower-cased; empty where it has none (Exchange Online); None where it cannot be read."""
    plain = _without_comments(value[:_AR_LIMIT])
    first = _SEGMENT.findall(plain)[:1] if plain else []
    if not first:
        return None
    server = _AUTHSERV.fullmatch(first[0])
    if server:
        return str(server[1] or server[2]).lower()
    return "" if _verdict("", first[0].strip()) else None


def witness(fields: Fields, *, authserv_id: str = "", form: Form = Form.RFC8601) -> str | None:
    """Who vouches for a mail from outside: the topmost authserv-id above the line by which it came in, as `written_by` has it.

    `authserv_id` is what is known of the mail host already: Google and Exchange Online cannot be found out without it.
    """
    own = (fields.unfolded(value) for name, value in _own_part(fields, authserv_id, form) if name == "authentication-results")
    return next((server for server in map(written_by, own) if server is not None), None)


def writes_below(authserv_id: str) -> bool:
    """Does this server write its verdict below the Received line of the same hop, so that only its own care keeps forged ones out?"""
    return authserv_id.lower() in _BELOW_RECEIVED


def _own_part(fields: Fields, authserv_id: str, form: Form) -> Iterable[tuple[str, bytes]]:
    """The fields above the Received by which the mail came in; nothing where no line tells. Google writes below its Received."""
    if authserv_id.lower() in _BELOW_RECEIVED:
        lines = iter(fields.pairs)
        next(
            (value for name, value in lines if name == "received" and by(fields.unfolded(value[:RECEIVED_LIMIT])) == authserv_id.lower()),
            None,
        )
        return takewhile(lambda pair: pair[0] != "received", lines)
    return fields.pairs[: entrance(fields, authserv_id=authserv_id, one_name=form is Form.EXCHANGE) or 0]


def _results(value: str, form: Form) -> tuple[str, list[Verdict]]:
    """The authserv-id and the methods of one header; nothing where its quotes or comments do not end."""
    plain = _without_comments(value)
    if plain is None:
        return "", []
    segments = [segment.strip() for segment in _SEGMENT.findall(plain)]
    server = _AUTHSERV.fullmatch(segments[0]) if segments else None
    name = (server[1] or server[2]) if server else ""
    if not server and form is not Form.EXCHANGE:
        return "", []
    return name, [verdict for segment in segments[bool(server) :] if segment and (verdict := _verdict(name, segment))]


def _without_comments(value: str) -> str | None:
    """`value` with a space for every comment; comments nest, and inside quotes there are none (RFC 5322 section 3.2.2).

    None where quotes or comments do not end, and where a comment holds a quote: servers put the envelope sender into comments, and a
    quoted local part with `)` in it would end the comment where its writer likes.
    """
    out, start, depth, quoted = [], 0, 0, False
    for mark in _MARK.finditer(value):
        if mark[0] == '"':
            if depth:
                return None
            quoted = not quoted
        elif mark[0] == "(" and not quoted:
            out += [] if depth else [value[start : mark.start()], " "]
            depth += 1
        elif mark[0] == ")" and not quoted:
            depth, start = depth - 1, mark.end()
        if depth < 0:
            return None
    return None if depth or quoted else "".join([*out, value[start:]])


def _verdict(server: str, segment: str) -> Verdict | None:
    """One `method=result property=value …`; None where anything else stands between the pairs."""
    pairs, position = [], 0
    while position < len(segment):
        pair = _PAIR.match(segment, position)
        if not pair:
            return None
        pairs.append((pair[1].lower(), pair[2].strip('"')))
        position = pair.end()
    (method, result), *properties = pairs
    return Verdict(authserv_id=server, method=method.partition("/")[0], result=result.lower(), properties=tuple(properties))
