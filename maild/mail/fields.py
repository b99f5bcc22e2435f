"""The header block as fields: names in lower case, values as they were written, and readers for the few fields maild uses."""

import re
from collections.abc import Iterable
from functools import cached_property

from maild.mail import charset

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*)", re.MULTILINE)
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_SPACES = re.compile(r"\s+")
_CHARSET = re.compile(rb"charset\s{0,9}=\s{0,9}\"?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_BELOW_LIMIT = 64 * 1024
"""Bytes of the body that are searched for a charset."""
_ID = re.compile(r"<([^<>\s]{1,500})>")
_BARE_ID = re.compile(r"(?<![^<>\s,;\"()@])[^<>\s,;\"()@]{1,500}+@[^<>\s,;\"()@]{1,250}+")
SHOWN_LIMIT = 2_000
"""Characters of a decoded header that are shown."""
_IDS_LIMIT = 200
"""Message-IDs read of one field: more than any thread has, so that no mail can ask for endless look-ups."""


class Fields:
    """The fields of one header block in their order; a name that repeats keeps all its values."""

    def __init__(self, pairs: Iterable[tuple[str, bytes]], *, below: bytes = b"") -> None:
        self.pairs = tuple(pairs)
        self._below = below
        self._index: dict[str, list[bytes]] = {}
        for name, value in self.pairs:
            self._index.setdefault(name, []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def names(self) -> Iterable[str]:
        """Every name that occurs, once, in lower case."""
        return self._index.keys()

    def all(self, name: str) -> list[str]:
        """Every value of `name`, topmost first: unfolded, encoded words as they are."""
        return [self.unfolded(value) for value in self._index.get(name, ())]

    def first(self, name: str) -> str:
        """The topmost value of `name` as `all` gives it; empty where there is none."""
        values = self._index.get(name)
        return self.unfolded(values[0]) if values else ""

    def shown(self, name: str) -> str:
        """The topmost value of `name` for a reader: decoded and on one line."""
        return one_line(charset.words(self.first(name)))[:SHOWN_LIMIT]

    def unfolded(self, value: bytes) -> str:
        """A value as one line of text. Raw 8-bit letters are UTF-8 (RFC 6532), else the charset the mail names for its body."""
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = charset.decode(value, self._body_label)
        if "\x1b" in text:
            text = charset.decode(value, "iso-2022-jp")
        return (_FOLD.sub(" ", text) if "\n" in text or "\r" in text else text).strip()

    @cached_property
    def _body_label(self) -> str:
        own = b"".join(self._index.get("content-type", ()))
        label = _CHARSET.search(own) or _CHARSET.search(self._below, 0, _BELOW_LIMIT)
        return label[1].decode("ascii", "replace") if label else ""


def fields_of(block: bytes, *, below: bytes = b"") -> Fields:
    """The fields of a header block with LF line ends; lines that are none are left out. `below` is the body, for its charset."""
    return Fields(((name.decode("ascii").lower(), value) for name, value in _FIELD.findall(block)), below=below)


def one_line(text: str) -> str:
    """`text` without line ends, runs of white space and control characters: fit to be shown in a list or put into a Subject."""
    return _SPACES.sub(" ", charset.visible(text)).strip()


def ids(values: Iterable[str]) -> tuple[str, ...]:
    """The Message-IDs in values of Message-ID, In-Reply-To or References, without angle brackets, each once, in order.

    Where a value has no angle brackets at all, whatever looks like an identifier counts (RFC 5322 section 4.5.4).
    """
    found: dict[str, None] = {}
    for value in values:
        inside = _ID.findall(value) or _BARE_ID.findall(value)
        found.update(dict.fromkeys(inside[-_IDS_LIMIT:]))
    return tuple(found)
