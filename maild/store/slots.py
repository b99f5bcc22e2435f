"""Slots: the appointments of timed jobs ("digest", "2026-W47"). Whoever writes the row has the appointment; nobody has it twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from maild.store.keys import Keys
from maild.store.moments import micros
from maild.store.schema import slots
from maild.store.statements import Insertion

_CLAIM = Insertion(slots, unless_there=True)
_JOB = slots.c.job == bindparam("of")
_SEED = select(slots.c.seed).where(_JOB, slots.c.slot == bindparam("at"))
_LATEST = select(slots.c.slot).where(_JOB).order_by(slots.c.taken_at.desc(), slots.c.slot.desc()).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """Slots within one transaction."""

    connection: Connection
    keys: Keys

    def claim(self, job: str, *, slot: str, now: datetime, seed: bytes) -> bool:
        """Take an appointment; false where it was taken before, by whatever daemon. Its seed is kept sealed."""
        sealed = self.keys.keyring.house.seal(seed, place="slots.seed", row=f"{job}/{slot}")
        return bool(_CLAIM(self.connection, {"job": job, "slot": slot, "taken_at": micros(now), "seed": sealed}))

    def seed(self, job: str, *, slot: str) -> bytes | None:
        """The seed an appointment was taken with; None where nobody took it."""
        sealed = self.connection.execute(_SEED, {"of": job, "at": slot}).scalar()
        return None if sealed is None else self.keys.keyring.house.unseal(sealed, place="slots.seed", row=f"{job}/{slot}")

    def latest(self, job: str) -> str | None:
        """The appointment of this job that was taken last."""
        return self.connection.execute(_LATEST, {"of": job}).scalar()
