"""A report that somebody of the staff took in person, as they wrote it down (playbook, "In-person reports").

The seven fields of the reporting guide may stand as `key: value` lines, none has to; what stands under no key is the account. Below a line
`-- my notes --` stands what the taker thinks, which is kept apart from what the person said.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from maild.playbook import leaks
from maild.playbook.people import words
from maild.playbook.values import nearest

GUIDE = ("contact", "people", "when and where", "account", "context", "ongoing", "anything else")
"""The fields of the reporting guide, by the names that staff read."""

PERMISSION = "may we write to them"
"""The field that says whether the person may be sent letters: `yes`, or nothing else."""

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "contact": (
        "contact",
        "contact details",
        "contact information",
        "their contact",
        "your contact information",
        "reporter",
        "email",
        "e mail",
        "address",
    ),
    "people": (
        "people",
        "people involved",
        "people and witnesses",
        "who",
        "who was involved",
        "witnesses",
        "witness",
        "names",
        "names of those involved",
    ),
    "when and where": ("when and where", "where and when", "when", "where", "time", "place", "date", "location", "time and place"),
    "account": ("account", "what happened", "what", "your account", "their account", "statement", "description", "incident"),
    "context": ("context", "background", "additional context"),
    "ongoing": ("ongoing", "is it ongoing", "is this ongoing", "still ongoing", "is it still ongoing", "still going on"),
    "anything else": ("anything else", "else", "other", "further", "additional information", "other information", "more"),
    PERMISSION: (
        PERMISSION,
        "may we write",
        "may we contact them",
        "can we write to them",
        "may we write to you",
        "permission to write",
        "permission",
    ),
}

_FIELDS: Mapping[str, str] = {alias: name for name, aliases in _ALIASES.items() for alias in aliases}

_LONG = tuple(alias for alias in _FIELDS if len(alias) > 5)
"""Keys long enough for a misspelling of them to be told from another word: `there:` is not `where:`."""

_SHORT = frozenset({"contact", PERMISSION})
"""Fields of one paragraph: what stands below a blank line is the account, and no condition of theirs."""

LONGEST_KEY = 40
"""Characters before a colon beyond which a line is a sentence."""

YES = frozenset({"yes", "y", "ok", "okay", "yes please", "yes they may", "iva"})
"""Answers that give the permission. Whatever else is written there gives none."""

NOBODY = frozenset("anonymous anonymously none no nobody unknown nothing not".split())
"""First words of a contact that names nobody."""

NOTES = (("my", "notes"), ("my", "own", "notes"), ("notes",), ("my", "remarks"), ("remarks",))

_DASHES = re.compile(r"[\s>*_]*[-\u2010-\u2015\u2212=].*")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-][A-Za-z0-9.-]{0,188}[A-Za-z0-9]")
_NAME_ENDS = re.compile(r"[,;<(\n0-9|/]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A report as it was written down. `statement` is what the person said, word for word, its keys included; `notes` are the taker's own."""

    statement: str
    notes: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """What stands under each key, by its name in `GUIDE`; a key with nothing behind it is left out."""

    @property
    def empty(self) -> bool:
        """Whether nothing at all was written down."""
        return leaks.blank(self.statement) and leaks.blank(self.notes)

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields of the guide that the person did not speak of, or the taker did not write under their names."""
        return tuple(name for name in GUIDE if name not in self.fields)

    @property
    def address(self) -> str:
        """The address in their contact; empty where there is none."""
        found = _ADDRESS.search(self.fields.get("contact", ""))
        return found[0] if found else ""

    @property
    def name(self) -> str:
        """What they are called, as far as the contact tells: what stands before an address, a comma or a number."""
        before = self.fields.get("contact", "").replace(self.address or "\n", "\n", 1)
        name = " ".join(_NAME_ENDS.split(before, maxsplit=1)[0].strip(" -:.").split())
        return "" if not words(name) or words(name)[0] in NOBODY else name

    @property
    def permitted(self) -> bool:
        """Whether they said that they may be written to."""
        return " ".join(words(self.fields.get(PERMISSION, ""))) in YES


def read_form(text: str) -> Form:
    """The form in a text. Never raises; linear in its length."""
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines) if _begins_notes(line)), len(lines))
    statement, notes = "\n".join(lines[:end]).strip("\n"), "\n".join(lines[end + 1 :]).strip("\n")
    kept = dict[str, list[str]]()
    for name, said in _said(lines[:end]):
        kept.setdefault(name, []).append(said)
    fields = {name: "\n".join(said).strip() for name, said in kept.items()}
    return Form(statement=statement, notes=notes, fields={name: said for name, said in fields.items() if not leaks.blank(said)})


def _said(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with the field it belongs to: that of the last key above it."""
    current = "account"
    for line in lines:
        key, colon, said = line.partition(":")
        found = _field(key) if colon and len(key) <= LONGEST_KEY else ""
        ended = current in _SHORT and not line.strip()
        current = found or ("account" if ended else current)
        yield current, said.strip() if found else line


def _field(key: str) -> str:
    """The field that a key means; empty where it is none, and the line a sentence with a colon."""
    said = " ".join(words(key))
    return _FIELDS.get(said) or _FIELDS.get((len(said) > 5 and nearest(said, _LONG)) or "", "")


def _begins_notes(line: str) -> bool:
    """Whether the taker's own notes begin below this line: dashes and the words, in any case, with any dash."""
    return len(line) <= LONGEST_KEY and _DASHES.fullmatch(line) is not None and tuple(words(line)) in NOTES
