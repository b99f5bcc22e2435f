"""What `make dist` builds: the same bytes each time, and a maild that works where only the wheel is."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

import pytest

from maild import __version__
from tests.test_house import checkout

ROOT = Path(__file__).parents[2]
WHEEL = f"maild-{__version__}-py3-none-any.whl"
SHARED = ("man/man1/maild.1", "maild/maild.service", "maild/maild.sysusers", "maild/config.example.toml", "doc/maild/operating.md")

CONFIG = (ROOT / "tests/config/good.toml").read_text() + '[run]\nstate_directory = "state"\nruntime_directory = "run"\n'


def ask(*command: object, cwd: Path, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "COV_"))}
    return subprocess.run(words, cwd=cwd, env=alone, umask=umask, check=False, capture_output=True, text=True, timeout=100)


def run(*command: object, cwd: Path, umask: int = 0o022) -> str:
    done = ask(*command, cwd=cwd, umask=umask)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(source: Path, *, umask: int = 0o022) -> dict[str, str]:
    """The archives that hatchling builds of a tree, by name and hash."""
    run(sys.executable, "-m", "hatchling", "build", cwd=source, umask=umask)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (source / "dist").iterdir()}


def copied(to: Path, *, mode: int, moment: int) -> Path:
    """The checkout as another machine would have it."""
    for path in checkout():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, to / path)
        (to / path).chmod(mode)
        os.utime(to / path, (moment, moment))
    return to


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the source archive."""
    source = copied(tmp_path_factory.mktemp("one"), mode=0o644, moment=1_700_000_000)
    built(source)
    return source / "dist"


def test_the_same_bytes_each_time(dist, tmp_path):
    """Another directory, other times of files, another umask: the same wheel and the same source archive."""
    other = built(copied(tmp_path / "two", mode=0o600, moment=1_500_000_000), umask=0o077)
    assert other == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dist.iterdir()}


def test_the_source_archive_is_enough(dist, tmp_path):
    """Whoever has only the source archive builds the same wheel."""
    with tarfile.open(next(dist.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    again = built(next(tmp_path.iterdir()))
    assert again[WHEEL] == hashlib.sha256((dist / WHEEL).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def home(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; the libraries are lent by the one that runs the tests."""
    home = tmp_path_factory.mktemp("home")
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    run(sys.executable, "-m", "pip", "--python", home / "venv", "install", "--no-index", "--no-deps", dist / WHEEL, cwd=home)
    packages = next((home / "venv/lib").glob("python*/site-packages"))
    (packages / "lent.pth").write_text("".join(f"{path}\n" for path in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}))
    (home / "config.toml").write_text(CONFIG)
    (home / "imap.password").touch(mode=0o600)
    (home / "state").mkdir(mode=0o700)
    return home


def maild(home: Path, *words: str) -> str:
    return run(home / "venv/bin/maild", *words, cwd=home)


def test_the_wheel_works_alone(home):
    """The program, its letters and its migrations are found in the wheel, not in a checkout."""
    asked = "import maild.render; print(maild.__file__, maild.render.shipped_templates() / 'receipt/en/text.txt')"
    for found in run(home / "venv/bin/python", "-c", asked, cwd=home).split():
        assert Path(found).is_relative_to(home)
        assert Path(found).is_file()
    assert maild(home, "--version") == f"maild {__version__}\n"
    assert "--once" in maild(home, "demo", "--help")
    assert "no database yet" in ask(home / "venv/bin/maild", "status", "--config", "config.toml", cwd=home).stderr
    made = f"from maild.store.upgrade import upgrade; print(upgrade('sqlite:///{home}/state/maild.sqlite'))"
    assert "The database is at revision" in run(home / "venv/bin/python", "-c", made, cwd=home)


@pytest.mark.parametrize("name", SHARED)
def test_what_belongs_beside_it_is_there(home, name):
    """The manual page, the unit, its user and the documents for operators are installed under share/."""
    assert (home / "venv/share" / name).stat().st_size > 0


@pytest.mark.parametrize("extra", ["", "[demo]", "[postgresql]", "[demo,postgresql]"])
def test_its_requirements_are_those_that_are_tested(home, dist, extra):
    """pip finds nothing missing and nothing too old for maild and its extras in the environment that runs these tests."""
    asked = f"maild{extra} @ {(dist / WHEEL).as_uri()}"
    told = run(sys.executable, "-m", "pip", "--python", home / "venv", "install", "--no-index", "--dry-run", asked, cwd=home)
    assert "Would install" not in told.replace(f"Would install maild-{__version__}\n", "")
