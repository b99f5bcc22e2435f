"""A throw-away PostgreSQL: one cluster for the session, a fresh database for each test."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

# Postgres refuses to run as root; the Debian package brings an account of its own.
ACCOUNTS = ("postgres", "nobody")
# The directory holds a unix socket, whose path may be 107 bytes long: TMPDIR may be too deep, or closed to that account.
SHORT = "/tmp"
ACCESS = "local all all trust\nhost all maild samehost trust\nhost all all samehost scram-sha-256\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQL:
    """A running cluster. Its superuser is `maild`, without a password: it listens on loopback and on its own directory only."""

    programs: Path
    directory: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def create(self, *, template: str = "template0") -> str:
        """Create a database as a copy of `template`, to which nobody may be connected, and return its name."""
        name = f"test_{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database; whoever is still connected to it is cut off."""
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def url(self, name: str, *, user: str = "maild") -> str:
        """The database as SQLAlchemy wants to hear of it."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{name}"

    def give(self, name: str, *, user: str, password: str) -> None:
        """Let a database be owned by a user who needs a password; whoever is connected is cut off."""
        with suppress(psycopg.errors.DuplicateObject):
            self._run("CREATE ROLE {} LOGIN", user)
        self._run(f"ALTER ROLE {{}} PASSWORD '{password}'", user)
        self._run("ALTER DATABASE {} OWNER TO {}", name, user)
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def start(self) -> None:
        """Start the cluster, and wait for it."""
        options = " ".join(f"-c {key}={value}" for key, value in self._settings.items())
        self._control("-l", self.directory / "log", "-o", options, "start")

    def stop(self) -> None:
        """End the cluster as a crash would; what was committed is there when it starts again."""
        self._control("-m", "immediate", "stop")

    def _control(self, *words: object) -> None:
        account = unprivileged(self.directory)
        call(self.programs / "pg_ctl", "-D", self.directory / "data", "-w", "-t", "30", *words, **account)

    @property
    def _settings(self) -> dict[str, object]:
        return {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.directory,
            # What a power cut would take away is not what these tests are about; synchronous_commit stays as maild wants it.
            "fsync": "off",
            "full_page_writes": "off",
        }

    def _run(self, statement: str, *names: str) -> None:
        where = f"host={self.directory} port={self.port} user=maild dbname=postgres"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def postgresql() -> Generator[PostgreSQL]:
    """The cluster of this session; skips where PostgreSQL is not installed."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    directory = Path(tempfile.mkdtemp(prefix="maild-pg-", dir=SHORT))
    try:
        yield from running(PostgreSQL(programs=programs, directory=directory, port=free_port()))
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Generator[str]:
    """A fresh, empty database for this test alone, as `postgresql+psycopg://` URL."""
    name = postgresql.create()
    yield postgresql.url(name)
    postgresql.drop(name)


def find_programs() -> Path | None:
    """Where `initdb` and `pg_ctl` are: the newest of Debian's, else those of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def running(cluster: PostgreSQL) -> Generator[PostgreSQL]:
    data = cluster.directory / "data"
    initdb = ("--username=maild", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
    call(cluster.programs / "initdb", "-D", data, *initdb, **unprivileged(cluster.directory))
    (data / "pg_hba.conf").write_text(ACCESS)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def unprivileged(directory: Path) -> dict[str, object]:
    """The keywords that make `subprocess` run as somebody who may run PostgreSQL, with `directory` made theirs."""
    if os.geteuid() != 0:
        return {}
    account = min((entry for entry in pwd.getpwall() if entry.pw_name in ACCOUNTS), key=lambda entry: ACCOUNTS.index(entry.pw_name))
    os.chown(directory, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def call(*command: object, **account: object) -> None:
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    done = subprocess.run([str(part) for part in command], check=False, cwd="/", **output, **account)
    assert done.returncode == 0, f"{command[0]} failed:\n{done.stdout}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
