"""Every letter, word for word: what stands in a golden file is what a person reads."""

from difflib import unified_diff
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from maild.playbook.letters import Kind
from maild.render import shipped_templates
from tests.letters.every import HERE, LETTERS, golden


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_reads_as_it_should(name):
    """The words of a letter are those of its golden file, byte for byte."""
    for file, text in golden(name).items():
        wanted = (HERE / file).read_bytes().decode()
        if text != wanted:
            diff = unified_diff(wanted.splitlines(keepends=True), text.splitlines(keepends=True), file, "as it is now")
            pytest.fail("".join(diff), pytrace=False)


def test_every_golden_file_is_compared():
    """No golden file is left over from a letter that is gone."""
    files = {path.name for path in (*HERE.glob("*.txt"), *HERE.glob("*.html"))}
    assert files == {file for name in LETTERS for file in golden(name)}


def test_every_kind_of_letter_has_a_golden_file():
    """A kind of letter nobody ever read is not sent."""
    assert {kind for kind in Kind if not any(name.startswith(kind.value) for name in LETTERS)} == set()


def fragments(path: Path) -> list[str]:
    """The words that stand in a template, line by line, apart from what facts put in."""
    tree = Environment().parse(path.read_text())
    lines = [line.strip() for part in tree.find_all(nodes.TemplateData) for line in part.data.splitlines()]
    choices = [part.value.strip() for choice in tree.find_all(nodes.CondExpr) for part in (choice.expr1, choice.expr2) if is_words(part)]
    return [line for line in (*lines, *choices) if any(letter.isalpha() for letter in line)]


def is_words(node: nodes.Node | None) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, str)


NO_LETTER = frozenset({"report"})
"""Folders of templates that are no letter's, with golden files of their own (`tests/render`)."""

ALL = sorted(path for path in shipped_templates().rglob("*") if path.suffix in (".txt", ".html") and path.name != "words.txt")
TEMPLATES = [path for path in ALL if path.parent.parent.name not in NO_LETTER]


ONLY_IN_ANSWERS = "Biex issir rapport, wieġeb b'[report]. Jekk mhix, wieġeb b'[not-a-report:spam]."
"""A held message has a summary; what this part says of it stands in answers, which are English."""


@cache
def everything() -> str:
    return "\n".join(text for name in LETTERS for text in golden(name).values())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(shipped_templates())))
def test_every_branch_of_a_template_was_read(path):
    """Each line that stands in a template stands in a golden file: no branch is sent that nobody has seen."""
    assert {line for line in fragments(path) if line not in everything()} <= {ONLY_IN_ANSWERS}
