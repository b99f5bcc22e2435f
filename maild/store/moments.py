"""Moments as the columns hold them: microseconds since the epoch, exact in both directions."""

from datetime import UTC, datetime, timedelta
from typing import overload

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@overload
def micros(at: datetime) -> int: ...
@overload
def micros(at: datetime | None) -> int | None: ...
def micros(at: datetime | None) -> int | None:
    """An aware moment for a column. Raises `TypeError` for a naive one."""
    return None if at is None else (at - EPOCH) // MICROSECOND


@overload
def moment(column: int) -> datetime: ...
@overload
def moment(column: int | None) -> datetime | None: ...
def moment(column: int | None) -> datetime | None:
    """The aware UTC moment a column holds."""
    return None if column is None else EPOCH + timedelta(microseconds=column)
