"""`maild run` and `maild login` as processes, at a Dovecot that takes access tokens only, from a provider on loopback."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, USER_CODE, Provider
from tests.servers.postfix import Postfix
from tests.servers.sink import Sink
from tests.servers.tls import Authority, Certificate
from tests.whole.stage import Stage, eventually

OUTLOOK = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"


@pytest.fixture
def stage(
    provider: Provider, authority: Authority, certificate: Certificate, sink: Sink, postfix_of: Callable[..., Postfix]
) -> Iterator[Stage]:
    """A stage whose mailbox is opened, and whose letters are taken, by tokens of the provider."""
    dovecot = Dovecot(certificate=certificate, introspection=f"{provider.url}/introspect?token=")
    dovecot.start()
    account = dovecot.account()
    provider.mailbox = account.user
    stage = Stage(
        dovecot=dovecot, account=account, postfix=postfix_of(dovecot, sasl_port=dovecot.sasl_port), sink=sink, ca_file=authority.ca_file
    )
    yield stage
    stage.close()
    dovecot.remove()


def by_tokens(stage: Stage, at: Provider, **keys: str) -> None:
    """Change the configuration to log in to IMAP and to SMTP by a token."""
    secret = stage.directory / "secret"
    secret.touch(mode=0o600)
    secret.write_text(CLIENT_SECRET + "\n")
    path = stage.directory / "config.toml"
    usual = {"client_id": CLIENT_ID, "client_secret_file": "secret", "token_url": f"{at.url}/token"}
    table = "".join(f'{key} = "{value}"\n' for key, value in (usual | keys).items())
    path.write_text(both(stage) + f"[oauth]\n{table}")


def both(stage: Stage) -> str:
    """The configuration with a login by a token at both servers."""
    text = (stage.directory / "config.toml").read_text().replace('password_file = "password"', 'auth = "xoauth2"')
    return text.replace("[smtp]\n", f'[smtp]\nauth = "xoauth2"\nusername = "{stage.account.user}"\n')


def browse(stage: Stage, *, paste: bool = False) -> subprocess.CompletedProcess[str]:
    """Run `maild login`, and be the browser: here, or on another machine whose address is pasted."""
    login = subprocess.Popen(
        stage.command("login"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=stage.directory
    )
    assert login.stdout is not None
    said = ""
    while "maild waits" not in said:
        line = login.stdout.readline()
        assert line, login.communicate()
        said += line
    (page,) = re.findall(r"(?m)^ {4}(http\S+)$", said)
    if paste:
        said += "".join(login.communicate(f"what?\n{consented_at(page)}\n", timeout=30))
    else:
        with urlopen(page) as answer:
            assert b"You may close this window" in answer.read()
        said += "".join(login.communicate(timeout=30))
    return subprocess.CompletedProcess(login.args, login.returncode, said)


def consented_at(page: str) -> str:
    """Where a browser on another machine is sent to, and cannot follow."""
    parts = urlsplit(page)
    with closing(HTTPConnection(parts.netloc)) as browser:
        browser.request("GET", f"{parts.path}?{parts.query}")
        return browser.getresponse().headers["Location"]


def troubles(stage: Stage) -> list[str]:
    """What `maild status` says of intake."""
    return [one for one in stage.status().get("wrong", []) if one.startswith("intake")]


def test_from_consent_to_revocation(stage: Stage, provider: Provider) -> None:
    """Consent once, and reports are answered beyond the end of a token; taken back, one sentence and an alarm until somebody consents anew."""
    by_tokens(stage, provider, provider="google", authorize_url=f"{provider.url}/authorize")
    stage.start()
    (trouble,) = eventually(lambda: troubles(stage))
    assert "Nobody has consented at Google yet: run `maild login`." in trouble
    assert stage.status()["alarms"] is None
    login = browse(stage)
    assert login.returncode == 0, login.stdout
    assert "Google granted: https://mail.google.com/" in login.stdout
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    eventually(lambda: stage.status()["wrong"] == [])

    provider.expire()
    stage.dovecot.restart()
    stage.write("lee@reporter.test", "At me, too.")
    stage.await_letters("lee@reporter.test", 1)
    assert len(provider.grants("refresh_token")) == 2

    provider.revoke()
    stage.dovecot.restart()
    revoked = "Google no longer accepts the consent for the mailbox: run `maild login` again."
    eventually(lambda: [one for one in troubles(stage) if revoked in one])  # at first the connection has only broken off
    assert eventually(lambda: "login-refused" in (stage.status()["alarms"] or ""))
    assert browse(stage).returncode == 0
    stage.write("max@reporter.test", "And at me.")
    stage.await_letters("max@reporter.test", 1, patience=60)
    eventually(lambda: stage.status()["alarms"] is None)
    stage.stop()
    told = stage.log + login.stdout + stage.ask("status").stdout + str(stage.ask("check"))
    assert "canary" not in told
    assert stage.account.user not in told


def test_a_browser_on_another_machine(stage: Stage, provider: Provider) -> None:
    """Over SSH somebody pastes where the browser was sent, after something else by mistake."""
    by_tokens(stage, provider, provider="google", authorize_url=f"{provider.url}/authorize")
    stage.start()
    eventually(lambda: troubles(stage))
    login = browse(stage, paste=True)
    assert login.returncode == 0, login.stdout
    assert "That is not the address" in login.stdout
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)


def test_a_code_for_any_device(stage: Stage, provider: Provider) -> None:
    """Microsoft's way: a page, a code, and maild waits until somebody has been there; no secret is needed."""
    provider.scope, provider.secret_wanted = OUTLOOK, False
    by_tokens(stage, provider, provider="microsoft", device_url=f"{provider.url}/device")
    stage.start()
    eventually(lambda: troubles(stage))
    login = stage.ask("login")
    assert login.returncode == 0, login.stderr
    assert f"{provider.url}/link" in login.stdout
    assert USER_CODE in login.stdout
    assert "IMAP.AccessAsUser.All" in login.stdout
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)


