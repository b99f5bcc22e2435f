"""Every regular expression of maild takes time linear in its input, in the way it is used (security.md P-33).

The expressions are found by importing every module, their uses by reading the source, and what may hurt one by taking it apart: each
letter it knows, alone and in pairs, over and over, with an end that fits and one that does not.
"""

import ast
import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import maild

ROOT = Path(maild.__file__).parent
SHORT, LONG = 2_000, 4_000
"""Letters of a hostile text."""
TOO_LITTLE_TO_MEASURE = 0.001
"""Seconds for the short one: half a second for a megabyte."""
TWICE = 2.6
"""A linear expression takes twice as long for twice as much, give or take what else the machine does."""
MEGABYTE = 1_000_000
AT_MOST = 0.05
"""Seconds for a megabyte, or for as much as an expression is ever given (security.md P-33)."""
BUSY = 3
"""Times as long as it takes alone it may take on a machine that others use too."""
SEES = {
    "maild.config.lines.LONG_TEXT_ENDS": 100_000,  # the configuration
    "maild.mail.authenticity._MARK": 16 * 1024,
    "maild.mail.bounce._MASTER": 256 * 1024,  # one header, and the block of all is no larger
    "maild.mail.kind._SUPPRESSED": 64 * 1024,
    "maild.mail.parts._CONTINUATION": 100,
    "maild.mail.prose._ADDRESS": 8_000,
    "maild.mail.prose._CODE": 4_000,
    "maild.mail.prose._DELAY": 8_000,
    "maild.mail.prose._FAILURE": 4_000,
    "maild.mail.prose._LEADS": 400,
    "maild.mail.quoting.openings._DATE": 2_500,
    "maild.mail.quoting.openings._SENDER_WROTE": 2_500,
    "maild.mail.quoting.openings._VERB": 2_500,
    "maild.mail.quoting.openings._VERB_BEGINS": 120,
    "maild.mail.scan._KNOWN_FIELD": 256 * 1024,
    "maild.mail.text._WORD": 4_000,
    "maild.mail.trace._ADDRESS": 2 * 1024,
    "maild.playbook.commands._BRACKETED": 2_000,
    "maild.playbook.commands._MARK": 2_000,
    "maild.playbook.syntax._SEAM": 2_000,
    "maild.playbook.values._ITEM": 2_000,
}
"""Letters that those are given at most which would need longer for a megabyte: the limits of their modules."""
PAIRS_OF = 14
"""Letters up to which they are tried in pairs as well."""

USES: dict[str, Callable[[Any, Any], object]] = {
    "search": lambda expression, text: expression.search(text),
    "match": lambda expression, text: expression.match(text),
    "fullmatch": lambda expression, text: expression.fullmatch(text),
    "finditer": lambda expression, text: sum(1 for _ in expression.finditer(text)),
    "findall": lambda expression, text: expression.findall(text),
    "sub": lambda expression, text: expression.sub(text[:0], text),
    "split": lambda expression, text: expression.split(text),
}


@dataclass(frozen=True, kw_only=True)
class Expression:
    """One of ours: where it stands and how it is used."""

    where: str
    compiled: re.Pattern[Any]
    uses: frozenset[str]


def modules() -> Iterator[Any]:
    """Every module of maild, but for the steps of the database, which run on an Alembic context."""
    for found in pkgutil.walk_packages(maild.__path__, "maild."):
        if "migrations" not in found.name and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    """A compiled expression, or those in a table of them."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from patterns_in((*value, *value.values()))
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from patterns_in(inner)


def used(path: Path) -> Iterator[tuple[str, str]]:
    """(name, way) of each use of something by the name of a way to use an expression."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in USES:
            held = node.value.value if isinstance(node.value, ast.Subscript) else node.value
            name = held.id if isinstance(held, ast.Name) else held.attr if isinstance(held, ast.Attribute) else ""
            yield name, node.attr


EVERYWHERE = {path: set(used(path)) for path in ROOT.rglob("*.py")}


def uses_of(name: str, module: Any) -> frozenset[str]:
    """How an expression is used: a private one in its own module only. One whose uses cannot be seen is searched for."""
    paths = [Path(module.__file__)] if name.startswith("_") else list(EVERYWHERE)
    return frozenset(way for path in paths for held, way in EVERYWHERE[path] if held == name) or frozenset(("search",))


