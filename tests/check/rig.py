"""A maild that is only checked: its configuration, and real servers in the shape that a test wants."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maild.app import House
from maild.app.check.finding import Finding, Grade, Setting
from maild.app.check.whole import Check
from maild.config import load_config
from tests.servers.dovecot import Account
from tests.servers.postfix import Postfix
from tests.team import TEAM

CONFIG = (
    TEAM
    + """\
[imap]
host = "{imap_host}"
port = {imap_port}
tls = "{imap_tls}"
ca_file = "{ca_file}"
username = "{mailbox}"
password_file = "password"
{imap}
[smtp]
host = "localhost"
port = {smtp_port}
tls = "{smtp_tls}"
ca_file = "{ca_file}"
{smtp}
[authentication]
{authentication}
[letters]
{letters}
[database]
{database}
[run]
state_directory = "state"
runtime_directory = "run"
"""
)


@dataclass(slots=True, kw_only=True)
class Rig:
    """One installation in a directory. `written` are lines of the configuration, by table."""

    directory: Path
    account: Account
    ca_file: Path
    postfix: Postfix | None = None
    imap_port: int = 0
    imap_host: str = "localhost"
    imap_tls: str = "implicit"
    smtp_port: int = 0
    smtp_tls: str = "starttls"
    written: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.directory / "state").mkdir(mode=0o700, exist_ok=True)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(self.account.password + "\n")
        self.configure()

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.directory / "config.toml"

    @property
    def key_file(self) -> Path:
        """The key file."""
        return self.directory / "state" / "maild.key"

    def configure(self, **changes: object) -> None:
        """Write the configuration, with changes to the usual one."""
        usual: dict[str, object] = {
            "mailbox": self.account.user,
            "imap_host": self.imap_host,
            "imap_port": self.imap_port or self.account.server.tls_port,
            "imap_tls": self.imap_tls,
            "smtp_port": self.smtp_port or (self.postfix.submission_port if self.postfix else 1),
            "smtp_tls": self.smtp_tls,
            "ca_file": self.ca_file,
            **{table: self.written.get(table, "") for table in ("imap", "smtp", "authentication", "letters", "database")},
        }
        self.config.write_text(CONFIG.format(**usual | changes))

    def install(self) -> None:
        """Make key and database, as the first start does."""
        house = House(config=load_config(self.config))
        house.prepare()
        house.close()

    def check(self, *, round_trip: bool = False, patience: float = 20.0, **changes: Any) -> "Checked":
        """`maild check` in this process."""
        house = House(config=load_config(self.config), **changes)
        try:
            return Checked(list(Check(house=house, round_trip=round_trip, patience=patience, tell=self.told.append).run()))
        finally:
            house.close()

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`maild check` as a command."""
        command = [sys.executable, "-m", "maild", "check", "--config", str(self.config), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def json(self, *words: str) -> dict[str, Any]:
        """The same, in JSON."""
        told: dict[str, Any] = json.loads(self.ask("--json", *words).stdout)
        return told


class Checked:
    """What a check found."""

    def __init__(self, found: list[Finding | Setting]) -> None:
        self.findings = [one for one in found if isinstance(one, Finding)]
        self.settings = {f"{one.table}.{one.key}": one.value for one in found if isinstance(one, Setting)}

    def of(self, grade: Grade, about: str = "") -> str:
        """The sentences of one grade, about one thing."""
        return "\n".join(one.sentence for one in self.findings if one.grade is grade and about in ("", one.about))

    def ok(self, about: str = "") -> str:
        """What works."""
        return self.of(Grade.OK, about)

    def notes(self, about: str = "") -> str:
        """What is good to know."""
        return self.of(Grade.NOTE, about)

    def faults(self, about: str = "") -> str:
        """What has to be mended."""
        return self.of(Grade.FAULT, about)
