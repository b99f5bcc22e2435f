"""The rules every test lives under: nothing leaves this machine, and nothing is skipped in silence."""

import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import Generator
from ipaddress import ip_address
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).parent
# In this order: the mail servers import their certificates.
SERVERS = ("tls", "oauth", "dovecot", "postfix", "postgresql")
pytest_plugins = [f"tests.servers.{name}" for name in SERVERS if (TESTS / "servers" / f"{name}.py").exists()]

# .ci/run sets it: what is skipped there would never run anywhere.
CI = os.environ.get("CI") == "true"

hypothesis.settings.register_profile("quick", deadline=None, derandomize=CI)
hypothesis.settings.register_profile("deep", deadline=None, max_examples=5_000)
hypothesis.settings.load_profile("quick")


class LeftTheMachine(BaseException):
    """A test reached for the network. Not an `Exception`: code that forgives network errors must not forgive this one."""


def is_local(host: object) -> bool:
    """Is this host the machine itself? A name other than its own would have to be looked up elsewhere."""
    if host in {None, "", b"", "localhost", b"localhost", socket.gethostname()}:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: no socket of this process, whoever opened it, reaches or listens beyond loopback."""
    match event, arguments:
        case "socket.connect" | "socket.bind" | "socket.sendto" | "socket.sendmsg", (_, (host, *_)):
            where = "0.0.0.0" if host == "" else host  # bind's "" is every interface
        case "socket.getaddrinfo" | "socket.gethostbyname", (where, *_):
            pass
        case _:
            return
    if not is_local(where):
        raise LeftTheMachine(f"{event} to {where!r}: tests stay on loopback")


sys.addaudithook(stay_here)

# What nohup(1) or a job in the background ignores, every process that a test starts would ignore too, and never end.
for number, heard in {signal.SIGHUP: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler, signal.SIGQUIT: signal.SIG_DFL}.items():
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, heard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true a skipped test is a failed test."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """With CI=true a skipped module is a failed module."""
    report = yield
    if CI and report.skipped:
        fail(report)
    return report


def fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    report.outcome = "failed"
    report.longrepr = f"skipped where nothing may be (CI=true): {reason(report)}"


def reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else report.longreprtext


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name what was skipped, and leave it for `make test`, which judges coverage only where nothing was."""
    skipped = Counter((reason(report), report.nodeid.partition("::")[0]) for report in terminalreporter.stats.get("skipped", ()))
    config.cache.set("maild/skipped", sorted({file for _, file in skipped}))
    if not skipped:
        return
    terminalreporter.section("skipped: run `make test-deps`, and the tests as root, to have these too")
    for (why, file), count in sorted(skipped.items()):
        terminalreporter.line(f"{file}: {count} ({why})")
