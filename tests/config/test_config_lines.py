"""The line finder: every key of any TOML text, on the line where it stands."""

import itertools
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maild.config import Config
from maild.config.lines import DEEPEST, KeyPath, find_lines
from maild.config.syntax import LARGEST_FILE, LONGEST_LINE, read_toml
from maild.errors import ConfigInvalid

GOOD = (Path(__file__).parent / "good.toml").read_text()

TRICKY = '''\
# a comment with [brackets] and "quotes
"quo\\u0074ed".'single' = 'x = ] # no comment'

[ imap ] # [fake]
host = """
[fake]
port = 1 \\""" still inside """""
path = \'\'\'C:\\\'\'\'
since = 1979-05-27 07:32:00.5 # a blank inside a value
[[staff]]
aliases = [ "one", # [
  { name = "a", more.of = [[1, 2],
    3]},
]
[[staff]]
[staff.extra]
half = .5_not_toml
'''.replace(".5_not_toml", "2.5")

TRICKY_LINES: dict[KeyPath, int] = {
    ("quoted",): 2,
    ("quoted", "single"): 2,
    ("imap",): 4,
    ("imap", "host"): 5,
    ("imap", "path"): 8,
    ("imap", "since"): 9,
    ("staff",): 10,
    ("staff", 0): 10,
    ("staff", 0, "aliases"): 11,
    ("staff", 0, "aliases", 0): 11,
    ("staff", 0, "aliases", 1): 12,
    ("staff", 0, "aliases", 1, "name"): 12,
    ("staff", 0, "aliases", 1, "more"): 12,
    ("staff", 0, "aliases", 1, "more", "of"): 12,
    ("staff", 0, "aliases", 1, "more", "of", 0): 12,
    ("staff", 0, "aliases", 1, "more", "of", 0, 0): 12,
    ("staff", 0, "aliases", 1, "more", "of", 0, 1): 12,
    ("staff", 0, "aliases", 1, "more", "of", 1): 13,
    ("staff", 1): 15,
    ("staff", 1, "extra"): 16,
    ("staff", 1, "extra", "half"): 17,
}


def test_a_tricky_text() -> None:
    """Comments, quotes of every kind, dots, lists over lines, tables in braces, lists of tables: each key on its line."""
    assert find_lines(TRICKY) == TRICKY_LINES


def paths(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """All places of a value that tomllib made."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from paths(part, (*path, key))


@pytest.mark.parametrize(
    "text", [TRICKY, "", "\n", "a=1", 'a=""""""', "a=''''''''", "[a]", "[[a]]\n[[a.b]]\n[[a.b]]\n[a.b.c]", "a={}\nb=[]\r\n"]
)
def test_tables_of_texts_hold_the_same_places_as_tomllib(text: str) -> None:
    """The finder knows exactly the places that tomllib knows, in the odd cases too."""
    assert set(find_lines(text)) == set(paths(tomllib.loads(text)))


# Texts with keys k0, k1, … of which each stands in the text once, so that its line is known without a parser.

VALUES = st.sampled_from(
    [
        "1",
        "-2.5e3",
        "true",
        "1979-05-27T07:32:00Z",
        "1979-05-27 07:32:00",
        '"[fake] = # \\" "',
        "'''one\n[fake]\nfake = 1'''",
        '"""\nfake = [\n\\"""\n"""""',
        '[1, [2, "]"], # fake = [\n 3,\n]',
        "[]",
        "{}",
    ]
)
GAPS = st.sampled_from(["", "\n", "# [fake]\n", '# fake = """\n\n', "   \n"])
SPELLINGS = st.sampled_from(["{}", '"{}"', "'{}'"])


@dataclass
class Writer:
    """Draws the parts of a text; keys are numbered so that none comes twice."""

    draw: st.DrawFn
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def key(self) -> str:
        return self.draw(SPELLINGS).format(f"k{next(self.numbers)}_")

    def dotted(self) -> str:
        return self.draw(st.sampled_from([".", " . "])).join(self.key() for _ in range(self.draw(st.integers(1, 3))))

    def value(self, depth: int = 2) -> str:
        kind = self.draw(st.integers(0, 3 if depth else 0))
        if kind == 2:
            return "{ " + ", ".join(f"{self.dotted()} = {self.value(depth - 1)}" for _ in range(self.draw(st.integers(0, 3)))) + " }"
        if kind == 3:
            return "[\n" + ",\n".join(self.value(depth - 1) for _ in range(self.draw(st.integers(0, 3)))) + "\n]"
        return self.draw(VALUES)

    def pairs(self) -> str:
        return "".join(f"{self.draw(GAPS)}{self.dotted()} = {self.value()} # fake\n" for _ in range(self.draw(st.integers(0, 3))))

    def table(self) -> str:
        shape = self.draw(st.sampled_from(["[{}]\n{}", "[[{0}]]\n{1}[[{0}]]\n", "[[{0}]]\n{1}[{0}.{2}]\n{3}"]))
        return self.draw(GAPS) + shape.format(self.dotted(), self.pairs(), self.key(), self.pairs())


