"""Received lines, and by them which headers our own servers wrote: those above the line by which the mail entered our house.

Whatever stands below that line came with the mail and is its writer's. Half of the line is theirs too: a client calls itself what it
likes. So a hop counts as one inside our house only where nothing in its line says otherwise.
"""

import re

from maild.mail.fields import Fields

RECEIVED_LIMIT = 2 * 1024
"""Characters of one Received that are read: a 240 kB one kept mail-parser busy for 182 s."""

_BY = re.compile(r"(?:^|\s)by\s+\[?([A-Za-z0-9._:-]+)")
_COMMENT = re.compile(r"\([^()]*\)")
_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*+")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f:.]*", re.IGNORECASE)
_PRIVATE_ADDRESS = re.compile(
    r"10\.|127\.|192\.168\.|172\.(?:1[6-9]|2[0-9]|3[01])\.|169\.254\.|::1$|fe80:|f[cd][0-9a-f]{2}:", re.IGNORECASE
)
_PRIVATE_ENDS = (".local", ".localhost", ".localdomain", ".internal", ".lan", ".intra", ".corp", ".home", ".private")


def entrance(fields: Fields, *, authserv_id: str, one_name: bool = False) -> int | None:
    """The index of the Received by which the mail came in from outside; None where no line tells.

    Our house is the domain of the topmost Received and of the authserv-id. An internal hop over a public address names both ends
    twice, in EHLO and in the DNS; with `one_name` once is enough, as Exchange Online writes it.
    """
    lines = [(number, fields.unfolded(value[:RECEIVED_LIMIT])) for number, (name, value) in enumerate(fields.pairs) if name == "received"]
    top = by(lines[0][1]) if lines else ""
    house = {_domain(host) for host in (authserv_id.lower(), top) if is_public(host)}
    for number, line in lines:
        if not _is_home(by(line), house) or _from_outside(line, house, 1 if one_name else 2):
            return number
    return None


def by(line: str) -> str:
    """The host that wrote a Received. Comments are left out: they hold what the other side said of itself."""
    for _ in range(3):
        line = _COMMENT.sub(" ", line)
    found = _BY.search(line)
    return found[1].lower().rstrip(".") if found else ""


def _from_outside(line: str, house: set[str], names_wanted: int) -> bool:
    """Does the line speak of a host that is not of our house, or of a public address without enough names?"""
    came_from = re.split(r"(?:^|\s)by\s", line, maxsplit=1)[0]
    addresses = _ADDRESS.findall(came_from)
    names = [name for name in _HOST.findall(came_from) if "." in name and not name.rpartition(".")[2].isdigit()]
    public = any(not _PRIVATE_ADDRESS.match(address) for address in addresses)
    return not all(_is_home(name, house) for name in names) or (public and len(names) < names_wanted)


def _is_home(host: str, house: set[str]) -> bool:
    return not is_public(host) or any(f".{host.lower()}".endswith(f".{domain}") for domain in house)


def is_public(host: str) -> bool:
    """A name the world could look up: no address, no single label, no ending that is only known inside."""
    return "." in host and ":" not in host and not host.rpartition(".")[2].isdigit() and not host.lower().endswith(_PRIVATE_ENDS)


def _domain(host: str) -> str:
    """The domain a host belongs to: its name without the first label, unless that leaves a top-level domain."""
    parent = host.partition(".")[2]
    return parent if "." in parent else host
