"""Secrets: from files, the environment, commands and credentials, read anew each time, and never shown."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from maild.config import Config, Secret
from maild.errors import SecretUnreadable

SHOWN = "correct horse"


def secret(*, environ: dict[str, str] | None = None, patience: float = 30, **place: object) -> Secret:
    """A secret of one place."""
    return Secret(key="imap.password", environ=environ or {}, patience=timedelta(seconds=patience), **place)  # type: ignore[arg-type]


def refusal(hidden: Secret) -> str:
    """The sentence with which a secret cannot be read."""
    with pytest.raises(SecretUnreadable) as caught:
        hidden.reveal()
    assert caught.value.__cause__ is None, "a cause may hold what a command printed"
    return str(caught.value)


def test_a_file_is_read_anew_each_time(desk: Path) -> None:
    """A password that is changed in its file counts from the next use on."""
    hidden = secret(file=desk / "imap.password")
    assert hidden.reveal() == SHOWN
    (desk / "imap.password").write_text("battery staple")
    assert hidden.reveal() == "battery staple"


LINES = [
    (b"correct horse", "without a line end"),
    (b"correct horse\r\n", "with a line end of Windows"),
    (b"correct horse\nurl: example.org\n", "first line only, as pass keeps it"),
    (b"correct horse\n" + b"\n" * 100_000, "a long file"),
]


@pytest.mark.parametrize(("raw", "why"), LINES)
def test_the_first_line_is_the_secret(raw: bytes, why: str, desk: Path) -> None:
    """Line ends and later lines do not belong to a password; blanks inside do."""
    (desk / "imap.password").write_bytes(raw)
    assert secret(file=desk / "imap.password").reveal() == SHOWN, why


def test_a_file_that_others_can_read_is_refused(desk: Path) -> None:
    """A password that is readable by all users is refused with the command that cures it, even when it became so after the start."""
    hidden = secret(file=desk / "imap.password")
    for mode in (0o640, 0o604, 0o620, 0o601):
        (desk / "imap.password").chmod(mode)
        path = desk / "imap.password"
        assert refusal(hidden) == f"imap.password: {path} can be read by other users (run: chmod 600 {path})"


def no_file(desk: Path) -> Path:
    return desk / "nothing"


def a_directory(desk: Path) -> Path:
    return desk / "open"


def a_pipe(desk: Path) -> Path:
    os.mkfifo(desk / "pipe", 0o600)
    return desk / "pipe"


def an_empty_file(desk: Path) -> Path:
    (desk / "empty").touch(mode=0o600)
    return desk / "empty"


def other_bytes(desk: Path) -> Path:
    (desk / "imap.password").write_bytes(b"\xff\xfe")
    return desk / "imap.password"


def a_loop(desk: Path) -> Path:
    (desk / "loop").symlink_to("loop")
    return desk / "loop"


UNREADABLE = [
    (no_file, "imap.password: the file cannot be read (No such file or directory)"),
    (a_directory, "imap.password: the file cannot be read (Is a directory)"),
    (a_pipe, "imap.password: is not the name of a file"),
    (an_empty_file, "imap.password: is empty"),
    (other_bytes, "imap.password: is not UTF-8 text"),
    (a_loop, "imap.password: the file cannot be read (Too many levels of symbolic links)"),
]


@pytest.mark.parametrize(("make", "sentence"), UNREADABLE)
def test_an_unreadable_file_is_one_sentence(make: Callable[[Path], Path], sentence: str, desk: Path) -> None:
    """Whatever stands where the password should, the answer is a sentence, and nothing waits."""
    assert refusal(secret(file=make(desk))) == sentence


def test_a_variable_is_read_from_the_environment() -> None:
    """The environment variable holds the password itself; unset and empty are told apart."""
    assert secret(variable="IMAP_PASSWORD", environ={"IMAP_PASSWORD": SHOWN}).reveal() == SHOWN
    assert refusal(secret(variable="IMAP_PASSWORD")) == "imap.password: the environment variable is not set (set it for the service)"
    assert refusal(secret(variable="IMAP_PASSWORD", environ={"IMAP_PASSWORD": ""})) == "imap.password: is empty"


def test_a_credential_is_read_from_its_directory(desk: Path) -> None:
    """systemd's credential directory is systemd's to protect: permissions are not looked at."""
    environ = {"CREDENTIALS_DIRECTORY": str(desk)}
    assert secret(credential="open.password", environ=environ).reveal() == SHOWN
    assert refusal(secret(credential="imap", environ=environ)) == "imap.password: the file cannot be read (No such file or directory)"
    assert refusal(secret(credential="imap")) == (
        "imap.password: $CREDENTIALS_DIRECTORY is not set (run maild by systemd with LoadCredential=, or use password_file)"
    )


def test_a_command_is_run_without_a_shell() -> None:
    """Its first line is the password, and nothing in its words is expanded."""
    assert secret(command=("printf", "%s\\n", "$HOME; *")).reveal() == "$HOME; *"


def test_a_command_sees_the_environment_and_no_input() -> None:
    """A password store finds its settings; a question for a passphrase ends at once."""
    assert secret(command=("sh", "-c", 'read x || echo "$STORE"'), environ={"STORE": SHOWN, "PATH": os.environ["PATH"]}).reveal() == SHOWN


COMMANDS = [
    (("false",), "imap.password: the command failed with status 1 (run it by hand to see why)"),
    (("sh", "-c", "echo correct horse; echo correct horse >&2; exit 3"), "status 3"),
    (("true",), "imap.password: is empty"),
    (("no-such-command-here", SHOWN), "imap.password: the command cannot be started (No such file or directory)"),
    (("sleep", "60"), "imap.password: the command took longer than 0.2 s (does it ask for something?)"),
    (("sh", "-c", "echo correct horse; exec sleep 60"), "took longer than 0.2 s"),
    (("printf", "\\377"), "imap.password: is not UTF-8 text"),
]


@pytest.mark.parametrize(("command", "sentence"), COMMANDS)
def test_a_failing_command_is_one_sentence(command: tuple[str, ...], sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What a command prints is never repeated, neither in the sentence nor on the terminal."""
    answer = refusal(secret(command=command, patience=0.2 if "sleep 60" in " ".join(command) else 30))
    assert sentence in answer
    assert SHOWN not in answer + "".join(capfd.readouterr())


