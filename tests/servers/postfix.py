"""A real Postfix out of one temporary directory: loopback only, nothing of the system's configuration, nothing left behind."""

import contextlib
import json
import os
import pwd
import random
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.servers.tls import Certificate

DAEMONS = Path("/usr/lib/postfix/sbin")
TIME_LIMIT = 20.0
"""Seconds for Postfix to start or to stop; it takes tenths of one."""

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/var
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
myhostname = mx.postfix.test
mydomain = postfix.test
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8, 203.0.113.0/24
smtpd_authorized_xclient_hosts = 127.0.0.0/8
biff = no
smtpd_peername_lookup = no
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
message_size_limit = 52428800
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
smtp_connection_cache_on_demand = no
smtputf8_enable = yes
local_header_rewrite_clients =
recipient_delimiter = +
default_transport = {elsewhere}
relay_transport = $default_transport
"""

MASTER = """\
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
tlsmgr unix - - n 1000? 1 tlsmgr
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

SUBMISSION = """\
{submission_port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {sasl}
{smtps_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {sasl}
"""

PRIVATE_FOLDERS = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


def free_port() -> int:
    """A port on loopback that nobody listens on, from below those that the kernel gives to outgoing connections."""
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Postfix:
    """One Postfix, as root: `with Postfix(relay_port=sink.port) as postfix: …`. Several may run side by side.

    - `port` takes mail for everybody from loopback without TLS and login; with a `certificate`, `submission_port` demands STARTTLS and
      `smtps_port` speaks TLS from the first byte.
    - Mail to `domains` goes by LMTP to `lmtp_port`, all other mail to the SMTP server on `relay_port`; where that is None, it waits
      in the queue. Nothing ever leaves loopback, and DNS is never asked.
    - With `sasl_port`, the inet `auth` listener of a Dovecot, the two TLS ports demand a login.
    - With `authserv_id` every mail gets a trusted `Authentication-Results` on top: dmarc=pass where the envelope sender's domain is
      in `dmarc_pass`, else dmarc=fail; those that came with the mail and claim the same id are removed (RFC 8601 section 5).
    - `main` adds to or overrules main.cf.
    """

    def __init__(
        self,
        *,
        relay_port: int | None = None,
        lmtp_port: int | None = None,
        domains: Sequence[str] = (),
        certificate: Certificate | None = None,
        sasl_port: int | None = None,
        authserv_id: str | None = None,
        dmarc_pass: Sequence[str] = (),
        main: Mapping[str, str] | None = None,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.port, self.submission_port, self.smtps_port = free_port(), free_port(), free_port()
        self._master: subprocess.Popen[bytes] | None = None
        settings = MAIN.format(home=self.home, elsewhere=_elsewhere(relay_port))
        settings += _local_domains(domains, lmtp_port)
        services = MASTER.format(port=self.port)
        if certificate is not None:
            sasl = "-o smtpd_sasl_auth_enable=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject" if sasl_port else ""
            services += SUBMISSION.format(submission_port=self.submission_port, smtps_port=self.smtps_port, sasl=sasl)
            settings += f"smtpd_tls_chain_files = {certificate.key_file}, {certificate.cert_file}\nsmtpd_tls_security_level = may\n"
            settings += f"smtpd_sasl_type = dovecot\nsmtpd_sasl_path = inet:127.0.0.1:{sasl_port}\n" if sasl_port else ""
        if authserv_id is not None:
            settings += self._verdicts(authserv_id, dmarc_pass)
        settings += "".join(f"{name} = {value}\n" for name, value in (main or {}).items())
        _write_old(self.home / "main.cf", settings)
        _write_old(self.home / "master.cf", services)
        self._make_queue()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.home)

    @property
    def pid(self) -> int:
        """The master's, which leads the group of all its children."""
        assert self._master is not None
        return self._master.pid

    def start(self) -> None:
        """Start, and return when mail is taken."""
        # A session of its own makes the master lead the group it ends itself; -d keeps it our child.
        self._master = subprocess.Popen([DAEMONS / "master", "-c", self.home, "-d"], start_new_session=True)
        deadline = time.monotonic() + TIME_LIMIT
        while not self._answers():
            if self._master.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Postfix does not start:\n{self.log}")

    def stop(self) -> None:
        """End all of it in order; mail under way is finished or stays in the queue."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End all of it at once, whatever it was doing."""
        self._end(signal.SIGKILL)

    def submit(self, raw: bytes, sender: str, recipients: Sequence[str]) -> None:
        """Hand in a mail at `port`, as a stranger's server would: by XCLIENT, Postfix sees it come from outside and says so in Received."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=TIME_LIMIT) as client:
            client.ehlo()
            client.docmd("XCLIENT", f"NAME=out.{sender.rpartition('@')[2] or 'else.test'} ADDR=203.0.113.7")
            client.ehlo()
            client.sendmail(sender, recipients, raw)

    def queue(self) -> list[dict[str, Any]]:
        """What waits in the queue, as `postqueue -j` has it (`queue_name`, `sender`, `recipients`, …)."""
        listing = subprocess.run(["/usr/sbin/postqueue", "-c", self.home, "-j"], check=True, capture_output=True)
        # A mail on its way from one queue to the next may be listed in both.
        return list({mail["queue_id"]: mail for mail in map(json.loads, listing.stdout.splitlines())}.values())

    def flush(self) -> None:
        """Try all that waits again, now."""
        subprocess.run(["/usr/sbin/postqueue", "-c", self.home, "-f"], check=True)

    @property
    def log(self) -> str:
        """What Postfix said so far."""
        path = self.home / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _end(self, how: signal.Signals) -> None:
        master, self._master = self._master, None
        if master is None:
            return
        # The group is that of the session which `start` made: the master and its children, nobody else.
        os.killpg(master.pid, how)
        deadline = time.monotonic() + TIME_LIMIT
        while living(master.pid) - {master.pid}:
            if time.monotonic() > deadline:
                raise RuntimeError("Postfix does not stop")
            time.sleep(0.005)
        master.kill()  # it would sleep for another second, for children that have gone by now
        master.wait()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(3) == b"220"
        except OSError:
            time.sleep(0.005)
            return False

    def _make_queue(self) -> None:
        owner = pwd.getpwnam("postfix")
        self.home.chmod(0o755)
        folders = [self.home / "queue" / name for name in PRIVATE_FOLDERS]
        folders += [self.home / "var", self.home / "queue" / "public", self.home / "queue" / "maildrop"]
        for folder in folders:
            folder.mkdir(parents=True, mode=0o700)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        (self.home / "queue" / "pid").mkdir()

    def _verdicts(self, authserv_id: str, dmarc_pass: Sequence[str]) -> str:
        """A header that smtpd puts on top meets the header checks like any other, so the verdict travels under a name nobody knows."""
        secret = f"X-Verdict-{self.home.name}"
        passing = "".join(
            f"/@({domain.replace('.', '[.]')})$/ PREPEND {secret}: spf=pass smtp.mailfrom=$1; dmarc=pass header.from=$1\n"
            for domain in dmarc_pass
        )
        _write_old(self.home / "verdicts", passing + f"/^/ PREPEND {secret}: spf=fail; dmarc=fail\n")
        literal = authserv_id.replace(".", "[.]")
        _write_old(
            self.home / "strip",
            f"/^Authentication-Results:[[:space:]]*{literal}([[:space:];]|$)/ IGNORE\n"
            f"/^{secret}: (.*)/ REPLACE Authentication-Results: {authserv_id}; $1\n",
        )
        return f"smtpd_sender_restrictions = check_sender_access regexp:{self.home}/verdicts\nheader_checks = regexp:{self.home}/strip\n"


def _elsewhere(relay_port: int | None) -> str:
    return "smtp:[127.0.0.1]:9\ndefer_transports = smtp" if relay_port is None else f"smtp:[127.0.0.1]:{relay_port}"


def _local_domains(domains: Sequence[str], lmtp_port: int | None) -> str:
    if not domains or lmtp_port is None:
        return ""
    return f"virtual_mailbox_domains = {' '.join(domains)}\nvirtual_mailbox_maps =\nvirtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}\n"


def living(group: int) -> set[int]:
    """The processes of a group that still run; dead ones may stay listed where nobody reaps orphans."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # gone between listing and reading
            state, _parent, its_group = entry.read_text().rpartition(")")[2].split()[:3]
            if state != "Z" and int(its_group) == group:
                found.add(int(entry.parent.name))
    return found


def _write_old(path: Path, text: str) -> None:
    """Postfix waits two seconds before it believes a file that was written just now."""
    path.write_text(text)
    os.utime(path, (0, 0))


@pytest.fixture
def run_postfix() -> Iterator[Callable[..., Postfix]]:
    """Start a Postfix as `Postfix` is called; all of them end with the test."""
    if os.geteuid() != 0 or not (DAEMONS / "master").exists():
        pytest.skip("needs root and Postfix: run `make test-deps` and the tests as root")
    with contextlib.ExitStack() as running:
        yield lambda **options: running.enter_context(Postfix(**options))
