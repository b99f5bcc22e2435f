"""`maild login` at a terminal: what it prints, and how it ends. tests/app has its flows, tests/whole the process."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.servers.oauth import CLIENT_ID, Provider
from tests.town import Town

OUTLOOK = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"


@pytest.fixture
def at_microsoft(town: Town, provider: Provider) -> Path:
    """A town whose mailbox is at Microsoft."""
    provider.scope, provider.secret_wanted, provider.polls_before_consent = OUTLOOK, False, 0
    path = town.directory / "config.toml"
    usual = re.sub(r"(?m)^password_\w+ = .*\n", "", path.read_text()).replace("[imap]\n", '[imap]\nauth = "xoauth2"\n')
    urls = f'token_url = "{provider.url}/token"\ndevice_url = "{provider.url}/device"\n'
    path.write_text(f'{usual}\n[oauth]\nprovider = "microsoft"\nclient_id = "{CLIENT_ID}"\n{urls}')
    return path


def test_consent(at: Run, at_microsoft: Path, provider: Provider) -> None:
    """The page, the code, what was granted and until when; neither token nor secret."""
    town = at("login")
    assert (town.code, town.err) == (0, "")
    assert f"\n    {provider.url}/link\n" in town.out
    assert "\n    WDJB-MJHT\n" in town.out
    assert f"Microsoft granted: {OUTLOOK}\n" in town.out
    assert re.search(r"This token is good until 20\d\d-\d\d-\d\d \d\d:\d\d; maild renews it by itself", town.out)
    assert "canary" not in town.out


def test_a_refusal(at: Run, at_microsoft: Path, provider: Provider) -> None:
    """One sentence on standard error, and exit status 1."""
    provider.next_answers = [(400, {"error": "unauthorized_client"})]
    town = at("login")
    assert (town.code, town.out) == (1, "")
    assert town.err.startswith("maild: Microsoft does not accept the application (unauthorized_client); check [oauth] client_id")


def test_no_proof_by_password(at: Run) -> None:
    """Where no server takes tokens there is nothing to consent to."""
    town = at("login")
    assert (town.code, town.out) == (1, "")
    assert "nothing to consent to" in town.err
