"""A clean Debian: this machine's own system without its mail servers, without the network, and with a small archive to install from.

What is played there, and how:

- The archive that apt-get fetches from holds Debian's own postfix and dovecot, packed again from this machine, where they are installed.
  They are purged first and come back by the page's own command, with their own questions, users and default configuration.
- nano comes from it too, as a package with `played/nano.py`, which edits as the page tells a person to.
- systemctl and journalctl are `played/systemctl.py` and `played/journalctl.py`, because no systemd runs there.
- `make deb` finds its virtual environment made (the one that runs the tests) and the libraries fetched.

Everything else is the real thing.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.package.machine import PLAIN, Machine, machine, why_not
from tests.whole.pages import ROOT

PLAYED = Path(__file__).parent / "played"
WHEELS = ROOT / "build/wheels"
REPOSITORY = "/srv/maild"
CLONE = "/usr/local/src/maild"
SERVERS = ("dovecot-core", "dovecot-imapd", "postfix")
NEEDED = ("git", "make", "openssl", "gpgv", "apt-get", "setpriv")

# An installation that has something to ask asks it, and waits.
ENVIRON = PLAIN | {"PATH": f"/usr/local/sbin:/usr/local/bin:{PLAIN['PATH']}", "TERM": "dumb", "DEBIAN_FRONTEND": "readline"}

NANO = "Package: nano\nVersion: 9:1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: played\n"

# A package as dpkg has it installed: its files as they are, its conffiles and scripts, and what it says of itself.
PACK = r"""
set -e
for name in "$@"; do
    tree=/srv/build/$name
    mkdir -p $tree/DEBIAN
    dpkg -L $name | while read -r path; do { [ -d "$path" ] && [ -L "$path" ]; } || printf '%s\n' "$path"; done >/srv/build/list
    tar --create --no-recursion --ignore-failed-read --files-from /srv/build/list 2>/dev/null | tar --extract --directory $tree
    for file in preinst postinst prerm postrm config templates conffiles triggers; do
        [ ! -e /var/lib/dpkg/info/$name.$file ] || cp /var/lib/dpkg/info/$name.$file $tree/DEBIAN/$file
    done
    dpkg-query --status $name | sed '/^Status:/d; /^Conffiles:/,/^[^ ]/{/^Conffiles:/d; /^ /d}' >$tree/DEBIAN/control
    dpkg-deb -Znone --root-owner-group --build $tree /srv/archive/$name.deb