def expressions() -> Iterator[Expression]:
    """All of them, each once for every module it was written in."""
    for module in modules():
        for name, value in vars(module).items():
            written = re.search(rf"^{re.escape(name)}\b.*=", Path(module.__file__).read_text("utf-8"), re.MULTILINE)
            for number, compiled in enumerate(patterns_in(value) if written else ()):
                yield Expression(where=f"{module.__name__}.{name}.{number}", compiled=compiled, uses=uses_of(name, module))


def letters(tree: Any) -> Iterator[int]:  # noqa: C901 (one case for each code the parser knows)
    """A letter for each thing an expression knows."""
    for code, told in tree:
        match code:
            case codes.LITERAL:
                yield told
            case codes.NOT_LITERAL | codes.ANY:
                yield ord("b") if told == ord("a") else ord("a")
            case codes.RANGE:
                yield told[0]
            case codes.CATEGORY:
                yield {codes.CATEGORY_DIGIT: ord("0"), codes.CATEGORY_SPACE: ord(" ")}.get(told, ord("a"))
            case codes.IN | codes.ATOMIC_GROUP:
                yield from letters(told)
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                yield from letters(told[2])
            case codes.SUBPATTERN:
                yield from letters(told[3])
            case codes.BRANCH:
                for branch in told[1]:
                    yield from letters(branch)
            case codes.ASSERT | codes.ASSERT_NOT:
                yield from letters(told[1])


def hostile(compiled: re.Pattern[Any]) -> Iterator[Callable[[int], Any]]:
    """Texts of any length that may hurt it."""
    known = {chr(letter) for letter in letters(parser.parse(compiled.pattern, compiled.flags))} | {"\n", " ", "a"}
    pieces = sorted(known) if len(known) > PAIRS_OF else [*sorted(known), *map("".join, product(sorted(known), repeat=2))]
    for piece, end in product(pieces, ("", "\x01")):
        yield lambda size, piece=piece, end=end: _as(compiled, (piece * size)[:size] + end)


def _as(compiled: re.Pattern[Any], text: str) -> Any:
    return text.encode("utf-8") if isinstance(compiled.pattern, bytes) else text


def spent(use: Callable[[Any, Any], object], compiled: re.Pattern[Any], text: Any) -> float:
    """Seconds of processor time."""
    began = time.process_time()
    use(compiled, text)
    return time.process_time() - began


def grows(use: Callable[[Any, Any], object], compiled: re.Pattern[Any], text: Callable[[int], Any]) -> bool:
    """Whether it takes more than twice as long for twice as much; what looks so is measured again."""
    for _ in range(3):
        short, long = spent(use, compiled, text(SHORT)), spent(use, compiled, text(LONG))
        if short < TOO_LITTLE_TO_MEASURE or long <= TWICE * short:
            return False
    return True


ALL = list(expressions())


def test_they_are_found() -> None:
    """A test of nothing would be green: there are more than a hundred, and their uses are known of nearly all."""
    assert len(ALL) > 100
    assert {"maild.mail.parse._TAGS.0", "maild.playbook.people.WORD.0"} <= {one.where for one in ALL}


def test_a_hostile_one_is_found_out() -> None:
    """What is quadratic fails."""
    bad = re.compile(r"a+b")
    assert any(grows(USES["search"], bad, text) for text in hostile(bad))


@pytest.mark.parametrize("one", ALL, ids=[one.where for one in ALL])
def test_twice_the_input_costs_twice_the_time(one: Expression) -> None:
    """Each expression, in each way it is used."""
    for use, text in product(sorted(one.uses), hostile(one.compiled)):
        assert not grows(USES[use], one.compiled, text), f"{use}: {text(20)!r}"


@pytest.mark.deep
@pytest.mark.timeout(1_800)
def test_a_megabyte_costs_little(capsys: pytest.CaptureFixture[str]) -> None:
    """Each expression with a megabyte of each hostile text, or with as much as its module ever gives it."""
    slow: list[str] = []
    tried = 0
    for one in ALL:
        given = SEES.get(one.where.rpartition(".")[0], MEGABYTE)
        size = min(given, MEGABYTE // 10)
        for use, text in product(sorted(one.uses), hostile(one.compiled)):
            tried += 1
            tries = (spent(USES[use], one.compiled, text(size)) for _ in range(3))
            if all(seconds * given / size > BUSY * AT_MOST for seconds in tries):  # what looks slow is measured again
                slow.append(f"{one.where} {use} {text(20)!r}")
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ALL)} expressions, {tried} texts.\n")
    assert slow == []
