"""The rules of tests/conftest.py hold for the tests themselves."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LeftTheMachine

ROOT = Path(__file__).parent.parent
# Addresses for documentation (RFC 5737, RFC 3849): nobody answers there even if the guard should fail.
ELSEWHERE = "192.0.2.1"

SKIPPING = '''
import pytest


def test_runs():
    """One that passes, so that only the skip can fail the run."""


def test_skips():
    pytest.skip("no such server")
'''
SKIPPED_MODULE = SKIPPING + '\npytest.skip("no such library", allow_module_level=True)\n'


def tcp() -> None:
    with socket.socket() as wire:
        wire.connect((ELSEWHERE, 25))


def tcp6() -> None:
    with socket.socket(socket.AF_INET6) as wire:
        wire.connect(("2001:db8::1", 25))


def udp() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as wire:
        wire.sendto(b"", (ELSEWHERE, 53))


def lookup() -> None:
    socket.create_connection(("mail.example.org", 25))


def in_a_loop() -> None:
    asyncio.run(asyncio.open_connection(ELSEWHERE, 25))


def every_interface() -> None:
    with socket.socket() as wire:
        wire.bind(("", 0))


@pytest.mark.parametrize("reach", [tcp, tcp6, udp, lookup, in_a_loop, every_interface])
def test_nothing_leaves_the_machine(reach):
    """Connecting, sending, looking up and listening beyond loopback stop the test that tries."""
    with pytest.raises(LeftTheMachine):
        reach()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.8.9.10"])
def test_loopback_is_open(host):
    """Servers of the tests are reached by any name of loopback."""
    with socket.create_server((host, 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_unix_sockets_are_open(tmp_path, monkeypatch):
    """Unix sockets never leave the machine."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("short")
        server.listen()
        client.connect("short")


def skipping(tmp_path: Path, *, text: str, ci: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "test_skipping.py").write_text(text)
    command = (sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, "--rootdir", tmp_path, tmp_path)
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"CI": ci}, check=False, capture_output=True, text=True)


@pytest.mark.parametrize(("text", "why"), [(SKIPPING, "no such server"), (SKIPPED_MODULE, "no such library")])
def test_a_skip_is_a_failure_in_ci(tmp_path, text, why):
    """With CI=true a skipped test or module fails the run, and its reason is shown."""
    done = skipping(tmp_path, text=text, ci="true")
    assert done.returncode != 0
    assert f"skipped where nothing may be (CI=true): {why}" in done.stdout


@pytest.mark.parametrize(("text", "why"), [(SKIPPING, "no such server"), (SKIPPED_MODULE, "no such library")])
def test_a_skip_is_named_elsewhere(tmp_path, text, why):
    """Without CI the run names what it skipped and the one command that helps."""
    done = skipping(tmp_path, text=text, ci="")
    assert "run `make test-deps`, and the tests as root, to have these too" in done.stdout
    assert f"test_skipping.py: 1 ({why})" in done.stdout
