"""`maild run` without systemd, as somebody at a terminal has it."""

import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds that a line may take to come on a busy machine."""

CTRL_C = b"\x03"
COLOUR = b"\x1b["
TROUBLE = b"intake: The IMAP server"
"""What maild says in colour here: nobody listens where its configuration sends it."""


@dataclass(slots=True, kw_only=True)
class Terminal:
    """A process whose terminal we hold; `said` is all it showed so far."""

    process: "subprocess.Popen[bytes]"
    ours: int
    said: bytes = b""

    def until(self, *wanted: bytes) -> bytes:
        """Read until all of this was shown."""
        deadline = time.monotonic() + PATIENCE
        while not all(one in self.said for one in wanted):
            assert select.select([self.ours], [], [], max(0.0, deadline - time.monotonic()))[0], self.said
            piece = self._piece()
            assert piece, self.said
            self.said += piece
        return self.said

    def _piece(self) -> bytes:
        with suppress(OSError):  # Linux's way of saying that the other end is closed
            return os.read(self.ours, 65536)
        return b""

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.ours, keys)

    def ended(self) -> int:
        """Read to the end: the exit status, negative for a signal."""
        while piece := self._piece():
            self.said += piece
        return self.process.wait(PATIENCE)

    def hang_up(self) -> int:
        """Close the terminal, as a broken connection does: the exit status."""
        os.close(self.ours)
        self.ours = -1
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End what still runs."""
        if self.ours >= 0:
            os.close(self.ours)
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A configuration, and terminals to run maild in."""

    config: Path
    terminals: list[Terminal] = field(default_factory=list)

    def command(self, *words: str) -> list[str]:
        """`maild run` with these options."""
        return [sys.executable, "-m", "maild", "run", "--config", str(self.config), *words]

    def environ(self, **environ: str) -> dict[str, str]:
        """The usual environment of a terminal."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "NO_COLOR": "", "JOURNAL_STREAM": "8:15", **environ}

    def open(self, *words: str, **environ: str) -> Terminal:
        """Run maild in a terminal of its own."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["setsid", "--ctty", *self.command(*words)],
            env=self.environ(**environ),
            cwd=self.config.parent,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.terminals.append(Terminal(process=process, ours=ours))
        return self.terminals[-1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """maild with mail servers that are away."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        text = (
            (ROOT / "tests/config/good.toml")
            .read_text()
            .replace('"imap.example.org"', '"localhost"')
            .replace('"smtp.example.org"', '"localhost"')
        )
        port = nobody.getsockname()[1]
        text = text.replace("[imap]", f"[imap]\nport = {port}").replace("[smtp]", f"[smtp]\nport = {port}")
        (tmp_path / "config.toml").write_text(text + '\n[run]\nstate_directory = "state"\nruntime_directory = "run"\n')
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "imap.password").touch(mode=0o600)
        (tmp_path / "imap.password").write_text("secret\n")
        desk = Desk(config=tmp_path / "config.toml")
        yield desk
        for terminal in desk.terminals:
            terminal.close()


def test_ctrl_c_ends_in_order(desk: Desk) -> None:
    """On a terminal trouble stands out in colour, and Ctrl-C ends maild with a word about it and no traceback."""
    terminal = desk.open()
    assert COLOUR + b"33m" in terminal.until(TROUBLE, b"\x1b[0m")
    assert b"<6>" not in terminal.said  # the journal's level, though a desktop's shell inherits its variable
    terminal.type(CTRL_C)
    assert terminal.ended() == 0
    assert b"stopping: SIGINT (a second one ends maild at once)" in terminal.said
    assert b"stopped after" in terminal.said
    assert b"Traceback" not in terminal.said


def test_a_daemon_that_nobody_would_see_says_so(desk: Desk) -> None:
    """Where the live state cannot be written, the log says that `maild status` will be blind."""
    desk.config.write_text(desk.config.read_text().replace('"run"', '"imap.password/run"'))
    assert b"imap.password/run cannot be written" in desk.open().until(TROUBLE)


def test_a_letter_with_a_mistake_is_told_at_the_start(desk: Desk) -> None:
    """Whoever changed a letter sees its mistake when maild starts, with file and line; maild runs all the same, and writes the shipped one."""
    own = desk.config.parent / "own" / "receipt" / "en"
    own.mkdir(parents=True)
    (own / "text.txt").write_text("Hello.\n{{ nothing }}\n")
    desk.config.write_text(desk.config.read_text() + '[letters]\ntemplates = "own"\n')
    told = f"configuration: letters.templates: {own}/text.txt:2: there is nothing called nothing"
    assert told.encode() in desk.open().until(TROUBLE)


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "TERM=dumb"])
def test_no_colours_where_none_are_wanted(desk: Desk, plain: dict[str, str]) -> None:
    """Whoever says no to colours gets none."""
    assert COLOUR not in desk.open(**plain).until(TROUBLE, b"next try")


