"""A machine to install packages on: this one's own system, with every change kept in memory and gone at the end.

It has processes and a network of its own: nothing that is started there is seen here, and all of it ends with the machine.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PLAIN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "HOME": "/root"}

ALONE = ("unshare", "--mount", "--propagation", "private", "--net", "--pid", "--fork")

# In namespaces of its own: nothing that is mounted here is seen outside, and all of it goes with its first process.
# That one takes care of no orphan: with SIGCHLD ignored they leave without being waited for.
BEGIN = """\
set -e
trap '' CHLD
mount -t tmpfs tmpfs {at}
mkdir {at}/changes {at}/work {at}/system
mount -t overlay overlay -o lowerdir=/,upperdir={at}/changes,workdir={at}/work {at}/system
mount -t proc proc {at}/system/proc
mount --rbind /dev {at}/system/dev
mount -t tmpfs tmpfs {at}/system/run
mount -t tmpfs tmpfs {at}/system/tmp
echo ready
exec cat
"""

TRIAL = """\
mount -t tmpfs tmpfs /mnt && mkdir /mnt/changes /mnt/work &&
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work /mnt
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where commands run as root and change nothing of this machine."""

    holder: subprocess.Popen[str]
    at: Path

    @property
    def door(self) -> list[str]:
        """What stands before a command that runs there."""
        processes = f"--pid=/proc/{self.holder.pid}/ns/pid_for_children"
        return ["nsenter", f"--target={self.holder.pid}", "--mount", "--net", processes, "chroot", str(self.at / "system")]

    def ask(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command there to its end."""
        return subprocess.run([*self.door, *words], env=PLAIN, cwd="/", input=given, check=False, capture_output=True, timeout=120)

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
    if missing:
        return f"there is no {missing[0]}"
    tried = subprocess.run([*ALONE, "sh", "-c", TRIAL], capture_output=True, check=False)
    return "root may not mount an overlay here, as in most containers" if tried.returncode else None


@contextmanager
def machine(at: Path) -> Iterator[Machine]:
    """A fresh machine; `at` is an empty directory."""
    begin = [*ALONE, "sh", "-c", BEGIN.format(at=at)]
    with subprocess.Popen(begin, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "ready\n", "no overlay can be mounted here"
        yield Machine(holder=holder, at=at)
        holder.stdin.close()
