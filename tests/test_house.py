"""The house itself: what a review would otherwise have to look for in every change."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

LOCKED_AT_MOST = 30
LINES_AT_MOST = 300

# Where this was built, and where packages come from: neither is anybody else's business.
MACHINE = re.compile(r"/(?:work|farm|root)/|/opt/(?:mvenv|pypi|wheels)|[.]pyenv")
REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]org|(?:deb|security|snapshot)[.]debian[.]org|archive[.]ubuntu[.]com")

BANNED = {"base", "common", "data", "helper", "info", "manager", "misc", "processor", "service", "util"}
# Names that a foreign library calls us by.
FOREIGN = {"handle_DATA"}


def run(*command: object, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=ROOT, env=inherited | environ, check=False, capture_output=True, text=True)


@cache
def checkout() -> tuple[Path, ...]:
    """Every file of the checkout that git has or would have, relative to its top."""
    listed = run("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    assert listed.returncode == 0, listed.stderr
    return tuple(Path(name) for name in sorted(set(listed.stdout.split("\0"))) if name and (ROOT / name).is_file())


def modules(*tops: str) -> list[Path]:
    return [path for path in checkout() if path.suffix == ".py" and path.parts[0] in tops]


def written() -> list[Path]:
    """The modules of the program, without the migrations: one step of the schema is one list, written once and never changed."""
    return [path for path in modules("maild") if not path.is_relative_to("maild/store/migrations/versions")]


def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_bytes())


def locked(name: str) -> dict[str, str]:
    """The packages of a lock file and their versions."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(), flags=re.MULTILINE))


def test_nothing_tells_where_it_was_built():
    """No path of a developer's machine and no package registry's host stands in any file."""
    found = [
        f"{path}: {hit.group()}"
        for path in checkout()
        for pattern in (MACHINE, REGISTRY)
        for hit in pattern.finditer((ROOT / path).read_bytes().decode("latin-1"))
    ]
    assert found == []


def test_every_module_says_what_it_is_for():
    """A stranger reads the first line of a module before the module."""
    assert [str(path) for path in modules("maild", "tests", "bench") if not ast.get_docstring(tree(path))] == []


def test_no_module_is_too_long():
    """A module that does not fit in a head is two modules."""
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in written()}
    assert {path: length for path, length in lengths.items() if length > LINES_AT_MOST} == {}


