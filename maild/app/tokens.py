"""Access tokens for the mail servers: kept in memory until shortly before they end, renewed when one is refused, never written anywhere."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from maild import log
from maild.config import Secret
from maild.config.oauth import Oauth
from maild.errors import ConsentGone, ConsentMissing, OperatorMustAct, SchemaMismatch
from maild.store import Store

if TYPE_CHECKING:
    from maild.transport.oauth import Client, Grant

EARLY = 120.0
"""Seconds before its end at which a token is renewed: a login takes some of them, and two clocks never agree."""

ALARM = "login-refused"
"""The alarm that stands while no access token is to be had, and waiting will not help."""


@dataclass(slots=True, kw_only=True)
class Tokens:
    """The access token of both mail servers; their threads share it.

    `grant` asks for a new one. `granted` is called when it came, `denied` when it did and does not come any more, and waiting will not help.
    """

    grant: Callable[[], "Grant"]
    granted: Callable[[], None]
    denied: Callable[[], None]
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _reused: bool = False
    _lock: Lock = field(default_factory=Lock)

    def token(self) -> str:
        """A token that is good for a while. Raises `TokenAway`, `LoginRefused`, `CertificateRefused` or `SecretUnreadable`."""
        with self._lock:
            if self._token and monotonic() < self._until:
                self._reused = True
                return self._token
            return self._renewed()

    def instead_of(self, token: str) -> str | None:
        """Another token for one that a server refused; None where that was new, and the reason is another one. Raises as `token` does."""
        with self._lock:
            if token != self._token and monotonic() < self._until:
                return self._token or None
            if self._reused:
                return self._renewed()
            self._token = ""
            return None

    def _renewed(self) -> str:
        self._token = ""
        try:
            grant = self.grant()
        except ConsentMissing:
            raise
        except OperatorMustAct:
            self.denied()
            raise
        self._token, self._until, self._reused = grant.access_token, monotonic() + grant.seconds - EARLY, False
        self.granted()
        return self._token


@dataclass(frozen=True, slots=True, kw_only=True)
class Consented:
    """Asks for tokens by the consent that `maild login` has brought."""

    client: "Client"
    store: Callable[[], Store]
    clock: Callable[[], datetime]

    def __call__(self) -> "Grant":
        """A new token; a new refresh token that comes along is kept at once. Raises `ConsentMissing` and what `Client.renew` raises."""
        old = self._standing()
        try:
            grant = self.client.renew(old)
        except ConsentGone:
            # Another daemon, or `maild login`, may just have put another one in its place.
            if (other := self._standing()) == old:
                raise
            grant, old = self.client.renew(other), other
        if grant.refresh_token not in (None, old):
            with self.store().begin() as work:
                work.consents.renew(named(self.client), old=old, new=grant.refresh_token or "", now=self.clock())
        return grant

    def _standing(self) -> str:
        with self.store().read() as work:
            consent = work.consents.of(named(self.client))
        if consent is None:
            raise ConsentMissing(f"Nobody has consented at {self.client.endpoints.name} yet: run `maild login`.")
        return consent.refresh_token


def named(client: "Client") -> str:
    """How a consent is looked up: it belongs to one application at one provider."""
    return f"{client.endpoints.name} {client.id}"


def client_of(oauth: Oauth) -> "Client":
    """We, as the configured provider knows us."""
    from maild.transport.oauth import Client, google, microsoft, moved  # who logs in by password needs no HTTP

    usual = google() if oauth.provider == "google" else microsoft(oauth.tenant)
    endpoints = moved(usual, authorize_url=oauth.authorize_url, device_url=oauth.device_url, token_url=oauth.token_url)
    return Client(endpoints=endpoints, id=oauth.client_id, secret=oauth.client_secret.reveal if oauth.client_secret else None)


def tokens_of(oauth: Oauth, *, store: Callable[[], Store], clock: Callable[[], datetime]) -> Tokens:
    """The tokens of a configuration. The store is opened when the first one is asked for."""
    return Tokens(
        grant=_source(oauth, store=store, clock=clock),
        granted=lambda: _clear_alarm(store, now=clock()),
        denied=lambda: _raise_alarm(store, now=clock()),
    )


def _source(oauth: Oauth, *, store: Callable[[], Store], clock: Callable[[], datetime]) -> "Callable[[], Grant]":
    if oauth.command is not None:
        return _printed(oauth.command)
    client = client_of(oauth)
    return client.by_ourselves if oauth.grant == "client_credentials" else Consented(client=client, store=store, clock=clock)


def _printed(command: Secret) -> "Callable[[], Grant]":
    """What a command prints is good for one login: when it ends, the command knows."""
    from maild.transport.oauth import Grant

    return lambda: Grant(access_token=command.reveal(), seconds=0)


def _raise_alarm(store: Callable[[], Store], *, now: datetime) -> None:
    if _stands(store) is False:
        with store().begin() as work:
            work.alarms.raise_(ALARM, now=now)
        log.alarm(ALARM)


def _clear_alarm(store: Callable[[], Store], *, now: datetime) -> None:
    if _stands(store):
        with store().begin() as work:
            work.alarms.clear(ALARM, now=now)


def _stands(store: Callable[[], Store]) -> bool | None:
    """None where there is no database yet: `maild check` and `maild login` may come before the first start."""
    try:
        with store().read() as work:
            return ALARM in {alarm.kind for alarm in work.alarms.standing()}
    except SchemaMismatch:
        return None
