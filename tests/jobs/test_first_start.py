"""The first start makes key and database, and one that was killed half-way is a first start again."""

import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from maild.errors import KeyFileInvalid
from tests.town import Town, mail

WATCHED = ("house.py", "upgrade.py", "keyfile.py", "store.py", "engine.py", "0001_first.py")
"""The files that make key and database."""


class Crash(BaseException):
    """The end of the process."""


def die_at(wanted: int) -> Any:
    """A trace function that raises at the n-th line of what makes key and database."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count == wanted:
                raise Crash
        return trace if frame.f_code.co_filename.endswith(WATCHED) else None

    return trace


@pytest.mark.timeout(400)
def test_a_first_start_that_dies(tmp_path: Path) -> None:
    """Whatever line the first start dies at, the next one makes what is missing and works."""
    for line in range(1, 400, 29):
        directory = tmp_path / str(line)
        directory.mkdir()
        before = sys.gettrace()
        try:
            sys.settrace(die_at(line))
            Town(directory=directory)
        except Crash:
            pass
        finally:
            sys.settrace(before)
        town = Town(directory=directory)
        town.write("kim@reporter.example", "Somebody shouted at me.")
        town.run()
        assert len(town.letters("kim@reporter.example")) == 1
        town.stop()


def test_a_lost_key_is_told(town: Town) -> None:
    """A database whose key file is gone is not given a new one: the operator hears of it."""
    town.stop()
    (town.directory / "state" / "maild.key").unlink()
    with pytest.raises(KeyFileInvalid):
        town.start()


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
