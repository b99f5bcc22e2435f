"""The people of the organisation, and finding them in a text before they are told of it (product.md section 10)."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
WORD = re.compile(r"[^\W_]+")

GREETINGS = frozenset(
    "hi hello hey dear greetings good morning afternoon evening thanks thank hallo liebe lieber danke bonjour salut merci ciao caro cara"
    " grazie hola gracias bongu ghaziz ghaziza grazzi".split()
)
"""First words of a line that greets, folded."""

BESIDE_GREETINGS = frozenset(
    "all and both colleagues everybody everyone folks so team there very much you und e et u mr mrs ms miss dr prof professor".split()
)
"""What else may stand in a line that greets."""

LETTERS = str.maketrans({"ħ": "h", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not take apart, as people write them who cannot type them."""

TYPED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
"""How German and Scandinavian names are written where a keyboard lacks the letters."""

WRITTEN_OUT = re.compile(r"(?<=[aou])e")
"""The same the other way: Mueller in the configuration is Müller in a report."""

LONG_ENOUGH = 4
"""Letters of a name without such an e that can be told from any word: Joe is not Jo, Mae not Ma."""

HALF = 3
"""Letters of one half of a double name: the St of St-John is no name."""

AT_HANDLE = re.compile(r"(?<![\w.])@([\w.-]+)")
"""How people are called by a short name in writing; a domain has something before its sign."""


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
    language: str = "en"
    """That of the letters to them, as far as their words are a template's own."""


def normalise(address: str) -> str:
    """An address in the form in which two of them are compared: composed Unicode, no case, no space around."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def owns(person: Person, address: str) -> bool:
    """Whether this is an address of that person, the registered one or an alias."""
    return bool(address) and normalise(address) in map(normalise, (person.address, *person.aliases))


def one_person(one: Person, other: Person) -> bool:
    """Whether two entries of the configuration are of the same person, as far as their names and addresses tell."""
    known = owns(one, other.address) or owns(other, one.address)
    return known or one.handle == other.handle or words(one.name) == words(other.name)


def fold(text: str) -> str:
    """Text without case, accents and invisible characters, so that `Zoë`, `ZOE` and `zoe` are one word."""
    return NOT_ASCII.sub(_plain, text).casefold()


def _plain(run: re.Match[str]) -> str:
    letters = unicodedata.normalize("NFKD", run[0]).casefold().translate(LETTERS)
    return "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))


def words(text: str) -> list[str]:
    """The folded words of a text, in order; an address falls apart into its words too."""
    return WORD.findall(fold(text))


def alphabets(word: str) -> frozenset[str]:
    """The alphabets of a word: a name in which one letter is of another looks the same, and is found by nobody who looks for it."""
    known = (unicodedata.name(letter, "").partition(" ")[0] for letter in word if letter.isalpha())
    return frozenset(one for one in known if one in ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"))


def mentioned(text: str, people: Sequence[Person]) -> frozenset[str]:
    """Handles of those whose name, alias or address stands in the text, as whole words, whatever the case and accents.

    A first name alone counts as well, and a handle as people write one (`@ana`): wrongly held costs one person's delay, wrongly told costs
    the reporter. A line that only greets them does not count (product.md section 10).
    """
    folded = fold(text)
    handles = {found.rstrip(".-") for found in AT_HANDLE.findall(folded)} if "@" in folded else set()
    return _named(text, folded, people) | {person.handle for person in people if fold(person.handle) in handles}


def _named(text: str, folded: str, people: Sequence[Person]) -> frozenset[str]:
    if not any(word in folded for word in _first_words(tuple(people))):
        return frozenset()  # most texts name nobody, and to take them apart word by word is slow
    names = {person.handle: _spellings(person) for person in people}
    called = {word for spellings in names.values() for name in spellings for word in name}
    said = _without_greeting(text, called)
    spots: dict[str, list[int]] = {}
    for index, word in enumerate(said):
        if word in called:
            spots.setdefault(word, []).append(index)
    return frozenset(handle for handle, spellings in names.items() if any(_said(name, said, spots) for name in spellings))


def _without_greeting(text: str, called: set[str]) -> list[str]:
    """The words of a text without the line that greets its readers. "Hi Ana, Ben," names nobody; "Hi, Ana hit me" is a report."""
    lines = iter(text.split("\n"))
    first = next((spoken for line in lines if (spoken := words(line))), [])
    greets = bool(first) and first[0] in GREETINGS and set(first) <= GREETINGS | BESIDE_GREETINGS | called
    return ([] if greets else first) + words("\n".join(lines))


@lru_cache(maxsize=10)
def _first_words(people: tuple[Person, ...]) -> frozenset[str]:
    """What every mention of one of them begins with."""
    return frozenset(name[0] for person in people for name in _spellings(person) if name)


@lru_cache(maxsize=1_000)
def _spellings(person: Person) -> tuple[list[str], ...]:
    """The words of each name of a person; kept, because every mail is searched for the same people."""
    return tuple(map(list, dict.fromkeys(tuple(words(name)) for name in _names(person))))


def _names(person: Person) -> Iterator[str]:
    """What a person may be called in a text; a single letter is no name."""
    parts = [part for part in person.name.split() if len("".join(words(part))) > 1]
    either = (half for part in (*parts[:1], *parts[-1:]) for half in part.split("-") if len(half) >= HALF)
    for name in (person.name, person.address, *person.aliases, *parts[:1], *parts[-1:], *either):
        yield name
        yield normalise(name).translate(TYPED_OUT)
        yield name.replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")
        if len(short := WRITTEN_OUT.sub("", normalise(name))) >= LONG_ENOUGH:
            yield short


def _said(name: list[str], said: list[str], spots: dict[str, list[int]]) -> bool:
    return bool(name) and any(said[start : start + len(name)] == name for start in spots.get(name[0], ()))
