"""`maild init` by options, and what it puts on the disk. tests/cli/test_init_asks.py has it answered by somebody at a terminal."""

import os
import pwd
import re
import shlex
import stat
from pathlib import Path

import pytest

from maild.app.founding import account_of, complaints, zone_of_this_machine
from maild.app.keyfile import read_key
from maild.config import load_config
from tests.cli.conftest import Ended, Run

PEOPLE = (
    *("--staff", "Ġorġa Borg <gorga@home.example>", "--staff", "Ben Vella <ben@home.example>"),
    *("--board", "Carla Zammit <carla@home.example>", "--fallback", "Felix Fenech <felix@elsewhere.example>"),
)
ADDRESS = ("--address", "info@pymalta.example")
HOSTING = Path(__file__).parents[2] / "docs" / "hosting.md"
OWN = (*ADDRESS, "--provider", "own")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give files away")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration will be."""
    return tmp_path / "etc" / "config.toml"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A password as somebody would hand it over."""
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text("correct horse\n")
    return path


@pytest.fixture
def init(maild: Run, config: Path, password: Path):
    """Calls `maild init` with these words and a password, and checks nothing afterwards."""

    def run(*words: object) -> Ended:
        return maild("init", "--config", config, "--password-file", password, "--no-check", *words)

    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_answers_as_options(init, config: Path) -> None:
    """Configuration, password and key are there, for nobody else to read, and every answer is in its place."""
    ended = init(*OWN, "--name", "PyMalta", *PEOPLE)
    assert (ended.code, ended.err) == (0, "")
    read = load_config(config)
    assert (read.organisation.name, read.organisation.mailbox) == ("PyMalta", "info@pymalta.example")
    assert [one.handle for one in (*read.staff, *read.board)] == ["gorga", "ben", "carla"]
    assert (read.imap.username, read.imap.password.reveal()) == ("info", "correct horse")
    assert len(read_key(read.database.key_file)) == 32
    assert read.database.key_file == config.parent / "state" / "maild.key"
    assert {path.name: mode(path) for path in config.parent.rglob("*")} == {
        **dict.fromkeys(("config.toml", "mailbox.password", "maild.key", "maild.sqlite", "maild.sqlite.lock"), 0o600),
        "state": 0o700,
    }
    assert all(str(path) in ended.out for path in (config, read.database.key_file))
    assert "correct horse" not in ended.out + config.read_text()


@pytest.mark.parametrize("provider", ["google", "cpanel"])
def test_other_providers(init, config: Path, provider: str) -> None:
    """The login is the whole address, for reading and for sending."""
    assert init(*ADDRESS, "--provider", provider, *PEOPLE).code == 0
    read = load_config(config)
    assert {read.imap.username, read.smtp.username} == {"info@pymalta.example"}
    assert {server.password.reveal() for server in (read.imap, read.smtp)} == {"correct horse"}


def test_other_ports(init, config: Path) -> None:
    """A server of one's own may listen anywhere; nobody is asked where nobody is there, and the option is named that cannot be used."""
    there = ("--server", "mail.pymalta.example", "--imap-port", 1993, "--smtp-port", 1587)
    assert "--imap-tls: must be one of" in init(*OWN, *PEOPLE, *there, "--imap-tls", "ssl").err
    assert '--smtp-tls: "none" is for this machine only' in init(*OWN, *PEOPLE, *there, "--smtp-tls", "none").err
    assert init(*OWN, *PEOPLE, *there, "--smtp-port", 99999).code == 2
    assert init(*OWN, *PEOPLE, *there, "--smtp-tls", "starttls").code == 0
    read = load_config(config)
    assert [(one.port, one.tls) for one in (read.imap, read.smtp)] == [(1993, "implicit"), (1587, "starttls")]


def test_the_password_from_standard_input(maild: Run, config: Path) -> None:
    """A password store can hand it over through a pipe."""
    ended = maild("init", *OWN, *PEOPLE, "--password-stdin", "--no-check", "--config", config, stdin="by pipe\nmore\n")
    assert ended.code == 0
    assert load_config(config).imap.password.reveal() == "by pipe"


