"""What a reporter may ask of us in brackets, on a line without other words: `[no-contact]`, `[contact]`, `[anonymous]`, `[not-to: a name]`.

The only tags that are read from outsiders; they protect, and never decide anything about the case. In English and in Maltese.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from unicodedata import normalize

from maild.playbook.deadlines import Clock, Duty
from maild.playbook.entry import Entry, Fact, What, moment
from maild.playbook.people import Person, fold, mentioned, words
from maild.playbook.ticket import State, Ticket
from maild.playbook.values import nearest

NO_CONTACT = "no-contact"
"""What answered a reporter whose letter was on its way when they asked for none."""

THE_REPORTER = "the reporter"
"""What the team reads in place of the name and the address of somebody who asked for it."""


class Wish(Enum):
    """A wish, by its English name; the values are stored."""

    NO_CONTACT = "no-contact"
    CONTACT = "contact"
    ANONYMOUS = "anonymous"
    NOT_TO = "not-to"


_PLAIN: Mapping[tuple[str, ...], Wish] = {
    ("no", "contact"): Wish.NO_CONTACT,
    ("nocontact",): Wish.NO_CONTACT,
    ("do", "not", "contact"): Wish.NO_CONTACT,
    ("do", "not", "contact", "me"): Wish.NO_CONTACT,
    ("bla", "kuntatt"): Wish.NO_CONTACT,
    ("contact",): Wish.CONTACT,
    ("kuntatt",): Wish.CONTACT,
    ("anonymous",): Wish.ANONYMOUS,
    ("anonimu",): Wish.ANONYMOUS,
    ("anonima",): Wish.ANONYMOUS,
}

_TAG = re.compile(r"\[([^\[\]]{1,300})\]")

_QUOTED = ">"
"""A sign that makes a line somebody else's words."""

_NOT_TO = re.compile(r"\W*(?:not[\W_]to|mhux[\W_]lill?)(?![^\W_])[\W_]*(.*)", re.IGNORECASE)


LONG = 4
"""Letters of a word that may be a misspelt name: `man` is not Ana."""

_AROUND = ",;:.()[]<>\"'"
"""What may stand around a part of a name in a header: "Camenzuli, Kim (the organiser)"."""

_PLAIN_LETTER = {
    letter: plain.upper() if letter.isupper() else plain
    for letter in map(chr, range(0xC0, 0x250))
    if (plain := fold(letter)).isascii() and len(plain) == 1
}
"""Each accented letter of the Latin alphabet without its accent."""