def test_an_application_of_its_own(stage: Stage, provider: Provider) -> None:
    """With client credentials nobody is asked for anything; a wrong secret is said to be one."""
    by_tokens(stage, provider, provider="microsoft", grant="client_credentials", tenant="pymalta.test")
    (stage.directory / "secret").write_text("expired\n")
    stage.start()
    (trouble,) = eventually(lambda: troubles(stage))
    assert "Microsoft does not accept the application (invalid_client)" in trouble
    assert stage.ask("login").returncode == 1
    (stage.directory / "secret").write_text(CLIENT_SECRET + "\n")
    login = stage.ask("login")
    assert (login.returncode, login.stdout) == (0, "An access token was given: nobody has to consent to anything.\n")
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    assert {asked["scope"] for asked in provider.grants("client_credentials")} == {"https://outlook.office365.com/.default"}


def test_a_program_that_prints_tokens(stage: Stage, provider: Provider) -> None:
    """What another program keeps fresh is asked for at every login."""
    kept = Path(stage.directory / "token")
    kept.write_text(provider.issue() + "\n")
    path = stage.directory / "config.toml"
    path.write_text(both(stage) + f'[oauth]\ntoken_command = ["cat", "{kept}"]\n')
    stage.start()
    stage.write("kim@reporter.test", "Somebody shouted at me.")
    stage.await_letters("kim@reporter.test", 1)
    provider.expire()
    kept.write_text(provider.issue() + "\n")
    stage.dovecot.restart()
    stage.write("lee@reporter.test", "At me, too.")
    stage.await_letters("lee@reporter.test", 1)
    assert "canary" not in stage.log


def test_nothing_to_log_in_for(stage: Stage) -> None:
    """Where passwords are used, `maild login` says so."""
    login = stage.ask("login")
    assert login.returncode == 1
    assert "there is nothing to consent to" in login.stderr