@st.composite
def texts(draw: st.DrawFn) -> str:
    """TOML texts in many shapes, with decoys in comments and strings."""
    writer = Writer(draw)
    return writer.pairs() + "".join(writer.table() for _ in range(draw(st.integers(0, 4)))) + draw(GAPS)


@settings(deadline=None)
@given(texts())
def test_any_text(text: str) -> None:
    """For any text that tomllib accepts, the finder knows the same places, and each key on the line of its first word."""
    lines = find_lines(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    for path, line in lines.items():
        key = next(part for part in reversed(path) if isinstance(part, str))
        first = text.count("\n", 0, text.index(key)) + 1
        assert line == first if isinstance(path[-1], str) else line >= first, path


DECOY = 'help_lines = """\n[imap]\nzebra = 1\nhost = 17\n"""'
SPOILING = [
    ("zebra = 17", "zebra: unknown key"),
    ("'zebra' = '''\n'''", "zebra: unknown key"),
    ('"zebra".stripes = [\n1,\n2]', "zebra: unknown key"),
    ("{key} = 17", "{key}: must be a text in quotes"),
    ('"{key}" = [\n]', "{key}: must be a text in quotes"),
]


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """The good configuration, its tables in any order, one place of it wrong; and how the sentence about that place begins."""
    tables = [table.splitlines() for table in draw(st.permutations(GOOD.strip().split("\n\n")))]
    table = draw(st.sampled_from(tables))
    name, at = table[0].strip("[]"), draw(st.integers(1, len(table) - 1))
    statement, sentence = draw(st.sampled_from(SPOILING))
    key = table[at].split()[0]
    if name == "organisation":
        table.insert(1, DECOY)
        at += 1
    table[at : at + statement.count("{key}")] = [f"\0{statement.format(key=key)}"]
    text = "\n".join(statement for rows in tables for statement in [*rows, draw(GAPS)])
    line = text.count("\n", 0, text.index("\0")) + 1
    return text.replace("\0", ""), f"config.toml:{line}: {name}.{sentence.format(key=key)}"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt())
def test_a_bad_value_is_reported_on_its_line(read: Callable[..., Config], case: tuple[str, str]) -> None:
    """Wherever one place of a configuration is wrong, exactly its line is named."""
    text, beginning = case
    with pytest.raises(ConfigInvalid) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.startswith(beginning)


def filled(line: str) -> str:
    """As many of these lines as a configuration may hold."""
    return line * (LARGEST_FILE // len(line))


AWKWARD = [
    ("an open list", "a = [\n" + filled("1,\n")),
    ("escaped quotes", 'a = "' + '\\"' * (LONGEST_LINE // 2 - 10)),
    ("a long text of quotes", 'a = """' + filled('""\\"\n')),
    ("lists in lists", "a = " + filled("[\n")),
    ("tables in tables", "a = " + filled("{a=")[: LONGEST_LINE - 10]),
    ("dots", filled("a" + ".a" * (LONGEST_LINE // 2 - 10) + "\n")),
    ("brackets", filled("[" * 4000 + "\n")),
    ("quotes", filled("'" * 4000 + "\n")),
    ("one line", filled("a")),
]


@pytest.mark.parametrize(("what", "text"), AWKWARD, ids=[what for what, _ in AWKWARD])
def test_no_text_takes_long(what: str, text: str) -> None:
    """Texts that are not TOML are refused soon, however much like TOML they begin."""
    began = time.monotonic()
    with pytest.raises(ConfigInvalid):
        read_toml(text, file="config.toml")
    assert time.monotonic() - began < 20, what


def test_a_long_good_text_takes_no_time() -> None:
    """Lines of a large file are found in linear time, and keys nested beyond sense are not followed."""
    text = "".join(f"[[staff]]\nname{n} = {{ a = [ {n}, '''\n''' ] }}\n" for n in range(10_000))
    began = time.monotonic()
    assert find_lines(text)[("staff", 9_999, "name9999", "a", 1)] == 29_999
    assert len(find_lines(filled("a" + ".a" * 2000 + "=1\n"))) == DEEPEST
    assert time.monotonic() - began < 20
