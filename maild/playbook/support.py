"""What a reporter wants beside an answer (playbook, "In-person reports"), and whom people told outside the team. maild tells nobody."""

from collections.abc import Mapping
from dataclasses import dataclass

ITEMS = ("escort", "trusted-person", "friend", "police", "medical")
"""What can be arranged, if the reporter wants it."""

WANTED, DECLINED, ARRANGED, DONE = STATUSES = ("wanted", "declined", "arranged", "done")

OUTSIDE = ("venue-security", "police", "medical")
"""Whom people contact when it is appropriate."""

BASES = ("consent", "imminent-danger", "legal-duty")
"""On what they may be contacted."""

MISSING = "missing"
"""Stands for the basis where none was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody outside was told, by a person."""

    who: str
    basis: str


def wanted(support: Mapping[str, str]) -> tuple[str, ...]:
    """What is wanted and not arranged yet."""
    return tuple(item for item, status in support.items() if status == WANTED)


def spoken_of(support: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What may be shown of it: what was declined is never raised again."""
    return tuple((item, status) for item, status in support.items() if status != DECLINED)
