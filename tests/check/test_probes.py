"""`maild check` without a round trip: each thing that can be wrong has its line and its fix, and hides nothing else."""

import os
import sqlite3

import pytest

from maild.app.check.probes import Inspection
from maild.app.house import House
from maild.app.keyfile import make_key
from maild.config import load_config
from tests.servers.scripted_smtp import ScriptedSmtp
from tests.servers.sink import Sink

ABOUT = {"config", "templates", "key", "database", "imap", "smtp", "clock"}


@pytest.fixture
def rig(alone):
    """An installation with a mail host that takes everything."""
    with Sink() as sink:
        alone.smtp_port, alone.smtp_tls = sink.port, "none"
        alone.configure()
        alone.install()
        yield alone


def test_all_is_well(rig):
    """A line for each thing, and none of them a fault."""
    checked = rig.check()
    assert checked.faults() == ""
    assert {one.about for one in checked.findings} == ABOUT
    assert "Junk folder Junk is watched too" in checked.ok("imap")
    assert "0 mails" in checked.ok("imap")
    assert "without TLS, on this machine: no login wanted" in checked.ok("smtp")


def test_the_command_says_the_same(rig):
    """`maild check` prints a line each and a summary, exit status 0."""
    asked = rig.ask()
    assert (asked.returncode, asked.stderr) == (0, "")
    lines = asked.stdout.splitlines()
    assert lines[0].startswith("note   config: ")
    assert "ok     clock: " in asked.stdout
    assert lines[-1] == "Everything works, 1 to note."


def test_nothing_is_sent_and_nothing_is_changed(rig):
    """The SMTP server is left before DATA, the mailbox is opened read-only, no file changes."""
    rig.account.deliver(b"Subject: hello\r\n\r\n\r\n")
    before = {path: path.read_bytes() for path in (rig.directory / "state").iterdir()}
    with ScriptedSmtp() as server:
        rig.configure(smtp_port=server.port)
        assert "the mailbox may send" in rig.check().ok("smtp")
    heard = bytes(server.conversations[0].heard)
    assert b"RCPT" in heard
    assert b"DATA" not in heard
    assert rig.account.messages()[0][1] == (b"\\Recent",)
    assert {path: path.read_bytes() for path in before} == before


def test_before_the_first_start(rig):
    """Key and database are made by the first start: both are noted, neither is missed."""
    rig.key_file.unlink()
    (rig.directory / "state" / "maild.sqlite").unlink()
    checked = rig.check()
    assert checked.faults() == ""
    assert "the first `maild run` makes it" in checked.notes("key")
    assert "the first `maild run` makes it" in checked.notes("database")
    assert list((rig.directory / "state").glob("maild.sqlite*")) == [rig.directory / "state" / "maild.sqlite.lock"]


def lose_key(rig):
    rig.key_file.unlink()


def other_key(rig):
    rig.key_file.unlink()
    make_key(rig.key_file)


def damaged_key(rig):
    rig.key_file.write_text("no key\n")


def foreign_key(rig):
    os.chown(rig.key_file, 12345, 12345)


def older_database(rig):
    with sqlite3.connect(rig.directory / "state" / "maild.sqlite") as database:
        database.execute("DELETE FROM alembic_version")


def newer_database(rig):
    with sqlite3.connect(rig.directory / "state" / "maild.sqlite") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


def broken_database(rig):
    (rig.directory / "state" / "maild.sqlite").write_bytes(b"no database" * 1000)


def wrong_password(rig):
    rig.account.server.home.joinpath("passwd").write_text("")
    (rig.directory / "password").write_text("wrong\n")


def no_password(rig):
    (rig.directory / "password").write_text("\n")


def no_imap(rig):
    rig.configure(imap_port=1)


def no_folder(rig):
    rig.written["imap"] = 'folder = "Reports"'
    rig.configure()


def no_junk(rig):
    rig.written["imap"] = 'junk = "Spam"'
    rig.configure()


def no_smtp(rig):
    rig.configure(smtp_port=1)


def untrusted(rig):
    rig.configure(ca_file="")


def strange_template(rig):
    (rig.directory / "letters" / "receipt" / "en").mkdir(parents=True)
    (rig.directory / "letters" / "receipt" / "en" / "text.txt").write_text("{{ nonsense")
    rig.written["letters"] = 'templates = "letters"'
    rig.configure()