PLACES = [
    ('password_file = "imap.password"', "imap.password_file"),
    ('password_env = "IMAP_PASSWORD"', "imap.password_env"),
    ('password_command = ["printf", "correct horse"]', "imap.password_command"),
    ("password_command = \"printf 'correct horse'\"", "imap.password_command"),
    ('password_credential = "imap.password"', "imap.password_credential"),
]


@pytest.mark.parametrize(("line", "key"), PLACES)
def test_each_place_can_be_configured(line: str, key: str, read: Callable[..., Config], good: str, desk: Path) -> None:
    """Whichever key says where the password lies, it is found there, and no representation shows it."""
    text = good.replace('password_file = "imap.password"', line)
    config = read(text, IMAP_PASSWORD=SHOWN, CREDENTIALS_DIRECTORY=str(desk))
    assert config.imap.password is not None
    assert (config.imap.password.key, config.imap.password.reveal()) == (key, SHOWN)
    assert SHOWN not in repr(config) + repr(config.imap.password)
    assert config.smtp.password is None


def test_a_place_that_may_not_be_looked_at_is_left_to_the_reader(read: Callable[..., Config], good: str, desk: Path) -> None:
    """Reading the configuration as another user than the daemon's works; only the password itself is out of reach."""
    config = read(good.replace("imap.password", a_loop(desk).name))
    assert config.imap.password is not None
    assert refusal(config.imap.password) == "imap.password_file: the file cannot be read (Too many levels of symbolic links)"
