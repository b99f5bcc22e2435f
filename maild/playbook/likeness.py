"""When somebody on one case is the same person as somebody on another: by their address or, where one is missing, by their full name.

Never by less: a warning that counts for the wrong Robin is worse than one that counts for nobody.
"""

from collections.abc import Iterable, Iterator

from maild.playbook.people import normalise, words
from maild.playbook.tag import Command
from maild.playbook.ticket import CasePerson

FULL = 2
"""Words that a name has to have: a first name alone is shared by many."""


def likenesses(person: CasePerson) -> tuple[str, ...]:
    """The texts by which a person may be found again, for a blind index."""
    address, name = normalise(person.address), _full_name(person)
    return tuple(filter(None, (f"address {address}" if address else "", f"name {name}" if name else "")))


def same(one: CasePerson, other: CasePerson) -> bool:
    """Whether these two are one person: two addresses decide; a full name does where one of them has no address."""
    if one.address and other.address:
        return normalise(one.address) == normalise(other.address)
    return bool(_full_name(one)) and _full_name(one) == _full_name(other)


def named_by(commands: Iterable[Command]) -> Iterator[CasePerson]:
    """Those whom commands name, as far as they do."""
    for command in commands:
        names = [command.keys.get("name", ""), *command.keys.get("who", "").split(",")]
        yield from (CasePerson(ref="", role="", name=name) for name in names if name)
        if "address" in command.keys:
            yield CasePerson(ref="", role="", name="", address=command.keys["address"])


def _full_name(person: CasePerson) -> str:
    parts = words(person.name)
    return " ".join(parts) if len(parts) >= FULL else ""
