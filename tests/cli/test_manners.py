"""The manners of a Unix program: help with examples, exit statuses, sentences on standard error, quiet at a closed pipe."""

import base64
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from maild import __version__
from maild.app.life import lock_of
from maild.cli import EX_CONFIG, GROUPS, VERBS
from tests.cli.conftest import Run
from tests.town import AUTHSERV, CONFIG, Town

ON_A_HOUSE = [
    ("check",),
    ("login",),
    ("status",),
    ("tickets",),
    ("show", "quiet-harbour"),
    ("quarantine", "list"),
    ("quarantine", "show", "7"),
    ("quarantine", "retry", "7"),
    ("quarantine", "discard", "7"),
    ("held", "list"),
    ("held", "show", "quiet-harbour"),
    ("held", "report", "quiet-harbour"),
    ("held", "not-a-report", "quiet-harbour", "spam"),
    ("log",),
    ("journal", "verify"),
    ("letters", "list"),
    ("letters", "preview", "receipt"),
    ("report", "2026"),
    ("db", "upgrade"),
    ("run",),
]
"""Every verb that reads the configuration."""

ON_A_DATABASE = [words for words in ON_A_HOUSE if words[0] not in ("check", "letters", "login", "run")]

IN_GROUPS = [words[:2] for words in ON_A_HOUSE if words[0] in GROUPS]
HELPFUL = [*((verb,) for verb in VERBS if verb not in GROUPS), *IN_GROUPS]

NO_DATABASE = "There is no database yet"

ids = " ".join


def test_version(maild: Run) -> None:
    """One line."""
    assert maild("--version").out == f"maild {__version__}\n"


def test_what_there_is(maild: Run) -> None:
    """`maild --help` names each verb in its order; `maild` alone shows the same and fails, as it did nothing."""
    seen = maild("--help")
    assert seen.code == 0
    assert [verb for verb in re.findall(r"(?m)^  ([a-z]+) ", seen.out) if verb in VERBS] == list(VERBS)
    assert maild().code == 2


@pytest.mark.parametrize("words", HELPFUL, ids=ids)
def test_help_has_examples(maild: Run, words: tuple[str, ...]) -> None:
    """Below the options, unwrapped; each calls verbs and options that there are."""
    seen = maild(*words, "--help")
    assert seen.code == 0
    examples = seen.out.partition("For example:\n")[2].strip().splitlines()
    assert examples
    assert ids(("maild", *words)) in seen.out.partition("For example:\n")[2]
    for call in (part for line in examples for part in re.split(r"&&|\||;", line) if shlex.split(part)[:1] == ["maild"]):
        named = [word for word in shlex.split(call.partition(">")[0])[1:] if word.replace("-", "a").isalpha() and word[0] != "-"]
        usage = maild(*named[: 2 if named[0] in GROUPS else 1], "--help").out
        assert [option for option in re.findall(r"--[a-z-]+", call) if option not in usage] == []


@pytest.mark.parametrize("words", [("tell",), ("status", "--tell"), ("show",), ("inspect",), ("quarantine", "show", "x"), ("db", "drop")])
def test_what_there_is_not(maild: Run, words: tuple[str, ...]) -> None:
    """A word that means nothing ends with status 2 and the way to the help."""
    seen = maild(*words)
    assert (seen.code, seen.out) == (2, "")
    assert "--help" in seen.err


