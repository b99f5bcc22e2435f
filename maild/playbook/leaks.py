"""What must not leave the team by accident (product.md principle 3): found by words, and held until its writer insists."""

import re
from collections.abc import Iterable, Iterator

from maild.playbook import lint
from maild.playbook.fresh import is_code
from maild.playbook.people import Person, Role, fold, words
from maild.playbook.policy import Policy
from maild.playbook.presentations import named_in
from maild.playbook.ticket import Ticket
from maild.playbook.vocabulary import VERBS

OVERLAP = 5
"""Consecutive words that two texts do not share by chance."""

COMPARED_WORDS = 200_000
"""Texts longer than this are compared as far as here: the check has to end, whatever was mailed to us."""


_BRACKETED = re.compile(r"\[([A-Za-z-]{2,20})[]:= ]")
"""A word behind an opening bracket, as in a tag."""

_CODE = re.compile(r"\b[a-z]{1,12}-[a-z]{1,12}\b")
"""What may be a code name."""

_LABEL = re.compile(r"^[ \t\xa0>|*]{0,9}([^\W\d_][^:\n]{2,60}):", re.MULTILINE)
"""What a line begins with before its colon."""

LABELS = frozenset(
    " ".join(words(label))
    for label in (
        *("Sent to the reporter", "Proof that it was you", "Next deadline", "Answer the reporter by", "Still to determine"),
        *("Determined", "Written by", "Another reporter", "Warnings that count"),
        *("Intbagħat lil min irrapporta", "Wieġeb lil min irrapporta sa", "Għad irid jiġi stabbilit", "Min kiteb", "Stat tal-każ"),
    )
)
"""Labels of lines in our mails to the team, folded: what tells a piece of one where neither its beginning nor its end came along."""


def found(text: str, ticket: Ticket, kept: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """Why this text must not leave as it is, a sentence each; empty where nothing speaks against it.

    `kept` are the texts of the case: the report, notes, determinations, notices.
    """
    return tuple(_reasons(text, ticket, kept, policy))


def inside(text: str, ticket: Ticket, kept: Iterable[str], policy: Policy) -> Iterator[str]:
    """Why this text must stay in the team, whoever it is for."""
    said, folded = words(text), fold(text)
    line = f" {' '.join(said)} "
    if policy.separator in text or f" {' '.join(words(policy.separator))} " in line:
        yield "it holds the line that separates our mails from what they answer"
    if code := next(_codes(folded, ticket), ""):
        yield f"it holds the code name {code}"
    if any(fold(address) in folded for person in policy.people for address in _private(person)):
        yield "it holds a private address of one of us"
    if tag := next((one for one in _BRACKETED.findall(text) if one.lower() in VERBS), None):
        yield f"it holds [{tag}], which our mails to the team are full of"
    if label := next((one for one in _LABEL.findall(text) if " ".join(words(one)) in LABELS), ""):
        yield f"it holds a line that begins with “{label}:”, as our mails to the team do"
    if named_in(text, ticket.presentations):
        yield "it holds the title of a presentation"
    if _overlaps(said, kept):
        yield "five words in a row stand in the report, in a note or in a notice"


def _codes(folded: str, ticket: Ticket) -> Iterator[str]:
    """The code names in a text: of this case, and of any other."""
    yield from (one.code for one in ticket.threads if one.code in folded)
    yield from filter(is_code, _CODE.findall(folded))


def naming(text: str, ticket: Ticket) -> Iterator[str]:
    """What in this text tells others who the reporters are: a part of a name, an address, or what stands in it before the @."""
    known = [pair for one in ticket.threads for pair in _filed(one)]
    known += [(one.name, one.address) for one in ticket.people if one.role == "reporter"]
    yield from _naming(text, known)


def filed_by(text: str, thread: Ticket) -> Iterator[str]:
    """The same of the one who filed the report of this thread, and of nobody else."""
    yield from _naming(text, _filed(thread))


def _filed(thread: Ticket) -> list[tuple[str, str]]:
    return [(filed.name, filed.address), ("", filed.contact)] if (filed := thread.reporter) else []


def _naming(text: str, known: list[tuple[str, str]]) -> Iterator[str]:
    line, folded = f" {' '.join(words(text))} ", fold(text)
    if any(fold(address) in folded for _, address in known if address):
        yield "it holds the reporter's address"
    elif any(f" {part} " in line for name, address in known for part in _called(name, address)):
        yield "it names the reporter"


def _called(name: str, address: str) -> Iterator[str]:
    """What somebody may be called, as folded words; a single letter is no name."""
    yield from (part for part in words(name) if len(part) > 1)
    handle = words(address.rpartition("@")[0])
    yield from (part for part in (" ".join(handle), "".join(handle)) if len(part) > 1)


def _reasons(text: str, ticket: Ticket, kept: Iterable[str], policy: Policy) -> Iterator[str]:
    yield from inside(text, ticket, kept, policy)
    yield from lint.objections(text)


def _private(person: Person) -> Iterator[str]:
    """Addresses that are nobody else's business; that of the contact outside the team stands in every acknowledgement."""
    if person.role is not Role.FALLBACK:
        yield from (address for address in (person.address, *person.aliases) if "@" in address)


def _overlaps(said: list[str], kept: Iterable[str]) -> bool:
    ours = set(_runs(said))
    return any(run in ours for text in kept for run in _runs(words(text)[:COMPARED_WORDS]))


def _runs(said: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(said[start : start + OVERLAP]) for start in range(len(said) - OVERLAP + 1))


def blank(text: str) -> bool:
    """Whether a text holds no word at all."""
    return re.search(r"\w", text) is None
