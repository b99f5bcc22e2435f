"""The journal for people: what was done since a moment, and whether the chain of it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from maild.app.house import House
from maild.config.kinds import SPANS, quantity
from maild.playbook.entry import Fact

OWN = frozenset({"n", "at", "ticket"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line. `code` is the code name of its case, or empty; `facts` are its verb, by whom, and numbers."""

    at: datetime
    code: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How the journal stands: its last line, and the first that is wrong."""

    number: int
    hash: str
    broken: int | None


def told(house: House, *, since: datetime) -> tuple[Sequence[Told], int | None]:
    """The lines since a moment, and the first line of the whole journal that is wrong."""
    with house.store.read() as work:
        broken = work.journal.verify()
        lines = [line for line in work.journal.lines() if line.at >= since]
        codes = work.tickets.codes({ticket for line in lines if isinstance(ticket := line.facts.get("ticket"), int)})
    return [
        Told(
            at=line.at,
            code=codes.get(line.facts.get("ticket"), ""),  # type: ignore[arg-type]
            facts={name: fact for name, fact in line.facts.items() if name not in OWN},
        )
        for line in lines
    ], broken


def chain(house: House) -> Chain:
    """Whether every line of the journal is as it was written."""
    with house.store.read() as work:
        number, digest = work.journal.head()
        return Chain(number=number, hash=digest.hex(), broken=work.journal.verify())


def holds(house: House, *, number: int, digest: str) -> bool:
    """Whether the line of this number has this hash, as a digest or a log line told it."""
    with house.store.read() as work:
        found = work.journal.hash_of(number)
    return found is not None and found.hex() == digest.lower()


def since_when(words: str, house: House) -> datetime | None:
    """The moment that is meant by a date, a moment or a span back from now; midnight of today by nothing, None by anything else."""
    now = house.clock().astimezone(house.policy.zone)
    if not words:
        return datetime.combine(now.date(), time(), house.policy.zone).astimezone(UTC)
    seconds = quantity(words, unit="days", units=SPANS)
    try:
        if seconds is not None:
            return now - timedelta(seconds=seconds)
        at = datetime.fromisoformat(words)
        return (at if at.tzinfo else at.replace(tzinfo=house.policy.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