def test_the_password_from_a_command(maild: Run, config: Path, password: Path) -> None:
    """A password store is asked at each login: no file holds the password, and a command that cannot be one is refused."""
    words = ("init", *OWN, *PEOPLE, "--no-check", "--config", config, "--password-command")
    assert maild(*words, "pass 'show").err == "maild: --password-command: has a quote that is never closed\n"
    assert maild(*words, " ").err == "maild: --password-command: must not be empty\n"
    assert not config.parent.exists()
    ended = maild(*words, f"head -n 1 '{password}'")
    assert (ended.code, ended.err) == (0, "")
    assert load_config(config).imap.password.reveal() == "correct horse"
    assert {"config.toml", "state"} == {path.name for path in config.parent.iterdir()}


def test_consent_at_google(maild: Run, config: Path, password: Path) -> None:
    """Where app passwords are forbidden: the client's ID and secret instead, and consent is what is left to do."""
    words = ("init", *ADDRESS, "--provider", "google", "--client-id", "an-id", *PEOPLE, "--config", config)
    assert maild(*words).err.startswith("maild: there is nobody to ask here, so give --client-secret-file too")
    ended = maild(*words, "--client-secret-file", password)
    assert ended.code == 0
    assert f"{config.parent / 'client.secret'} with the client secret" in ended.out
    assert f"maild login --config {config}" in ended.out
    read = load_config(config)
    assert (read.imap.auth, read.smtp.auth, read.oauth.provider, read.oauth.client_id) == ("xoauth2", "xoauth2", "google", "an-id")
    assert read.oauth.client_secret.reveal() == "correct horse"
    assert mode(config.parent / "client.secret") == 0o600
    assert not (config.parent / "mailbox.password").exists()


def typed() -> list[list[str]]:
    """The words of every `maild init` on the page for hosting."""
    commands = re.findall(r"^maild init (.+?[^\\])$", HOSTING.read_text(), re.MULTILINE | re.DOTALL)
    return [shlex.split(command.replace("\\\n", " ")) for command in commands]


@pytest.mark.parametrize("words", typed(), ids=lambda words: words[2] + ("-consent" if "--client-id" in words else ""))
def test_what_the_page_for_hosting_types(maild: Run, config: Path, password: Path, words: list[str]) -> None:
    """Each command of the page asks nothing more, but for the secret that the page has put into a file before."""
    words = [str(password) if word.startswith("/run/") else word for word in words]
    ended = maild("init", *words, "--config", config, "--no-check")
    assert (ended.code, ended.err) == (0, "")
    assert len(load_config(config).staff) == 2


def test_the_end_is_a_check(maild: Run, config: Path, password: Path) -> None:
    """Unless it is told otherwise, init ends as `maild check --round-trip` does; a fault there takes nothing back."""
    ended = maild("init", *OWN, *PEOPLE, "--server", "127.0.0.1", "--password-file", password, "--config", config)
    assert ended.code == 1
    assert "ok     config: no mistakes." in ended.out
    assert "fault  imap: " in ended.out
    assert f"maild check --round-trip --config {config}" in ended.out.splitlines()[-1]
    assert load_config(config).staff


