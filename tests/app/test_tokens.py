"""Access tokens between two logins: kept until shortly before they end, renewed when refused, never asked for without need."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.app.tokens import ALARM, EARLY, Consented, Tokens, named, tokens_of
from maild.config import Secret
from maild.config.oauth import Oauth
from maild.errors import ConsentGone, ConsentMissing, LoginRefused, SecretUnreadable, TokenAway
from maild.store import Store, open_store
from maild.transport.oauth import Client, Endpoints, Grant
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, Provider
from tests.store.world import KEY, sources

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Source:
    """Gives t1, t2 and so on, good for so many seconds; or raises."""

    seconds: int = 3600
    error: Exception | None = None
    given: int = 0
    heard: list[str] = field(default_factory=list)

    def __call__(self) -> Grant:
        if self.error is not None:
            raise self.error
        self.given += 1
        return Grant(access_token=f"t{self.given}", seconds=self.seconds)

    def tokens(self) -> Tokens:
        return Tokens(grant=self, granted=lambda: self.heard.append("granted"), denied=lambda: self.heard.append("denied"))


def test_a_token_is_kept() -> None:
    """Both servers share one, as long as it is good."""
    source = Source()
    tokens = source.tokens()
    assert [tokens.token() for _ in range(3)] == ["t1"] * 3


@pytest.mark.parametrize("seconds", [0, int(EARLY)])
def test_a_token_that_ends_soon_is_not_kept(seconds: int) -> None:
    """It could end in the middle of a login."""
    tokens = Source(seconds=seconds).tokens()
    assert [tokens.token(), tokens.token()] == ["t1", "t2"]


def test_a_refused_token_is_renewed() -> None:
    """One that was good once may have been taken back early: there is another."""
    tokens = Source().tokens()
    tokens.token()
    assert tokens.instead_of(tokens.token()) == "t2"
    assert tokens.token() == "t2"


def test_a_new_token_is_refused_for_another_reason() -> None:
    """Nothing is gained by a second one; the next login begins anew."""
    source = Source()
    tokens = source.tokens()
    assert tokens.instead_of(tokens.token()) is None
    assert tokens.token() == "t2"


def test_the_other_thread_was_quicker() -> None:
    """Two servers refuse the same old token: it is renewed once."""
    source = Source()
    tokens = source.tokens()
    tokens.token()
    old = tokens.token()
    assert [tokens.instead_of(old), tokens.instead_of(old)] == ["t2", "t2"]
    assert source.given == 2


def test_two_threads_ask_once() -> None:
    """Whoever comes while a token is being asked for waits for it."""
    source, begun, told = Source(), threading.Barrier(5), []

    def ask(tokens: Tokens) -> None:
        begun.wait()
        told.append(tokens.token())

    tokens = source.tokens()
    threads = [threading.Thread(target=ask, args=(tokens,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["t1"] * 5


@pytest.mark.parametrize(
    ("error", "heard"),
    [
        (LoginRefused("no"), ["denied"]),
        (ConsentGone("no more"), ["denied"]),
        (SecretUnreadable("no secret"), ["denied"]),
        (ConsentMissing("not yet"), []),
        (TokenAway("later"), []),
    ],
)
def test_who_hears_of_a_refusal(error: Exception, heard: list[str]) -> None:
    """An alarm is for what was there and waiting does not bring back: not for a provider that is away, nor before the first consent."""
    source = Source(error=error)
    tokens = source.tokens()
    with pytest.raises(type(error)):
        tokens.token()
    assert source.heard == heard
    source.error = None
    assert tokens.token() == "t1"
    assert source.heard == [*heard, "granted"]


def test_a_token_is_not_shown() -> None:
    """What may be printed does not hold it."""
    tokens = Source().tokens()
    assert tokens.token() not in repr(tokens)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database."""
    store = open_store(f"sqlite:///{tmp_path}/maild.db", key=KEY, sources=sources(), create=True)
    yield store
    store.close()


def client_of(provider: Provider) -> Client:
    endpoints = Endpoints(name="Google", authorize_url="", device_url="", token_url=f"{provider.url}/token", scope=provider.scope)
    return Client(endpoints=endpoints, id=CLIENT_ID, secret=lambda: CLIENT_SECRET)


