"""How mail of any size comes across: in pieces no larger than asked for, and few of them at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

BATCH_COUNT: Final = 50
"""Messages in one FETCH; more of them buy no speed."""
BATCH_SIZE: Final = 8 * 1024 * 1024
"""Bytes of mail in one FETCH: all that it carries lies in memory at once."""
PIECE: Final = 1024 * 1024
"""Bytes of one message in one FETCH."""
BEGINNING: Final = 256 * 1024
"""Bytes kept of a message over the limit: as much header block as a reader would look at, and the first of the text."""
HEAD_ITEMS: Final = "RFC822.SIZE INTERNALDATE"
"""What `heads_in` reads."""

Told = Mapping[bytes, Any]
"""What a FETCH response tells of one message, by item."""
Ask = Callable[..., Mapping[int, Told]]
"""`ask(uids, items, length=)`: a FETCH for up to `length` bytes of each mail; what vanished may be left out or be NIL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the server knows of a message without its bytes."""

    size: int
    received_at: datetime


def heads_in(answer: Mapping[int, Told]) -> dict[int, Head]:
    """By UID. Raises `LookupError`, `TypeError` or `ValueError` where the server told nonsense."""
    return {uid: Head(size=max(0, int(told[b"RFC822.SIZE"])), received_at=_in_utc(told[b"INTERNALDATE"])) for uid, told in answer.items()}


def raws_of(heads: Mapping[int, Head], *, ask: Ask, size_limit: int) -> dict[int, bytes]:
    """The messages that are still there, by UID; of one that is over the limit at least the beginning."""
    raws = {}
    lengths = {uid: _first_length(head.size, size_limit=size_limit) for uid, head in heads.items()}
    for batch in _batches(lengths):
        length = lengths[batch[-1]]
        for uid, piece in _pieces(batch, ask=ask, start=0, length=length).items():
            over = heads[uid].size > size_limit
            raw = piece if over else _whole(uid, piece, ask=ask, asked=length, size=heads[uid].size, size_limit=size_limit)
            if raw is not None:
                raws[uid] = raw
    return raws


def _first_length(size: int, *, size_limit: int) -> int:
    """One byte more than there should be, so that a message that is larger than the server says shows it."""
    return min(BEGINNING, size_limit) if size > size_limit else min(size + 1, PIECE)


def _batches(lengths: Mapping[int, int]) -> Iterator[list[int]]:
    """UIDs by length: asking each for as much as the last one, a FETCH stays within `BATCH_SIZE`, however wrong the sizes are."""
    batch: list[int] = []
    for uid in sorted(lengths, key=lambda uid: lengths[uid]):
        if len(batch) == BATCH_COUNT or (len(batch) + 1) * lengths[uid] > BATCH_SIZE:
            yield batch
            batch = []
        batch.append(uid)
    if batch:
        yield batch


def _pieces(uids: Sequence[int], *, ask: Ask, start: int, length: int) -> dict[int, bytes | None]:
    """None is NIL: vanished (Dovecot)."""
    answer = ask(uids, f"BODY.PEEK[]<{start}.{length}>", length=length)
    return {uid: told[b"BODY[]<%d>" % start] for uid, told in answer.items()}


def _whole(uid: int, first: bytes | None, *, ask: Ask, asked: int, size: int, size_limit: int) -> bytes | None:
    """A message to its end, or until it is over the limit; None where it vanishes meanwhile.

    Servers may be wrong about RFC822.SIZE (Exchange estimates it), and may give less than was asked for. So the end is where a piece
    is short *and* the size is as announced, or where nothing follows.
    """
    raw = BytesIO()
    piece = first
    while piece is not None and raw.write(piece):
        if raw.tell() > size_limit or (len(piece) < asked and raw.tell() == size):
            break
        asked = PIECE
        piece = _pieces([uid], ask=ask, start=raw.tell(), length=asked).get(uid)
    return None if piece is None else raw.getvalue()


def _in_utc(moment: datetime) -> datetime:
    """INTERNALDATE always has a zone; imapclient leaves it out for `-0000`, which is UTC (RFC 5322 section 3.3)."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