@pytest.mark.parametrize("words", ON_A_HOUSE, ids=ids)
def test_no_configuration(maild: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """No file, or one that cannot be read: status 78 and a sentence with the path, whatever the verb."""
    for path in (tmp_path / "none.toml", tmp_path):
        seen = maild(*words, "--config", path)
        assert (seen.code, seen.out) == (EX_CONFIG, "")
        assert seen.err.startswith(f"{path}: ")
        assert len(seen.err.splitlines()) == 1


def test_every_mistake_of_a_configuration(maild: Run, tmp_path: Path) -> None:
    """All of them at once, each with its line."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.replace('name = "PyMalta"', 'nam = "PyMalta"').replace('tls = "none"', 'tls = "some"'))
    seen = maild("check", "--config", path)
    assert (seen.code, seen.out) == (EX_CONFIG, "")
    assert len(seen.err.splitlines()) >= 3
    assert all(re.match(r"config\.toml:\d+: ", line) for line in seen.err.splitlines())


def test_the_configuration_may_stand_in_the_environment(town: Town, maild: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """MAILD_CONFIG instead of an option in every call."""
    monkeypatch.setenv("MAILD_CONFIG", str(town.directory / "config.toml"))
    assert maild("tickets").out == "No open cases.\n"


@pytest.mark.parametrize("words", ON_A_DATABASE, ids=ids)
def test_no_database_yet(maild: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    """A sentence that says what makes it; nothing is made by looking, least of all tables without a key."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + '[run]\nstate_directory = "state"\nruntime_directory = "run"\n')
    (tmp_path / "state").mkdir(mode=0o700)
    seen = maild(*words, "--config", path)
    assert (seen.code, seen.out) == (1, "")
    assert seen.err.startswith(f"maild: {NO_DATABASE}")
    assert "`maild run`" in seen.err
    assert list((tmp_path / "state").iterdir()) == []


def test_tables_for_a_key_that_was_made_by_hand(maild: Run, tmp_path: Path) -> None:
    """Where several hosts share a database, key and tables come before the first daemon."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG + '[run]\nstate_directory = "state"\nruntime_directory = "run"\n')
    (tmp_path / "state").mkdir(mode=0o700)
    key = tmp_path / "state" / "maild.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(os.urandom(32)) + b"\n")
    assert maild("db", "upgrade", "--config", path).code == 0
    assert maild("tickets", "--config", path).out == "No open cases.\n"


def lose_key(state: Path) -> None:
    (state / "maild.key").unlink()


def open_key(state: Path) -> None:
    (state / "maild.key").chmod(0o644)


def damage_key(state: Path) -> None:
    (state / "maild.key").write_text("no key!\n")


def cut_key(state: Path) -> None:
    (state / "maild.key").write_bytes(base64.b64encode(b"short"))


def fold_key(state: Path) -> None:
    lose_key(state)
    (state / "maild.key").mkdir(mode=0o700)


def swap_key(state: Path) -> None:
    (state / "maild.key").write_bytes(base64.b64encode(os.urandom(32)))


def scribble(state: Path) -> None:
    for side in ("-wal", "-shm"):
        (state / f"maild.sqlite{side}").unlink(missing_ok=True)
    (state / "maild.sqlite").write_text("This is not a database, and a long text about that.\n" * 100)


def from_the_future(state: Path) -> None:
    with sqlite3.connect(state / "maild.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


BROKEN = [
    (lose_key, "copy it from its backup"),
    (open_key, "chmod 600"),
    (damage_key, "is damaged; restore it from its backup"),
    (cut_key, "does not hold a key of 32 bytes"),
    (fold_key, "cannot be read; it has to belong to the user that runs maild"),
    (swap_key, "not the one the database was made with"),
    (scribble, "damaged or its disk is failing: restore a backup"),
    (from_the_future, "made by a newer maild: run that one"),
]


@pytest.mark.parametrize(("harm", "sentence"), BROKEN, ids=[harm.__name__ for harm, _ in BROKEN])
def test_key_and_database_that_do_not_fit(town: Town, maild: Run, tmp_path: Path, harm, sentence: str) -> None:
    """What is wrong and what mends it, in one sentence."""
    town.house.store.close()
    copy = tmp_path / "copy"
    shutil.copytree(town.directory / "state", copy / "state")
    shutil.copy(town.directory / "config.toml", copy)
    harm(copy / "state")
    for verb in ("status", "tickets"):
        seen = maild(verb, "--config", copy / "config.toml")
        assert (seen.code, seen.out) == (EX_CONFIG if harm is open_key else 1, "")
        assert sentence in seen.err
        assert len(seen.err.splitlines()) == 1


def shell(line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in which `maild` is this program."""
    script = f'set -o pipefail; maild() {{ {shlex.quote(sys.executable)} -m maild "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", script], env=os.environ | environ, check=False, capture_output=True, text=True, timeout=60)


def test_a_pipe_that_is_closed_early(town: Town, tmp_path: Path) -> None:
    """`| head` has what it wanted; nobody complains."""
    path = tmp_path / "mail.eml"
    path.write_bytes(b"Subject: x\r\n\r\n" + b"A line.\r\n" * 20_000)
    ended = shell(f"yes {shlex.quote(str(path))} | head -n 50 | maild inspect - | head -n 1")
    assert ended.stdout.startswith("file ")
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(town: Town) -> None:
    """What could not be written is no success."""
    ended = shell("maild tickets > /dev/full", MAILD_CONFIG=str(town.directory / "config.toml"))
    assert ended.returncode == 1
    assert ended.stderr == "maild: No space left on device\n"


LOGS = [
    ("text", "maild run", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ warning \S.*", "maild: \\S.*", "a terminal"),
    (
        "text",
        "JOURNAL_STREAM=8:1 maild run",
        r"\d{4}-\S+Z warning \S.*",
        "maild: \\S.*",
        "a terminal on a desktop that writes to the journal itself",
    ),
    (
        "text",
        "JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr) maild run",
        r"<4>\S.*",
        r"<3>\S.*",
        "the journal, which adds the moment itself",
    ),
    (
        "json",
        "maild run",
        r'\{"at": "\S+Z", "level": "warning", "message": "\S.*"\}',
        r'\{"at": "\S+Z", "level": "error", "message": "\S.*"\}',
        "a collector of logs",
    ),
]


@pytest.mark.parametrize(("log", "command", "line", "end", "why"), LOGS, ids=[why for *_, why in LOGS])
def test_a_second_daemon(town: Town, log: str, command: str, line: str, end: str, why: str) -> None:
    """The second on an SQLite file ends with a sentence and status 1, and all its lines have the form their reader wants."""
    path = town.directory / "config.toml"
    path.write_text(path.read_text().replace(f'authserv_id = "{AUTHSERV}"', "") + f'log = "{log}"\n')
    with lock_of(town.house):
        ended = shell(command, MAILD_CONFIG=str(path), MAILD_TEST_PASSWORD="x")
    assert (ended.returncode, ended.stdout) == (1, "")
    first, last = ended.stderr.splitlines()
    assert re.fullmatch(line, first)
    assert re.fullmatch(end, last)
