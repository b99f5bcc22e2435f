"""`maild` as somebody at a terminal calls it, in this process; and a town whose database it looks at."""

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO, TextIOBase
from pathlib import Path

import pytest
import time_machine

from maild.cli import main
from maild.mail.reading import Reader
from tests.jobs.conftest import reader
from tests.town import Town

__all__ = ["at", "maild", "reader", "then", "town"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """`maild run` sets up the log of its process, which is this one: the tests after it get theirs back."""
    logger = logging.getLogger("maild")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.fixture
def maild(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls `maild` with these words."""

    def run(*words: object, stdin: str | TextIOBase = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["maild", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", StringIO(stdin) if isinstance(stdin, str) else stdin)
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Ended(code=int(end.value.code or 0), out=said.out, err=said.err)

    return run


@pytest.fixture
def town(tmp_path: Path, reader: Reader) -> Iterator[Town]:
    """A town as shipped."""
    town = Town(directory=tmp_path, reader=reader)
    yield town
    town.stop()


@pytest.fixture
def at(town: Town, maild: Run) -> Run:
    """Calls `maild` with these words on the town's configuration."""

    def run(*words: object, stdin: str | TextIOBase = "") -> Ended:
        return maild(*words, "--config", town.directory / "config.toml", stdin=stdin)

    return run


@pytest.fixture
def then(town: Town, at: Run) -> Run:
    """The same, at the town's own moment."""

    def run(*words: object, stdin: str | TextIOBase = "") -> Ended:
        with time_machine.travel(town.clock.at, tick=False):
            return at(*words, stdin=stdin)

    return run
