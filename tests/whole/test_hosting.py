"""The operator's first hour: what README.md and docs/hosting.md say to type, typed on a clean Debian. What is played: `debian.py`.

Nothing is typed that is not on the pages. Only REPOSITORY is replaced, as the page says, by a repository with this tree.
"""

import re
import time
from pathlib import Path

import pytest

from tests.package.machine import Machine
from tests.whole.debian import CLONE, ENVIRON, REPOSITORY, debian, fetched, furnish, missing, plain
from tests.whole.pages import commands
from tests.whole.terminal import Terminal

PAGE = "docs/hosting.md"
OWN = ["The program", "A mail server of your own", "Set the lines that the check prints", "Start it", "The first report"]
MINUTES = 10
JOURNAL = "tail -n 20 /var/log/played/* 2>/dev/null || true"

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
    pytest.mark.xdist_group("deb"),
    pytest.mark.timeout(900),
]


def walk(there: Machine, terminal: Terminal, typed: list[str]) -> list[tuple[str, str]]:
    """Type all of it; each command has to succeed. What each one showed."""
    shown = []
    for command in typed:
        begun = time.monotonic()
        status, screen = terminal.type(command.replace("REPOSITORY", REPOSITORY))
        print(f"{time.monotonic() - begun:5.1f} s  {command}\n{screen}")
        assert status == 0, f"{command}\n{screen}\n{there.run('sh', '-c', JOURNAL)}"
        shown.append((command, plain(screen)))
        if "maild check" in command or "maild init" in command:
            there.run("sh", "-c", "cat >/run/screen", given=plain(screen).encode())
        if "git clone" in command:
            furnish(there)
    return shown


def test_a_mail_server_of_ones_own(tmp_path):
    """Every command of the page in its order, as it stands, from a clean Debian to the acknowledgement, in under ten minutes."""
    if not fetched():
        pytest.skip("the libraries of requirements.lock cannot be fetched")
    with debian(tmp_path) as there, Terminal(door=there.door, environ=ENVIRON) as terminal:
        begun = time.monotonic()
        typed = [command for heading in OWN for command in commands(PAGE, heading)]
        shown = walk(there, terminal, typed)
        took = time.monotonic() - begun
    print(f"From the first command to the acknowledgement: {took:.0f} s")
    assert took < MINUTES * 60
