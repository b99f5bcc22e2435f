"""Every verb of the command line on a real SQLite database: what it says, where, and its exit status."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from mailbox import mbox

import pytest

from maild.app.status import Status
from maild.playbook.progress import DETERMINATIONS
from tests.cli.conftest import Run
from tests.town import AUTHSERV, Town, words

REPORT = "Robin shouted at me.\n\x1b[31mRed\u202e"

DECISION = """
[determine violation=yes who="Robin Example" ongoing=no safety=no]
Robin shouted at Kim.
[resolve:private-reprimand]
"""


def reported(town: Town, text: str = REPORT) -> str:
    """Somebody reports something; the code name of the case."""
    town.write("Kim Reporter <kim@reporter.example>", text)
    town.run()
    with town.house.store.read() as work:
        stored = work.tickets.load(work.tickets.all_ids()[-1])
    return stored.code


def quarantined(town: Town) -> int:
    """A mail in quarantine; its number."""
    town.write("kim@reporter.example", "Strange, \x1b[31mvery.")
    town.house.intake.run()
    now = town.clock()
    with town.house.store.begin() as work:
        (waiting,) = work.inbox.claim(1, now=now, max_attempts=3)
        work.inbox.quarantine(waiting.id, error="ValueError: strange", now=now)
    return waiting.id


def alive(town: Town, *, polled_ago: timedelta = timedelta(0), trouble: str = "") -> None:
    """The daemon's own word that it runs, as this process would give it."""
    clock = lambda: datetime.now(UTC) - polled_ago  # noqa: E731
    status = Status(directory=town.house.config.run.runtime_directory, clock=clock)
    status.polled()
    if trouble:
        status.trouble("delivery", trouble, lasting=True)


def test_status_of_a_house_in_order(town: Town, at: Run) -> None:
    """It works, and says so in the last line; a script gets the same as JSON."""
    reported(town)
    alive(town)
    seen = at("status")
    assert (seen.code, seen.err, seen.out.splitlines()[-1]) == (0, "", "Everything works.")
    told = json.loads(at("status", "--json").out)
    assert (told["running"], told["cases"], told["wrong"]) == (True, {"acknowledged": 1}, [])


WRONG = [
    ("", "! maild is not running.", "stopped"),
    ("late", "! The mailbox was not read for over a quarter of an hour.", "the mailbox is not read"),
    ("trouble", "! delivery: The SMTP server does not answer. (since", "a thread is in trouble"),
    ("quarantine", "! Mails are in quarantine: look at them with `maild quarantine list`.", "a mail in quarantine"),
    ("alarm", "! Alarm: fuse", "an alarm stands"),
]


@pytest.mark.parametrize(("what", "sentence", "why"), WRONG, ids=[why for *_, why in WRONG])
def test_status_of_what_needs_a_person(town: Town, at: Run, what: str, sentence: str, why: str) -> None:
    """Exit status 1, and a sentence behind a mark, also for scripts."""
    if what:
        alive(
            town,
            polled_ago=timedelta(minutes=16 if what == "late" else 0),
            trouble="The SMTP server does not answer." if what == "trouble" else "",
        )
    if what == "quarantine":
        quarantined(town)
    if what == "alarm":
        with town.house.store.begin() as work:
            work.alarms.raise_("fuse", now=town.clock())
    seen = at("status")
    assert seen.code == 1
    assert seen.out.splitlines()[-1].startswith(sentence)
    assert "+00:00" not in seen.out  # moments are told as people tell the time
    told = at("status", "--json")
    assert told.code == 1
    assert json.loads(told.out)["wrong"]


def test_status_of_a_daemon_that_is_gone(town: Town, at: Run) -> None:
    """A file that a killed daemon left behind, or half of one, is no daemon."""
    alive(town)
    path = town.house.config.run.runtime_directory / "status.json"
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"pid": 2**22 + 1}))
    assert "! maild is not running." in at("status").out
    path.write_text("{")
    assert "! maild is not running." in at("status").out


