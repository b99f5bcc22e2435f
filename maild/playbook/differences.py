"""What readers who lay reports side by side can work out: two of them must not give away what each of them keeps (product.md section 9)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import inf
from typing import TypeAlias

from maild.playbook.entry import Fact
from maild.playbook.scopes import PERIOD, Scope, parts_of

Numbers: TypeAlias = Mapping[str, Fact]

Range: TypeAlias = tuple[float, float]
"""The least and the most that a number may be."""

Reading: TypeAlias = Callable[[Numbers], Range | None]
"""What a report says of one thing; None where it says nothing."""


def total(numbers: Numbers) -> Range:
    """How many incidents there may be, by what a report says."""
    told, tier = numbers["incidents"], str(numbers["tier"])
    if isinstance(told, int):
        return told, told
    least, _, most = tier.removesuffix("+").partition("-")
    return int(least), int(most) if most else inf


def overlapping(scope: Scope, earlier: Sequence[Numbers]) -> list[Numbers]:
    """The earlier reports that count some of the same incidents."""
    return [one for one in earlier if one["kind"] == scope.kind and one["scope"] in tuple(parts_of(scope))]


def gives_away(number: int, scope: Scope, earlier: Sequence[Numbers], reading: Reading) -> bool:
    """Whether this number may differ from what is known already by so few that they could be told apart."""
    return any(_near((number - most, number - least), scope.rules.k) for least, most in _known(scope, earlier, reading))


def _near(difference: Range, k: int) -> bool:
    least, most = difference
    return any(least <= few <= most or least <= -few <= most for few in range(1, k))


def _known(scope: Scope, earlier: Sequence[Numbers], reading: Reading) -> Iterator[Range]:
    """What each earlier report says, and what two of them say together: both halves of the year, or the year without the other half."""

    def told(*names: str) -> list[Range]:
        return [said for one in earlier if one["kind"] == scope.kind and one["scope"] in names and (said := reading(one)) is not None]

    yield from told(*parts_of(scope))
    if scope.kind != PERIOD:
        return
    year, _, half = scope.name.partition("-")
    if not half:
        for one, other in product(told(f"{year}-h1"), told(f"{year}-h2")):
            yield one[0] + other[0], one[1] + other[1]
    for whole, part in product(told(year), told(f"{year}-{'h2' if half == 'h1' else 'h1'}")) if half else ():
        yield whole[0] - part[1], whole[1] - part[0]
