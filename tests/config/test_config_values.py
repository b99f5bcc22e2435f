"""Good configurations: what the values of the file become."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from maild.config import Config, load_config
from maild.config.names import is_loopback
from maild.config.servers import Imap
from maild.errors import ConfigInvalid, SecretUnreadable
from maild.playbook.people import Role

HOST = 'host = "imap.example.org"'
SMTP = 'host = "smtp.example.org"'

SPANS = [
    ("poll_seconds = 90", timedelta(seconds=90), "a number counts in the unit of the key's name"),
    ("poll_seconds = 1.5", timedelta(seconds=1.5), "fractions are fine"),
    ('poll_seconds = "2 min"', timedelta(minutes=2), "a text has its own unit"),
    ('poll_seconds = "0.5 minutes"', timedelta(seconds=30), "units may be spelt out"),
    ('poll_seconds = "5min"', timedelta(minutes=5), "the blank may be left out"),
    ('operation_seconds = "10 min"', timedelta(minutes=10), "the upper bound belongs to it"),
    ('read_seconds = "1 s"', timedelta(seconds=1), "the lower bound belongs to it"),
]


@pytest.mark.parametrize(("line", "span", "why"), SPANS)
def test_spans_are_read_as_people_write_them(line: str, span: timedelta, why: str, read: Callable[..., Config], good: str) -> None:
    """A span of time is a number in the key's unit or a text with a unit."""
    imap = read(good.replace(HOST, f"{HOST}\n{line}")).imap
    assert getattr(imap, line.split(maxsplit=1)[0]) == span, why


SIZES = [("1_000_000", 1_000_000), ('"1 MB"', 1_000_000), ('"64 KiB"', 65_536), ('"35 MiB"', 35 * 2**20), ('"0.5 MiB"', 2**19)]


@pytest.mark.parametrize(("written", "size"), SIZES)
def test_sizes_are_read_as_people_write_them(written: str, size: int, read: Callable[..., Config], good: str) -> None:
    """A size is a number of bytes or a text with a unit, decimal or binary."""
    assert read(good.replace(HOST, f"{HOST}\nsize_limit = {written}")).imap.size_limit == size


MOMENTS = [
    ("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC), "a date is its first minute where the organisation is (summer time)"),
    ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC), "and in winter time"),
    ("2026-12-01T09:00:00", datetime(2026, 12, 1, 8, tzinfo=UTC), "a moment without offset is local"),
    ("2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, tzinfo=UTC), "an offset counts"),
    ('""', None, "nothing is the moment of the first start"),
]


@pytest.mark.parametrize(("written", "moment", "why"), MOMENTS)
def test_since_is_an_aware_moment(written: str, moment: datetime | None, why: str, read: Callable[..., Config], good: str) -> None:
    """Dates of the file are days of the organisation's time zone; inside they are UTC."""
    assert read(good.replace(HOST, f"{HOST}\nsince = {written}")).imap.since == moment, why


PORTS = [
    ('tls = "implicit"', 993, 465),
    ('tls = "starttls"', 143, 587),
    ('tls = "none"', 143, 25),
    ("", 993, 465),
    ('tls = "StartTLS"\nport = 1430', 1430, 1430),
]


def test_a_host_may_be_an_address(read: Callable[..., Config], good: str) -> None:
    """Servers without a name are found by number."""
    assert read(good.replace("imap.example.org", "fd00::25").replace("smtp.example.org", "192.0.2.25")).imap.host == "fd00::25"


@pytest.mark.parametrize(("lines", "imap", "smtp"), PORTS)
def test_ports_follow_tls(lines: str, imap: int, smtp: int, read: Callable[..., Config], good: str) -> None:
    """Each way of encryption has its own port unless one is written."""
    local = 'host = "127.0.0.1"\n' + lines
    config = read(good.replace(HOST, local).replace(SMTP, local))
    assert (config.imap.port, config.smtp.port) == (imap, smtp)


LOOPBACKS = [
    ("localhost", True),
    ("LOCALHOST", True),
    ("127.0.0.53", True),
    ("::1", True),
    ("10.0.0.1", False),
    ("localhost.example.org", False),
]


@pytest.mark.parametrize(("host", "loopback"), LOOPBACKS)
def test_only_this_machine_is_loopback(host: str, loopback: bool) -> None:
    """TLS may be off only where nobody else can listen."""
    assert is_loopback(host) is loopback