def test_tickets(town: Town, at: Run) -> None:
    """A line each, without a name or a text; what is closed is shown on request."""
    assert at("tickets").out == "No open cases.\n"
    assert at("tickets", "--all").out == "No cases.\n"
    code = reported(town)
    town.order("ana", "[take]\n[urgent]")
    (line,) = at("tickets").out.splitlines()
    assert line.split() == ["!", code, "review", "ana", "received", "2026-11-23", "09:00", "due", "2026-11-30", "09:00"]
    assert [one["code"] for one in json.loads(at("tickets", "--json").out)] == [code]


def test_tickets_that_are_set_aside(town: Town, at: Run) -> None:
    """They are no work, and not lost."""
    code = reported(town, "Where do I park?")
    town.order("ana", "[not-a-report:enquiry]")
    assert at("tickets").out == "No open cases.\n"
    assert json.loads(at("tickets", "--json").out) == []
    assert at("tickets", "--all").out.split()[:2] == [code, "not-a-report"]


def test_show(town: Town, at: Run) -> None:
    """Everything of one case; what came from outside cannot act on the terminal."""
    code = reported(town)
    town.order("ana", DECISION)
    seen = at("show", code.upper())
    assert seen.code == 0
    for line in (
        "Lead: ana; kept out: nobody",
        "P1: Robin Example (respondent)",
        "Determined violation (version 1, by ana): yes",
        "Resolved 2026-11-23 09:00 by ana: private-reprimand  P1",
        "Robin shouted at me.",
    ):
        assert line in seen.out
    assert "kim@reporter.example" in seen.out
    assert not {"\x1b", "\u202e"} & set(seen.out)


def test_show_to_a_program(town: Town, at: Run) -> None:
    """The same as JSON."""
    code = reported(town)
    town.order("ana", DECISION)
    told = json.loads(at("show", code, "--json").out)
    assert (told["code"], told["state"], told["reporter"]["address"]) == (code, "resolved", "kim@reporter.example")
    assert sorted(one["name"] for one in told["determinations"]) == sorted(DETERMINATIONS)
    assert [one["relation"] for one in told["texts"]][:1] == ["report"]
    assert at("show", code, "--json").out.isascii()


def test_show_names_nobody_who_asked_for_that(town: Town, at: Run) -> None:
    """Whoever wrote [anonymous] is "the reporter" here too, in either form."""
    town.write("Kim Camenzuli <kim@reporter.example>", "[anonymous]\n\nSomebody pushed me.\n\nKim Camenzuli")
    town.run()
    with town.house.store.read() as work:
        code = work.tickets.load(work.tickets.all_ids()[-1]).code
    for seen in (at("show", code).out, at("show", code, "--json").out):
        assert [name for name in ("Kim", "Camenzuli", "kim@") if name in seen] == []
        assert "the reporter" in seen
    assert "asked that their name and address be shown to nobody" in at("show", code).out


def test_show_of_a_case_with_two_reporters(town: Town, at: Run) -> None:
    """Under either name the texts of both, each with the reference of whoever wrote it, and the mails of both."""
    codes = [reported(town), reported(town, "I heard it.")]
    codes.reverse()
    town.order("ana", f"[merge:{codes[1]}]")
    told = [json.loads(at("show", code, "--json").out) for code in codes]
    assert told[0] == told[1]
    refs = [told[0]["reference"], told[0]["reporters"][0]["reference"]]
    assert [one["relation"] for one in told[0]["texts"]] == [f"report ({one})" for one in refs]
    seen = at("show", codes[1]).out
    assert f"Other reports of the same incident: {codes[1]} ({refs[1]}, " in seen
    assert f"report ({refs[0]}) by reporter\nI heard it." in seen
    assert at("show", "--raw", codes[0]).out.count("\nFrom: ") == 3  # the order that made one case of them as well


def test_the_mails_of_a_case(town: Town, at: Run) -> None:
    """`--raw` gives the mails as they came, in a form that mail programs open; no line of one passes for the beginning of another."""
    raws = [
        b"From: kim@reporter.example\r\nSubject: One\r\n\r\nFrom the start\r\n>From there\r\nit hurt.\r\n",
        b"From: kim@reporter.example\r\nIn-Reply-To: <one@x>\r\n\r\nAnd more.\r\n",
    ]
    raws[0] = b"Message-ID: <one@x>\r\n" + raws[0]
    for raw in raws:
        town.mailbox.deliver(raw, received_at=town.clock())
        town.run()
    (code,) = [one["code"] for one in json.loads(at("tickets", "--json").out)]
    (town.directory / "mbox").write_text(at("show", "--raw", code).out)
    with closing(mbox(town.directory / "mbox", create=False)) as mails:
        texts = [mail.get_payload() for mail in mails]
    assert texts == [">From the start\n>>From there\nit hurt.\n", "And more.\n"]
    assert at("show", "--raw", "no-such").code == 1


