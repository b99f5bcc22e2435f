"""The whole thing as a user runs it: `maild run` as a process of its own, between a real Dovecot and a real Postfix."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from tests.servers.dovecot import Account, Dovecot
from tests.servers.postfix import Postfix
from tests.servers.sink import Arrived, Sink
from tests.team import TEAM

PATIENCE = 30.0
"""Seconds that a condition may take to come true on a busy machine."""

AUTHSERV = "mx.pymalta.test"

CONFIG = (
    TEAM
    + """\
[imap]
host = "localhost"
port = {imap_port}
tls = "{tls}"
ca_file = "{ca_file}"
username = "{mailbox}"
password_file = "password"
poll_seconds = {poll}
since = 2020-01-01
[smtp]
host = "localhost"
port = {smtp_port}
tls = "{smtp_tls}"
ca_file = "{ca_file}"
[authentication]
authserv_id = "{authserv}"
[run]
state_directory = "state"
runtime_directory = "run"
"""
)


Found = TypeVar("Found")


def eventually(condition: Callable[[], Found], *, patience: float = PATIENCE) -> Found:
    """What the condition gives, once that is true."""
    deadline = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain")
        time.sleep(0.02)
    return found


@dataclass(slots=True, kw_only=True)
class Stage:
    """One maild with its servers. `extra` is configuration of the test's own, after all tables."""

    dovecot: Dovecot
    account: Account
    postfix: Postfix
    sink: Sink
    ca_file: Path
    extra: str = ""
    poll: int = 2
    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="md")))
    process: subprocess.Popen[bytes] | None = None
    _mails: int = 0

    def __post_init__(self) -> None:
        (self.directory / "state").mkdir(mode=0o700)
        self.set_password(self.account.password)
        self.configure()

    def configure(self, **changes: object) -> None:
        """Write the configuration, with changes to the usual one."""
        usual: dict[str, object] = {
            "mailbox": self.account.user,
            "imap_port": self.dovecot.tls_port,
            "tls": "implicit",
            "smtp_port": self.postfix.submission_port,
            "smtp_tls": "starttls",
            "ca_file": self.ca_file,
            "poll": self.poll,
            "authserv": AUTHSERV,
        }
        (self.directory / "config.toml").write_text(CONFIG.format(**usual | changes) + self.extra)

    def set_password(self, password: str) -> None:
        """Put the mailbox's password where maild looks for it."""
        path = self.directory / "password"
        path.touch(mode=0o600)
        path.write_text(password + "\n")

    def start(self) -> None:
        """Run the daemon."""
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(self.command("run"), stdout=log, stderr=log, cwd=self.directory)

    def command(self, *words: str) -> list[str]:
        """A `maild` command line with this stage's configuration."""
        return [sys.executable, "-m", "maild", *words, "--config", str(self.directory / "config.toml")]

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=60, check=False, cwd=self.directory)

    def status(self) -> dict[str, Any]:
        """What `maild status --json` says; nothing as long as there is no database."""
        said = self.ask("status", "--json").stdout
        told: dict[str, Any] = json.loads(said) if said else {}
        return told

    def stop(self) -> float:
        """SIGTERM; the answer is how many seconds it took to end in order."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, self.log
        return time.monotonic() - begun

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def close(self) -> None:
        """End what still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            self.process.kill()
            self.process.wait()

    @property
    def log(self) -> str:
        """Everything the daemon wrote."""
        path = self.directory / "log"
        return path.read_text() if path.exists() else ""

    def write(self, sender: str, text: str, *, answers: Arrived | None = None, subject: str = "Something happened", **headers: str) -> None:
        """Somebody sends a mail to the mailbox through Postfix."""
        self.postfix.submit(self.mail(sender, text, answers=answers, subject=subject, **headers), sender, [self.account.user])

    def mail(self, sender: str, text: str, *, answers: Arrived | None = None, subject: str = "Something happened", **headers: str) -> bytes:
        """A mail as a mail program writes it."""
        self._mails += 1
        lines = [
            f"From: {sender}",
            f"To: {self.account.user}",
            f"Subject: {subject}",
            f"Message-ID: <{self._mails}.{os.getpid()}@{sender.partition('@')[2]}>",
        ]
        lines += ["Date: Mon, 23 Nov 2026 09:00:00 +0100"]
        if answers is not None:
            message_id = header(answers, "Message-ID")
            lines += [f"In-Reply-To: {message_id}", f"References: {message_id}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", *text.strip("\n").split("\n"), ""]).encode()

    def letters(self, address: str) -> list[Arrived]:
        """What has arrived for somebody, in order."""
        return [one for one in list(self.sink.arrived) if one.recipients == (address,)]

    def await_letters(self, address: str, count: int, *, patience: float = PATIENCE) -> list[Arrived]:
        """The same, once there are at least so many."""
        try:
            return eventually(lambda: found if len(found := self.letters(address)) >= count else [], patience=patience)
        except AssertionError:
            told = f"{self.ask('status').stdout}{self.ask('quarantine', 'list').stdout}{self.log}"
            raise AssertionError(f"{len(self.letters(address))} of {count} letters to {address}\n{told}") from None


def read(arrived: Arrived) -> EmailMessage:
    """A letter of ours as the standard library reads it."""
    message = message_from_bytes(arrived.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def header(arrived: Arrived, name: str) -> str:
    """A header of a letter of ours."""
    return str(read(arrived)[name])


def words(arrived: Arrived) -> str:
    """The text of a letter of ours."""
    body = read(arrived).get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text: str = body.get_content()
    return text
