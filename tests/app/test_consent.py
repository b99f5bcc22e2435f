"""`maild login`, flow by flow; tests/whole has it as a process."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from maild.app.consent import Granted, login
from maild.app.house import House
from maild.config import load_config
from maild.errors import LoginRefused, MaildError, SchemaMismatch
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, Provider

GOOD = (Path(__file__).parents[1] / "config" / "good.toml").read_text()
OUTLOOK = "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"


@pytest.fixture
def house(tmp_path: Path, provider: Provider) -> Iterator[Callable[..., House]]:
    """A house that logs in by tokens of the provider, with an empty database."""
    houses: list[House] = []

    def build(*, prepared: bool = True, auth: str = "xoauth2", **keys: str) -> House:
        usual = {"client_id": CLIENT_ID, "client_secret_env": "SECRET", "token_url": f"{provider.url}/token"}
        table = "".join(f'{key} = "{value}"\n' for key, value in (usual | keys).items())
        how = 'auth = "xoauth2"' if auth == "xoauth2" else 'password_env = "SECRET"'
        run = f'[run]\nstate_directory = "{tmp_path}/state"\nruntime_directory = "{tmp_path}/run"\n'
        (tmp_path / "config.toml").write_text(GOOD.replace('password_file = "imap.password"', how) + f"[oauth]\n{table}{run}")
        houses.append(House(config=load_config(tmp_path / "config.toml", environ={"SECRET": CLIENT_SECRET})))
        if prepared:
            houses[-1].prepare()
        return houses[-1]

    yield build
    for house in houses:
        house.close()


@pytest.fixture
def outlook(house: Callable[..., House], provider: Provider) -> House:
    """A mailbox at Microsoft."""
    provider.scope = OUTLOOK
    return house(provider="microsoft", device_url=f"{provider.url}/device")


def test_a_device_is_asked_about_until_somebody_was_there(outlook: House, provider: Provider) -> None:
    """At the pace the provider asks for, slower when told so, on and on through a short outage."""
    provider.polls_before_consent = 2
    said: list[str] = []
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        provider.next_answers = {1: [(400, {"error": "slow_down"})], 2: [(503, b"")]}.get(len(pauses), [])

    granted = login(outlook, say=said.append, pause=pause)
    assert pauses == [1.0, 6.0, 11.0, 11.0, 11.0]
    assert (granted.provider, granted.scope) == ("Microsoft", OUTLOOK)
    assert "WDJB-MJHT" in "".join(said)
    assert outlook.tokens.token() in provider.access


def never(seconds: float) -> None:
    """No pause at all."""


FAULTS = {
    "somebody said no": ([(400, {"error": "access_denied"})], "the consent was refused"),
    "the code has ended": ([(400, {"error": "expired_token"})], "waited too long"),
    "a box was not ticked": (
        [(200, {"access_token": "t", "refresh_token": "r", "scope": OUTLOOK.split(maxsplit=1)[0]})],
        r"granted less than maild needs \(https://outlook.office.com/SMTP.Send is missing\)",
    ),
    "it cannot be renewed": ([(200, {"access_token": "t", "scope": OUTLOOK})], "cannot be renewed"),
}


@pytest.mark.parametrize(("answers", "words"), FAULTS.values(), ids=FAULTS)
def test_a_consent_that_is_none(answers: list, words: str, outlook: House, provider: Provider) -> None:
    """Nothing is kept, and the sentence says what to do."""

    def pause(seconds: float) -> None:
        provider.next_answers = list(answers)

    with pytest.raises(LoginRefused, match=words):
        login(outlook, say=[].append, pause=pause)
    with pytest.raises(LoginRefused, match="Nobody has consented at Microsoft yet"):
        outlook.tokens.token()


@pytest.mark.parametrize(
    "scope", [None, "", "https://OUTLOOK.office365.com/imap.accessasuser.all https://outlook.office.com/SMTP.Send openid"]
)
def test_what_was_granted_may_be_said_differently(scope: str | None, outlook: House, provider: Provider) -> None:
    """Who says nothing has granted all; Microsoft has two hosts and several spellings for one permission."""
    answer = {"access_token": "t", "refresh_token": "r", "expires_in": 60} | ({} if scope is None else {"scope": scope})

    def pause(seconds: float) -> None:
        provider.next_answers = [(200, answer)]

    assert login(outlook, say=[].append, pause=pause).provider == "Microsoft"


def test_nobody_comes_in_time(outlook: House, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that was forgotten does not wait for ever."""
    monkeypatch.setattr("maild.app.consent.LONGEST_WAIT", 0.0)
    with pytest.raises(LoginRefused, match="Nobody consented in time"):
        login(outlook, say=[].append, pause=never)


