"""docs/playbook.md: each line of the playbook stands there once, with what maild does about it and tests that exist."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "playbook.md").read_text()
ROWS = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in PAGE.splitlines() if re.match(r"\| P\d\d ", line)]
"""Number, what the playbook says, what maild does, the proof."""

PROOFS = [(row[0], proof) for row in ROWS for proof in re.findall(r"`([^`]+)`", row[3])]


@cache
def named() -> Counter[str]:
    """How often there is a test of each name, in classes too. They are read and not imported."""
    trees = (ast.parse(path.read_bytes()) for path in (ROOT / "tests").rglob("test_*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return Counter(node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def is_there(proof: str) -> bool:
    """Whether a proof exists, and is one: a test by a name that no other has, or a folder with a story."""
    return named()[proof] == 1 or (ROOT / "tests" / "scenarios" / proof / "steps.toml").is_file()


def test_every_line_is_there_once_and_in_order():
    """P01 to P57, and nothing else."""
    assert [row[0] for row in ROWS] == [f"P{number:02}" for number in range(1, 58)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_line_says_what_is_done_and_what_proves_it(row):
    """Four cells, a sentence, and one to three proofs."""
    number, said, done, proof = row
    assert said
    assert done.endswith(".")
    assert re.fullmatch(r"`[^`]+`(, `[^`]+`){0,2}", proof), number


@pytest.mark.parametrize(("number", "proof"), PROOFS, ids=[f"{number}: {proof}" for number, proof in PROOFS])
def test_a_proof_is_there(number, proof):
    """A test that is renamed or deleted is missed here, not years later."""
    assert is_there(proof)


@pytest.mark.parametrize("proof", ["test_of_nothing", "99-no-story", "", "test_a_proof_is_there"])
def test_what_is_not_there_is_missed(proof):
    """A look-up that finds everything finds nothing; a name that two tests have points at neither."""
    assert not is_there(proof)
