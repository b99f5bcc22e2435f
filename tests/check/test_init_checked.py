"""What `maild init` writes for a server on this machine, used against a real one."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from maild.config import load_config
from tests.check.conftest import AUTHSERV
from tests.check.rig import Rig
from tests.servers.dovecot import DOMAIN

PEOPLE = (
    *("--staff", "Ana Borg <ana@team.test>", "--staff", "Ben Vella <ben@team.test>"),
    *("--board", "Dora Camilleri <dora@team.test>", "--fallback", "Felix Fenech <felix@elsewhere.test>"),
)


def maild(*words: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "maild", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=100, check=False)


@pytest.mark.parametrize("way", ["--password-stdin", "--password-command"])
def test_the_round_trip_of_a_fresh_configuration(build: Callable[..., Rig], tmp_path: Path, way: str) -> None:
    """Six answers and the ports of this test: mails go round, and only what nobody could know is left to set."""
    rig = build(authserv_id=AUTHSERV, dmarc_pass=[DOMAIN])
    account, config = rig.account, tmp_path / "fresh" / "config.toml"
    login = ("--address", account.user, "--provider", "own", "--username", account.user, way)
    store = tmp_path / "password store"
    store.write_text(f"{account.password}\n")
    login += (f"cat '{store}'",) if way == "--password-command" else ()
    made = maild("init", "--config", config, *login, *PEOPLE, "--no-check", stdin=f"{account.password}\n")
    assert (made.returncode, made.stderr) == (0, "")
    ports = {"port = 143": f"port = {account.server.port}", "port = 25": f"port = {rig.postfix.port}"}
    text = config.read_text()
    for usual, ours in ports.items():
        assert text.count(f"\n{usual}\n") == 1
        text = text.replace(f"\n{usual}\n", f"\n{ours}\n")
    config.write_text(text)
    checked = maild("check", "--round-trip", "--config", config)
    assert checked.returncode == 0, checked.stdout
    assert "\nfault" not in checked.stdout
    assert f'authserv_id = "{AUTHSERV}"' in checked.stdout
    assert load_config(config).database.key_file.is_file()
