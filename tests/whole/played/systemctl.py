#!/usr/bin/python3
"""systemctl for a machine on which no systemd runs: it starts a service as its unit says, and waits until that one is ready.

Of a unit it plays ExecStart and its companions, User, Environment, the directories, LoadCredential, WatchdogSec, UMask and Type (notify,
forking). A notify unit counts as started at READY=1. What is not about starting and stopping is left to the real systemctl.
"""

import os
import pwd
import select
import shlex
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

UNITS = [Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system")]
REAL = "/usr/bin/systemctl.real"
PLAYED = Path("/run/played")
JOURNAL = Path("/var/log/played")
CREDSTORES = [Path("/etc/credstore"), Path("/run/credstore"), Path("/usr/lib/credstore")]
DIRECTORIES = {"State": "/var/lib", "Runtime": "/run", "Configuration": "/etc"}
PATIENCE = 90
TOO_LONG = 124
NOT_ACTIVE = 3

Unit = dict[str, list[str]]


def main(*words: str) -> int:
    """Start or stop what is named; everything else is the real one's."""
    verb, *names = [word.removesuffix(".service") for word in words if not word.startswith("-")] or [""]
    if verb == "daemon-reload":
        return 0
    if verb == "is-active":
        return 0 if all(name == "sysinit.target" or active(name) for name in names) else NOT_ACTIVE
    if verb not in {"start", "stop", "restart"} and "--now" not in words:
        return subprocess.call([REAL, *words])
    if "--now" in words:
        subprocess.run([REAL, verb, *names], check=True)
    return max(switch(name, verb=verb) for name in names)


def switch(name: str, *, verb: str) -> int:
    """Stop what runs if it has to be stopped, start it if it has to be started."""
    unit = read(name)
    if verb in {"stop", "restart", "disable"}:
        stop(name, unit)
    return 0 if verb in {"stop", "disable"} or active(name) else start(name, unit)


def active(name: str) -> bool:
    """Whether it was started and has not ended."""
    return (PLAYED / f"{name}.pid").exists()


def read(name: str) -> Unit:
    """The settings of a unit. Postfix has one that does nothing and stands for that of its one instance, which is called `-`."""
    files = [directory / f"{name}{instance}.service" for instance in ("@", "") for directory in UNITS]
    unit: Unit = defaultdict(list)
    for line in next(file for file in files if file.exists()).read_text().replace("%i", "-").splitlines():
        key, equals, worth = line.partition("=")
        if equals and not line.startswith("#"):
            unit[key].append(worth)
    return unit


def start(name: str, unit: Unit) -> int:
    """Exit status as systemctl's: 0 once it is ready."""
    PLAYED.mkdir(exist_ok=True)
    JOURNAL.mkdir(exist_ok=True)
    for line in unit["ExecStartPre"]:
        subprocess.run(shlex.split(line), check=True)
    if unit["Type"] == ["forking"]:
        subprocess.run(shlex.split(unit["ExecStart"][0]), check=True)
        (PLAYED / f"{name}.pid").touch()
        return 0
    told, tell = os.pipe()
    if os.fork():
        os.close(tell)
        ready = select.select([told], [], [], PATIENCE)[0] and os.read(told, 1) == b"1"
        if not ready:
            print(f"Job for {name}.service failed: see journalctl -u {name}", file=sys.stderr)
        return 0 if ready else 1
    os.setsid()
    os.close(told)
    watch(name, unit, tell=tell)
    os._exit(0)


def watch(name: str, unit: Unit, *, tell: int) -> None:
    """Be systemd for one service until it ends."""
    where = PLAYED / f"{name}.notify"
    where.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, (JOURNAL / name).open("ab") as journal:
        notify.bind(str(where))
        where.chmod(0o666)
        process = launch(name, unit, notify=where, journal=journal)
        (PLAYED / f"{name}.pid").write_text(str(process.pid))
        for stream in (0, 1, 2):
            os.dup2(journal.fileno(), stream)
        watched = select.poll()
        watched.register(notify, select.POLLIN)
        watched.register(os.pidfd_open(process.pid), select.POLLIN)
        while process.poll() is None:
            watched.poll()
            if select.select([notify], [], [], 0)[0] and b"READY=1" in notify.recv(4096).split(b"\n"):
                os.write(tell, b"1")
        journal.write(f"{name} ended with {process.returncode}\n".encode())
    (PLAYED / f"{name}.pid").unlink(missing_ok=True)


def launch(name: str, unit: Unit, *, notify: Path, journal: object) -> subprocess.Popen[bytes]:
    """The service itself, as its user, in its surroundings."""
    user = pwd.getpwnam(unit["User"][0] if unit["User"] else "root")
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8", "NOTIFY_SOCKET": str(notify)}
    environ |= {"USER": user.pw_name, "HOME": user.pw_dir} if unit["User"] else {}
    environ |= dict(word.split("=", 1) for line in unit["Environment"] for word in shlex.split(line))
    environ |= dict(directories(unit, user)) | dict(credentials(name, unit, user))
    environ |= {"WATCHDOG_USEC": f"{unit['WatchdogSec'][0]}000000"} if unit["WatchdogSec"] else {}
    bounded = ["setpriv", "--no-new-privs", "--bounding-set=-all"] if unit["NoNewPrivileges"] else []
    became = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if unit["User"] else {}
    return subprocess.Popen(
        bounded + shlex.split(unit["ExecStart"][0]),
        env=environ,
        cwd=(unit["WorkingDirectory"] or ["/"])[0],
        umask=int((unit["UMask"] or ["0022"])[0], 8),
        stdin=subprocess.DEVNULL,
        stdout=journal,
        stderr=journal,
        **became,
    )


def directories(unit: Unit, user: pwd.struct_passwd) -> list[tuple[str, str]]:
    """Make its directories; what is there keeps its content and becomes the user's, but for that of the configuration."""
    made = [(kind, Path(root) / name) for kind, root in DIRECTORIES.items() for name in unit[f"{kind}Directory"]]
    for kind, path in made:
        path.mkdir(exist_ok=True)
        if kind != "Configuration":
            path.chmod(int((unit[f"{kind}DirectoryMode"] or ["0755"])[0], 8))
            os.chown(path, user.pw_uid, user.pw_gid)
    return [(f"{kind.upper()}_DIRECTORY", str(path)) for kind, path in made]


def credentials(name: str, unit: Unit, user: pwd.struct_passwd) -> list[tuple[str, str]]:
    """What root laid into a credential store, for this service alone."""
    at = Path("/run/credentials") / f"{name}.service"
    found = [store / word for word in unit["LoadCredential"] for store in CREDSTORES if (store / word).exists()]
    for file in found:
        at.mkdir(parents=True, exist_ok=True, mode=0o700)
        (at / file.name).write_bytes(file.read_bytes())
        (at / file.name).chmod(0o400)
        for path in (at, at / file.name):
            os.chown(path, user.pw_uid, user.pw_gid)
    return [("CREDENTIALS_DIRECTORY", str(at))] if found else []


def stop(name: str, unit: Unit) -> None:
    """End it by its own command, else by SIGTERM, and see it gone. What does not run is stopped already."""
    for line in unit["ExecStop"]:
        subprocess.run(shlex.split(line), check=False, capture_output=True)
    pid = PLAYED / f"{name}.pid"
    if not active(name):
        return
    if unit["Type"] == ["forking"]:
        pid.unlink()
        return
    with suppress(ProcessLookupError):
        gone = os.pidfd_open(int(pid.read_text()))
        signal.pidfd_send_signal(gone, signal.SIGTERM)
        if not select.select([gone], [], [], PATIENCE)[0]:
            sys.exit(TOO_LONG)
    pid.unlink(missing_ok=True)


sys.exit(main(*sys.argv[1:]))
