"""What a user meets when something is wrong: one clear sentence, nothing lost, nothing twice."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.whole.stage import Stage, eventually, header, words


def test_a_config_with_mistakes(stage: Stage) -> None:
    """Every mistake is listed with line and key, and the exit status is 78 (behaviour: bad configuration)."""
    path = stage.directory / "config.toml"
    path.write_text(
        path.read_text().replace("poll_seconds", "pol_seconds").replace('timezone = "', 'x = "').replace('name = "PyMalta"', "name = 3")
    )
    run = stage.ask("run")
    assert run.returncode == 78
    assert "pol_seconds" in run.stderr
    assert "poll_seconds" in run.stderr
    assert "organisation.name" in run.stderr


def test_a_second_daemon_ends_with_a_sentence(stage: Stage) -> None:
    """Two daemons never run on one SQLite file (behaviour 59)."""
    stage.start()
    eventually(lambda: stage.status().get("running"))
    second = stage.ask("run")
    assert second.returncode == 1
    assert "Another maild has this database open" in second.stderr
    assert stage.stop() <= 10


def test_a_wrong_password(stage: Stage) -> None:
    """One log line, `maild status` says so, and with the right password it goes on without a restart."""
    stage.set_password("wrong")
    stage.start()
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    troubles = eventually(lambda: [one for one in stage.status().get("wrong", []) if one.startswith("intake")])
    assert "password" in troubles[0]
    assert "wrong" not in stage.log.replace("does not accept", "")
    stage.set_password(stage.account.password)
    stage.await_letters("kim@reporter.test", 1)
    assert eventually(lambda: stage.status()["wrong"] == [])


def test_a_certificate_that_proves_nothing(build: Callable[..., Stage]) -> None:
    """A server whose certificate nobody vouches for gets no password and no mail, and the log says why (behaviour 14)."""
    stage = build()
    stage.configure(ca_file="/etc/ssl/certs/ca-certificates.crt")
    stage.start()
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    troubles = eventually(lambda: [one for one in stage.status().get("wrong", []) if one.startswith("intake")])
    assert "certificate" in troubles[0].lower()
    stage.stop()
    stage.configure()
    stage.start()
    stage.await_letters("kim@reporter.test", 1)


def test_the_smtp_server_is_away(stage: Stage) -> None:
    """Mail is taken in all the same; when the server is back every letter goes, once."""
    stage.start()
    eventually(lambda: stage.status().get("running"))
    stage.write("kim@reporter.test", "The first.")
    stage.await_letters("kim@reporter.test", 1)
    port = stage.postfix.submission_port
    stage.configure(smtp_port=1)
    stage.stop()
    stage.start()
    for number in range(5):
        stage.write(f"kim{number}@reporter.test", f"Number {number}.")
    eventually(lambda: stage.status().get("cases", {}).get("new") == 5)
    assert eventually(lambda: [one for one in stage.status()["wrong"] if one.startswith("delivery")])
    stage.stop()
    stage.configure(smtp_port=port)
    stage.start()
    for number in range(5):
        stage.await_letters(f"kim{number}@reporter.test", 1)
    eventually(lambda: stage.status()["unsent_letters"] == 0)
    assert all(count == 1 for count in counted(stage).values())


def counted(stage: Stage) -> Counter[str]:
    """How many letters each reporter got."""
    return Counter(one.recipients[0] for one in list(stage.sink.arrived) if one.recipients[0].startswith("kim"))


def test_a_mail_that_raises_is_quarantined(stage: Stage) -> None:
    """What raises is set aside, its neighbours go on, staff are told within one cycle, and a retry after the mend files it (behaviour 7)."""
    stage.start()
    stage.write("kim@reporter.test", "The first of them.")
    (receipt,) = stage.await_letters("kim@reporter.test", 1)
    eventually(lambda: stage.status()["cases"] == {"acknowledged": 1})
    with closing(sqlite3.connect(stage.directory / "state" / "maild.sqlite", isolation_level=None)) as rows:
        kept = rows.execute("SELECT ticket_id, n, facts FROM entries").fetchall()
        rows.execute("UPDATE entries SET facts = x'00'")
    stage.write("kim@reporter.test", "A xylophone on the damaged case.", answers=receipt)
    stage.write("lee@reporter.test", "A new one.")
    stage.await_letters("lee@reporter.test", 1)
    told = eventually(lambda: [one for one in stage.letters("ana@team.test") if "quarantine" in words(one)])
    assert "xylophone" not in words(told[0])
    assert "xylophone" not in stage.log
    stage.write("kim@reporter.test", "A marimba on the damaged case.", answers=receipt)
    listed = eventually(lambda: lines if len(lines := stage.ask("quarantine", "list").stdout.splitlines()) == 2 else None)
    numbers = [line.split()[0] for line in listed]
    shown = {number: stage.ask("quarantine", "show", number).stdout for number in numbers}
    number, spare = sorted(numbers, key=lambda number: "xylophone" not in shown[number])
    assert ("xylophone" in shown[number], "marimba" in shown[spare]) == (True, True)
    assert stage.ask("quarantine", "discard", "--yes", spare).returncode == 0
    with closing(sqlite3.connect(stage.directory / "state" / "maild.sqlite", isolation_level=None)) as rows:
        rows.executemany("UPDATE entries SET facts = ?3 WHERE ticket_id = ?1 AND n = ?2", kept)
    assert stage.ask("quarantine", "retry", number).returncode == 0
    eventually(lambda: [one for one in stage.letters("ana@team.test") if "xylophone" in words(one)])
    assert stage.ask("quarantine", "list").stdout == "Nothing is in quarantine.\n"
    assert stage.ask("quarantine", "retry", spare).returncode == 1
    assert not [one for one in stage.letters("ana@team.test") if "marimba" in words(one)]


@pytest.mark.timeout(300)
def test_killed_at_random(build: Callable[..., Stage]) -> None:
    """SIGKILL at any moment, again and again: one ticket and one acknowledgement a mail (behaviour 4, P-01)."""
    stage = build(
        extra="[limits]\nacknowledgements_per_hour = 1000\nacknowledgements_burst = 1000\nuncertain_after_minutes = 0\nmails_per_hour = 10000\n"
    )
    chance = random.Random(7)
    mails = 40
    for number in range(mails):
        stage.account.append(stage.mail(f"kim{number}@reporter.test", f"Report number {number}."))
    kills = 0
    stage.start()
    deadline = time.monotonic() + 60
    while len(counted(stage)) < mails and time.monotonic() < deadline:
        begun = time.monotonic()
        wait = 0.9 + chance.random()
        while time.monotonic() - begun < wait and len(counted(stage)) < mails:
            time.sleep(0.01)
        if len(counted(stage)) < mails:
            stage.kill()
            kills += 1
            stage.start()
    for number in range(mails):
        stage.await_letters(f"kim{number}@reporter.test", 1)
    eventually(lambda: stage.status().get("unsent_letters") == 0)
    assert sum(stage.status()["cases"].values()) == mails
    assert sum(counted(stage).values()) <= mails + kills
    copies = [one for one in stage.sink.arrived if counted(stage)[one.recipients[0]] > 1]
    assert len({header(one, "Message-ID") for one in copies}) == len({one.recipients for one in copies})


def test_sigterm_under_load(build: Callable[..., Stage]) -> None:
    """SIGTERM ends maild within ten seconds with nothing half done, and the next start goes on where it was (behaviour 59)."""
    stage = build(extra="[limits]\nacknowledgements_per_hour = 1000\nacknowledgements_burst = 1000\nmails_per_hour = 10000\n")
    for number in range(30):
        stage.account.append(stage.mail(f"kim{number}@reporter.test", f"Report number {number}."))
    stage.start()
    eventually(lambda: len(stage.sink.arrived) > 3)
    assert stage.stop() <= 10
    assert all(count == 1 for count in counted(stage).values())
    stage.start()
    for number in range(30):
        stage.await_letters(f"kim{number}@reporter.test", 1)
    eventually(lambda: stage.status().get("unsent_letters") == 0)
    assert all(count == 1 for count in counted(stage).values())


MARKERS = ("zanzibar", "xylophone", "quetzal", "marmalade-jar.pdf")


def test_the_log_tells_nothing(stage: Stage) -> None:
    """Addresses, names, subjects, texts and file names of the mail stand in no log line (behaviour 57)."""
    stage.start()
    stage.write(
        "quetzal@reporter.test",
        "Text with a xylophone in it.",
        subject="About zanzibar",
        Content_Type='text/plain; name="marmalade-jar.pdf"',
    )
    stage.await_letters("quetzal@reporter.test", 1)
    (notice,) = stage.await_letters("ana@team.test", 1)
    stage.write("ana@team.test", "[reply]\nWe heard the xylophone.", answers=notice)
    stage.await_letters("ana@team.test", 2)
    stage.stop()
    assert "filed: report" in stage.log
    for marker in (*MARKERS, "@reporter.test", "@team.test", stage.account.user):
        assert marker not in stage.log


def test_stopped_and_continued(stage: Stage) -> None:
    """A daemon that was stopped for a while (SIGSTOP) goes on as if nothing had been."""
    stage.start()
    eventually(lambda: stage.status().get("running"))
    assert stage.process is not None
    os.kill(stage.process.pid, signal.SIGSTOP)
    stage.write("kim@reporter.test", "While you slept.")
    os.kill(stage.process.pid, signal.SIGCONT)
    stage.await_letters("kim@reporter.test", 1)
    assert counted(stage) == {"kim@reporter.test": 1}


def test_uidvalidity_changes(stage: Stage) -> None:
    """The server loses its index: everything is read again and nothing is taken in twice (behaviour 3)."""
    stage.start()
    stage.write("kim@reporter.test", "The first.")
    stage.await_letters("kim@reporter.test", 1)
    stage.stop()
    stage.account.reset_uidvalidity()
    stage.start()
    stage.write("kim2@reporter.test", "The second.")
    stage.await_letters("kim2@reporter.test", 1)
    assert counted(stage) == {"kim@reporter.test": 1, "kim2@reporter.test": 1}
    assert sum(stage.status()["cases"].values()) == 2