class Closed:
    """A standard input that was closed."""

    def fileno(self) -> int:
        raise ValueError("closed")


def browser(says: Callable[[str], str]) -> Callable[[str], None]:
    """Somebody who opens the page that they are shown."""

    def say(words: str) -> None:
        for page in re.findall(r"(?m)^ {4}(http\S+)$", words):
            threading.Thread(target=visit, args=(says(page),)).start()

    return say


def visit(page: str) -> None:
    urlopen(page).close()


def test_a_browser_here(house: Callable[..., House], provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google's way, without anybody at the keyboard; the page is asked for the mailbox."""
    monkeypatch.setattr("sys.stdin", Closed())
    google = house(provider="google", authorize_url=f"{provider.url}/authorize")
    pages: list[str] = []
    granted = login(google, say=browser(lambda page: pages.append(page) or page))
    assert granted.scope == "https://mail.google.com/"
    assert "login_hint=info%40example.org" in pages[0]
    assert google.tokens.token() in provider.access


def test_a_browser_that_says_no(house: Callable[..., House], provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal on the page ends the wait."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    google = house(provider="google", authorize_url=f"{provider.url}/authorize")

    def refuse(page: str) -> str:
        asked = dict(pair.split("=") for pair in page.partition("?")[2].split("&"))
        return f"{asked['redirect_uri'].replace('%3A', ':').replace('%2F', '/')}?error=access_denied&state={asked['state']}"

    with pytest.raises(LoginRefused, match="the consent was refused"):
        login(google, say=browser(refuse))


def test_nobody_opens_the_page(house: Callable[..., House], provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """This wait has an end, too."""
    monkeypatch.setattr("maild.app.consent.LONGEST_WAIT", 0.05)
    monkeypatch.setattr("sys.stdin", Closed())
    with pytest.raises(LoginRefused, match="Nobody consented in time"):
        login(house(provider="google", authorize_url=f"{provider.url}/authorize"), say=[].append)


def test_there_has_to_be_a_place_for_it(house: Callable[..., House], provider: Provider) -> None:
    """Without a database nobody is asked to consent to anything."""
    with pytest.raises(SchemaMismatch, match="the first `maild run` makes it"):
        login(house(prepared=False, provider="microsoft", device_url=f"{provider.url}/device"), say=[].append)
    assert provider.asked == []


@pytest.mark.parametrize("prepared", [False, True], ids=["before the first start", "later"])
def test_no_consent_is_needed(house: Callable[..., House], provider: Provider, prepared: bool) -> None:
    """With client credentials a token is got at once, as proof; there need be no database for it yet."""
    asked = {"provider": "microsoft", "grant": "client_credentials", "tenant": "pymalta.test"}
    granted = login(house(prepared=prepared, **asked), say=[].append)
    assert granted == Granted(provider="microsoft")
    assert len(provider.issued) == 1


def test_passwords_need_no_consent(house: Callable[..., House], provider: Provider) -> None:
    """Where no server takes tokens there is nothing to do."""
    with pytest.raises(MaildError, match="nothing to consent to"):
        login(house(auth="password", provider="google"), say=[].append)
