"""`maild demo` as a newcomer meets it: the installed program as a process, read from its output and reached by mail."""

import os
import re
import select
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from time import monotonic

import pytest
from imapclient import IMAPClient

ROOT = Path(__file__).parent.parent.parent
DEMO = (sys.executable, "-m", "maild", "demo")
WHOLE_STORY = 30.0
"""Seconds the story may take."""
ENDING = 10.0
"""Seconds after Ctrl-C."""
QUICK = 5000
"""Milliseconds; usually it is a tenth of that, and a machine that runs all tests at once is slow."""
INFO = "info@pymalta.example"

SEEN = (
    "1. A report arrives",
    "A mail  Kim Attard → PyMalta",
    "The acknowledgement  PyMalta → Kim Attard",
    "Acknowledged in ",
    "2. Staff take the case",
    "A mail  Ana Borg → PyMalta",
    "│ [resolve:private-reprimand]\n│ [reply]",
    "The outcome  PyMalta → Kim Attard",
    "3. Another report",
    "A mail  Sam Grech → PyMalta",
    "Nobody has taken this case",
    "Subject: [%s] Answer due",
    "Word to the board  PyMalta → Dora Camilleri",
    "The holding letter  PyMalta → Sam Grech",
    "Subject: [%s] Deadline missed",
    "4. The week in numbers",
    "The weekly digest  PyMalta → Dora Camilleri",
    "Every step was seen to happen.",
)
"""In this order, among other things; %s is the code name of the second case."""


def surroundings(tmp_path: Path) -> dict[str, str]:
    return os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One run of `maild demo --once`."""

    done: subprocess.CompletedProcess[str]
    seconds: float
    left: list[Path]


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Told:
    """The story, told once."""
    directory, begun = tmp_path_factory.mktemp("demo"), monotonic()
    done = subprocess.run(
        [*DEMO, "--once"], env=surroundings(directory), capture_output=True, text=True, timeout=2 * WHOLE_STORY, check=False
    )
    return Told(done=done, seconds=monotonic() - begun, left=list(directory.iterdir()))


def test_the_whole_story_happens(told):
    """`maild demo --once` tells every step in order, within half a minute, and leaves nothing behind."""
    assert told.done.returncode == 0, told.done.stdout + told.done.stderr
    second_case = re.findall(r"Subject: \[([a-z-]+)\] New report", told.done.stdout)[-1]
    places = [told.done.stdout.find(one.replace("%s", second_case)) for one in SEEN]
    assert places == sorted(places)
    assert places[0] > 0
    assert told.done.stderr == ""
    assert told.seconds < WHOLE_STORY
    assert told.left == []


def test_the_story_fits_on_a_page(told):
    """A hundred columns, and no colours where nobody looks."""
    assert max(map(len, told.done.stdout.splitlines())) <= 100
    assert "\033" not in told.done.stdout


def test_nothing_that_staff_write_reaches_the_reporter(told):
    """Of Ana's mail only what stands under [reply] is in the letter to Kim: no command, no name, no finding."""
    [outcome] = re.findall(r"┌ The outcome .*?\n\n", told.done.stdout, flags=re.DOTALL)
    assert "Thank you for asking for it to stop" in outcome
    assert not re.search(r"Robin|Ana|resolve|first row|\[reply", outcome)


def test_the_acknowledgement_is_quick(told):
    """Seconds at most from the mail server's acceptance to the reporter's mailbox, the reading process's start included; both are told."""
    spans = [int(span) for span in re.findall(r"^Acknowledged in (\d+) ms", told.done.stdout, flags=re.MULTILINE)]
    assert len(spans) == 2
    assert max(spans) < QUICK


@dataclass(kw_only=True)
class Demo:
    """A running demo: its process and what it has printed so far."""

    process: subprocess.Popen[bytes]
    printed: str = ""
    read: int = 0

    def read_until(self, mark: str, *, seconds: float) -> str:
        """Read on until a line holds the mark; the answer is that line."""
        until = monotonic() + seconds
        while not (found := re.compile(f".*{re.escape(mark)}.*\n").search(self.printed, self.read)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, until - monotonic()))
            assert ready, f"{mark!r} was not printed in time, only:\n{self.printed}"
            piece = os.read(self.process.stdout.fileno(), 65536)
            assert piece, f"the demo ended before {mark!r}:\n{self.printed}"
            self.printed += piece.decode(errors="replace")
        self.read = found.end()
        return found[0]

    def told(self, pattern: str) -> str:
        """What the demo said in this place."""
        found = re.search(pattern, self.printed)
        assert found, pattern
        return found[1]


