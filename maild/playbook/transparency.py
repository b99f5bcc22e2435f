"""The numbers of a transparency report (product.md section 9): so few and so coarse that they point at nobody.

None, fewer than five, five and more, ten and more with tables: what may be told depends on how many there are, on how many people took
part, and on what was told before. No word here comes from a report, and none goes out: prose is the templates' business.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from maild.playbook.differences import Numbers, gives_away, total
from maild.playbook.entry import Fact
from maild.playbook.incidents import OUTCOMES, RESOLUTIONS, UNRESOLVED, Incident, every, incidents
from maild.playbook.policy import DAY, Policy
from maild.playbook.scopes import EVENT, Scope, known_scopes, scope_of
from maild.playbook.tables import TABLES, listed, tables

__all__ = ["Incident", "Scope", "every_tier", "hinders", "incidents", "known_scopes", "numbers", "scope_of"]

SCHEMA = 1
"""Of numbers.json."""

EARLIEST = 14 * DAY
"""After the end: nobody is to guess from a report on the next day who was the reason for it."""

NEVER_TABLED = 2
"""Two cells of k each are the least that a table can have."""


def numbers(found: Sequence[Incident], scope: Scope, *, earlier: Sequence[Numbers]) -> dict[str, Fact]:
    """The content of numbers.json. `earlier` are those of the releases so far, oldest first; what does not overlap is passed over."""
    exact = not scope.small and not gives_away(len(found), scope, earlier, total)
    return _told(found, scope, exact=exact, made=listed(tables(found, scope, earlier)))


def _told(found: Sequence[Incident], scope: Scope, *, exact: bool, made: list[Fact]) -> dict[str, Fact]:
    tier, shown = _tier(len(found), scope, exact=exact), made
    many = exact and len(found) >= scope.rules.k
    if not (many and tier.endswith("+")):
        shown = []
    names = [one["name"] for one in shown if isinstance(one, dict)]
    return {
        "schema": SCHEMA,
        "scope": scope.name,
        "kind": scope.kind,
        "title": scope.title,
        "first_month": f"{scope.start:%Y-%m}",
        "last_month": f"{scope.end:%Y-%m}",
        "attendance": _attendance(scope),
        "tier": tier,
        "incidents": len(found) if many or not found else None,
        "ack_24h": _promise(one.acknowledged for one in found),
        "answer_1w": _promise(one.answered for one in found),
        "still_open": any(one.open for one in found) if many else None,
        "tables": shown,
        "suppressed": [name for name in TABLES if found and name not in names],
        "k": scope.rules.k,
    }


def _tier(count: int, scope: Scope, *, exact: bool) -> str:
    k, many = scope.rules.k, max(scope.rules.tables_from, NEVER_TABLED * scope.rules.k)
    if count < k:
        return f"1-{k - 1}" if count else "0"
    if not exact:
        return f"{k}+"
    return f"{many}+" if count >= many else f"{k}-{many - 1}"


def _attendance(scope: Scope) -> Fact:
    if scope.kind != EVENT or scope.attendance is None:
        return None
    return f"under {scope.rules.numbers_from}" if scope.small else (scope.attendance + 5) // 10 * 10


def _promise(kept: Iterator[bool | None]) -> str | None:
    all_of_them = every(kept)
    return None if all_of_them is None else "all" if all_of_them else "not all"


def hinders(scope: Scope, found: Sequence[Incident], told: Numbers, *, now: datetime, policy: Policy) -> Iterator[str]:
    """Why this report cannot be released yet, a sentence each. None tells more than the report itself would."""
    first = scope.end + EARLIEST
    if now.astimezone(policy.zone).date() < first:
        yield f"It cannot be released before {first.isoformat()}, which is {EARLIEST.days} days after the end."
    if told["still_open"] is not None and any(one.safety for one in found):
        yield "An open matter of safety postpones it."


def every_tier(scope: Scope) -> Iterator[dict[str, Fact]]:
    """The numbers of reports of this scope that never were: of each tier, promises kept and not kept, all there can be in a table."""
    k = scope.rules.k
    for kept in (True, False, None):
        for count in (0, 1, k, NEVER_TABLED * k * len(RESOLUTIONS)):
            found = [_invented(kept)] * count
            for exact in (True, False):
                yield _told(found, scope, exact=exact, made=_all_tables())


def _all_tables() -> list[Fact]:
    return listed({name: dict.fromkeys((*order, "merged"), 5) for name, order in TABLES.items()})


def _invented(kept: bool | None) -> Incident:  # noqa: FBT001 (three ways to keep a promise)
    return Incident(acknowledged=kept, answered=kept, open=bool(kept), safety=False, outcome=OUTCOMES[0], resolution=UNRESOLVED)
