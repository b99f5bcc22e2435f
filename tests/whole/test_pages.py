"""docs/hosting.md as far as it can be followed anywhere, by anybody: what it writes. tests/whole/test_hosting.py follows it to the end."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from maild.config import Config, load_config
from tests.whole.pages import ROOT, boxes, lines, section

PAGE = "docs/hosting.md"
# Commands that speak with a server, or make one.
ELSEWHERE = re.compile(r"apt-get|systemctl|postconf|useradd|chmod|echo|maild (?:login|check)|.*/etc/dovecot/", re.DOTALL)


def follow(heading: str, at: Path, *, steps: slice = slice(None)) -> Config:
    """Do what a section says in a directory that takes the place of the machine's top, in some of its grey boxes where they are
    alternatives; any editor leaves `secret` in its file."""
    for place in ("etc/maild", "run"):
        (at / place).mkdir(parents=True)
    config = at / "etc/maild/config.toml"
    maild = f"{sys.executable} -m maild init --no-check --config {config} --user nobody-of-this-name"
    for command in (line for box in boxes(section(PAGE, heading))[steps] for line in lines(box)):
        if ELSEWHERE.match(command):
            continue
        typed = re.sub(r"(?<=[ \"])/(?=etc/maild/|run/)", f"{at}/", command).replace("-o maild ", "")
        typed = re.sub(r"^maild init", maild, re.sub(r"^nano (\S+)", r"echo secret > \1", typed))
        done = subprocess.run(["bash", "-c", typed], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, typed + done.stderr
    assert list((at / "run").iterdir()) == [], "a password is left behind"
    return load_config(config)


def test_google(tmp_path):
    """With an app password, steps 2 and 3."""
    config = follow("Google Workspace", tmp_path, steps=slice(2))
    assert (config.imap.auth, config.authentication.authserv_id) == ("password", "mx.google.com")
    assert config.imap.password.reveal() == "secret"


def test_google_by_consent(tmp_path):
    """With step 4 instead of them the mailbox is opened by access tokens, and there is no password."""
    config = follow("Google Workspace", tmp_path, steps=slice(2, None))
    assert (config.imap.auth, config.smtp.auth, config.oauth.provider) == ("xoauth2", "xoauth2", "google")
    assert config.oauth.client_secret.reveal() == "secret"
    assert not (tmp_path / "etc/maild/mailbox.password").exists()


def test_microsoft(tmp_path):
    """The application stands in the configuration, and what stands for Exchange's missing authserv-id."""
    config = follow("Microsoft 365", tmp_path)
    assert (config.imap.auth, config.oauth.tenant, config.authentication.form) == ("xoauth2", "example.org", "exchange")
    assert config.authentication.authserv_id == "outlook.com"


def test_cpanel(tmp_path):
    """The ports are those that the page names, and the password is that of the file."""
    config = follow("cPanel", tmp_path)
    assert (config.imap.host, config.imap.port, config.smtp.port) == ("mail.example.org", 993, 465)
    assert config.imap.password.reveal() == "secret"


def test_a_mail_server_of_ones_own(tmp_path):
    """The ports are those of the page, and step 7 finds the line that it changes."""
    config = follow("A mail server of your own", tmp_path)
    assert (config.imap.port, config.smtp.port, config.smtp.plus_addressing) == (143, 25, True)
    assert [one.name for one in config.staff] == ["Ana Borg", "Bo Grech"]


@pytest.mark.parametrize(
    ("box", "typed"),
    [
        pytest.param("one\ntwo\n", ["one", "two"], id="each line is a command"),
        pytest.param("one \\\n  two\n", ["one \\\n  two"], id="a backslash goes on"),
        pytest.param("one\n\ntwo\n", ["one", "two"], id="nothing is typed for an empty line"),
    ],
)
def test_a_box_is_read_command_by_command(box, typed):
    """The commands of a grey box are those that a shell would see."""
    assert list(lines(box)) == typed