@contextmanager
def running(tmp_path: Path) -> Iterator[Demo]:
    """A demo that stays up; ended at the latest afterwards."""
    process = subprocess.Popen(DEMO, env=surroundings(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield Demo(process=process)
    finally:
        process.kill()
        process.communicate()


def mailbox(demo: Demo, address: str) -> list[EmailMessage]:
    """What lies in somebody's INBOX, oldest first, fetched by IMAP with what the demo has printed."""
    with IMAPClient("127.0.0.1", int(demo.told(r"IMAP .* port (\d+)")), ssl=False, timeout=WHOLE_STORY) as client:
        client.login(address, demo.told(r"the password of all of them is  (\S+)"))
        client.select_folder("INBOX", readonly=True)
        fetched = client.fetch(client.search(), ["BODY.PEEK[]"])
    return [message_from_bytes(answer[b"BODY[]"]) for _, answer in sorted(fetched.items())]


def latest(demo: Demo, address: str, subject: str) -> EmailMessage:
    """Somebody's latest mail of that Subject."""
    return next(mail for mail in reversed(mailbox(demo, address)) if subject in mail["Subject"])


def answer(demo: Demo, address: str, mail: EmailMessage, text: str) -> None:
    """Answer a mail as a mail program does, logged in as that person."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = address, INFO, f"Re: {mail['Subject']}"
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    reply.set_content(text)
    with smtplib.SMTP("127.0.0.1", int(demo.told(r"SMTP .* port (\d+)")), timeout=WHOLE_STORY) as wire:
        wire.login(address, demo.told(r"the password of all of them is  (\S+)"))
        wire.send_message(reply)


def test_it_stays_up_for_a_newcomer(tmp_path):
    """What it says to try works, the operator's commands see the cases, and Ctrl-C ends it all."""
    with running(tmp_path) as demo:
        demo.read_until("Ctrl-C ends it all", seconds=WHOLE_STORY)
        answer(demo, "ben@pymalta.example", latest(demo, "ben@pymalta.example", "Deadline missed"), "[take]\n[status]\n")
        done = demo.read_until("What became of the commands", seconds=WHOLE_STORY)
        assert "PyMalta → Ben Vella" in done
        assert "Done" in done
        answer(demo, "kim@home.example", latest(demo, "kim@home.example", "Your message"), "Thank you.\n")
        assert "The reporter wrote again" in demo.read_until("New message", seconds=WHOLE_STORY)
        references = [mail.get("References", "").split() for mail in mailbox(demo, "ana@pymalta.example")]
        assert all(len(set(known)) == len(known) for known in references)
        tickets = [sys.executable, "-m", "maild", "tickets", "--config", demo.told(r"--config (\S+)")]
        listed = subprocess.run(tickets, env=surroundings(tmp_path), capture_output=True, text=True, timeout=2 * WHOLE_STORY, check=False)
        assert listed.returncode == 0, listed.stderr
        assert demo.told(r"Subject: \[([a-z-]+)\] New report") in listed.stdout
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(ENDING) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_ended_in_the_middle(number, tmp_path):
    """Ctrl-C, or a polite kill, during the story: the status says that not all of it was told, and nothing stays behind."""
    with running(tmp_path) as demo:
        demo.read_until("Acknowledged in", seconds=WHOLE_STORY)
        demo.process.send_signal(number)
        assert demo.process.wait(ENDING) == 128 + signal.SIGINT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["aiosmtpd", "pymap"])
def test_without_the_extra_it_says_what_to_install(missing, tmp_path):
    """One sentence and no traceback where the embedded servers are not installed."""
    script = f"import sys; sys.modules['{missing}'] = None; sys.argv[1:] = ['demo']; from maild.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script], env=surroundings(tmp_path), capture_output=True, text=True, timeout=2 * WHOLE_STORY, check=False
    )
    assert done.returncode == 1
    assert done.stderr == "maild: The demo needs two packages more: pipx install 'maild[demo]'\n"
    assert done.stdout == ""