def test_the_check_at_the_end_is_interrupted(maild: Run, config: Path, password: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has waited long enough is told that all of it is written, and how to look again."""

    def interrupted(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr("maild.cli.check.checked", interrupted)
    ended = maild("init", *OWN, *PEOPLE, "--password-file", password, "--config", config)
    assert ended.code == 130
    assert ended.err == f"\nThe configuration stays, and was not tried to the end. Once more: maild check --round-trip --config {config}\n"
    assert load_config(config).database.key_file.is_file()


def test_consent_comes_first(maild: Run, config: Path) -> None:
    """Where nobody is let in by a password, the end is what is left to do: consent needs the database, and that is there."""
    ended = maild("init", *ADDRESS, "--provider", "microsoft", "--client-id", "an-id", *PEOPLE, "--config", config)
    assert ended.code == 0
    assert f"maild login --config {config}" in ended.out
    read = load_config(config)
    assert (read.oauth.provider, read.oauth.client_id, read.oauth.tenant) == ("microsoft", "an-id", "pymalta.example")
    assert {"config.toml", "state"} == {path.name for path in config.parent.iterdir()}
    assert maild("tickets", "--config", config).out == "No open cases.\n"


def test_a_state_directory(init, config: Path, tmp_path: Path) -> None:
    """Database and key lie where they are told to."""
    assert init(*OWN, *PEOPLE, "--state-directory", tmp_path / "elsewhere").code == 0
    assert load_config(config).database.key_file == tmp_path / "elsewhere" / "maild.key"
    assert (tmp_path / "elsewhere" / "maild.key").is_file()


def test_everything_that_is_missing_is_named(maild: Run, config: Path) -> None:
    """Without a terminal nobody can be asked: one sentence with every option that is missing, and status 2."""
    ended = maild("init", "--config", config)
    assert (ended.code, ended.out) == (2, "")
    assert len(ended.err.splitlines()) == 1
    for flag in ("--address", "--provider", "--password-file", "--staff", "--board", "--fallback"):
        assert flag in ended.err
    assert "--name" not in ended.err
    assert not config.parent.exists()


MISSING = [
    (("--address", "a@gmail.com"), {"--password-file"}, "everybody knows who runs gmail.com"),
    ((*ADDRESS, "--provider", "microsoft"), {"--client-id"}, "Microsoft takes an application and no password"),
    ((*OWN, "--password-stdin", "--board", ""), set(), "nobody is on the board"),
]


@pytest.mark.parametrize(("words", "missing", "why"), MISSING, ids=[why for *_, why in MISSING])
def test_only_what_is_missing_is_named(maild: Run, config: Path, words, missing: set[str], why: str) -> None:
    """What has a default, or no place in this configuration, is not asked for."""
    told = maild("init", *words, "--fallback", "Felix <f@x.example>", "--config", config).err
    assert {flag for flag in told.split() if flag.startswith("--")} >= missing | {"--staff"}, why
    assert "--provider" not in told.replace("--provider-", "")
    assert ("--password-file" in told) == ("--password-file" in missing)
    assert ("--board" in told) == ("--board" not in words)


REFUSED = [
    (("--address", "info"), "--address: must be one plain mail address"),
    (("--address", "Info <info@pymalta.example>"), "--address: must be one plain mail address"),
    (("--provider", "gogle"), "--provider: must be one of google, microsoft, cpanel, own (did you mean google?)"),
    (("--provider", "fax"), "--provider: must be one of google, microsoft, cpanel, own"),
    (("--server", "https://mail.example.org"), "--server: must be a host name only"),
    (("--username", "in\x07fo"), "--username: holds a line break or another character that cannot be seen"),
    (("--name", "\udcff"), "--name: a character that is not UTF-8"),
    (("--name", " "), "--name: must not be empty"),
    (("--staff", ""), "--staff: write the name and the address"),
    (("--staff", "ana@home.example"), "--staff: write the name and the address"),
    (("--staff", "Ana <a@home.example>, Bo <b@home.example>"), "--staff: one person at a time"),
    (("--staff", "Info <info@pymalta.example>"), "--staff: is the mailbox itself (write a private address)"),
    (("--staff", "Info <info+x@pymalta.example>"), "--staff: is the mailbox itself (write a private address)"),
    (("--staff", "Ben Again <ben@home.example>"), "--staff: this address is taken"),
    (("--fallback", "Ben <ben@home.example>"), "--fallback: is in the team (the fallback contact must be somebody outside it)"),
    (("--password-stdin",), "--password-stdin stands beside --password-file"),
    (("--password-command", "cat it"), "--password-command stands beside --password-file"),
    (("--client-secret-file", "it"), "--client-secret-file is not for this login (use --password-file)"),
    (
        ("--provider", "google", "--client-id", "an-id", "--client-secret-file", "it"),
        "--password-file is not for this login (use --client-secret-file)",
    ),
    (("--provider", "microsoft", "--client-id", "an-id"), "--password-file: no password works there (leave it out)"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_an_option_that_cannot_be_used(init, config: Path, words, sentence: str) -> None:
    """The option, the reason in the configuration's own words, status 2, and nothing on the disk."""
    ended = init(*OWN, *PEOPLE, *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"maild: {sentence}")
    assert "line" not in ended.err.replace("line break", "")
    assert not config.parent.exists()


def test_passwords_that_cannot_be_used(maild: Run, config: Path, password: Path) -> None:
    """No file, an empty one, one that others can read, an empty line: each with its sentence."""
    words = ("init", *OWN, *PEOPLE, "--no-check", "--config", config)
    assert "cannot be read" in maild(*words, "--password-file", config).err
    assert maild(*words, "--password-stdin", stdin="\n").err.startswith("maild: --password-stdin: ")
    password.chmod(0o644)
    assert f"chmod 600 {password}" in maild(*words, "--password-file", password).err
    password.chmod(0o600)
    password.write_text("")
    ended = maild(*words, "--password-file", password)
    assert (ended.code, ended.err) == (2, "maild: --password-file: is empty\n")
    assert not config.parent.exists()


def test_what_is_there_stays(init, config: Path) -> None:
    """A configuration is never overwritten unasked, and nothing beside it changes either."""
    init(*OWN, *PEOPLE)
    before = {path: path.read_bytes() for path in config.parent.rglob("*") if path.is_file()}
    ended = init(*OWN, "--name", "Another", *PEOPLE)
    assert (ended.code, ended.out) == (1, "")
    assert "--force" in ended.err
    assert {path: path.read_bytes() for path in config.parent.rglob("*") if path.is_file()} == before


def test_what_was_there_is_kept(init, config: Path, password: Path) -> None:
    """--force keeps each earlier file beside the new one, as often as need be, and never makes another key."""
    init(*OWN, "--name", "First", *PEOPLE)
    key = load_config(config).database.key_file.read_bytes()
    password.write_text("battery staple\n")
    assert "config.toml.bak" in init(*OWN, "--name", "Second", *PEOPLE, "--force").out
    init(*OWN, "--name", "Third", *PEOPLE, "--force")
    kept = [config, *(config.with_name(f"config.toml.{end}") for end in ("bak", "bak2"))]
    names = [next(line for line in path.read_text().splitlines() if line.startswith("name = ")) for path in kept]
    assert names == ['name = "Third"', 'name = "First"', 'name = "Second"']
    assert [path.read_text() for path in sorted(config.parent.glob("mailbox*"))] == ["battery staple\n", "correct horse\n"]
    assert load_config(config).database.key_file.read_bytes() == key
    assert {mode(path) for path in config.parent.rglob("*") if path.is_file()} == {0o600}


def test_a_place_that_nobody_may_write_to(maild: Run, password: Path) -> None:
    """That is said before anything is asked."""
    ended = maild("init", "--config", password / "config.toml")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"maild: {password} is no directory that you may write to")


