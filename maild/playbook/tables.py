"""One-way tables of a transparency report: only where no cell, and nothing that can be reckoned from cells, is a small number."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from maild.playbook.differences import Numbers, Range, gives_away, overlapping
from maild.playbook.entry import Fact
from maild.playbook.incidents import OUTCOMES, RESOLUTIONS, UNRESOLVED, Incident
from maild.playbook.scopes import Scope

MERGED = "merged"
"""The cell of all that is too rare to be told alone."""

LEAST_CELLS = 2
"""A table of one cell says of each what became of it."""

TABLES: Mapping[str, tuple[str, ...]] = {"outcome": OUTCOMES, "resolution": (*RESOLUTIONS, UNRESOLVED)}
"""Each table with its cells, in their order."""


def cells(found: Iterable[str], order: Sequence[str], *, k: int) -> dict[str, int]:
    """How often each was found, with what is rarer than k in one cell; empty where that gives something away."""
    counted = Counter(found)
    shown = {one: counted[one] for one in order if counted[one] >= k}
    rare = sum(counted[one] for one in order if counted[one] < k)
    # Of what is rarer than k it takes two sorts at least to make k together.
    if rare:
        shown[MERGED] = rare
    return {} if 0 < rare < k or len(shown) < LEAST_CELLS else shown


def tables(incidents: Sequence[Incident], scope: Scope, earlier: Sequence[Numbers]) -> dict[str, dict[str, int]]:
    """The tables that may be shown beside earlier reports."""
    found = {"outcome": [one.outcome for one in incidents], "resolution": [one.resolution for one in incidents]}
    counted = {name: cells(found[name], order, k=scope.rules.k) for name, order in TABLES.items()}
    return {name: made for name, made in counted.items() if made and _apart(name, made, scope, earlier)}


def _apart(table: str, made: Mapping[str, int], scope: Scope, earlier: Sequence[Numbers]) -> bool:
    """Whether no earlier report has this table with other cells, or with cells that differ by a few."""
    before = [known for one in overlapping(scope, earlier) if (known := cells_of(one, table))]
    if any(set(known) != set(made) for known in before):
        return False
    return not any(gives_away(count, scope, earlier, _Cell(table, name)) for name, count in made.items())


class _Cell:
    """What a report says of one cell."""

    def __init__(self, table: str, name: str) -> None:
        self._table, self._name = table, name

    def __call__(self, numbers: Numbers) -> Range | None:
        count = cells_of(numbers, self._table).get(self._name)
        return None if count is None else (count, count)


def cells_of(numbers: Numbers, table: str) -> dict[str, int]:
    """The cells of a table in the numbers of a report; empty where it has none."""
    listed = numbers["tables"]
    assert isinstance(listed, Sequence)
    found = next((one for one in listed if isinstance(one, Mapping) and one["name"] == table), None)
    rows = found["cells"] if found else ()
    assert isinstance(rows, Sequence)
    return {str(row["name"]): int(str(row["incidents"])) for row in rows if isinstance(row, Mapping)}


def listed(made: Mapping[str, Mapping[str, int]]) -> list[Fact]:
    """Tables as they stand in the numbers of a report."""
    return [
        {"name": name, "cells": [{"name": cell, "incidents": count} for cell, count in counted.items()]} for name, counted in made.items()
    ]
