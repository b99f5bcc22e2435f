"""The Debian package, built as `make deb` builds it and installed by dpkg on a copy of this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from maild import __version__
from tests.package.machine import Machine, machine, why_not

ROOT = Path(__file__).parents[2]
SYSTEM_PYTHON = Path("/usr/bin/python3")

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not shutil.which("dpkg-deb") or not SYSTEM_PYTHON.exists(), reason="this is not Debian"),
    pytest.mark.xdist_group("deb"),
    pytest.mark.timeout(900),
]

DEB = "/tmp/maild.deb"
NOT_FETCHED = 75
CONFIG = (ROOT / "tests/config/good.toml").read_text()
PLACES = [
    "/etc/maild/config.toml",
    "/etc/maild/imap.password",
    "/etc/maild/other.key",
    "/var/lib/maild/maild.sqlite",
    "/var/lib/maild/maild.key",
]
SECRETS = [
    "/etc/maild/config.toml.bak",
    "/etc/maild/config.toml.bak2",
    "/etc/maild/mailbox.password",
    "/etc/maild/mailbox.password.bak",
    "/etc/maild/client.secret",
]


def ask(*command: object, **environ: str) -> subprocess.CompletedProcess[str]:
    words = [str(word) for word in command]
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COVERAGE", "COV_", "MAKE"))}
    return subprocess.run(words, cwd=ROOT, env=alone | environ, check=False, capture_output=True, text=True, timeout=600)


def run(*command: object) -> str:
    done = ask(*command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package."""
    dist, build = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("build")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", dist)
    wheel = next(dist.glob("*.whl"))
    (dist / "maild_0.9_all.deb").touch()
    done = ask("package/deb", wheel, PIP=f"{sys.executable} -m pip", BUILD=str(build), DEBEMAIL="maild@pymalta.org")
    if done.returncode == NOT_FETCHED:
        pytest.skip("the libraries of requirements.lock cannot be fetched")
    assert done.returncode == 0, done.stderr
    return next(dist.glob(f"maild_{__version__}_*.deb"))


@pytest.fixture(scope="module")
def tree(deb: Path) -> Path:
    """What is in it."""
    tree = deb.with_name("tree")
    run("dpkg-deb", "--raw-extract", deb, tree)
    return tree


@pytest.fixture(scope="module")
def newer(tree: Path) -> Path:
    """The same package with a higher version."""
    control = tree / "DEBIAN/control"
    written = control.read_text()
    control.write_text(written.replace(f"Version: {__version__}", "Version: 99"))
    run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, tree.with_name("newer.deb"))
    control.write_text(written)
    return tree.with_name("newer.deb")


def installed(deb: Path, at: Path) -> Iterator[Machine]:
    """A machine with the package on it."""
    if reason := why_not():
        pytest.skip(reason)
    with machine(at) as there:
        there.lay(deb, at=DEB)
        there.run("dpkg", "--install", DEB)
        yield there


@pytest.fixture(scope="module")
def there(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine that several tests look at."""
    yield from installed(deb, tmp_path_factory.mktemp("there"))


@pytest.fixture
def elsewhere(deb: Path, tmp_path: Path) -> Iterator[Machine]:
    """A machine of the test's own, to remove things from."""
    yield from installed(deb, tmp_path)


def test_it_lies_there_alone(deb):
    """An older package beside it is gone: of several in `./dist/maild_*.deb` apt takes the last, which may be the oldest."""
    assert list(deb.parent.glob("maild_*.deb")) == [deb]


def test_it_says_what_it_is(deb):
    """Its version is the program's, and it depends on the one minor version of Python that its libraries were built for."""
    told = run("dpkg-deb", "--field", deb)
    version = run(SYSTEM_PYTHON, "-c", "import sys; print('%d.%d %d.%d' % (*sys.version_info[:2], 3, sys.version_info[1] + 1))")
    from_, below = version.split()
    assert f"Version: {__version__}\n" in told
    assert f"Depends: python3 (>= {from_}), python3 (<< {below}~)," in told


def test_nothing_in_it_tells_where_it_was_built(deb, tree):
    """No file holds the directory of the checkout or of the build."""
    places = [str(place).encode() for place in (ROOT, deb.parent, deb.parent.parent)]
    assert [path for path in tree.rglob("*") if path.is_file() and any(place in path.read_bytes() for place in places)] == []


def test_it_brings_its_papers_and_completions(tree):
    """Manual page, completion for three shells, the unit, the user, the example and the operator's page."""
    share = tree / "usr/share"
    named = [
        "man/man1/maild.1.gz",
        "bash-completion/completions/maild",
        "zsh/vendor-completions/_maild",
        "fish/vendor_completions.d/maild.fish",
    ]
    named += [
        "maild/config.example.toml",
        "doc/maild/operating.md",
        "doc/maild/copyright",
        "doc/maild/README.Debian",
        "doc/maild/changelog.gz",
    ]
    named += ["../lib/systemd/system/maild.service", "../lib/sysusers.d/maild.conf"]
    assert [name for name in named if not (share / name).read_bytes().strip()] == []
    unit = (share / "../lib/systemd/system/maild.service").read_text()
    assert "ExecStart=/usr/bin/maild run " in unit
    assert "/opt/" not in unit


def test_nothing_of_it_is_a_conffile_or_enabled(tree):
    """It brings no configuration that an upgrade could ask about, and no link that starts the daemon."""
    assert not (tree / "DEBIAN/conffiles").exists()
    assert not (tree / "etc").exists()
    assert list(tree.rglob("*.wants")) == []


def test_it_installs(there):
    """The program runs, its user exists, /etc/maild is for that user's group alone, and no service is enabled."""
    assert there.run("maild", "--version") == f"maild {__version__}\n"
    assert there.run("stat", "-c", "%U:%G %a", "/etc/maild") == "root:maild 750\n"
    assert ":/nonexistent:/usr/sbin/nologin" in there.run("getent", "passwd", "maild")
    assert there.ask("systemctl", "is-enabled", "maild").stdout == b"disabled\n"
    assert "maild quarantine" in there.run("man", "maild")
    there.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "/usr/lib/systemd/system/maild.service")