DATABASES = [
    "sqlite:////srv/maild/maild.sqlite",
    "postgresql+psycopg://maild@localhost/maild",
    "postgresql+psycopg://maild@[::1]:5433/maild",
    "postgresql+psycopg:///maild",
    "postgresql+psycopg:///maild?host=/run/postgresql",
    "postgresql+psycopg://maild@db.example.org/maild?sslmode=verify-full&sslrootcert=system",
]


@pytest.mark.parametrize("url", DATABASES)
def test_safe_databases_are_accepted(url: str, read: Callable[..., Config], good: str) -> None:
    """An SQLite file, PostgreSQL on this machine, and PostgreSQL elsewhere with a certificate that proves its name."""
    config = read(f'{good}\n[database]\nurl = "{url}"\n')
    assert config.database.opened_url() == config.database.url == url


def test_the_database_password_enters_the_url_late(read: Callable[..., Config], good: str) -> None:
    """The URL that is shown holds no password; the one that is opened does, escaped, and follows the environment."""
    url = "postgresql+psycopg://maild@localhost:5433/maild?connect_timeout=5"
    text = f'{good}\n[database]\nurl = "{url}"\npassword_env = "DATABASE_PASSWORD"\n'
    config = read(text, DATABASE_PASSWORD="p@ss/w:rd")
    assert config.database.opened_url() == "postgresql+psycopg://maild:p%40ss%2Fw%3Ard@localhost:5433/maild?connect_timeout=5"
    assert "p@ss" not in repr(config) + config.database.url
    with pytest.raises(SecretUnreadable):
        read(text).database.opened_url()


def test_directories_come_from_systemd(read: Callable[..., Config], good: str, desk: Path) -> None:
    """$STATE_DIRECTORY and $RUNTIME_DIRECTORY are the defaults, the database and its key lie in the first; the file prevails."""
    by_environment = read(good, STATE_DIRECTORY="/srv/a:/srv/b", RUNTIME_DIRECTORY="/run/a")
    assert (by_environment.run.state_directory, by_environment.run.runtime_directory) == (Path("/srv/a"), Path("/run/a"))
    assert by_environment.database.url == "sqlite:////srv/a/maild.sqlite"
    by_file = read(f'{good}\n[run]\nstate_directory = "state"\n', STATE_DIRECTORY="/srv/a")
    assert by_file.run.state_directory == desk / "state"
    assert (by_file.database.url, by_file.database.key_file) == (f"sqlite:///{desk}/state/maild.sqlite", desk / "state/maild.key")


def test_everything_else(read: Callable[..., Config], good: str, desk: Path) -> None:
    """Days, times, lists, several lines, paths and both kinds of tables arrive as what they are."""
    config = read(
        good.replace(SMTP, f'{SMTP}\nca_file = "open.key"').replace('name = "Ben"', 'name = "Ben"\naliases = ["Benny", "ben@work.example"]')
        + '\n[digest]\nweekday = "Friday"\ntime = 17:30:00\n'
        + '\n[letters]\ntemplates = "open"\nseparator = "##- antworten Sie oberhalb -##"\n'
        + '\n[[space]]\nslug = "forum"\nname = "Forum"\ncontact = "mods@example.net"\n'
        + '\n[[event]]\nslug = "conf"\nname = "Conf"\nstart = 2026-11-05\nend = 2026-11-05\nspaces = ["forum"]\n'
    )
    assert config.staff[1].aliases == ("Benny", "ben@work.example")
    assert (config.digest.weekday, config.digest.time) == ("friday", time(17, 30))
    assert (config.letters.templates, config.smtp.ca_file) == (desk / "open", desk / "open.key")
    assert (config.event[0].start, config.event[0].spaces) == (date(2026, 11, 5), ("forum",))
    assert config.organisation.zone.key == "Europe/Malta"


def test_lines_of_help_keep_their_ends(read: Callable[..., Config], good: str) -> None:
    """A text in three quotes has several lines, without blanks around them."""
    config = read(good.replace('name = "Example"', 'name = "Example"\nhelp_lines = """\n  In danger? \nCall 112.\n"""'))
    assert config.organisation.help_lines == "In danger?\nCall 112."


def test_a_ladder_may_be_brought_forward(read: Callable[..., Config], good: str) -> None:
    """The playbook's limit is the latest last step; an organisation may promise more."""
    config = read(f'{good}\n[clocks]\nrespond_hours = ["1 day", 48, 60, "70 h", 71, "3 days"]\n')
    assert config.clocks.respond_hours[-1] == timedelta(days=3)


def test_a_crash_run_may_ask_for_no_waiting(read: Callable[..., Config], good: str) -> None:
    """uncertain_after_minutes may be nothing at all."""
    assert read(f"{good}\n[limits]\nuncertain_after_minutes = 0\n").limits.uncertain_after_minutes == timedelta()


