"""A tag by its syntax alone: verb, value, keys and words as they stand between two brackets, whatever they mean.

    tag  = "[" verb [":" value ["=" value]] *(SP (key "=" value / word)) "]"

Tolerant where one thing only can be meant: blanks around `:`, `=` and `,`; a comma between two keys; `:` for `=` and the reverse; an
exclamation mark after the verb; the address in angle brackets that clients put after one they make clickable.
"""

import re
from dataclasses import dataclass

from maild.playbook.values import folded

TAG_CHARACTERS = 2_000
"""Characters a tag may hold: what is longer was never typed, and would be repeated in the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag whose values are still raw, quotation marks included. A piece is a key with its value, or a word with None."""

    written: str
    verb: str
    value: str | None
    subvalue: str | None
    pieces: tuple[tuple[str, str | None], ...]

    @property
    def name(self) -> str:
        """The verb as it was written."""
        return self.written[1 : 1 + len(self.verb)]


_NAME = re.compile(r"[a-z][a-z-]*")
_HALVES = re.compile(r'([^"=:]*)[=:](.*)')
_SEAM = re.compile(r'"[^"]*"| ?, ?(?=[\w-]+ ?=)| ?([=:,]) ?| ')
_CLICKABLE = re.compile(r"(?<=\w) ?<(?:mailto|https?):[^<>]*>")
_ALARM = re.compile(r'\[ ?urgent\b|\bsafety\s*[=:]\s*"?yes\b', re.IGNORECASE)


def parse_tag(inside: str) -> Tag | None:
    """The tag whose inside this is, in ASCII forms; None where it does not begin with a verb."""
    line = " ".join(_CLICKABLE.sub("", inside).split())
    head, *rest = _SEAM.sub(_seam, line).split("\n")
    name, value = _halves(head)
    verb = folded(name).rstrip("!.")
    if len(inside) > TAG_CHARACTERS or not _NAME.fullmatch(verb):
        return None
    value, subvalue = _halves(value) if value else (None, None)
    return Tag(written=f"[{line}]", verb=verb, value=value, subvalue=subvalue, pieces=tuple(map(_halves, filter(None, rest))))


def asks_for_alarm(text: str) -> bool:
    """Whether the safety alarm is asked for. Looser than the grammar: a mistake beside it must not keep the alarm from ringing."""
    return _ALARM.search(text) is not None


def _seam(match: re.Match[str]) -> str:
    """Outside quotation marks a blank parts two pieces, as does a comma before a key; blanks around a sign are not meant."""
    return match[1] or (match[0] if match[0].startswith('"') else "\n")


def _halves(piece: str) -> tuple[str, str | None]:
    """What stands before and after the first `=` or `:`; None after where there is none, or a quotation comes first."""
    match = _HALVES.fullmatch(piece)
    return (match[1], match[2]) if match else (piece, None)