WITH_A_PHOTO = """\
From: Ana <ana@pymalta.example>
Message-ID: <record@staff.example>
Authentication-Results: {authserv}; dmarc=pass header.from=pymalta.example
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

{text}
--b
Content-Type: image/png; name="hall.png"
Content-Disposition: attachment; filename="hall.png"
Content-Transfer-Encoding: base64

UEhPVE8=
--b--
"""


@pytest.mark.parametrize("text", ["[record]\nRobin shouted at me.", "Robin shouted at somebody."])
def test_an_attachment_can_be_got_at(town: Town, at: Run, text: str) -> None:
    """Of a record and of a report: the notice names it and the way to it, and that way it comes."""
    town.mailbox.deliver(WITH_A_PHOTO.format(authserv=AUTHSERV, text=text).replace("\n", "\r\n").encode(), received_at=town.clock())
    town.run()
    (code,) = [one["code"] for one in json.loads(at("tickets", "--json").out)]
    notice = words(town.letters("ben@pymalta.example")[-1])
    assert "Attachment: hall.png (image/png, 5 Bytes)" in notice
    assert f"`maild show --raw {code}`" in notice
    assert "UEhPVE8=" in at("show", "--raw", code).out


def test_why_a_message_is_held(town: Town, at: Run) -> None:
    """Staff read what it was taken for; the operator sees by which sign."""
    town.mailbox.deliver(b"From: kim@reporter.example\r\nAuto-Submitted: auto-replied\r\n\r\nAway.\r\n", received_at=town.clock())
    town.run()
    (code,) = [one["code"] for one in json.loads(at("tickets", "--json").out)]
    assert "Held, because of: Auto-Submitted" in at("show", code).out
    assert json.loads(at("show", code, "--json").out)["held_because"] == "Auto-Submitted"


def test_show_of_a_case_without_a_reporter(town: Town, at: Run) -> None:
    """A mail without a sender is a case too."""
    town.mailbox.deliver(b"Subject: x\r\n\r\nHelp.\r\n", received_at=town.clock())
    town.run()
    (code,) = [one["code"] for one in json.loads(at("tickets", "--json").out)]
    assert "Reporter: " in at("show", code).out
    assert at("show", code, "--json").code == 0


def test_an_unknown_case(town: Town, at: Run) -> None:
    """A sentence with the way out, on standard error."""
    seen = at("show", "no-such")
    assert (seen.code, seen.out) == (1, "")
    assert seen.err == "maild: there is no case no-such; `maild tickets --all` lists them.\n"


def test_quarantine(town: Town, at: Run) -> None:
    """What is in quarantine is listed, shown, read again or discarded, by its number."""
    assert at("quarantine", "list").out == "Nothing is in quarantine.\n"
    number = quarantined(town)
    (line,) = at("quarantine", "list").out.splitlines()
    assert line.split()[0] == str(number)
    assert line.endswith("ValueError: strange")
    assert [one["id"] for one in json.loads(at("quarantine", "list", "--json").out)] == [number]
    shown = at("quarantine", "show", number).out
    assert "Strange, \ufffd[31mvery." in shown
    assert "Strange, \x1b[31mvery." in at("quarantine", "show", "--raw", number).out
    assert at("quarantine", "discard", "--dry-run", number).out == f"{number} would be discarded.\n"
    assert at("quarantine", "retry", number).out == "It is read again within a minute.\n"
    assert at("quarantine", "list").out == "Nothing is in quarantine.\n"
    town.run()
    assert len(json.loads(at("tickets", "--json").out)) == 1


def test_discarding(town: Town, at: Run) -> None:
    """Out of quarantine, and no case."""
    number = quarantined(town)
    assert at("quarantine", "discard", "--yes", number).out == "Discarded; its bytes are kept.\n"
    town.run()
    assert at("tickets").out == "No open cases.\n"


