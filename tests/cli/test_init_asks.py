"""`maild init` answered by somebody at a terminal, with slips of the finger, second thoughts and Ctrl-C."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maild.config import load_config

PATIENCE = 30.0
"""Seconds for the next words to appear."""

ENTER, CTRL_C, CTRL_D = "", "\x03", "\x04"


class Terminal:
    """A program at a terminal of its own, and somebody who waits for words before typing."""

    def __init__(self, *words: object) -> None:
        self.screen = ""
        self._ours, theirs = os.openpty()
        # A leader of a session that opens a terminal has it for its own: Ctrl-C reaches the program, and so do hidden questions.
        opened = ["sh", "-c", 'exec "$@" <"$0" >"$0" 2>&1', os.ttyname(theirs), sys.executable, "-m", "maild", *map(str, words)]
        self.program = subprocess.Popen(opened, start_new_session=True, env=os.environ | {"TERM": "dumb"})
        self._seen = 0
        self._read(until=lambda: self.program.poll() is not None or "?" in self.screen or ":" in self.screen)
        os.close(theirs)

    def see(self, words: str) -> None:
        """Wait until these words appear after those that were waited for last."""
        self._read(until=lambda: words in self.screen[self._seen :])
        assert words in self.screen[self._seen :], self.screen
        self._seen = self.screen.index(words, self._seen) + len(words)

    def answer(self, prompt: str, text: str, *, after: str = "") -> None:
        """Wait for `after` and the prompt, and type an answer to it."""
        for words in (after, prompt, ": "):
            self.see(words)
        os.write(self._ours, f"{text}\n".encode())

    def give_up(self, prompt: str, key: str) -> None:
        """Wait for the prompt and press a key until that is heard: Python misses one that comes just as it begins to wait."""
        self.see(prompt)
        limit = time.monotonic() + PATIENCE
        while "Nothing was written." not in self.screen and time.monotonic() < limit:
            os.write(self._ours, key.encode())
            self._read(until=lambda: "Nothing was written." in self.screen, patience=1)

    def end(self) -> int:
        """Wait for the end; the program's status."""
        self._read(until=lambda: self.program.poll() is not None)
        return self.program.wait(PATIENCE)

    def close(self) -> None:
        """Leave nothing running."""
        if self.program.poll() is None:
            self.program.kill()
            self.program.wait(PATIENCE)
        os.close(self._ours)

    def _read(self, *, until: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Read what appears, until it is enough, the program has left the terminal, or patience ends."""
        limit = time.monotonic() + patience
        while not until() and time.monotonic() < limit:
            if select.select([self._ours], [], [], 0.1)[0]:
                try:
                    piece = os.read(self._ours, 4096)
                except OSError:  # EIO: nobody has the other side open any more
                    return
                self.screen += piece.decode(errors="replace").replace("\r\n", "\n")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration will be."""
    return tmp_path / "etc" / "config.toml"


@pytest.fixture
def at(config: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts `maild init` at a terminal."""
    terminals: list[Terminal] = []

    def start(*words: object) -> Terminal:
        terminals.append(Terminal("init", "--config", config, "--no-check", *words))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def test_somebody_who_mistypes(at: Callable[..., Terminal], config: Path) -> None:
    """Every slip is answered by the reason and the same question again; Enter takes the default; the password never shows."""
    person = at()
    person.answer("Address for reports", "info", after="It has to be a")
    person.answer("Address for reports", "info@pymalta.example", after="That cannot be used: must be one plain mail address")
    person.answer("Name of the organisation [pymalta.example]", "PyMalta ĦĠŻ")
    person.answer("Provider", "gogle", after="google     Gmail or Google Workspace")
    person.answer("Provider", "4", after="did you mean google?")
    person.answer("Provider", "OWN", after="must be one of google, microsoft, cpanel, own")
    person.answer("Mail server [localhost]", "http://localhost")
    person.answer("Mail server [localhost]", ENTER, after="must be a host name only")
    person.answer("User name [info]", ENTER)
    person.answer("Password", ENTER, after="You will not see what you type.")
    person.answer("Password", "correct horse", after="it cannot be empty")
    person.answer("Staff 1", ENTER, after="Name at least two")
    person.answer("Staff 1", "ana@home.example", after="write the name and the address")
    person.answer("Staff 1", "Ana Borg <info@pymalta.example>", after="write the name and the address")
    person.answer("Staff 1", "Ana Borg <ana@home.example>", after="is the mailbox itself (write a private address).")
    person.answer("Staff 2", "Benjamin <ana@home.example>")
    person.answer("Staff 2", "Benjamin ben@home.example", after="this address is taken (each address belongs to one entry).")
    person.answer("Staff 3", ENTER)
    person.answer("Board 1", "Carla <carla@home.example>", after="a weekly digest")
    person.answer("Board 2", "Ana Borg <ana@home.example>")
    person.answer("Board 3", ENTER)
    person.answer("Fallback contact", "Ben <ben@home.example>")
    person.answer("Fallback contact", "Felix <felix@elsewhere.example>", after="must be somebody outside it).")
    person.answer(f"Write {config}?", ENTER)
    assert person.end() == 0
    assert "correct horse" not in person.screen
    assert "see line" not in person.screen
    read = load_config(config)
    assert (read.organisation.name, read.imap.host, read.imap.username) == ("PyMalta ĦĠŻ", "localhost", "info")
    assert read.imap.password.reveal() == "correct horse"
    assert [(one.handle, one.address) for one in read.staff] == [("ana", "ana@home.example"), ("benjamin", "ben@home.example")]
    assert [one.handle for one in read.board] == ["carla", "ana"]
    assert read.fallback[0].name == "Felix"


def test_only_what_no_option_says_is_asked(at: Callable[..., Terminal], config: Path) -> None:
    """Options and answers go together; a provider that everybody knows by its domain is the default, and nobody on the board is an answer."""
    person = at("--staff", "Ana <ana@home.example>", "--name", "Small", "--fallback", "Felix <felix@elsewhere.example>")
    person.answer("Address for reports", "reports@gmail.com")
    person.answer("Provider [google]", ENTER)
    person.answer("Client ID", ENTER, after="then press Enter here")
    person.answer("Password", "abcd efgh ijkl mnop", after="app password")
    person.answer("Board 1", ENTER)
    person.answer(f"Write {config}?", ENTER)
    assert person.end() == 0
    assert [words for words in ("Name of", "Mail server", "User name", "Staff 1", "Fallback contact") if words in person.screen] == []
    read = load_config(config)
    assert (read.organisation.name, read.smtp.plus_addressing, read.board) == ("Small", True, ())
    assert read.smtp.password.reveal() == "abcd efgh ijkl mnop"


def test_somebody_whose_google_forbids_passwords(at: Callable[..., Terminal], config: Path) -> None:
    """A client ID takes the place of the password, and its secret is asked for as hidden as that."""
    person = at("--staff", "Ana <ana@home.example>", "--name", "Small", "--fallback", "Felix <felix@elsewhere.example>", "--board", "")
    person.answer("Address for reports", "reports@gmail.com")
    person.answer("Provider [google]", ENTER)
    person.answer("Client ID", "an-id")
    person.answer("Client secret", "GOCSPX-planted", after="You will not see what you type.")
    person.answer(f"Write {config}?", ENTER)
    assert person.end() == 0
    assert "GOCSPX" not in person.screen
    assert load_config(config).oauth.client_secret.reveal() == "GOCSPX-planted"


def test_only_an_unusual_port_is_asked_about(at: Callable[..., Terminal], config: Path) -> None:
    """Of a port that does not tell how it is spoken on, somebody is asked; of the others nobody is."""
    person = at("--server", "mail.pymalta.example", "--imap-port", 1143, "--smtp-port", 587)
    for prompt, text in QUESTIONS[:3]:
        person.answer(prompt, text)
    person.answer("TLS of IMAP [implicit]", "startls", after="The port does not tell")
    person.answer("TLS of IMAP [implicit]", "STARTTLS", after='did you mean "starttls"')
    person.answer("User name [info@pymalta.example]", ENTER)
    for prompt, text in QUESTIONS[5:]:
        person.answer(prompt, text)
    person.answer("Write ", "y")
    assert person.end() == 0, person.screen
    assert "TLS of SMTP" not in person.screen
    read = load_config(config)
    assert [(one.port, one.tls) for one in (read.imap, read.smtp)] == [(1143, "starttls"), (587, "starttls")]


QUESTIONS = [
    ("Address for reports", "info@pymalta.example"),
    ("Name of the organisation", ENTER),
    ("Provider", "own"),
    ("Mail server", ENTER),
    ("User name", ENTER),
    ("Password", "correct horse"),
    ("Staff 1", "Ana <ana@home.example>"),
    ("Staff 2", ENTER),
    ("Board 1", ENTER),
    ("Fallback contact", "Felix <felix@elsewhere.example>"),
]


@pytest.mark.parametrize("given_up", [CTRL_C, CTRL_D, "n\n"], ids=["Ctrl-C", "end of input", "no"])
def test_somebody_who_gives_up_at_the_end(at: Callable[..., Terminal], config: Path, given_up: str) -> None:
    """Whoever says no to the last question finds nothing on the disk."""
    person = at()
    for prompt, text in QUESTIONS:
        person.answer(prompt, text)
    person.give_up("Write ", given_up)
    assert person.end() == 130
    assert "Nothing was written." in person.screen
    assert not config.parent.exists()


@pytest.mark.parametrize("last", ["Address for reports", "Password", "Staff 2"])
def test_somebody_who_gives_up_half_way(at: Callable[..., Terminal], config: Path, last: str) -> None:
    """Ctrl-C at any question ends it, at the hidden one too, and nothing is on the disk."""
    person = at()
    for prompt, text in QUESTIONS[: [prompt for prompt, _ in QUESTIONS].index(last)]:
        person.answer(prompt, text)
    person.give_up(last, CTRL_C)
    assert person.end() == 130
    assert "Nothing was written." in person.screen
    assert not config.parent.exists()


def test_yes_asks_nothing(at: Callable[..., Terminal], config: Path) -> None:
    """With --yes somebody at a terminal is not asked either: what is missing is said."""
    person = at("--yes", "--address", "info@pymalta.example")
    assert person.end() == 2
    assert "give --provider and --staff" in person.screen
    assert not config.parent.exists()
