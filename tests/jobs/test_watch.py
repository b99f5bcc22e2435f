"""The watch: alarms that are over are cleared, so that the next one is heard; and the journal's head stands in the log once a day."""

import logging
import re

import pytest

from tests.town import Town, words

EVERYBODY = "Ana, Ben, Carla, Dora and Felix did it together."
NIK = '[[staff]]\nhandle = "nik"\nname = "Nik Zahra"\naddress = "nik@pymalta.example"\n'


def standing(town: Town) -> list[str]:
    with town.house.store.read() as work:
        return [alarm.kind for alarm in work.alarms.standing()]


def told(town: Town) -> int:
    """How often staff were written to about alarms."""
    return sum("needs a person" in parcel.raw.decode() for parcel in town.letters("ana@pymalta.example"))


def test_a_replaced_subject_is_told_for_a_week(town: Town) -> None:
    """It happened once, so it stands until a digest has named it; when it happens again, people hear of it again."""
    for _ in range(2):
        before = told(town)
        with town.house.store.begin() as work:
            assert work.alarms.raise_("subject-replaced", now=town.clock())
        town.pass_time(minutes=5)
        assert told(town) == before + 1
        town.pass_time(days=7)
        assert standing(town) == ["subject-replaced"]
        assert any("Subject of a letter had to be replaced" in words(one) for one in town.letters("dora@pymalta.example"))
        town.pass_time(days=1, minutes=10)
        assert standing(town) == []


def test_a_case_that_somebody_may_see_again(town: Town) -> None:
    """Every single person is named: an alarm. Somebody joins who is not: they are told of the case, and the alarm is over."""
    town.write("kim@reporter.example", EVERYBODY)
    town.run()
    town.pass_time(minutes=5)
    assert standing(town) == ["nobody-may-see"]
    town.pass_time(minutes=5)
    assert standing(town) == ["nobody-may-see"]
    town.stop()
    config = town.directory / "config.toml"
    config.write_text(config.read_text().replace("[[board]]", f"{NIK}[[board]]"))
    town.start()
    town.pass_time(minutes=5)
    assert standing(town) == []
    town.pass_time(minutes=30)
    (summary,) = town.letters("nik@pymalta.example")
    with town.house.store.read() as work:
        (ticket_id,) = work.tickets.all_ids()
        assert work.tickets.load(ticket_id).code in words(summary)
    assert "together" not in words(summary)


def test_the_journal_is_anchored_once_a_day(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Number and hash of the journal's last line, as the digest gives them; once a day, and nothing is written for it."""
    caplog.set_level(logging.INFO, logger="maild")
    logging.getLogger("maild").propagate = True
    town.write("kim@reporter.example", "Somebody shouted at me.")
    town.run()
    for _ in range(3):
        town.house.watch.run()
    with town.house.store.read() as work:
        number, digest = work.journal.head()
    assert anchors(caplog) == [(str(number), digest.hex())]
    town.pass_time(days=1)
    town.house.watch.run()
    assert len(anchors(caplog)) == 2


def anchors(caplog: pytest.LogCaptureFixture) -> list[tuple[str, ...]]:
    found = (re.fullmatch(r"journal anchor: (\d+) ([0-9a-f]{64})", record.getMessage()) for record in caplog.records)
    return [each.groups() for each in found if each]
