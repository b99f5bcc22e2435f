"""The two programs that are measured, each in a process of its own: the floor, and maild as anybody would run it."""

import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bench.floor import MAILBOX
from maild.app import House
from maild.config import load_config
from tests.servers.dovecot import Account

STOPS_WITHIN = 15.0
"""Seconds between SIGTERM and the end of maild; it promises 10."""

CONFIG = """\
[organisation]
name = "PyMalta"
mailbox = "{mailbox}"

[fallback]
name = "Ġorġa Zerafa"
address = "outside@example.org"

[[staff]]
handle = "ana"
name = "Anastasia Borg"
address = "ana@example.org"

[[staff]]
handle = "ben"
name = "Benedict Camilleri"
address = "ben@example.org"

[[board]]
handle = "carla"
name = "Carla Zammit"
address = "carla@example.org"

[imap]
host = "127.0.0.1"
tls = "none"
port = {imap_port}
username = "{user}"
password_file = "{home}/imap.password"
# The reports are in the mailbox before maild is there, and are to be acknowledged all the same.
since = 2020-01-01

[smtp]
host = "127.0.0.1"
tls = "none"
port = {smtp_port}

# Figures that need sending raise these; everything else is as shipped.
[limits]
acknowledgements_per_hour = 1_000_000
acknowledgements_burst = 1_000_000
mails_per_hour = 1_000_000
summary_above_tickets = {summary_above}

[run]
state_directory = "{home}"
runtime_directory = "{home}"
"""
BUSY = """
select exists(select 1 from inbox where state = 'NEW')
     + exists(select 1 from outbox where settled_at is null or (noted_at is null and ticket_id is not null))
"""
AS_SHIPPED, NEVER = 10, 1_000_000
"""More new reports than this in ten minutes, and staff get a summary instead of a notice each."""


def install(account: Account, *, imap_port: int, smtp_port: int, home: Path, summary_above: int = AS_SHIPPED) -> Path:
    """Everything maild needs in `home`, with a key and an empty database, as after its very first start; the answer is the configuration."""
    password, config = home / "imap.password", home / "config.toml"
    password.touch(mode=0o600)
    password.write_text(account.password)
    config.write_text(
        CONFIG.format(mailbox=MAILBOX, imap_port=imap_port, user=account.user, smtp_port=smtp_port, home=home, summary_above=summary_above)
    )
    House(config=load_config(config)).prepare()
    return config


def floor(account: Account, *, smtp_port: int, home: Path) -> subprocess.Popen[bytes]:
    """Start the floor on a mailbox, with an empty database in `home`."""
    words = [account.server.port, account.user, account.password, smtp_port, home / "floor.sqlite"]
    return subprocess.Popen([sys.executable, "-m", "bench.floor", *map(str, words)])


def cpu_of_children() -> float:
    """CPU seconds of all processes we started that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@dataclass(frozen=True, slots=True, kw_only=True)
class Maild:
    """One running `maild run`, with its home directory."""

    home: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, config: Path) -> "Maild":
        """Run it; its log goes beside the configuration, into `log`."""
        home = config.parent
        with (home / "log").open("wb") as log:
            return cls(home=home, process=subprocess.Popen([sys.executable, "-m", "maild", "run", "--config", str(config)], stderr=log))

    def __enter__(self) -> "Maild":
        return self

    def __exit__(self, *_: object) -> None:
        """End it as systemd would. Raises `RuntimeError` where it did not end well."""
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(STOPS_WITHIN):
            raise RuntimeError(f"maild ended with {self.process.returncode}: {(self.home / 'log').read_text()[-2000:]}")

    def wait_for_rest(self) -> None:
        """Until every mail is filed and every letter sent and noted. Raises `TimeoutError`."""
        until = time.monotonic() + 60.0
        while self._busy():
            if time.monotonic() > until:
                raise TimeoutError("maild does not come to rest")
            time.sleep(0.05)

    def tickets(self) -> int:
        """How many tickets there are."""
        return self._ask("select count(*) from tickets")

    def processes(self) -> list[int]:
        """The daemon and its children."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [self.process.pid, *(int(pid) for listed in children for pid in listed.read_text().split())]

    def peak_memory(self) -> float:
        """The most resident memory each of the processes ever had, added up, in MB: no less than they ever had together."""
        return sum(_status(pid, "VmHWM") for pid in self.processes()) * 1024 / 1e6

    def cpu(self) -> float:
        """CPU seconds of the processes so far, to the nanosecond (clock_getcpuclockid(3))."""
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self.processes())

    def written(self) -> dict[str, tuple[int, str]]:
        """The database's files with the moment of their last change and what they hold."""
        files = sorted(path for path in self.home.glob("*.sqlite*") if not path.name.endswith(("-shm", ".lock")))
        return {path.name: (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest()) for path in files}

    def _busy(self) -> int:
        return self._ask(BUSY)

    def _ask(self, question: str) -> int:
        with closing(sqlite3.connect(f"file:{self.home}/maild.sqlite?mode=ro", uri=True)) as connection:
            return int(connection.execute(question).fetchone()[0])


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
