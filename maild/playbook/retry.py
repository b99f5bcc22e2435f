"""When a letter that did not get through is tried again (security.md 3.3): 30 s doubling to an hour, give or take a fifth."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from maild.playbook.policy import HOUR, Limits

FIRST = timedelta(seconds=30)
LONGEST = HOUR
SPREAD = 0.2
"""Share by which a wait is made longer or shorter at random, so that a queue does not come back all at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Try again at this moment."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Trying on is of no use; a person has to know."""


def after_refusal(
    *, permanent: bool, role: str, attempts: int, made_at: datetime, now: datetime, chance: float, limits: Limits
) -> Again | GiveUp:
    """What follows when a letter was surely not sent.

    `permanent` is the server's word (5xx). To a reporter and to others on a case it is final; staff and board are tried on every hour, because a full
    mailbox must not silence an escalation. `chance` is a random number from 0 to 1.
    """
    if now - made_at >= limits.give_up_after or (permanent and role in ("reporter", "person")):
        return GiveUp()
    return Again(at=now + (LONGEST if permanent else _wait(attempts)) * _spread(chance))


def _wait(attempts: int) -> timedelta:
    doublings = min(max(0, attempts - 1), 10)
    return min(LONGEST, FIRST * (1 << doublings))


def _spread(chance: float) -> float:
    return 1 - SPREAD + 2 * SPREAD * chance
