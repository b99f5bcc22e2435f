"""The people of the organisation, and finding them in a text before they are told of it (product.md section 10)."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")

GREETING_WORDS_LOOKED_AT = 12
"""A longer line is no greeting, whatever it starts with."""

GREETINGS = frozenset(
    "hi hello hey dear greetings good morning afternoon evening hallo liebe lieber bonjour salut ciao caro cara hola bongu bonġu għażiż għażiża".split()
)


class Role(Enum):
    """What a person is to the organisation."""

    STAFF = "staff"
    BOARD = "board"
    FALLBACK = "fallback"
    """The contact outside the team, for a case in which nobody of the team may act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody the organisation named in its configuration; `aliases` are other names and addresses a report may use for them."""

    handle: str
    name: str
    address: str
    role: Role
    aliases: tuple[str, ...] = ()
    active: bool = True


def normalise(address: str) -> str:
    """An address in the form in which two of them are compared: composed Unicode, no case, no space around."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def fold(text: str) -> str:
    """Text without case and accents, so that `Zoë`, `ZOE` and `zoe` are one word."""
    folded = text.casefold()
    return folded if folded.isascii() else BEYOND_ASCII.sub(_bare, unicodedata.normalize("NFKD", folded))


def _bare(letters: re.Match[str]) -> str:
    return "".join(letter for letter in letters[0] if not unicodedata.combining(letter)).replace("ħ", "h").replace("ł", "l")


def words(text: str) -> list[str]:
    """The folded words of a text, in order; an address falls apart into its words too."""
    return re.findall(r"\w+", fold(text))


def without_greeting(text: str) -> str:
    """The text without the line that greets its readers: "Hi Ana, Ben," names nobody as a party (product.md section 10)."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        spoken = re.findall(r"\w+", line.casefold())
        if not spoken:
            continue
        if len(spoken) <= GREETING_WORDS_LOOKED_AT and spoken[0] in GREETINGS:
            return "\n".join(lines[:index] + lines[index + 1 :])
        break
    return text


def mentioned(text: str, people: Iterable[Person]) -> frozenset[str]:
    """Handles of those whose name, alias or address stands in the text, as whole words, whatever the case and accents.

    A first name alone counts as well: wrongly held costs one person's delay, wrongly told costs the reporter.
    """
    said = tuple(words(without_greeting(text)))
    names = [(person.handle, name) for person in people for name in _names(person)]
    beginnings = {name[0] for _, name in names}
    spots: dict[str, list[int]] = {}
    for index, word in enumerate(said):
        if word in beginnings:
            spots.setdefault(word, []).append(index)
    return frozenset(handle for handle, name in names if any(said[at : at + len(name)] == name for at in spots.get(name[0], ())))


@lru_cache(maxsize=1_000)
def _names(person: Person) -> tuple[tuple[str, ...], ...]:
    """What somebody may be called by, as the words it consists of. Remembered: every mail is searched for the same people."""
    called = person.name.split()
    first = (name for name in called[:1] if len(name) > 1)
    known = (tuple(words(name)) for name in (person.name, person.address, *person.aliases, *first, *called[1:][-1:]))
    return tuple(name for name in known if name)