def test_json_lines(desk: Desk) -> None:
    """--log json takes the place of what the configuration says, on a terminal too: each line an object, none in colour."""
    terminal = desk.open("--log", "json")
    terminal.until(TROUBLE, b"next try")
    terminal.type(CTRL_C)
    assert terminal.ended() == 0
    lines = [json.loads(line) for line in terminal.said.decode().replace("^C", "").splitlines()]
    assert {line["level"] for line in lines} == {"info", "warning"}
    assert all(set(line) == {"at", "level", "message"} for line in lines)


def refused(desk: Desk, *words: str, **environ: str) -> tuple[int, list[str]]:
    """A start that comes to nothing: its exit status, and the lines that it says."""
    ended = subprocess.run(
        desk.command(*words),
        env=desk.environ(**environ),
        cwd=desk.config.parent,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.splitlines()


def test_what_keeps_it_from_starting_is_json_too(desk: Desk) -> None:
    """Mistakes in the configuration are an object a line, of the level of errors; the exit status is the usual one."""
    desk.config.write_text(desk.config.read_text() + "slug = 1\nslog = 2\n")
    status, lines = refused(desk, "--log", "json")
    assert status == 78
    assert {json.loads(line)["level"] for line in lines} == {"error"}
    assert [json.loads(line)["message"].rpartition(": ")[2] for line in lines] == [
        "unknown key here (it belongs to [[space]] or [[event]])",
        "unknown key (did you mean log?)",
    ]


def test_the_journal_knows_a_failed_start_for_an_error(desk: Desk) -> None:
    """Where standard error is the journal, each sentence bears the level of an error, so that `journalctl -p err` finds it."""
    desk.config.write_text("x = 1\n")
    said = desk.config.parent / "said"
    with said.open("wb") as journal:
        where = os.fstat(journal.fileno())
        environ = desk.environ(JOURNAL_STREAM=f"{where.st_dev}:{where.st_ino}")
        ended = subprocess.run(desk.command(), env=environ, stderr=journal, timeout=PATIENCE, check=False)
    assert ended.returncode == 78
    assert all(line.startswith("<3>") for line in said.read_text().splitlines())
    assert "unknown table" in said.read_text()


def test_a_closed_terminal_ends_in_order(desk: Desk) -> None:
    """A daemon whose terminal is gone ends, rather than go on where nobody sees it."""
    terminal = desk.open()
    terminal.until(TROUBLE)
    assert terminal.hang_up() == 0


def started(command: list[str], desk: Desk) -> "subprocess.Popen[str]":
    """The command without any terminal."""
    null = subprocess.DEVNULL
    return subprocess.Popen(command, env=desk.environ(), cwd=desk.config.parent, stdin=null, stdout=null, stderr=subprocess.PIPE, text=True)


def read_until(process: "subprocess.Popen[str]", wanted: str) -> str:
    """What it says, to the end of a line that holds this."""
    assert process.stderr
    said = ""
    while wanted not in said.rpartition("\n")[0]:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def rest(process: "subprocess.Popen[str]") -> str:
    """What it says to its end."""
    assert process.stderr
    return process.stderr.read()


def test_sighup_changes_nothing_and_says_so(desk: Desk) -> None:
    """Without a terminal SIGHUP is a line in the log, and maild goes on."""
    with started(desk.command(), desk) as process:
        said = read_until(process, TROUBLE.decode())
        process.send_signal(signal.SIGHUP)
        read_until(process, "SIGHUP: nothing is read anew")
        process.send_signal(signal.SIGTERM)
        assert "stopping: SIGTERM\n" in rest(process)
    assert process.returncode == 0
    assert COLOUR.decode() not in said


def test_nohup_is_respected(desk: Desk) -> None:
    """What ignores SIGHUP from the start goes on ignoring it."""
    with started(["nohup", *desk.command()], desk) as process:
        read_until(process, TROUBLE.decode())
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert "SIGHUP" not in rest(process)
    assert process.returncode == 0


SLOW = """
import signal, sys
from maild.app.life import signals
with signals(lambda reason: print(reason, file=sys.stderr, flush=True)):
    print("ready", file=sys.stderr, flush=True)
    while True:
        signal.pause()
"""
"""A daemon that takes for ever to stop."""


def test_a_second_ctrl_c_ends_at_once(desk: Desk) -> None:
    """Where the end takes its time, a second SIGTERM changes nothing, and a second Ctrl-C ends as the shell expects it."""
    with started([sys.executable, "-c", SLOW], desk) as process:
        read_until(process, "ready")
        process.send_signal(signal.SIGINT)
        assert "a second one ends maild at once" in read_until(process, "SIGINT")
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert rest(process) == ""
    assert process.returncode == -signal.SIGINT