_ACCENTED = {plain: "".join(one for one, other in _PLAIN_LETTER.items() if other == plain) for plain in _PLAIN_LETTER.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """One wish as it was written; `names` are those whom a `[not-to]` is about."""

    wish: Wish
    names: tuple[str, ...] = ()


def wishes(new_text: str, command_text: str) -> tuple[Wished, ...]:
    """The wishes in a mail, each once.

    What protects is read in all that is new in the mail: one overlooked may cost its writer dearly. What lifts a protection is read only
    where nothing can be a quote.
    """
    protecting = (one for one in _read(new_text) if one.wish is not Wish.CONTACT)
    lifting = (one for one in _read(command_text) if one.wish is Wish.CONTACT)
    return tuple(dict.fromkeys((*lifting, *protecting)))


def left_out(text: str) -> str:
    """The text without the lines that are wishes: one of us who reports something may write them, and they are no commands of theirs."""
    return "\n".join(line for line in text.split("\n") if not _only_wishes(_tags(line)))


def _only_wishes(tags: list[str]) -> bool:
    return bool(tags) and all(any(_wished(tag)) for tag in tags)


def _read(text: str) -> Iterator[Wished]:
    bracketed = (line for line in text.split("\n") if "[" in line)
    yield from (wish for line in bracketed for tag in _tags(line) for wish in _wished(tag))


def _tags(line: str) -> list[str]:
    """What stands in the brackets of a line that is tags, with the signs that clients and people put around them; of another line nothing."""
    beside = _TAG.sub("", line)
    return [] if _QUOTED in beside or any(map(str.isalnum, beside)) else _TAG.findall(line)


def _wished(inside: str) -> Iterator[Wished]:
    plain, named = _PLAIN.get(tuple(word for word in words(inside) if word != "please")), _NOT_TO.fullmatch(inside)
    if plain is not None:
        yield Wished(wish=plain)
    elif named is not None and words(named[1]):
        yield Wished(wish=Wish.NOT_TO, names=tuple(name.strip() for name in named[1].split(",") if words(name)))


def meant(name: str, people: tuple[Person, ...]) -> frozenset[str]:
    """Handles of those of us whom this name means: a handle, a name or a part of it, an address, else one of these misspelt; or nobody.

    Somebody kept out by mistake is let in again by the others; somebody told by mistake knows.
    """
    said = words(name)
    known = mentioned(name, people) | {person.handle for person in people if words(person.handle) == said}
    return known or frozenset(
        person.handle for person in people if any(nearest(word, _called(person)) for word in said if len(word) >= LONG)
    )


def _called(person: Person) -> tuple[str, ...]:
    names = " ".join((person.handle, person.name, *(alias for alias in person.aliases if "@" not in alias)))
    return tuple(word for word in words(names) if len(word) > 1)


def hidden_in(text: str, ticket: Ticket) -> str:
    """A text for the team, without the name and the address of a reporter who asked for that."""
    for thread in ticket.threads:
        if thread.anonymous and thread.reporter:
            text = _names_of(thread).sub(THE_REPORTER, normalize("NFC", text))
    return text


def hidden_facts(fact: Fact, ticket: Ticket) -> Fact:
    """The same of all that somebody wrote in a fact."""
    if not any(one.anonymous for one in ticket.threads):
        return fact
    if isinstance(fact, str):
        return hidden_in(fact, ticket)
    if isinstance(fact, Mapping):
        return {name: hidden_facts(one, ticket) for name, one in fact.items()}
    return [hidden_facts(one, ticket) for one in fact] if isinstance(fact, Sequence) else fact


def _names_of(ticket: Ticket) -> re.Pattern[str]:
    """The address and the whole name in any case; a part of the name as it is written, or alone on a line: Will is no future tense.

    With or without accents: who signs as Żahra may be Zahra in the header, and the other way round.
    """
    filed = ticket.reporter
    assert filed is not None
    whole = [_spelled(one) for one in (filed.address, " ".join(filed.name.split())) if one]
    parts = [part for part in (word.strip(_AROUND) for word in filed.name.split()) if len(part) > 1]
    either = [rf"(?i:(?<!\w)(?:{'|'.join(whole)})(?!\w))"] if whole else [r"(?!)"]
    if parts:
        cased = "|".join(_spelled(one) for part in parts for one in dict.fromkeys((part, part.title(), part.upper())))
        either += [rf"(?<!\w)(?:{cased})(?!\w)", rf"(?im:^(?:{'|'.join(map(_spelled, parts))})$)"]
    return re.compile("|".join(either))


def _spelled(name: str) -> str:
    """A pattern of a name with whatever accents."""
    plain = (_PLAIN_LETTER.get(letter, letter) for letter in normalize("NFC", name))
    return "".join(f"[{letter}{_ACCENTED[letter]}]" if letter in _ACCENTED else re.escape(letter) for letter in plain)


def quiet(ticket: Ticket) -> Ticket:
    """The ticket without the acknowledgement that its reporter asked not to get; what is held keeps the hours until it is looked at."""
    if not ticket.no_contact or ticket.state is State.HELD:
        return ticket
    return replace(ticket, clocks={duty: clock for duty, clock in ticket.clocks.items() if duty is not Duty.ACKNOWLEDGE})


def explained_to_nobody(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with its week put off by an explanation that no letter carries, because the reporter asked for none."""
    until, week = ticket.explained_until, ticket.clocks.get(Duty.RESPOND)
    if not (ticket.no_contact and until and week and week.running):
        return ticket
    clock = Clock(duty=Duty.RESPOND, started_at=at, due_at=until)
    return replace(ticket, clocks={**ticket.clocks, Duty.RESPOND: clock}, explained_until=None)


def _wish(ticket: Ticket, entry: Entry) -> Ticket:
    wish = Wish(entry.facts["wish"])
    if wish is Wish.NO_CONTACT:
        return explained_to_nobody(quiet(_answered(replace(ticket, no_contact=True), entry.at)), entry.at)
    if wish is Wish.CONTACT:
        return _acknowledging(replace(ticket, no_contact=False), entry.facts.get("acknowledge"))
    return replace(ticket, anonymous=ticket.anonymous or wish is Wish.ANONYMOUS)


def _acknowledging(ticket: Ticket, span: Fact) -> Ticket:
    """The ticket owing an acknowledgement, where it does again."""
    if not isinstance(span, Mapping):
        return ticket
    clock = Clock(duty=Duty.ACKNOWLEDGE, started_at=moment(span["from"]), due_at=moment(span["due"]))
    return replace(ticket, clocks={**ticket.clocks, clock.duty: clock})


def _answered(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with its week met, where a resolution is there and only its letter had still to be taken."""
    if not ticket.answer_open or Duty.RESPOND not in ticket.clocks:
        return ticket
    clocks = {**ticket.clocks, Duty.RESPOND: ticket.clocks[Duty.RESPOND].met(at)}
    return replace(ticket, answer_open=False, answer_lost=False, answered_at=at, answered_by=NO_CONTACT, clocks=clocks)


APPLY: Mapping[What, Callable[[Ticket, Entry], Ticket]] = {What.WISHED: _wish}
"""What a wish means for a ticket; `history` merges it in."""
