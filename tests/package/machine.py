"""A machine to install packages on: this one's own system, with every change kept in memory and gone at the end."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}

# In a mount namespace of its own: nothing that is mounted here is seen outside, and all of it goes with its last process.
BEGIN = """\
set -e
mount -t tmpfs tmpfs {at}
mkdir {at}/changes {at}/work {at}/system
mount -t overlay overlay -o lowerdir=/,upperdir={at}/changes,workdir={at}/work {at}/system
mount -t proc proc {at}/system/proc
mount --bind /dev {at}/system/dev
mount -t tmpfs tmpfs {at}/system/run
mount -t tmpfs tmpfs {at}/system/tmp
echo ready
exec cat
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where commands run as root and change nothing of this machine."""

    holder: subprocess.Popen[str]
    at: Path

    def ask(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command there to its end."""
        inside = ["nsenter", f"--target={self.holder.pid}", "--mount", "chroot", str(self.at / "system"), *words]
        return subprocess.run(inside, env=PLAIN, cwd="/", input=given, check=False, capture_output=True, timeout=120)

    def run(self, *words: str, given: bytes = b"") -> str:
        """The same for a command that has to succeed: what it says."""
        done = self.ask(*words, given=given)
        said = (done.stdout + done.stderr).decode()
        assert done.returncode == 0, said
        return said

    def lay(self, file: Path, *, at: str) -> None:
        """Copy a file there."""
        self.run("sh", "-c", f"cat >{at}", given=file.read_bytes())


def why_not() -> str | None:
    """Why there can be no such machine here."""
    if os.geteuid():
        return "installing a package needs root"
    missing = [name for name in ("dpkg-deb", "unshare", "nsenter", "systemd-sysusers", "py3compile") if not shutil.which(name)]
    return f"there is no {missing[0]}" if missing else None


@contextmanager
def machine(at: Path) -> Iterator[Machine]:
    """A fresh machine; `at` is an empty directory."""
    begin = ["unshare", "--mount", "--propagation", "private", "sh", "-c", BEGIN.format(at=at)]
    with subprocess.Popen(begin, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "ready\n", "no overlay can be mounted here"
        yield Machine(holder=holder, at=at)
        holder.stdin.close()
