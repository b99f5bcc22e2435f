"""The story in this process: what it needs to begin, what it says when a step does not happen, and that nothing stays behind."""

import io
import logging
import re
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maild.app import House
from maild.demo.run import run
from maild.demo.stage import CAST, KIM, SAM, Diary, _running, by_address, last_words, opening, stage
from maild.demo.story import STEPS
from maild.errors import KeyFileInvalid

MALTA = ZoneInfo("Europe/Malta")


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-11-22T19:00", "2026-11-09T09:05"),  # a Sunday
        ("2026-11-24T08:00", "2026-11-16T09:05"),  # a Tuesday: the story is over since Monday
        ("2026-11-23T23:59", "2026-11-09T09:05"),  # a Monday: the last week is not over for long enough
        ("2027-04-07T12:00", "2027-03-29T09:05"),  # the clocks changed the day before it begins
        ("2027-04-01T12:00", "2027-03-22T09:05"),  # the clocks change in the middle of it
    ],
)
def test_the_story_begins_on_a_monday_and_is_over(now, begins):
    """It begins five minutes after the digest of its first Monday, and its week and some hours are past."""
    present = datetime.fromisoformat(now).replace(tzinfo=MALTA)
    begin = opening(present.astimezone(UTC), MALTA)
    assert begin.replace(tzinfo=None) == datetime.fromisoformat(begins)
    end = begin + timedelta(hours=1) + timedelta(hours=STEPS[-1][0])
    assert end < present
    assert begin.utcoffset() == begin.astimezone(UTC).astimezone(MALTA).utcoffset()


def test_everybody_has_an_address_of_their_own():
    """Example domains only (RFC 2606), and each address is one person."""
    assert all(by_address(person.address) is person and person.address.endswith(".example") for person in CAST)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where the story's directory is made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_stage_is_the_real_thing(temporary):
    """A configuration without a warning, a key, a database, a daemon that watches its mailbox; all gone afterwards."""
    before = set(threading.enumerate())
    handlers = logging.getLogger("maild").handlers[:]
    with stage(present=lambda: datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) as place:
        assert place.house.config.warnings == ()
        assert {"config.toml", "password", "state"} <= {path.name for path in place.directory.iterdir()}
        assert (place.directory / "password").stat().st_mode & 0o077 == 0
        assert {path.name for path in (place.directory / "state").iterdir()} >= {"maild.key", "maild.sqlite"}
        assert f"{place.clock().astimezone(place.zone):%A %H:%M}" == "Monday 09:05"
        assert {thread.name for thread in set(threading.enumerate()) - before} >= {"mail host", "intake", "casework", "delivery"}
    assert set(threading.enumerate()) == before
    assert list(temporary.iterdir()) == []
    assert logging.getLogger("maild").handlers == handlers


def test_a_failure_on_the_stage_clears_it_away(temporary):
    """Whatever ends the story, its directory and its threads go."""
    before = set(threading.enumerate())
    with pytest.raises(KeyboardInterrupt), stage(present=lambda: datetime(2026, 11, 22, 18, 0, tzinfo=UTC)):
        raise KeyboardInterrupt
    assert set(threading.enumerate()) == before
    assert list(temporary.iterdir()) == []


def test_a_daemon_that_cannot_start_says_why(temporary):
    """Its own sentence is raised at once, not the silence of the letters that never came."""
    with stage(present=lambda: datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) as place:
        place.house.config.database.key_file.chmod(0o644)
        with pytest.raises(KeyFileInvalid), _running(House(config=place.house.config)):
            pytest.fail("it runs")


@pytest.mark.parametrize(
    ("reporter", "chapters"),
    [
        pytest.param(KIM, 1, id="at its beginning"),
        pytest.param(SAM, 3, id="later"),
    ],
)
def test_a_step_that_does_not_happen_ends_the_story(reporter, chapters, temporary):
    """Where a letter does not come: exit status 1, what is missing and maild's log are printed, and everything is cleared away."""
    out, before = io.StringIO(), set(threading.enumerate())
    assert run(out, once=True, full=(reporter.address,), patience=5.0) == 1
    told = " ".join(out.getvalue().split())
    assert "Not seen within 5 s: " in told
    assert f"the acknowledgement to {reporter.name}" in told
    assert "not sent: receipt, deferred (452)" in told
    assert "Every step was seen" not in told
    assert len(re.findall("^[1-4]\\. ", out.getvalue(), flags=re.MULTILINE)) == chapters
    assert set(threading.enumerate()) == before
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "present",
    [
        pytest.param(datetime(2027, 3, 30, 10, 0, tzinfo=UTC), id="the clocks go forward in the week of the story"),
        pytest.param(datetime(2026, 10, 27, 10, 0, tzinfo=UTC), id="the clocks go back in it"),
        pytest.param(datetime(2028, 3, 7, 10, 0, tzinfo=UTC), id="a leap day lies in it"),
    ],
)
@pytest.mark.deep
def test_the_story_can_be_told_in_any_week(present, temporary):
    """The demo works on every day of the year."""
    out = io.StringIO()
    assert run(out, once=True, present=lambda: present) == 0, out.getvalue()


def test_the_diary_remembers_when():
    """The moment of the first line of a name after another moment; that moment itself where there is none."""
    diary = Diary()
    diary.emit(logging.makeLogRecord({"funcName": "filed", "msg": "something"}))
    assert diary.lines == ["something"]
    assert diary.after(0.0, event="filed") > 0.0
    assert diary.after(7.0, event="sent") == 7.0
    assert last_words(["one", "two", "three"], most=2) == "  two\n  three"