def lengths(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of each function, its signature and docstring aside."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.end_lineno - body[0].lineno + 1 if body else 0, f"{path}: {node.name}"


def test_functions_are_small_and_level():
    """Half of all functions fit in 6 lines, nine of ten in 20, every one in 30."""
    counted = sorted(length for path in written() for length in lengths(path))
    assert [name for length, name in counted if length > 30] == []
    assert counted[len(counted) // 2][0] <= 6
    assert counted[len(counted) * 9 // 10][0] <= 20


def names(path: Path) -> Iterator[str]:
    yield from path.with_suffix("").parts
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name


def words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]*", name)}


def test_names_say_something():
    """Words that fit everything name nothing; docs and architecture have better ones."""
    empty = BANNED | {f"{word}s" for word in BANNED}
    assert [f"{path}: {name}" for path in modules("maild") for name in names(path) if name not in FOREIGN and words(name) & empty] == []


def test_every_test_says_what_holds():
    """Each test has one sentence that is true while it passes."""
    wanting = [
        f"{path}: {node.name}"
        for path in modules("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and "\n\n" in (ast.get_docstring(node) or "\n\n")
    ]
    assert wanting == []


def test_nothing_is_mocked():
    """Tests use real things or tests/fakes.py; ruff does not look at the files that may have the clock."""
    mock = re.compile(rb"unittest(?:[.]| import )mock")
    assert [str(path) for path in modules("maild", "tests", "bench") if mock.search((ROOT / path).read_bytes())] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_pin_by_hash_and_name_no_place(name):
    """Each package has hashes, and no address or path says where one machine found it."""
    text = (ROOT / name).read_text()
    entries = re.findall(r"^[a-z0-9-]+==(?:.*\\\n)+.*$", text, flags=re.MULTILINE)
    assert len(entries) == len(locked(name)) > 0
    assert all("--hash=sha256:" in entry for entry in entries)
    assert re.findall(r"\S*(?:://|--index|--find-links|file:|^/)\S*", text, flags=re.MULTILINE) == []


def test_the_plain_lock_stays_small():
    """An organisation that handles names of people in trouble trusts few packages."""
    assert len(locked("requirements.lock")) <= LOCKED_AT_MOST


def test_the_locks_agree():
    """What is tested is what is installed."""
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def wanted() -> Iterator[Requirement]:
    project = PYPROJECT["project"]
    groups = PYPROJECT["dependency-groups"].values()
    for listed in (project["dependencies"], *project["optional-dependencies"].values(), *groups, PYPROJECT["build-system"]["requires"]):
        yield from (Requirement(line) for line in listed if isinstance(line, str))


def test_the_lock_holds_what_pyproject_asks_for():
    """Whoever changes pyproject.toml runs `make lock`."""
    versions = locked("requirements-dev.lock")
    assert [str(want) for want in wanted() if not want.specifier.contains(versions.get(canonicalize_name(want.name), "0"))] == []


def test_every_locked_package_has_its_reason():
    """docs/decisions/0001-dependencies.md has a line for each package, and none for one that is gone."""
    reasons = re.findall(r"^\| ([a-z0-9-]+) \| \S", (ROOT / "docs/decisions/0001-dependencies.md").read_text(), flags=re.MULTILINE)
    assert sorted(reasons) == sorted(locked("requirements-dev.lock"))


def test_no_library_is_forgotten_in_the_playbook_contract():
    """The pure floor may import none of the libraries pyproject.toml names."""
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    forbidden = next(contract["forbidden_modules"] for contract in contracts if contract["id"] == "playbook-pure")
    project = PYPROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    asked = {canonicalize_name(Requirement(line).name) for line in lines}
    imported = {name for name, packages in packages_distributions().items() if asked & {canonicalize_name(package) for package in packages}}
    assert imported >= {"flufl", "jinja2", "mailparser"}
    assert {name for name in imported if name.isidentifier()} - set(forbidden) == set()


def test_the_wheel_holds_the_checkout(tmp_path):
    """The wheel has every file of maild/, templates/ as maild/_templates/, and the example, byte for byte."""
    built = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path)
    assert built.returncode == 0, built.stdout + built.stderr
    expected = {"maild/_config.example.toml": (ROOT / "config.example.toml").read_bytes()}
    for path in checkout():
        if path.parts[0] == "maild":
            expected[str(path)] = (ROOT / path).read_bytes()
        elif path.parts[0] == "templates":
            expected[str(Path("maild/_templates", *path.parts[1:]))] = (ROOT / path).read_bytes()
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = {name: wheel.read(name) for name in wheel.namelist() if name.startswith("maild/")}
    assert packed == expected


def targets() -> list[str]:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    return phony.group(1).split()


@pytest.mark.parametrize("target", targets())
def test_make_knows_what_to_do(target):
    """`make -n` can plan every target."""
    planned = run("make", "--dry-run", target)
    assert planned.returncode == 0, planned.stderr


def test_make_alone_names_every_target():
    """A newcomer who types `make` learns what there is."""
    listed = run("make").stdout
    assert [line.split()[1] for line in listed.splitlines()] == targets()


SYSTEMD = shutil.which("systemd-analyze")
UNIT = ROOT / "systemd/maild.service"


@pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not installed")
def test_the_unit_is_hardened():
    """systemd's own judgement of what a broken-in daemon could reach: at most 1.5 of 10."""
    judged = run(SYSTEMD, "security", "--offline=true", "--no-pager", "--threshold=15", UNIT)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_the_unit_hands_over_what_the_operators_page_names():
    """Every credential that the page tells of is one of the unit's, without a path: then one that is not there is no fault."""
    given = re.findall(r"(?m)^LoadCredential=(.+)$", UNIT.read_text())
    page = (ROOT / "docs/operating.md").read_text()
    assert set(given) == set(re.findall(r"`((?:\w+-password|maild-key))`", page))


@pytest.mark.skipif(not SYSTEMD, reason="systemd-analyze is not installed")
def test_the_unit_has_no_mistake(tmp_path):
    """systemd knows every key and every value of the unit."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("ExecStart=/opt/maild/bin/maild ", f"ExecStart={sys.executable} "))
    verified = run(SYSTEMD, "verify", "--man=no", "--recursive-errors=no", unit)
    assert verified.returncode == 0, verified.stderr
    assert UNIT.name not in verified.stdout + verified.stderr