AS_MAILD = ("setpriv", "--reuid=maild", "--regid=maild", "--init-groups")
MADE = "from maild.store.upgrade import upgrade; print(upgrade('sqlite:////var/lib/maild/maild.sqlite'))"


def test_it_works_as_its_user(there):
    """The daemon's user reads the configuration and makes the database; nobody else can read either."""
    fill(there)
    assert b"no database yet" in there.ask(*AS_MAILD, "maild", "status").stderr
    assert "The database is at revision" in there.run(*AS_MAILD, "/usr/lib/maild/bin/python", "-I", "-c", MADE)
    for place in (PLACES[0], PLACES[3]):
        assert there.ask("setpriv", "--reuid=nobody", "--clear-groups", "cat", place).returncode != 0


def fill(there: Machine) -> None:
    """Lay a configuration there, as an operator does, and something of the operator's own."""
    there.run("install", "-m", "0640", "-g", "maild", "/dev/stdin", PLACES[0], given=CONFIG.encode())
    there.run("install", "-m", "0600", "-o", "maild", "/dev/null", PLACES[1])
    there.run("install", "-m", "0600", "/dev/null", PLACES[2])
    there.run("install", "-d", "-m", "0700", "-o", "maild", "/var/lib/maild")


def kept(there: Machine) -> list[str]:
    """Which of the places still hold something."""
    return [place for place in (*PLACES, *SECRETS) if there.ask("test", "-e", place).returncode == 0]


def test_it_upgrades_and_goes(elsewhere, newer):
    """An upgrade and `remove` leave all; `purge` takes configuration and secrets, keeps reports and what is no file of ours, and says so."""
    fill(elsewhere)
    elsewhere.run("install", "-d", "/etc/credstore")
    elsewhere.run("touch", *PLACES[3:], *SECRETS, "/etc/credstore/maild-key")
    elsewhere.run("chmod", "0700", "/etc/maild")
    elsewhere.lay(newer, at=DEB)
    elsewhere.run("dpkg", "--install", DEB)
    assert kept(elsewhere) == PLACES + SECRETS
    assert elsewhere.run("stat", "-c", "%a", "/etc/maild") == "700\n"
    elsewhere.run("dpkg", "--remove", "maild")
    assert kept(elsewhere) == PLACES + SECRETS
    assert elsewhere.ask("ls", "/usr/lib/maild", "/usr/bin/maild").stdout == b""
    said = elsewhere.run("dpkg", "--purge", "maild")
    assert kept(elsewhere) == PLACES[2:]
    assert elsewhere.ask("test", "-e", "/etc/credstore/maild-key").returncode == 0
    assert "/etc/credstore/maild-key stays" in said
    assert "rm -r /var/lib/maild && userdel maild" in said
    assert "/etc/maild holds more" in said


def test_a_purge_of_nothing_is_silent(elsewhere):
    """Where nothing was configured and nobody reported, purge leaves nothing and has nothing to say."""
    assert "maild:" not in elsewhere.run("dpkg", "--purge", "maild")
    assert elsewhere.ask("ls", "/etc/maild", "/var/lib/maild").stdout == b""


@pytest.mark.skipif(not shutil.which("lintian"), reason="lintian is not installed")
def test_lintian_finds_no_error(deb):
    """Debian's own reviewer has no error and no warning to tell."""
    assert run("lintian", "--fail-on", "error,warning", "--allow-root", deb) == ""
