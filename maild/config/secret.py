"""Passwords: where they lie, and the one way to read them.

A secret is read anew at every use, so a changed file, credential or token works at once, and nothing keeps it longer than its use.
"""

import os
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from maild.config.places import exposure
from maild.errors import SecretUnreadable

LONGEST_SECRET = 65536
"""Bytes read of a file: /dev/zero or a mailbox named by mistake must not fill the memory; OAuth tokens stay below 16 KiB."""

PATIENCE = timedelta(seconds=30)
"""How long a password command may take: a locked password store that asks for its passphrase would wait for ever."""


def _without_waiting(path: str, flags: int) -> int:
    """Open a file as `open` would; a FIFO without a writer would keep it waiting for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A password, token or key that lies elsewhere: in exactly one of `file`, `variable`, `command` (words, run without a shell), `credential`.

    `key` names the line of the configuration. No sentence repeats the others: people write the password itself there.
    """

    key: str
    file: Path | None = field(default=None, repr=False)
    variable: str = field(default="", repr=False)
    command: tuple[str, ...] = field(default=(), repr=False)
    credential: str = field(default="", repr=False)
    environ: Mapping[str, str] = field(repr=False, compare=False)
    patience: timedelta = PATIENCE

    def reveal(self) -> str:
        """The secret, read now: the first line of what its place holds. Raises `SecretUnreadable`; keep the answer out of every log."""
        first = self._text().partition("\n")[0].rstrip("\r")
        if not first:
            raise self._unreadable("is empty")
        return first

    def _text(self) -> str:
        raw = self._raw()
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise self._unreadable("is not UTF-8 text") from None

    def _raw(self) -> bytes:
        if self.file is not None:
            return self._of_file(self.file, private=True)
        if self.credential:
            return self._of_file(self._credentials() / self.credential, private=False)
        if self.command:
            return self._of_command()
        if self.variable not in self.environ:
            raise self._unreadable("the environment variable is not set (set it for the service)")
        return os.fsencode(self.environ[self.variable])

    def _credentials(self) -> Path:
        directory = self.environ.get("CREDENTIALS_DIRECTORY")
        if not directory:
            file = self.key.rpartition(".")[2].partition("_")[0] + "_file"
            raise self._unreadable(f"$CREDENTIALS_DIRECTORY is not set (run maild by systemd with LoadCredential=, or use {file})")
        return Path(directory)

    def _of_file(self, path: Path, *, private: bool) -> bytes:
        """A file's bytes; `private` asks for its permissions (credentials are systemd's to protect)."""
        try:
            with open(path, "rb", opener=_without_waiting) as file:
                mode = os.fstat(file.fileno()).st_mode
                if not stat.S_ISREG(mode):
                    raise self._unreadable("is not the name of a file")
                if private and (complaint := exposure(path, mode=mode)):
                    raise self._unreadable(complaint)
                return file.read(LONGEST_SECRET)
        except OSError as error:
            raise self._unreadable(f"the file cannot be read ({error.strerror})") from None

    def _of_command(self) -> bytes:
        try:
            ended = subprocess.run(  # stderr may repeat the secret: never shown
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self.patience.total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired:  # holds the output so far: no cause is kept
            raise self._unreadable(
                f"the command took longer than {self.patience.total_seconds():g} s (does it ask for something?)"
            ) from None
        except OSError as error:
            raise self._unreadable(f"the command cannot be started ({error.strerror})") from None
        if ended.returncode:
            raise self._unreadable(f"the command failed with status {ended.returncode} (run it by hand to see why)")
        return ended.stdout

    def _unreadable(self, reason: str) -> SecretUnreadable:
        return SecretUnreadable(f"{self.key}: {reason}")