FAULTS = [
    (lose_key, "key", "copy it from its backup"),
    (other_key, "database", "not the one the database was made with"),
    (damaged_key, "key", "is damaged; restore it"),
    pytest.param(foreign_key, "key", "chown root", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")),
    (older_database, "database", "maild db upgrade"),
    (newer_database, "database", "newer"),
    (broken_database, "database", "restore a backup"),
    (wrong_password, "imap", "refuses the login"),
    (no_password, "imap", "is empty"),
    (no_imap, "imap", "does not listen (Connection refused); maild tries again. If it lasts, check the server and [imap]."),
    (no_folder, "imap", "create it or correct its name"),
    (no_junk, "imap", "does not open the folder 'Spam'"),
    (no_smtp, "smtp", "does not listen (Connection refused); maild tries again. If it lasts, check the server and [smtp]."),
    (untrusted, "imap", "is not trusted"),
    (strange_template, "templates", "text.txt"),
]


@pytest.mark.parametrize(("breaking", "about", "said"), FAULTS)
def test_a_fault_has_its_line(rig, breaking, about, said):
    """The line names the thing and the fix; every other probe was made all the same."""
    breaking(rig)
    checked = rig.check()
    assert said in checked.faults(about)
    assert {one.about for one in checked.findings} >= ABOUT


SAID_ONCE = [
    ([lose_key], "key", "database"),
    ([damaged_key], "key", "database"),
    ([broken_database], "database", "key"),
    ([broken_database, lose_key], "database", "key"),
]


@pytest.mark.parametrize(("breaking", "about", "other"), SAID_ONCE)
def test_a_fault_is_said_once(rig, breaking, about, other):
    """What stops two probes is one fault; the other line says that it could not be looked at, or how it is."""
    for one in breaking:
        one(rig)
    checked = rig.check()
    assert [one.about for one in checked.findings if one.grade.value == "fault"] == [about]
    assert checked.notes(other) + checked.ok(other)


def test_a_database_that_is_away(alone):
    """The key is beside it: whether one is missed cannot be told, which is no second fault."""
    alone.written["database"] = 'url = "postgresql+psycopg://maild@127.0.0.1:1/maild"'
    alone.configure()
    checked = alone.check()
    assert len(checked.faults("database").splitlines()) == 1
    assert checked.faults("key") == ""
    assert "whether one is missed, the database below has to tell" in checked.notes("key")


@pytest.mark.parametrize(("breaking", "about"), [(no_imap, "imap"), (strange_template, "templates")])
def test_a_fault_ends_with_status_1(rig, breaking, about):
    """Something other than the configuration file has to be mended."""
    breaking(rig)
    asked = rig.ask()
    assert asked.returncode == 1
    assert f"fault  {about}: " in asked.stdout
    assert asked.stdout.splitlines()[-1] == "1 fault, 1 to note."


def test_a_mistake_in_the_configuration_ends_with_status_78(rig):
    """Nothing else can be looked at; the JSON says it, too."""
    rig.config.write_text(rig.config.read_text().replace("[smtp]", "[smtp]\nhots = 1"))
    asked = rig.ask()
    assert asked.returncode == 78
    assert "did you mean" in asked.stderr
    asked = rig.ask("--json")
    assert asked.returncode == 78
    told = rig.json()
    assert told["ok"] is False
    assert told["findings"][0]["about"] == "config"


def test_json(rig):
    """For programs: the same findings."""
    told = rig.json()
    assert told["ok"] is True
    assert {one["about"] for one in told["findings"]} == ABOUT
    assert told["settings"] == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ({"MAIL": b"550 5.7.60 not allowed to send as this sender\r\n"}, "550 5.7.60 not allowed"),
        ({"RCPT": b"554 no such mailbox\r\n"}, "554 no such mailbox"),
        ({"MAIL": b"530 5.7.0 log in first\r\n"}, "wants a login"),
        ({"greeting": b"421 later\r\n"}, "421"),
    ],
)
def test_the_smtp_server_refuses(rig, script, said):
    """What it says is passed on, with what it means."""
    with ScriptedSmtp(script) as server:
        rig.configure(smtp_port=server.port)
        assert said in rig.check().faults("smtp")


def test_the_sender_is_the_one_that_letters_have(rig):
    """With plus-addressing every letter leaves from such an address: it has to be accepted."""
    rig.written["smtp"] = "plus_addressing = true"
    with ScriptedSmtp() as server:
        rig.configure(smtp_port=server.port)
        rig.check()
    assert b"MAIL FROM:<" + rig.account.user.replace("@", "+b.check@").encode() in bytes(server.conversations[0].heard)


@pytest.mark.parametrize(
    ("greeting", "grade"),
    [
        (b"220 mx.test ESMTP Exim 4.96 Mon, 23 Nov 2015 09:00:00 +0100\r\n", "fault"),
        (b"220 mx.test ESMTP Exim 4.96 Mon, 31 Feb 2015 09:00:00 +0100\r\n", "ok"),
        (b"220 mx.test ESMTP\r\n", "ok"),
    ],
)
def test_a_greeting_may_tell_the_time(rig, greeting, grade):
    """Exim and Exchange do."""
    with ScriptedSmtp({"greeting": greeting}) as server:
        rig.configure(smtp_port=server.port)
        (clock,) = [one for one in rig.check().findings if one.about == "clock"]
    assert clock.grade.value == grade


def test_junk_is_off(rig):
    """The operator has decided; the consequence is said."""
    rig.written["imap"] = 'junk = "off"'
    rig.configure()
    assert "reaches nobody" in rig.check().notes("imap")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")
def test_somebody_who_may_not_look(rig):
    """Whoever is not allowed to look is told who is."""
    (rig.directory / "state").chmod(0o000)
    inspection = Inspection(house=House(config=load_config(rig.config)))
    os.seteuid(65534)
    try:
        faults = [one for one in inspection.run() if one.about in {"key", "database"}]
    finally:
        os.seteuid(0)
    assert ["as root or as the user that runs maild" in one.sentence for one in faults] == [True, True]


def test_a_server_that_goes_away_on_the_trip(rig):
    """The trip ends with the sentence of that server."""
    with ScriptedSmtp({}, {"greeting": b"421 later\r\n"}) as server:
        rig.configure(smtp_port=server.port)
        assert "turned us away (421)" in rig.check(round_trip=True).faults("round trip")


def test_a_key_that_systemd_hands_over(rig, monkeypatch):
    """It is read where it lies, and missed where it does not."""
    rig.written["database"] = 'key_credential = "maild-key"'
    rig.configure()
    (rig.directory / "maild-key").write_bytes(rig.key_file.read_bytes())
    assert "CREDENTIALS_DIRECTORY" in rig.check().faults("key")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(rig.directory))
    assert "holds one of 32 bytes" in rig.check().ok("key")


def test_postgresql(alone, postgresql_url):
    """The other database is asked as well."""
    alone.written["database"] = f'url = "{postgresql_url}"'
    alone.configure()
    assert "there is none yet" in alone.check().notes("database")
    alone.install()
    assert "postgresql answers" in alone.check().ok("database")