done
"""

CLEAN = r"""
set -e
rm -rf /usr/sbin/policy-rc.d /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/aliases /etc/mailname
dpkg --purge --force-depends $(dpkg-query --show --showformat '${Package}\n' 'postfix*' 'dovecot-*' 2>/dev/null) maild
echo purge | debconf-communicate postfix >/dev/null
rm -rf /etc/dovecot /etc/postfix /etc/maild /var/lib/maild /var/mail/* /usr/local/src/maild /etc/credstore
for name in info kim maild; do ! getent passwd $name >/dev/null || userdel --force $name; done
echo "deb [trusted=yes] file:/srv/archive ./" >/etc/apt/sources.list
make-ssl-cert generate-default-snakeoil --force-overwrite
rm -f /var/lib/man-db/auto-update
mkdir -p /run/systemd/system
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 %s\n' "$(hostname)" >/etc/hosts
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
"""

UP = "import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH', b'lo', 0x41))"


def missing() -> str | None:
    """Why there can be no such machine here."""
    absent = [name for name in NEEDED if not shutil.which(name)]
    gone = [name for name in SERVERS if not Path(f"/var/lib/dpkg/info/{name}.list").exists()]
    if reason := why_not() or next((f"there is no {name}" for name in absent + gone), None):
        return reason
    return None if fetched() else "the libraries of requirements.lock cannot be fetched"


def fetched() -> bool:
    """Whether the libraries are in build/wheels, where `make deb` has them too."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", WHEELS]
    wanted = ["--require-hashes", "--only-binary", ":all:", "--requirement", ROOT / "requirements.lock"]
    if subprocess.run([*pip, "--no-index", "--find-links", WHEELS, *wanted], capture_output=True, check=False).returncode == 0:
        return True
    return subprocess.run([*pip, *wanted], capture_output=True, check=False).returncode == 0


@contextmanager
def debian(at: Path) -> Iterator[Machine]:
    """A fresh one; `at` is an empty directory."""
    with machine(at) as there:
        there.run("/usr/bin/python3", "-c", UP)
        there.run("mkdir", "-p", "/srv/archive", "/srv/build")
        there.run("bash", "-c", PACK, "bash", *SERVERS)
        there.run("bash", "-c", CLEAN)
        for name in ("systemctl", "journalctl"):
            there.run("mv", f"/usr/bin/{name}", f"/usr/bin/{name}.real")
            played(there, name, at=f"/usr/bin/{name}")
        lend(there, Path(sys.prefix), Path(sys.base_prefix))
        pack_nano(there)
        index(there)
        lay_tree(there)
        yield there


def played(there: Machine, name: str, *, at: str) -> None:
    """Put a played program in the place of the real one."""
    there.lay(PLAYED / f"{name}.py", at=at)
    there.run("chmod", "0755", at)


def lend(there: Machine, *places: Path) -> None:
    """Let what lies here be seen there at the same place, to read; it may be on a disk that the machine's own system has no part in."""
    for place in {place for place in places if not place.is_relative_to("/usr")}:
        seen = there.at / "system" / place.relative_to("/")
        bind = f"mkdir -p {seen} && mount --bind {place} {seen} && mount -o remount,bind,ro {seen}"
        subprocess.run(["nsenter", f"--target={there.holder.pid}", "--mount", "sh", "-c", bind], check=True, capture_output=True)


def pack_nano(there: Machine) -> None:
    """A package of that name with the played one."""
    there.run("mkdir", "-p", "/srv/build/nano/DEBIAN", "/srv/build/nano/usr/bin")
    there.run("sh", "-c", "cat >/srv/build/nano/DEBIAN/control", given=NANO.encode())
    played(there, "nano", at="/srv/build/nano/usr/bin/nano")
    there.run("dpkg-deb", "-Znone", "--root-owner-group", "--build", "/srv/build/nano", "/srv/archive/nano.deb")


def index(there: Machine) -> None:
    """What apt-get update reads."""
    stanzas = []
    for path in there.run("sh", "-c", "ls /srv/archive/*.deb").split():
        content = there.ask("cat", path).stdout
        control = there.run("dpkg-deb", "--field", path).strip()
        digest = hashlib.sha256(content).hexdigest()
        stanzas.append(f"{control}\nFilename: ./{path.rpartition('/')[2]}\nSize: {len(content)}\nSHA256: {digest}\n")
    there.run("sh", "-c", "cat >/srv/archive/Packages", given="\n".join(stanzas).encode())


def lay_tree(there: Machine) -> None:
    """This tree as it lies here, committed to a repository that can be cloned."""
    git = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    names = b"\0".join(name for name in sorted(set(listed)) if name and (ROOT / os.fsdecode(name)).is_file())
    tar = subprocess.run(["tar", "-c", "--null", "--files-from", "-"], cwd=ROOT, input=names, check=True, capture_output=True).stdout
    there.run("mkdir", REPOSITORY)
    there.run("tar", "-x", "--no-same-owner", "--directory", REPOSITORY, given=tar)
    commit = "git init --quiet && git add --all && git -c user.name=x -c user.email=x@example.org commit --quiet -m x"
    there.run("sh", "-c", f"cd {REPOSITORY} && {commit}")


def furnish(there: Machine) -> None:
    """In the clone, what `make` would fetch: the virtual environment and the libraries."""
    venv, bin_ = f"{CLONE}/.venv", Path(sys.prefix) / "bin"
    there.run("mkdir", "-p", f"{venv}/bin", f"{CLONE}/build/wheels")
    there.run("sh", "-c", f"ln -s {bin_}/* {venv}/bin/ && ln -s {sys.prefix}/lib {venv}/lib && cp {sys.prefix}/pyvenv.cfg {venv}/")
    there.run("touch", f"{venv}/locked", f"{venv}/ready")
    for wheel in WHEELS.glob("*.whl"):
        there.lay(wheel, at=f"{CLONE}/build/wheels/{wheel.name}")


def plain(screen: str) -> str:
    """What a screen shows, without colours and without what was overwritten."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|[^\n]*\r(?!\n)", "", screen)
