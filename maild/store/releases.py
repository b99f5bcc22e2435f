"""The ledger of transparency reports: who agreed to what, and what was released. Kept for good, and never changed afterwards.

Asked when a mail says `[release:…]`, and when the calendar of an event does; never for any other mail.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from maild.playbook.entry import Fact
from maild.playbook.releases import Agreement
from maild.store.facts import read, written
from maild.store.keys import Keys
from maild.store.moments import micros, moment
from maild.store.schema import ONE, AnyRow, releases
from maild.store.statements import Insertion

_PLACE = "releases.body"
_AGREE = Insertion(releases)
_LATEST = select(releases).where(releases.c.report == bindparam("of")).order_by(releases.c.id.desc()).limit(1)
_RELEASED = select(releases).where(releases.c.released_at.is_not(None)).order_by(releases.c.released_at, releases.c.id)
_IS_RELEASED = (
    select(ONE).select_from(releases).where(releases.c.report == bindparam("of"), releases.c.released_at >= bindparam("since")).limit(1)
)
_RELEASE = (
    update(releases)
    .where(releases.c.id == bindparam("row"), releases.c.released_at.is_(None))
    .values(released_at=bindparam("now"), released_by=bindparam("second"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """Agreements and releases within one transaction."""

    connection: Connection
    keys: Keys

    def agree(self, made: Agreement) -> int:
        """Somebody agrees to these files. What was agreed to before and not released counts no more."""
        row = self.keys.new_id()
        body: dict[str, Fact] = {"numbers": made.numbers, "learned": made.learned, "files": [[*one] for one in made.files.items()]}
        sealed = self.keys.keyring.house.seal(written(body), place=_PLACE, row=row)
        _AGREE(self.connection, {"id": row, "report": made.report, "agreed_at": micros(made.at), "agreed_by": made.by, "body": sealed})
        return row

    def release(self, row: int, *, second: str, now: datetime) -> bool:
        """A second person agreed to the same: it is released. False where it was already."""
        return bool(self.connection.execute(_RELEASE, {"row": row, "second": second, "now": micros(now)}).rowcount)

    def latest(self, report: str) -> Agreement | None:
        """What was agreed to last of this report. Raises `SealBroken`."""
        row = self.connection.execute(_LATEST, {"of": report}).one_or_none()
        return None if row is None else self._agreement(row)

    def is_released(self, report: str, *, since: datetime) -> bool:
        """Whether this report was released since its event; a correction that waits changes nothing of it."""
        return self.connection.execute(_IS_RELEASED, {"of": report, "since": micros(since)}).first() is not None

    def released(self) -> list[Agreement]:
        """Every release there was, the oldest first. Raises `SealBroken`."""
        return [self._agreement(row) for row in self.connection.execute(_RELEASED)]

    def _agreement(self, row: AnyRow) -> Agreement:
        body: dict[str, Any] = read(self.keys.keyring.house.unseal(row.body, place=_PLACE, row=row.id))
        return Agreement(
            id=row.id,
            report=row.report,
            by=row.agreed_by,
            at=moment(row.agreed_at),
            numbers=body["numbers"],
            learned=body["learned"],
            files=dict(body["files"]),
            second=row.released_by or "",
            released_at=moment(row.released_at),
        )
