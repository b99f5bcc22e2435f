"""How mails come into the inbox: once for each place on the server, once for the same bytes, never by flags or Message-ID.

A Message-ID is the writer's word; whoever learns one could silence the report that carries it. So a mail is known by (account, folder,
UIDVALIDITY, UID) and by a keyed digest of its bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from maild.ports import Fetched, Source
from maild.store.keys import Keys
from maild.store.moments import micros
from maild.store.schema import inbox, raws, sources
from maild.store.sealed import HOUSE
from maild.store.statements import Insertion


class Taken(Enum):
    """What taking a mail in came to."""

    NEW = "new"
    PASSED = "passed"
    """Recorded, but neither kept nor looked at: it is older than what maild answers for."""
    AGAIN = "again"
    """This very place on the server was known."""
    SAME = "same"
    """The same bytes from another place: moved, copied, or renumbered by the server."""


_PLACE = (
    sources.c.account == bindparam("account"),
    sources.c.folder == bindparam("folder"),
    sources.c.uidvalidity == bindparam("uidvalidity"),
)
_KNOWN = select(
    select(sources.c.inbox_id).where(*_PLACE, sources.c.uid == bindparam("uid")).scalar_subquery().label("at_source"),
    select(inbox.c.id).where(inbox.c.digest == bindparam("digest")).scalar_subquery().label("by_digest"),
)
_INSERT = Insertion(inbox, unless_there=True)
_INSERT_RAW = Insertion(raws)
_INSERT_SOURCE = Insertion(sources, unless_there=True)
_WATERMARK = select(func.max(sources.c.uid)).where(*_PLACE)
_UIDS = select(sources.c.uid).where(*_PLACE, sources.c.uid.between(bindparam("low"), bindparam("high")))
_KEPT = (
    select(sources.c.uid)
    .join_from(sources, raws, raws.c.inbox_id == sources.c.inbox_id)
    .where(*_PLACE, sources.c.uid.between(bindparam("low"), bindparam("high")))
)
_GENERATIONS = select(sources.c.uidvalidity).distinct().where(*_PLACE[:2]).order_by(sources.c.uidvalidity)
_SOURCES = select(sources).where(sources.c.inbox_id == bindparam("row"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """The side of the inbox that intake sees, within one transaction."""

    connection: Connection
    keys: Keys

    def take_in(self, fetched: Fetched, *, account: str, junk: bool, seed: bytes, now: datetime, silent: bool = False) -> Taken:
        """Record a mail once, whatever the server calls it; may be asked again for the same mail at any time.

        `seed` is 32 random bytes, from which everything random about this mail will be derived. `silent`: nobody is to be told.
        """
        arrival = self._arrival(fetched, account=account, junk=junk, now=now)
        known = self._known(arrival)
        if known is not None:
            return known
        key = self.keys.make(now)
        sealed = key.seal(seed, place="inbox.seed", row=arrival.row)
        if not self._enter(arrival, state="NEW", key_id=key.id, silent=int(silent), seed=sealed):
            return Taken.SAME
        raw = key.seal(fetched.raw, place="raws.raw", row=arrival.row)
        _INSERT_RAW(self.connection, {"inbox_id": arrival.row, "raw": raw})
        return Taken.NEW

    def pass_over(self, fetched: Fetched, *, account: str, junk: bool, now: datetime) -> Taken:
        """Record that a mail was there, and keep nothing of it: it is older than what maild answers for."""
        arrival = self._arrival(fetched, account=account, junk=junk, now=now)
        known = self._known(arrival)
        if known is not None:
            return known
        passed = self._enter(arrival, state="DISCARDED", key_id=HOUSE, kind="older", settled_at=micros(now))
        return Taken.PASSED if passed else Taken.SAME

    def watermark(self, account: str, *, folder: str, uidvalidity: int) -> int:
        """The highest UID known of a folder; 0 where none is."""
        place = {"account": account, "folder": folder, "uidvalidity": uidvalidity}
        return self.connection.execute(_WATERMARK, place).scalar() or 0

    def unknown(self, account: str, *, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
        """Those of `uids` that have no record, in the order given."""
        known = self._among(_UIDS, uids, account=account, folder=folder, uidvalidity=uidvalidity)
        return [uid for uid in uids if uid not in known]

    def kept(self, account: str, *, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
        """Those of `uids` whose bytes are kept here, in the order given: their message on the server is not needed any more."""
        kept = self._among(_KEPT, uids, account=account, folder=folder, uidvalidity=uidvalidity)
        return [uid for uid in uids if uid in kept]

    def _among(self, question: Select[Any], uids: Sequence[int], **place: object) -> set[int]:
        if not uids:
            return set()
        return set(self.connection.execute(question, {**place, "low": min(uids), "high": max(uids)}).scalars())

    def generations(self, account: str, *, folder: str) -> list[int]:
        """Every UIDVALIDITY a folder was ever read under."""
        return list(self.connection.execute(_GENERATIONS, {"account": account, "folder": folder}).scalars())

    def sources(self, inbox_id: int) -> list[tuple[str, Source]]:
        """Every (account, place on the server) this mail was found at."""
        rows = self.connection.execute(_SOURCES, {"row": inbox_id})
        return [(row.account, Source(folder=row.folder, uidvalidity=row.uidvalidity, uid=row.uid)) for row in rows]

    def _arrival(self, fetched: Fetched, *, account: str, junk: bool, now: datetime) -> "_Arrival":
        digest = self.keys.keyring.raw(fetched.raw)
        values = _values(fetched, account=account, junk=junk, now=now)
        return _Arrival(row=self.keys.new_id(), place=_place(account, fetched.source), digest=digest, values=values)

    def _known(self, arrival: "_Arrival") -> Taken | None:
        known = self.connection.execute(_KNOWN, {**arrival.place, "digest": arrival.digest}).one()
        if known.at_source is not None:
            return Taken.AGAIN
        if known.by_digest is None:
            return None
        _INSERT_SOURCE(self.connection, {**arrival.place, "inbox_id": known.by_digest})
        return Taken.SAME

    def _enter(self, arrival: "_Arrival", **more: object) -> bool:
        """Insert the row and its source; false where another daemon took the same bytes in this very moment."""
        values = {"id": arrival.row, "digest": arrival.digest, "silent": 0, "attempts": 0, **arrival.values, **more}
        if not _INSERT(self.connection, values):
            self._known(arrival)
            return False
        _INSERT_SOURCE(self.connection, {**arrival.place, "inbox_id": arrival.row})
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    row: int
    place: dict[str, object]
    digest: bytes
    values: dict[str, object]


def _place(account: str, source: Source) -> dict[str, object]:
    return {"account": account, "folder": source.folder, "uidvalidity": source.uidvalidity, "uid": source.uid}


def _values(fetched: Fetched, *, account: str, junk: bool, now: datetime) -> dict[str, object]:
    return {
        "account": account,
        "size": fetched.size,
        "truncated": int(fetched.truncated),
        "folder_role": "junk" if junk else "inbox",
        "received_at": micros(fetched.received_at),
        "taken_at": micros(now),
    }
