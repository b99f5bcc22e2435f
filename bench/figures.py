"""How each figure is taken. README.md beside this file says how to read them."""

import imaplib
import smtplib
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.programs import NEVER, Maild, cpu_of_children, floor, install
from bench.reports import Report
from bench.sink import Sink, Taken
from bench.wire import Wire
from tests.servers.dovecot import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One program's way through the mailbox. `begun` is the start of its process, `cpu` its seconds from start to end."""

    reports: Sequence[Report]
    begun: float
    acknowledgements: Sequence[Taken]
    cpu: float
    memory: float = 0.0

    @property
    def rate(self) -> float:
        """Mails a second, from the start of the process to the last acknowledgement."""
        return len(self.reports) / (self.acknowledgements[-1].at - self.begun)

    @property
    def steady_rate(self) -> float:
        """Mails a second between the first and the last acknowledgement."""
        return (len(self.reports) - 1) / (self.acknowledgements[-1].at - self.acknowledgements[0].at)

    @property
    def lost(self) -> int:
        """Reports without an acknowledgement."""
        return len(self.reports) - len(self._times())

    @property
    def doubled(self) -> int:
        """Acknowledgements beyond the first of each report."""
        return len(self.acknowledgements) - len(self._times())

    def _times(self) -> Counter[str]:
        return Counter(one.in_reply_to for one in self.acknowledgements)


def fill(account: Account, mails: Iterable[Report]) -> None:
    """Deliver reports by LMTP, and read them once, so that nobody has to wait for Dovecot to index them."""
    with smtplib.LMTP("127.0.0.1", account.server.lmtp_port) as lmtp:
        for report in mails:
            lmtp.sendmail(report.sender, [account.user], report.raw)
    with imaplib.IMAP4("127.0.0.1", account.server.port) as mailbox:
        mailbox.login(account.user, account.password)
        mailbox.select("INBOX", readonly=True)
        mailbox.fetch("1:*", "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[])")


def floor_run(account: Account, mails: Sequence[Report]) -> Run:
    """The floor, from its start to its end."""
    with TemporaryDirectory() as home, Sink() as sink:
        cpu, begun = cpu_of_children(), time.monotonic()
        process = floor(account, smtp_port=sink.port, home=Path(home))
        sink.wait_for(mails, sender=process)
        process.wait()
        return Run(reports=mails, begun=begun, acknowledgements=sink.acknowledgements(mails), cpu=cpu_of_children() - cpu)


def maild_run(account: Account, mails: Sequence[Report]) -> Run:
    """maild, from its start until everything is sent and noted; then it is stopped."""
    with TemporaryDirectory() as home, Sink() as sink:
        config = install(account, imap_port=account.server.port, smtp_port=sink.port, home=Path(home))
        cpu, begun = cpu_of_children(), time.monotonic()
        with Maild.start(config) as maild:
            sink.wait_for(mails, sender=maild.process)
            maild.wait_for_rest()
            memory = maild.peak_memory()
            if maild.tickets() != len(mails):
                raise RuntimeError(f"{maild.tickets()} tickets from {len(mails)} reports")
        acknowledgements = sink.acknowledgements(mails)
        return Run(reports=mails, begun=begun, acknowledgements=acknowledgements, cpu=cpu_of_children() - cpu, memory=memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A daemon that gets a mail now and then: how quick it is, what it holds, what it does when nothing comes."""

    latencies: Sequence[float]
    memory: float
    idle_cpu: float
    idle_writes: int


def quiet(account: Account, *, mails: Sequence[Report], idle_seconds: float) -> Quiet:
    """Let single mails come in through a wire that knows when Dovecot spoke of them; then let nothing come for a while."""
    with TemporaryDirectory() as home, Sink() as sink, Wire(account.server.port) as wire:
        config = install(account, imap_port=wire.port, smtp_port=sink.port, home=Path(home), summary_above=NEVER)
        with Maild.start(config) as maild:
            latencies = [_latency(maild, account, report, count, sink=sink, wire=wire) for count, report in enumerate(mails, 1)]
            maild.wait_for_rest()
            wire.wait_for_idle()
            before, cpu = maild.written(), maild.cpu()
            time.sleep(idle_seconds)
            cpu, after = maild.cpu() - cpu, maild.written()
            writes = sum(before.get(name) != after.get(name) for name in before | after)
            return Quiet(latencies=latencies, memory=maild.peak_memory(), idle_cpu=cpu * 60 / idle_seconds, idle_writes=writes)


def _latency(maild: Maild, account: Account, report: Report, count: int, *, sink: Sink, wire: Wire) -> float:
    """Seconds from `* count EXISTS` to the acknowledgement's 250."""
    wire.wait_for_idle()
    account.server.deliver(report.raw, to=account.user, sender=report.sender)
    sink.wait_for([report], sender=maild.process)
    return sink.acknowledgements([report])[0].at - wire.exists[count]
