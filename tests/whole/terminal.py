"""A terminal with a shell in it, at which somebody types commands."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

# The shell reads what is typed from a channel of its own and evaluates it, so that `cd` stays and a command's input is the terminal.
# What it starts gets neither channel.
SHELL = 'while IFS= read -r -d "" -u "$1" typed; do eval "$typed" {1}<&- {2}>&-; echo $? >&"$2"; done'

PATIENCE = 180
"""Seconds for one command."""


@dataclass(slots=True, kw_only=True)
class Terminal:
    """`door` is what stands before a command to run it where the shell is to be."""

    door: Sequence[str]
    environ: dict[str, str]
    screen: int = field(init=False)
    typed: int = field(init=False)
    ended: int = field(init=False)
    shell: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> Self:
        self.screen, keyboard = pty.openpty()
        commands, self.typed = os.pipe()
        self.ended, ends = os.pipe()
        script = SHELL.replace("{1}", str(commands)).replace("{2}", str(ends))
        words = [*self.door, "setsid", "--ctty", "bash", "--noprofile", "--norc", "-c", script, "bash", str(commands), str(ends)]
        streams = {"stdin": keyboard, "stdout": keyboard, "stderr": keyboard}
        self.shell = subprocess.Popen(words, env=self.environ, cwd="/", pass_fds=(commands, ends), **streams)
        for handle in (keyboard, commands, ends):
            os.close(handle)
        return self

    def __exit__(self, *_: object) -> None:
        self.shell.kill()
        self.shell.wait()
        for handle in (self.screen, self.typed, self.ended):
            os.close(handle)

    def type(self, command: str, answers: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
        """Type a command, and each answer when its question stands on the last line; the exit status, and what the screen shows."""
        os.write(self.typed, command.encode() + b"\0")
        shown, left, until = b"", list(answers), time.monotonic() + PATIENCE
        while True:
            ready = select.select([self.screen, self.ended], [], [], max(0, until - time.monotonic()))[0]
            assert ready, f"{command} has not ended:\n{shown.decode()}"
            if self.screen in ready:
                shown += self._seen()
                if left and _asks(shown, left[0][0]):
                    os.write(self.screen, left.pop(0)[1].encode() + b"\n")
            else:
                assert not left, f"{command} has not asked {left}:\n{shown.decode()}"
                return int(os.read(self.ended, 16)), shown.decode(errors="replace").replace("\r\n", "\n")

    def _seen(self) -> bytes:
        with suppress(OSError):
            return os.read(self.screen, 65536)
        return b""


def _asks(shown: bytes, question: str) -> bool:
    """Whether the cursor stands behind a question. What is typed before the blank at its end is thrown away where it may not be seen."""
    line = shown.rpartition(b"\n")[2]
    return line.startswith(question.encode()) and line.endswith(b" ")