@pytest.fixture
def consented(provider: Provider, store: Store) -> Consented:
    """A mailbox whose owner has consented."""
    client = client_of(provider)
    with store.begin() as work:
        work.consents.keep(named(client), refresh_token=provider.consent(), now=NOW)
    return Consented(client=client, store=lambda: store, clock=lambda: NOW)


def standing(store: Store, client: Client) -> str:
    with store.read() as work:
        consent = work.consents.of(named(client))
    assert consent is not None
    return consent.refresh_token


def test_nobody_has_consented(provider: Provider, store: Store) -> None:
    """The sentence says what to do, and nobody is asked."""
    with pytest.raises(ConsentMissing, match="run `maild login`"):
        Consented(client=client_of(provider), store=lambda: store, clock=lambda: NOW)()
    assert provider.asked == []


def test_each_new_refresh_token_is_kept(consented: Consented, provider: Provider, store: Store) -> None:
    """Where each is good for one use, the chain never breaks."""
    provider.rotating = True
    for _ in range(3):
        assert consented().access_token in provider.access
        assert {standing(store, consented.client)} == provider.refresh


def test_a_new_consent_wins(consented: Consented, provider: Provider, store: Store) -> None:
    """`maild login` while a token is being renewed: the renewal does not put the old consent back."""
    provider.rotating = True
    fresh = provider.consent()
    original = consented.client

    def in_between() -> str:
        with store.begin() as work:
            work.consents.keep(named(original), refresh_token=fresh, now=NOW)
        return CLIENT_SECRET

    interrupted = Client(endpoints=original.endpoints, id=original.id, secret=in_between)
    assert Consented(client=interrupted, store=lambda: store, clock=lambda: NOW)().access_token
    assert standing(store, original) == fresh


def test_another_daemon_was_quicker(consented: Consented, provider: Provider, store: Store) -> None:
    """The refresh token was used up by another daemon in the meantime: the one it has put in its place is used."""
    provider.rotating = True
    original, first = consented.client, [True]

    def in_between() -> str:
        if first.pop() if first else False:
            consented()
        return CLIENT_SECRET

    late = Client(endpoints=original.endpoints, id=original.id, secret=in_between)
    assert Consented(client=late, store=lambda: store, clock=lambda: NOW)().access_token in provider.access
    assert {standing(store, original)} == provider.refresh


def test_a_consent_that_was_taken_back(consented: Consented, provider: Provider) -> None:
    """Nothing else stands in its place: somebody has to consent anew."""
    provider.revoke()
    with pytest.raises(ConsentGone, match="Google no longer accepts the consent"):
        consented()


def oauth(**keys: object) -> Oauth:
    return Oauth.model_validate(keys)


def alarms(store: Store) -> list[str]:
    with store.read() as work:
        return [alarm.kind for alarm in work.alarms.standing()]


def test_the_alarm_stands_as_long_as_it_lasts(provider: Provider, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Raised once, however often it fails, and cleared by the first token."""
    caplog.set_level("INFO", logger="maild")
    config = oauth(provider="microsoft", tenant="x.test", grant="client_credentials", client_id=CLIENT_ID, client_secret_env="SECRET")
    environ = {"SECRET": "expired"}
    object.__setattr__(config, "_environ", environ)
    tokens = tokens_of(config.model_copy(update={"token_url": f"{provider.url}/token"}), store=lambda: store, clock=lambda: NOW)
    for _ in range(2):
        with pytest.raises(LoginRefused):
            tokens.token()
    assert alarms(store) == [ALARM]
    assert caplog.text.count("alarm: login-refused") == 1
    provider.secret_wanted = False
    assert tokens.token() in provider.access
    assert alarms(store) == []


def test_a_command_is_asked_each_time(tmp_path: Path, store: Store) -> None:
    """When its token ends the command knows, and nobody else."""
    kept = tmp_path / "token"
    tokens = tokens_of(oauth(token_command=["cat", str(kept)]), store=lambda: store, clock=lambda: NOW)
    for token in ("one", "two"):
        kept.write_text(token)
        assert tokens.token() == token
    assert tokens.instead_of("two") is None
    kept.unlink()
    with pytest.raises(SecretUnreadable, match=r"oauth\.token_command: the command failed"):
        tokens.token()


def test_a_secret_is_read_when_it_is_needed() -> None:
    """The places of secrets are the places of passwords."""
    assert isinstance(oauth(client_secret_env="SECRET").client_secret, Secret)
    assert oauth().client_secret is None
