"""A real Dovecot (2.3) out of one temporary directory, as an ordinary user, on loopback and free ports.

One server lasts for the whole test run; every test has an `Account` of its own on it, so that tests know nothing of each other.
"""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.servers.tls import Certificate

PASSWORD = "open-sesame"
"""Everybody's password, where a server is not given `users`: it takes in whoever knows it."""
DOMAIN = "pymalta.test"
UP_WITHIN = 10.0
"""Seconds for Dovecot to answer after its start; it takes 0.05."""

CONFIG = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_uid = {uid}
mail_gid = {gid}
mail_home = {home}/mail/%u
mail_location = maildir:~/Maildir
mail_fsync = never
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = no
ssl = {ssl}
import_environment = TZ
default_vsz_limit = 512M
default_process_limit = 50
mail_max_userip_connections = 50
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = {passdb}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
  unix_listener stats-writer {{
    mode = 0600
  }}
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0600
  }}
  inet_listener {{
    address = 127.0.0.1
    port = {sasl_port}
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
{extra}
"""

TOKENS = """
auth_mechanisms = plain login xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {home}/oauth2
}}
"""


def need(binary: str, *, package: str) -> str:
    """The path of a program, or the end of this test where it is not installed."""
    path = shutil.which(binary, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"needs {package}: run `make test-deps`")
    return path


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Dovecot:
    """One server. `extra` is configuration text of the test's own; with `users` only those may log in.

    `introspection` is the address at which a token is asked about, followed by it; XOAUTH2 is offered then. A Postfix may ask about logins
    at `sasl_port`.
    """

    host = "localhost"

    def __init__(
        self, *, certificate: Certificate | None = None, users: Mapping[str, str] | None = None, extra: str = "", introspection: str = ""
    ) -> None:
        self._binary = need("dovecot", package="Dovecot")
        self.port, self.tls_port, self.lmtp_port, self.sasl_port = (free_port() for _ in range(4))
        # pytest's own directories are closed to `nobody`, and the path of a Unix socket has to be short.
        self.home = Path(tempfile.mkdtemp(prefix="dc"))
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._names = (f"{number}@{DOMAIN}" for number in count(1))
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files(certificate=certificate, users=users, extra=extra + self._tokens(introspection))

    def start(self) -> "Dovecot":
        """Start it, and return when it answers."""
        as_root = os.geteuid() == 0
        command = [self._binary, "-F", "-c", str(self.home / "dovecot.conf")]
        who = {"user": self._owner.pw_uid, "group": self._owner.pw_gid, "extra_groups": []} if as_root else {}
        with (self.home / "out").open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, **who)
        try:
            self._await_ports()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """End it as an administrator would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(UP_WITHIN)
            self.kill()

    def kill(self) -> None:
        """End it and every connection at once, as a power cut would."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(UP_WITHIN)
            self._process = None

    def restart(self) -> None:
        """Stop, and start on the same ports."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop for good: the mail is gone too."""
        self.stop()
        shutil.rmtree(self.home)

    def account(self) -> "Account":
        """Somebody new, with an empty INBOX and a Junk folder."""
        return Account(server=self, user=next(self._names))

    def deliver(self, raw: bytes, *, to: str, sender: str = "") -> None:
        """Hand over a mail by LMTP, as a mail server would; `to` may be a plus-address."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, [to], raw)

    def _tokens(self, introspection: str) -> str:
        if not introspection:
            return ""
        asked = {
            "introspection_url": introspection,
            "introspection_mode": "get",
            "force_introspection": "yes",
            "username_attribute": "email",
        }
        asked |= {"active_attribute": "active", "active_value": "true"}
        (self.home / "oauth2").write_text("".join(f"{key} = {value}\n" for key, value in asked.items()))
        return TOKENS.format(home=self.home)

    def _write_files(self, *, certificate: Certificate | None, users: Mapping[str, str] | None, extra: str) -> None:
        if certificate is not None:
            shutil.copy(certificate.cert_file, self.home / "cert.pem")
            shutil.copy(certificate.key_file, self.home / "key.pem")
        if users is not None:
            (self.home / "passwd").write_text("".join(f"{user}:{{PLAIN}}{password}\n" for user, password in users.items()))
        (self.home / "dovecot.conf").write_text(self._config(tls=certificate is not None, listed=users is not None, extra=extra))
        if os.geteuid() == 0:
            for path in (self.home, *self.home.iterdir()):
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _config(self, *, tls: bool, listed: bool, extra: str) -> str:
        return CONFIG.format(
            home=self.home,
            user=self._owner.pw_name,
            group=grp.getgrgid(self._owner.pw_gid).gr_name,
            uid=self._owner.pw_uid,
            gid=self._owner.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            lmtp_port=self.lmtp_port,
            sasl_port=self.sasl_port,
            ssl=f"yes\nssl_cert = <{self.home}/cert.pem\nssl_key = <{self.home}/key.pem" if tls else "no",
            passdb=f"passwd-file\n  args = {self.home}/passwd" if listed else f"static\n  args = password={PASSWORD}",
            extra=extra,
        )

    def _await_ports(self) -> None:
        until = time.monotonic() + UP_WITHIN
        for port in (self.port, self.lmtp_port):
            while not _listens(port):
                if time.monotonic() > until or self._process is None or self._process.poll() is not None:
                    raise RuntimeError(f"Dovecot does not start: {self._words()}")

    def _words(self) -> str:
        return " ".join(path.read_text() for path in (self.home / "out", self.home / "log") if path.exists())


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's mail on a server, seen and handled past the program under test."""

    server: Dovecot
    user: str
    password: str = PASSWORD

    def deliver(self, raw: bytes, *, detail: str = "") -> None:
        """A mail arrives now, by LMTP, at the plain address or at the one with `+detail`."""
        name, _, domain = self.user.partition("@")
        self.server.deliver(raw, to=f"{name}+{detail}@{domain}" if detail else self.user)

    def append(self, raw: bytes, *, folder: str = "INBOX", internaldate: datetime | None = None, flags: Sequence[bytes] = ()) -> int:
        """Lay a mail into a folder with the INTERNALDATE wanted, and tell its UID (RFC 4315)."""
        with self._session() as session:
            told: bytes = session.append(folder, raw, flags, internaldate)
        return int(told.partition(b"APPENDUID ")[2].split(b"]")[0].split()[1])

    def messages(self, folder: str = "INBOX") -> list[tuple[int, tuple[bytes, ...], bytes]]:
        """UID, flags and bytes of everything in a folder, ascending."""
        with self._session(folder) as session:
            told = session.fetch(session.search("ALL"), ["FLAGS", "BODY.PEEK[]"])
        return [(uid, told[uid][b"FLAGS"], told[uid][b"BODY[]"]) for uid in sorted(told)]

    def mark_seen(self, uid: int, *, folder: str = "INBOX") -> None:
        """Somebody reads a mail in a mail program."""
        with self._session(folder) as session:
            session.add_flags([uid], [b"\\Seen"])

    def expunge(self, uid: int, *, folder: str = "INBOX") -> None:
        """Somebody deletes a mail for good."""
        with self._session(folder) as session:
            session.delete_messages([uid])
            session.uid_expunge([uid])

    def make_folder(self, name: str) -> None:
        """Create a folder."""
        with self._session() as session:
            session.create_folder(name)

    def reset_uidvalidity(self, folder: str = "INBOX") -> None:
        """Lose what Dovecot knows of a folder: the same mails come back with the same UIDs and another UIDVALIDITY."""
        self.server.stop()
        maildir = self.server.home / "mail" / self.user / "Maildir"
        maildir = maildir if folder == "INBOX" else maildir / f".{folder}"
        for path in (*maildir.glob("dovecot-uidlist*"), *maildir.glob("dovecot.index*")):
            path.unlink()
        self.server.start()

    @contextmanager
    def _session(self, folder: str | None = None) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.server.port, ssl=False, timeout=UP_WITHIN) as session:
            session.login(self.user, self.password)
            if folder is not None:
                session.select_folder(folder)
            yield session


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), UP_WITHIN).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.fixture(scope="session")
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """The server of this test run, with TLS; use `account` for a place on it."""
    server = Dovecot(certificate=certificate)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    """Somebody new on the server of this test run."""
    return dovecot.account()