class Terminal(StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 0), ("n\n", 1, 1), ("\n", 1, 1), ("", 1, 1)])
def test_discarding_asks(town: Town, at: Run, typed: str, code: int, left: int) -> None:
    """Only a yes discards; Enter, and the end of what can be typed, leave it where it is."""
    number = quarantined(town)
    seen = at("quarantine", "discard", number, stdin=Terminal(typed))
    assert (seen.code, f"Nobody will look at {number} again. Is it no report?" in seen.out) == (code, True)
    assert len(json.loads(at("quarantine", "list", "--json").out)) == left


def test_discarding_where_nobody_can_be_asked(town: Town, at: Run) -> None:
    """A script has to say --yes."""
    number = quarantined(town)
    seen = at("quarantine", "discard", number)
    assert (seen.code, seen.out, seen.err) == (1, "", "maild: nothing was done: add --yes, for there is nobody here to ask.\n")
    assert len(json.loads(at("quarantine", "list", "--json").out)) == 1


def test_what_was_done_with_quarantine_is_written_down(town: Town, at: Run) -> None:
    """In the journal, by number and without contents; what was refused is not."""
    number = quarantined(town)
    at("quarantine", "retry", number)
    at("quarantine", "retry", number)
    other = quarantined(town)
    at("quarantine", "discard", "--yes", other)
    with town.house.store.read() as work:
        lines = [line.facts for line in work.journal.lines() if str(line.facts["verb"]).startswith("quarantine-")]
    assert [(one["verb"], one["by"], one["mail"]) for one in lines] == [
        ("quarantine-retry", "operator", number),
        ("quarantine-discard", "operator", other),
    ]


@pytest.mark.parametrize("number", [7, 2**63], ids=["a small one", "one that no database counts to"])
@pytest.mark.parametrize("words", [("show",), ("show", "--raw"), ("retry",), ("discard",), ("discard", "--dry-run")])
def test_a_number_that_is_not_in_quarantine(town: Town, at: Run, words: tuple[str, ...], number: int) -> None:
    """Nothing is done, and the sentence says where the numbers are."""
    seen = at("quarantine", *words, number)
    assert (seen.code, seen.out) == (1, "")
    assert seen.err == f"maild: {number} is not in quarantine; `maild quarantine list` shows what is.\n"


def test_upgrade_of_what_is_up_to_date(town: Town, at: Run) -> None:
    """It says that there was nothing to do."""
    seen = at("db", "upgrade")
    assert (seen.code, seen.err) == (0, "")
    assert seen.out.endswith("already.\n")


def test_check(town: Town, at: Run) -> None:
    """A line for each thing, a summary, and status 1 where something has to be mended; tests/check has the rest."""
    path = town.directory / "config.toml"
    path.write_text(path.read_text().replace('tls = "none"', 'tls = "none"\nport = 1').replace(f'authserv_id = "{AUTHSERV}"', ""))
    seen = at("check")
    assert (seen.code, seen.err) == (1, "")
    grades = {line.split(":")[0].split()[1]: line.split()[0] for line in seen.out.splitlines()[:-2]}
    assert grades == {"config": "ok", "templates": "ok", "key": "ok", "database": "ok", "imap": "fault", "smtp": "fault", "clock": "ok"}
    assert seen.out.splitlines()[0].startswith("note   config: ")
    assert seen.out.endswith("\n2 faults, 1 to note.\n")


def test_check_for_programs(town: Town, at: Run) -> None:
    """The same as JSON, also where the configuration has mistakes."""
    path = town.directory / "config.toml"
    path.write_text(path.read_text().replace('tls = "none"', 'tls = "none"\nport = 1'))
    told = json.loads(at("check", "--json").out)
    assert (told["ok"], told["settings"]) == (False, [])
    assert [one["about"] for one in told["findings"] if one["grade"] == "fault"] == ["imap", "smtp"]
    path.write_text(path.read_text() + "[digset]\n")
    seen = at("check", "--json")
    assert (seen.code, json.loads(seen.out)["findings"][0]["about"]) == (78, "config")
    assert "did you mean" in seen.err
