"""The operator's first hour: what README.md and docs/hosting.md say to type, typed on a clean Debian. What is played: `debian.py`.

Nothing is typed that is not on the pages. Only REPOSITORY is replaced, as the pages say, by a repository with this tree.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.package.machine import Machine
from tests.whole.debian import CLONE, ENVIRON, REPOSITORY, debian, furnish, missing, plain
from tests.whole.pages import commands
from tests.whole.terminal import Terminal

OWN = ["The program", "A mail server of your own", "Set the lines that the check prints", "Start it", "The first report"]
MINUTES = 10
WORKS = "\nEverything works"
JOURNAL = "tail -n 20 /var/log/played/* 2>/dev/null || true"

pytestmark = [
    pytest.mark.deep,
    pytest.mark.xdist_group("deb"),
    pytest.mark.timeout(600),
]

# Somebody outside who writes by SMTP, and looks for the answer.
WRITE = """\
import smtplib
mail = "From: Lee <lee@example.org>\\r\\nTo: info@example.org\\r\\nSubject: At the meetup\\r\\n\\r\\nSomebody shouted at me.\\r\\n"
with smtplib.SMTP("127.0.0.1", 25) as smtp:
    smtp.sendmail("lee@example.org", ["info@example.org"], mail)
"""
ANSWERED = "until cat /home/lee/Maildir/new/* 2>/dev/null; do sleep 0.2; done"

# What the README's `maild init` asks somebody whose mailbox docs/hosting.md has made.
ANSWERS = [
    ("Address for reports", "info@example.org"),
    ("Name of the organisation", "Example Community"),
    ("Provider", "own"),
    ("Mail server", "localhost"),
    ("User name", "info"),
    ("Password", "{password}"),
    ("Staff 1", "Ana Borg <ana@example.net>"),
    ("Staff 2", "Bo Grech <bo@example.net>"),
    ("Staff 3", ""),
    ("Board 1", "Carla Zammit <carla@example.net>"),
    ("Board 2", ""),
    ("Fallback contact", "Felix Vella <felix@example.com>"),
    ("Write /etc/maild/config.toml?", ""),
]


def walk(there: Machine, typed: Sequence[str], *, answers: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, str]:
    """Type all of it at one terminal; each command has to succeed. What each one showed."""
    shown = {}
    with Terminal(door=there.door, environ=ENVIRON) as terminal:
        for command in typed:
            begun = time.monotonic()
            status, screen = terminal.type(command.replace("REPOSITORY", REPOSITORY), answers.get(command, ()))
            print(f"{time.monotonic() - begun:5.1f} s  {command}\n{plain(screen)}")
            assert status == 0, f"{command}\n{screen}\n{there.run('sh', '-c', JOURNAL)}"
            shown[command] = plain(screen)
            if command.startswith(("maild check", "maild init")):
                there.run("sh", "-c", "cat >/run/screen", given=plain(screen).encode())
            if command.startswith("git clone"):
                furnish(there)
    return shown


def said(shown: Mapping[str, str], beginning: str) -> str:
    """What the last command showed that begins so."""
    return [screen for command, screen in shown.items() if command.startswith(beginning)][-1]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The server: the second page is followed where the first has left off."""
    if reason := missing():
        pytest.skip(reason)
    with debian(tmp_path_factory.mktemp("debian")) as there:
        yield there


@pytest.fixture(scope="module")
def hosted(there: Machine) -> tuple[dict[str, str], float]:
    """Every command of docs/hosting.md for a mail server of one's own, and how many seconds it took."""
    begun = time.monotonic()
    shown = walk(there, [command for heading in OWN for command in commands("docs/hosting.md", heading)], answers={})
    return shown, time.monotonic() - begun


def test_a_report_is_acknowledged_within_ten_minutes(hosted, capsys):
    """From a clean Debian to the acknowledgement in the reporter's mailbox by what docs/hosting.md says alone."""
    shown, took = hosted
    with capsys.disabled():
        print(f"\nFrom the first command of docs/hosting.md to the acknowledgement: {took:.0f} s")
    assert took < MINUTES * 60
    acknowledgement = said(shown, "timeout 120")
    assert "\nTo: kim@example.org\n" in acknowledgement
    assert "\nSubject: [Example Community R-" in acknowledgement


def test_the_page_says_what_is_seen(hosted):
    """The check at the end of `maild init` has only notes and the one line that step 7 sets; then there is no line left, and it runs."""
    shown, _ = hosted
    begun, then = said(shown, "maild init"), said(shown, "maild check")
    assert [line for line in begun.splitlines() if line.startswith("fault")] == []
    assert begun.rstrip().endswith("# in [smtp]\nplus_addressing = true\n\nEverything works, 2 to note.")
    assert "suit the mail host better" not in then
    assert WORKS in then
    assert WORKS in said(shown, "maild status")


def test_a_mail_by_smtp_is_answered(there, hosted):
    """A report that comes in by SMTP is acknowledged too; staff have the notices of both, as far as this machine can bring them."""
    there.run("useradd", "--create-home", "lee")
    there.run("/usr/bin/python3", "-c", WRITE)
    assert "\nTo: lee@example.org\n" in there.run("timeout", "60", "sh", "-c", ANSWERED)
    there.run("userdel", "--remove", "lee")
    waiting = there.run("postqueue", "-p")
    assert waiting.count("ana@example.net") == waiting.count("bo@example.net") == 2
    assert there.run("systemctl", "is-enabled", "maild") == "enabled\n"


def test_the_short_way_of_the_readme(there, hosted):
    """Its commands in their order, with the questions of `maild init` answered, where the mail server is there already."""
    password = there.run("cat", "/etc/maild/mailbox.password").strip()
    there.run("dpkg", "--purge", "maild")
    assert there.ask("pgrep", "--full", "/usr/bin/maild").returncode != 0
    assert there.ask("ls", "/etc/maild").returncode != 0
    there.run("rm", "-rf", "/var/lib/maild", CLONE, "/var/log/played/maild")
    answers = [(question, answer.format(password=password)) for question, answer in ANSWERS]
    shown = walk(there, commands("README.md", "Install it in ten minutes"), answers={"maild init": answers})
    assert password not in said(shown, "maild init")
    assert WORKS in said(shown, "maild init")
    assert " info maild " in said(shown, "journalctl")
    assert WORKS in said(shown, "maild check")
    assert WORKS in said(shown, "maild status")