def test_an_entry_may_say_its_own_address_twice(read: Callable[..., Config], good: str) -> None:
    """Only the address of somebody else is taken."""
    assert read(good.replace('name = "Ben"', 'name = "Ben"\naliases = ["BEN@example.net"]')).staff[1].handle == "ben"


CARLA = 'handle = "carla"\nname = "Carla"\naddress = "carla@example.net"'
BEN_TOO = 'handle = "ben"\nname = "Ben Vella"\naddress = "BEN@example.net"\naliases = ["Benny"]'


def test_somebody_may_be_of_staff_and_of_the_board(read: Callable[..., Config], good: str) -> None:
    """One person with the same handle and address in both, known by every name that stands in either."""
    policy = read(good.replace(CARLA, BEN_TOO)).policy()
    staff, board = [one for one in policy.people if one.handle == "ben"]
    assert (staff.role, board.role) == (Role.STAFF, Role.BOARD)
    assert {staff.name, *staff.aliases} == {board.name, *board.aliases} == {"Ben", "Ben Vella", "Benny"}
    assert [one.handle for one in policy.everybody] == ["ana", "ben", "fallback"]
    assert policy.by_address("ben@example.net") is policy.person("ben") is staff


def test_each_of_us_has_a_language(read: Callable[..., Config], good: str) -> None:
    """English where nobody asks for another, whatever the organisation's is; somebody with two roles has one for each."""
    asked = good.replace(CARLA, BEN_TOO).replace('name = "Example"', 'name = "Example"\nlanguage = "mt"')
    for line in ('name = "Ben Vella"', 'name = "Outside"'):
        asked = asked.replace(line, f'{line}\nlanguage = "mt"')
    policy = read(asked).policy()
    assert [(one.handle, one.role.value, one.language) for one in policy.people] == [
        ("ana", "staff", "en"),
        ("ben", "staff", "en"),
        ("ben", "board", "mt"),
        ("fallback", "fallback", "mt"),
    ]


AWAY = [("staff", ["ana"], ["ben"]), ("board", ["ana", "ben"], [])]


@pytest.mark.parametrize(("table", "staff", "board"), AWAY)
def test_somebody_may_rest_from_one_of_two_roles(
    table: str, staff: list[str], board: list[str], read: Callable[..., Config], good: str
) -> None:
    """active = false in one of the tables ends that role, and the person stays."""
    both = good.replace(CARLA, BEN_TOO)
    named = 'name = "Ben"' if table == "staff" else 'name = "Ben Vella"'
    policy = read(both.replace(f"{named}\n", f"{named}\nactive = false\n")).policy()
    assert ([one.handle for one in policy.staff], [one.handle for one in policy.board]) == (staff, board)
    assert policy.by_address("ben@example.net") is policy.person("ben")
    assert policy.person("ben").active


TWICE = [
    (
        'handle = "ben"\nname = "Ben"\naddress = "ben@elsewhere.example"',
        "board.handle: this handle is taken (somebody who is staff and board",
    ),
    (
        'handle = "benny"\nname = "Ben"\naddress = "ben@example.net"',
        "board.address: this address is taken (somebody who is staff and board",
    ),
    (f"{BEN_TOO}\n[[board]]\n{BEN_TOO}", "board.handle: this handle is taken"),
]


@pytest.mark.parametrize(("entry", "sentence"), TWICE, ids=["another address", "another handle", "twice of the board"])
def test_half_the_same_is_a_mistake(entry: str, sentence: str, read: Callable[..., Config], good: str) -> None:
    """Two people under one handle would get each other's letters."""
    with pytest.raises(ConfigInvalid, match=re.escape(sentence)):
        read(good.replace(CARLA, entry))


def test_nothing_changes_after_reading(read: Callable[..., Config], good: str) -> None:
    """A configuration and its tables are frozen."""
    config = read(good)
    with pytest.raises(ValidationError):
        config.imap.host = "elsewhere.example.org"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        config.staff = ()  # type: ignore[misc]


WARNINGS = [
    ('[authentication]\nauthserv_id = "mx.example.org"\n', [], "nothing to say"),
    ("", ["authentication.authserv_id"], "without it, each decision needs a confirmation"),
    ('[authentication]\nauthserv_id = "mx.example.org"\n[oauth]\ntoken_command = "x"\n', ["oauth"], "tokens that no server asks for"),
]


