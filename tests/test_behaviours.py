"""Each behaviour that was promised has its proof: `behaviours.toml` says which, and here is seen to it that the proofs are there."""

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BEHAVIOURS = tomllib.loads((ROOT / "tests" / "behaviours.toml").read_text())

WANTED = {*range(1, 10), 11, 13, 14, *range(16, 28), *range(29, 43), *range(44, 48), 55, 57, 59}
"""The numbers of the design's list that this release promises."""

PROOFS = [(number, proof) for number, one in BEHAVIOURS.items() for proof in one["proofs"]]


@cache
def named_in(path: str) -> frozenset[str]:
    """The names of the tests in a module, in its classes too. They are read and not imported."""
    file = ROOT / path
    tree = ast.parse(file.read_bytes()) if file.is_file() else ast.Module(body=[], type_ignores=[])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def is_there(proof: str) -> bool:
    """Whether a proof exists: a test by its module and name, or a folder with a story."""
    path, colons, name = proof.partition("::")
    return name in named_in(path) if colons else (ROOT / path / "steps.toml").is_file()


def test_every_behaviour_has_its_proofs():
    """No promise of this release is without a sentence or without a test."""
    assert {int(number) for number in BEHAVIOURS} == WANTED
    assert [number for number, one in BEHAVIOURS.items() if not one["proofs"] or not one["promise"].endswith(".")] == []


@pytest.mark.parametrize(("number", "proof"), PROOFS, ids=[f"{number}: {proof}" for number, proof in PROOFS])
def test_a_proof_is_there(number: str, proof: str):
    """A test that is renamed or deleted is missed here, not years later."""
    assert is_there(proof)
    assert BEHAVIOURS[number]["proofs"].count(proof) == 1


@pytest.mark.parametrize(
    "proof", ["tests/test_behaviours.py::test_of_nothing", "tests/test_nothing.py::test_a_proof_is_there", "tests/scenarios"]
)
def test_what_is_not_there_is_missed(proof: str):
    """A look-up that finds everything finds nothing."""
    assert not is_there(proof)