@AS_ROOT
def test_root_gives_the_files_away(init, config: Path) -> None:
    """The configuration is root's and readable by the account's group; password, key and database are the account's."""
    entry = pwd.getpwnam("nobody")
    assert init(*OWN, *PEOPLE, "--user", "nobody").code == 0
    key = load_config(config).database.key_file
    assert (config.stat().st_uid, config.stat().st_gid, mode(config)) == (0, entry.pw_gid, 0o640)
    for path in (config.parent / "mailbox.password", *key.parent.iterdir()):
        assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (entry.pw_uid, entry.pw_gid, 0o600)
    assert (key.parent.stat().st_uid, mode(key.parent)) == (entry.pw_uid, 0o700)


@AS_ROOT
def test_an_account_that_is_not_there(init) -> None:
    """Then all of it belongs to root, and that is said."""
    assert "there is no account nobody-at-all here" in init(*OWN, *PEOPLE, "--user", "nobody-at-all").out
    assert account_of("nobody-at-all") is None


ZONES = [
    ("/usr/share/zoneinfo/Europe/Malta", "Europe/Malta"),
    ("../usr/share/zoneinfo/America/Argentina/Ushuaia", "America/Argentina/Ushuaia"),
    ("/usr/share/zoneinfo/Etc/UTC", ""),
    ("/usr/share/zoneinfo/UTC", ""),
    ("/elsewhere/Malta", ""),
]


@pytest.mark.parametrize(("target", "zone"), ZONES)
def test_the_zone_of_this_machine(tmp_path: Path, target: str, zone: str) -> None:
    """A server that lives by UTC tells nothing about where its people live."""
    (tmp_path / "localtime").symlink_to(target)
    assert zone_of_this_machine(tmp_path / "localtime") == zone
    assert zone_of_this_machine(tmp_path / "nowhere") == ""


def test_complaints_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft is tried in a directory that is gone afterwards."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert complaints("x = 1") != ()
    assert list(tmp_path.iterdir()) == []
