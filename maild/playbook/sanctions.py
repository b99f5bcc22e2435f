"""Sanctions: what keeps somebody out of spaces of the community until it ends. Only a command makes one (product.md principle 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.playbook.entry import Fact, moment

EVERYWHERE = "all"
"""Stands for every space, those that are added later among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """One person kept out of some spaces. All moments are UTC."""

    id: str
    """S1, S2 and so on, in the order in which they were imposed on this case."""
    kind: str
    """The resolution it comes from, vacation or ban, or expulsion: then its spaces begin with the event."""
    person: str
    """The reference of whom it is for."""
    spaces: tuple[str, ...]
    """The short names of the spaces, or `all` alone."""
    start: datetime
    until: datetime | None
    """When it ends; None for a permanent one."""
    by: tuple[str, ...]
    """The handles of those who decided it, or made it longer: one, or two where decisions take two people."""
    since: datetime | None = None
    """Since when it ends when it does; None where it always did."""
    lifted_at: datetime | None = None
    ended_at: datetime | None = None
    """When it was seen that its end had come."""

    @property
    def permanent(self) -> bool:
        """Whether it has no end."""
        return self.until is None

    def running(self, now: datetime) -> bool:
        """Whether it keeps anybody out now."""
        return self.lifted_at is None and self.ended_at is None and (self.until is None or self.until > now)


def sanction_facts(sanction: Sanction) -> dict[str, Fact]:
    """A sanction as the facts of its entry; its start is the entry's own moment."""
    return {
        "id": sanction.id,
        "kind": sanction.kind,
        "person": sanction.person,
        "spaces": list(sanction.spaces),
        "until": sanction.until.isoformat() if sanction.until else None,
        "by": list(sanction.by),
    }


def sanction_from(facts: Mapping[str, Fact], *, start: datetime) -> Sanction:
    """The sanction that stands in an entry's facts."""
    return Sanction(
        id=str(facts["id"]),
        kind=str(facts["kind"]),
        person=str(facts["person"]),
        spaces=_texts(facts["spaces"]),
        start=start,
        until=moment(facts["until"]) if facts["until"] else None,
        by=_texts(facts["by"]),
    )


def _texts(fact: Fact) -> tuple[str, ...]:
    return tuple(map(str, fact)) if isinstance(fact, Sequence) and not isinstance(fact, str) else ()
