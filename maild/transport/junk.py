"""Which folder of a mailbox is the one for spam. Pure."""

from collections.abc import Sequence
from typing import Final

_JUNK_NAMES: Final = ("junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail")
"""How servers without SPECIAL-USE call it, in lower case, behind any prefix such as `INBOX.` or `[Gmail]/`."""


def junk_in(folders: Sequence[tuple[Sequence[bytes], bytes, str]]) -> str | None:
    """By its special use (RFC 6154), else by one of the usual names."""
    names = []
    for flags, delimiter, name in folders:
        uses = {flag.lower() for flag in flags}
        if b"\\noselect" in uses or b"\\nonexistent" in uses:
            continue
        if b"\\junk" in uses:
            return name
        leaf = name.rpartition(delimiter.decode())[2] if delimiter else name
        if leaf.lower() in _JUNK_NAMES:
            names.append(name)
    return min(names, key=len, default=None)
