"""The first start makes key and database, and one that was killed half-way is a first start again."""

import gc
import sys
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import maild
from maild.app.keyfile import make_key
from maild.errors import KeyFileInvalid, SecretUnreadable
from maild.store.upgrade import upgrade
from tests.jobs.test_crash import databases
from tests.servers.postgresql import PostgreSQL
from tests.town import Town, mail, on_postgresql

WATCHED = tuple(
    str(Path(maild.__file__).parent / place)
    for place in ("app/house.py", "app/keyfile.py", "store/upgrade.py", "store/fresh.py", "store/store.py", "store/engine.py")
)
"""What makes key and database."""

PLACES = 14
"""How many lines of the first start are tried, spread over all of it."""


class Crash(BaseException):
    """The end of the process."""


def first_start(directory: Path, *, at: int | None = None, extra: str = "") -> int:
    """Start for the first time and die at this line of what makes key and database: the number of lines that were executed."""
    lines, before = 0, sys.gettrace()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == at:
                raise Crash
        return trace if frame.f_code.co_filename.startswith(WATCHED) else None

    directory.mkdir()
    with suppress(Crash):
        try:
            sys.settrace(trace)
            town = Town(directory=directory, extra=extra)
        finally:
            sys.settrace(before)
        town.stop()
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # the dead close no connection
    return lines


@pytest.mark.timeout(400)
def test_a_first_start_that_dies(tmp_path: Path) -> None:
    """Whatever line the first start dies at, the next one makes what is missing and works."""
    first_start(tmp_path / "once")  # what is imported late is imported now: it counts no more
    total = first_start(tmp_path / "whole")
    for line in range(1, total, total // PLACES):
        dies_and_starts_again(line, tmp_path)


@pytest.mark.timeout(400)
def test_a_first_start_that_dies_on_postgresql(postgresql: PostgreSQL, tmp_path: Path) -> None:
    """The same on an empty PostgreSQL database, where making the tables is one transaction."""
    with databases(postgresql) as fresh:
        first_start(tmp_path / "once", extra=fresh())
        total = first_start(tmp_path / "whole", extra=fresh())
        for line in range(total // PLACES, total, total // (PLACES // 2)):
            dies_and_starts_again(line, tmp_path, extra=fresh())


def dies_and_starts_again(line: int, tmp_path: Path, *, extra: str = "") -> None:
    """Die at this line of the first start, start again, and work."""
    directory = tmp_path / str(line)
    assert first_start(directory, at=line, extra=extra) == line
    town = Town(directory=directory, extra=extra)
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.run()
    assert len(town.letters("kim@reporter.example")) == 1, f"line {line}"
    town.stop()


def test_a_lost_key_is_told(town: Town) -> None:
    """A database whose key file is gone is not given a new one: the operator hears of it."""
    town.stop()
    (town.directory / "state" / "maild.key").unlink()
    with pytest.raises(KeyFileInvalid):
        town.start()


def test_a_database_of_another_key(postgresql_url: str, tmp_path: Path) -> None:
    """A second host that made a key of its own is told so; it does not write a line with it."""
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        directory.mkdir()
    Town(directory=first, extra=on_postgresql(postgresql_url)).stop()
    (second / "state").mkdir(mode=0o700)
    make_key(second / "state" / "maild.key")
    (second / "config.toml").write_text((first / "config.toml").read_text())
    with pytest.raises(KeyFileInvalid, match="not the one"):
        Town(directory=second)


def test_the_key_is_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd hands the key over (LoadCredential=): no key file is made, and the database opens with that key only."""
    (tmp_path / "credentials").mkdir()
    made = make_key(tmp_path / "credentials" / "maild-key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    town = Town(directory=tmp_path, extra='[database]\nkey_credential = "maild-key"\n')
    assert town.house.key == made
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.run()
    assert len(town.letters("kim@reporter.example")) == 1
    town.stop()
    assert not (tmp_path / "state" / "maild.key").exists()
    make_key(tmp_path / "credentials" / "maild-key")
    with pytest.raises(KeyFileInvalid, match="not the one"):
        town.start()


BAD_CREDENTIALS = {
    "not there": (None, SecretUnreadable, "key_credential: the file cannot be read"),
    "empty": ("", SecretUnreadable, "key_credential: is empty"),
    "not base64": ("§", KeyFileInvalid, "key_credential is damaged"),
    "too short": ("c2hvcnQ=", KeyFileInvalid, "does not hold a key of 32 bytes"),
}


@pytest.mark.parametrize(("text", "error", "sentence"), BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
def test_a_bad_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, error: type[Exception], sentence: str) -> None:
    """A key that is missing or damaged ends the start with a sentence, and makes no database."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    if text is not None:
        (tmp_path / "maild-key").write_text(text)
    with pytest.raises(error, match=sentence):
        Town(directory=tmp_path, extra='[database]\nkey_credential = "maild-key"\n')
    assert list((tmp_path / "state").iterdir()) == []


def test_a_credential_without_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of the service there is no credential; the sentence says which key of the configuration to look at."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(SecretUnreadable, match=r"database\.key_credential: .*key_file"):
        Town(directory=tmp_path, extra='[database]\nkey_credential = "maild-key"\n')


def test_a_second_host_without_the_key(postgresql_url: str, tmp_path: Path) -> None:
    """Where the tables are there and the key is not, nobody makes another one: the sentence says whence to take it."""
    town = Town(directory=tmp_path, extra=on_postgresql(postgresql_url))
    town.stop()
    (tmp_path / "state" / "maild.key").unlink()
    with pytest.raises(KeyFileInvalid, match="copy"):
        town.start()


def test_tables_before_the_key(postgresql_url: str, tmp_path: Path) -> None:
    """`maild db upgrade` on an empty database makes tables and no key; the first start makes that."""
    upgrade(postgresql_url)
    town = Town(directory=tmp_path, extra=on_postgresql(postgresql_url))
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.run()
    assert len(town.letters("kim@reporter.example")) == 1
    town.stop()


def test_older_mail_is_not_answered(tmp_path: Path) -> None:
    """Without `since`, mail from before the very first start is left alone, and mail from a downtime later is answered (behaviour 11)."""
    town = Town(directory=tmp_path)
    town.mailbox.deliver(mail("old@reporter.example", "Last year."), received_at=town.clock.at - timedelta(days=300))
    town.run()
    assert town.letters("old@reporter.example") == []
    town.stop()
    town.clock.move_on(timedelta(hours=20))
    town.write("kim@reporter.example", "While you were away.")
    town.clock.move_on(timedelta(hours=1))
    town.start()
    town.run()
    assert len(town.letters("kim@reporter.example")) == 1
    town.stop()