@pytest.mark.parametrize(("lines", "keys", "why"), WARNINGS)
def test_warnings_name_what_is_not_wise(lines: str, keys: list[str], why: str, read: Callable[..., Config], good: str) -> None:
    """A warning is a sentence about something that works."""
    assert [warning.split(":")[0] for warning in read(f"{good}\n{lines}").warnings] == keys, why


def test_a_small_team_is_warned(read: Callable[..., Config], good: str) -> None:
    """One active person on staff and nobody on the board are a risk each."""
    alone = good.replace('name = "Ben"', 'name = "Ben"\nactive = false').replace('name = "Carla"', 'name = "Carla"\nactive = false')
    assert [warning.split(":")[0] for warning in read(alone).warnings] == ["authentication.authserv_id", "staff", "board"]


def test_tables_can_be_made_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside `load_config` this process's own environment and directory count."""
    monkeypatch.setenv("IMAP_PASSWORD", "correct horse")
    imap = Imap.model_validate({"host": "localhost", "username": "info", "password_env": "IMAP_PASSWORD", "ca_file": ""})
    assert imap.password is not None
    assert imap.password.reveal() == "correct horse"


def test_windows_editors_are_forgiven(read: Callable[..., Config], good: str) -> None:
    """A byte order mark and line ends of two characters change nothing, not even the numbers of the lines."""
    windows = good.replace("\n", "\r\n").encode("utf-8-sig")
    assert read(windows) == read(good)
    with pytest.raises(ConfigInvalid) as caught:
        read(windows.replace(b"[smtp]", b"[smpt]"))
    assert caught.value.problems[-1].startswith("config.toml:29: smpt: unknown table (did you mean [smtp]?)")


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """The first thing a newcomer meets is a sentence with the way on."""
    with pytest.raises(ConfigInvalid) as caught:
        load_config(tmp_path / "config.toml")
    assert str(caught.value) == f"{tmp_path}/config.toml: there is no such file (make it by `maild init`, or name another by --config)"


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    """What cannot be read is named with the system's reason."""
    with pytest.raises(ConfigInvalid, match=r"cannot be read \(Is a directory\)"):
        load_config(tmp_path)


def test_a_huge_file_is_not_read() -> None:
    """A mailbox named by mistake does not fill the memory."""
    with pytest.raises(ConfigInvalid, match="is larger than 262144 bytes"):
        load_config(Path("/dev/zero"))


TOKENS = [
    ('token_command = "oama access info@example.org"', "a program of one's own"),
    ('provider = "google"\nclient_id = "x.apps.example"\nclient_secret_file = "imap.password"', "Google, once `maild login` was run"),
    ('provider = "Microsoft"\nclient_id = "6731de76"', "Microsoft, whose applications may have no secret"),
    (
        'provider = "microsoft"\nclient_id = "6731de76"\nclient_secret_credential = "app"\ngrant = "client_credentials"\ntenant = "example.org"',
        "an application of its own",
    ),
    (
        'token_command = "x"\ntoken_url = "http://127.0.0.1:8080/t"\ndevice_url = "https://[::1]/d"\nauthorize_url = "https://idp.example.org/a?b=c"',
        "other addresses, in clear text on this machine only",
    ),
]


@pytest.mark.parametrize(("lines", "why"), TOKENS)
def test_access_tokens(lines: str, why: str, read: Callable[..., Config], good: str) -> None:
    """A server that is logged in to by a token has no password of its own."""
    config = read(good.replace('password_file = "imap.password"', 'auth = "xoauth2"') + f"\n[oauth]\n{lines}\n")
    assert (config.imap.auth, config.imap.password, config.smtp.auth) == ("xoauth2", None, "password"), why
    assert config.uses_tokens
    assert (config.oauth.client_secret is None) == ("client_secret" not in lines)
    assert "oama" not in repr(config)


def test_several_contacts_outside_are_asked_in_their_order(read: Callable[..., Config], good: str) -> None:
    """One table is one contact, and several tables are several; their handles are nobody else's."""
    one = read(good).policy().fallbacks
    assert [person.handle for person in one] == ["fallback"]
    table = re.search(r"\[fallback\]\n(?:.+\n)+", good)
    assert table
    again = table[0].replace("[fallback]", "[[fallback]]")
    other = '[[fallback]]\nname = "Gina"\naddress = "gina@elsewhere.example"\n'
    several = read(good.replace(table[0], f"{again}{other}")).policy().fallbacks
    assert [(person.handle, person.role) for person in several] == [("fallback", Role.FALLBACK), ("fallback.2", Role.FALLBACK)]
    assert several[1].address == "gina@elsewhere.example"
