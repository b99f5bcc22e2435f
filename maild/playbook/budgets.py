"""How many automatic answers may go, and when: budgets defer, they never drop (security.md, decisions)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from maild.playbook.policy import DAY, HOUR, Limits


def sender_has_room(planned: Sequence[datetime], now: datetime, limits: Limits) -> datetime:
    """When the next acknowledgement to one sender may go, given when the earlier ones went or will go; `now` if at once."""
    windows = (
        (limits.acknowledgements_per_sender_hour, HOUR),
        (limits.acknowledgements_per_sender_day, DAY),
        (limits.acknowledgements_per_sender_week, 7 * DAY),
    )
    at = now
    for most, span in windows:
        at = max(at, _room(planned, at, most, span))
    return at


def _room(planned: Sequence[datetime], at: datetime, most: int, span: timedelta) -> datetime:
    latest = sorted(planned)[-most:]
    return latest[0] + span if len(latest) == most and latest[0] + span > at else at


def acknowledgements_allowed(sent: Sequence[datetime], now: datetime, limits: Limits) -> int:
    """How many acknowledgements may go right now to anybody: `sent` are those of the last hour.

    A bucket of `burst` that refills to the hourly figure: at most `per_hour` in any hour, at most `burst` at a stroke.
    """
    in_hour = sum(1 for at in sent if at > now - HOUR)
    refill = HOUR / max(1, limits.acknowledgements_per_hour)
    at_a_stroke = sum(1 for at in sent if at > now - refill * limits.acknowledgements_burst)
    return max(0, min(limits.acknowledgements_per_hour - in_hour, limits.acknowledgements_burst - at_a_stroke))
