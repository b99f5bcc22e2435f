"""A provider's endpoints (RFC 6749, 8628): what to ask there, and what its answers mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from maild.errors import ConsentGone, LoginRefused, TokenAway
from maild.transport.oauth.post import PATIENCE, Told, ask

LONGEST_LIFE: Final = 24 * 3600
"""Seconds that a token is believed to be good at most, whatever a provider says; Microsoft's longest is a day."""
LONGEST_TOKEN: Final = 64 * 1024
"""Characters of a token: Google promises at most 2,048, Microsoft stays below 16 KiB."""
SLOWEST: Final = 60
"""Seconds between two questions for a consent at most, whatever a provider asks for."""
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
KNOWN: Final = frozenset(
    "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope access_denied expired_token "
    "interaction_required consent_required login_required".split()
)
"""Error codes that a sentence may repeat (RFC 6749 section 5.2, RFC 8628 section 3.5, OpenID Connect); whatever else comes may hold anything."""
CONSENT_GONE: Final = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
"""What a provider says to a refresh token it does not accept any more; the last three are Microsoft's."""
WAITING: Final = {"authorization_pending": 0.0, "slow_down": 5.0}
"""What a provider says while nobody has consented yet, and by how many seconds to slow down then (RFC 8628 section 3.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a provider is asked, and for what. `app_scope` is what an app may ask for without anybody's consent."""

    name: str
    authorize_url: str
    device_url: str
    token_url: str
    scope: str
    app_scope: str = ""


def google() -> Endpoints:
    """Google Workspace and Gmail. Its device flow does not allow the scope of mail, hence a redirect to loopback."""
    return Endpoints(
        name="Google",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        device_url="",
        token_url="https://oauth2.googleapis.com/token",
        scope="https://mail.google.com/",
    )


def microsoft(tenant: str) -> Endpoints:
    """Microsoft 365."""
    directory = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    outlook = "https://outlook.office.com"
    return Endpoints(
        name="Microsoft",
        authorize_url=f"{directory}/authorize",
        device_url=f"{directory}/devicecode",
        token_url=f"{directory}/token",
        scope=f"{outlook}/IMAP.AccessAsUser.All {outlook}/SMTP.Send offline_access",
        app_scope="https://outlook.office365.com/.default",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a provider gave: a token that is good for `seconds`, and what brings the next one."""

    access_token: str = field(repr=False)
    seconds: int
    refresh_token: str | None = field(default=None, repr=False)
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An invitation to consent on any other device (RFC 8628 section 3.2). Times are seconds."""

    device_code: str = field(repr=False)
    user_code: str
    address: str
    interval: float
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """We, as a provider knows us. `secret` is read anew for each question and may raise `SecretUnreadable`.

    Every method raises `TokenAway` (it may pass), `LoginRefused` or `CertificateRefused` (the operator must act).
    """

    endpoints: Endpoints
    id: str
    secret: Callable[[], str] | None = field(default=None, repr=False)
    ca_file: Path | None = None
    patience: float = PATIENCE

    def renew(self, refresh_token: str) -> Grant:
        """A token for a consent (RFC 6749 section 6). Raises `ConsentGone` where that is not accepted any more."""
        told = self._ask(self.endpoints.token_url, grant_type="refresh_token", refresh_token=refresh_token)
        if told.error in CONSENT_GONE:
            raise ConsentGone(f"{self.endpoints.name} no longer accepts the consent for the mailbox: run `maild login` again.")
        return self._granted(told)

    def by_ourselves(self) -> Grant:
        """A token that nobody has to consent to (RFC 6749 section 4.4)."""
        return self._granted(self._ask(self.endpoints.token_url, grant_type="client_credentials", scope=self.endpoints.app_scope))

    def consent_address(self, *, redirect: str, state: str, challenge: str, login_hint: str) -> str:
        """The page on which somebody consents, and which then sends the browser to `redirect` (RFC 7636 section 4.3)."""
        asked = {
            "client_id": self.id,
            "response_type": "code",
            "redirect_uri": redirect,
            "scope": self.endpoints.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": login_hint,
            # Google gives a refresh token only where both are said, and each time only then.
            "access_type": "offline",
            "prompt": "consent",
        }
        page = self.endpoints.authorize_url
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"

    def redeem(self, code: str, *, redirect: str, verifier: str) -> Grant:
        """The token for a code that came to `redirect` (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        return self._granted(self._ask(self.endpoints.token_url, **asked))

    def invite(self) -> Device:
        """Ask for a code that somebody types in on another device (RFC 8628 section 3.1)."""
        told = self._ask(self.endpoints.device_url, scope=self.endpoints.scope)
        if not told.good:
            raise self._refused(told)
        address = _word(told.values, "verification_uri") or _word(told.values, "verification_url")
        device_code, user_code = _word(told.values, "device_code"), _word(told.values, "user_code")
        if not (device_code and user_code and address):
            raise self._nonsense()
        interval = min(float(_seconds(told.values.get("interval", 5))), SLOWEST)
        seconds = _seconds(told.values.get("expires_in", 900))
        return Device(device_code=device_code, user_code=user_code, address=address, interval=interval, seconds=seconds)

    def consented(self, device: Device) -> Grant | float:
        """The token, once somebody has consented; till then by how many seconds more to wait (RFC 8628 section 3.4)."""
        told = self._ask(self.endpoints.token_url, grant_type=DEVICE_GRANT, device_code=device.device_code)
        if told.error in WAITING:
            return WAITING[told.error]
        return self._granted(told)

    def _ask(self, url: str, **form: str) -> Told:
        secret = {} if self.secret is None else {"client_secret": self.secret()}
        return ask(url, {"client_id": self.id, **secret, **form}, peer=self.endpoints.name, ca_file=self.ca_file, patience=self.patience)

    def _granted(self, told: Told) -> Grant:
        if not told.good:
            raise self._refused(told)
        token = _word(told.values, "access_token")
        if not token:
            raise self._nonsense()
        refresh, scope = _word(told.values, "refresh_token"), told.values.get("scope")
        seconds = _seconds(told.values.get("expires_in"))
        return Grant(access_token=token, seconds=seconds, refresh_token=refresh, scope=scope if isinstance(scope, str) else "")

    def _refused(self, told: Told) -> LoginRefused:
        match told.error if told.error in KNOWN else "":
            case "invalid_client" | "unauthorized_client" as error:
                return LoginRefused(
                    f"{self.endpoints.name} does not accept the application ({error}); check [oauth] client_id, client_secret and tenant, "
                    "and whether the secret has expired."
                )
            case "access_denied":
                return LoginRefused(f"{self.endpoints.name} says that the consent was refused; run `maild login` again.")
            case "expired_token":
                return LoginRefused(f"{self.endpoints.name} waited too long for the consent; run `maild login` again.")
            case known:
                named = known or "an error of its own"
                return LoginRefused(f"{self.endpoints.name} refuses a token ({named}); check [oauth], then run `maild login` again.")

    def _nonsense(self) -> TokenAway:
        return TokenAway(f"{self.endpoints.name} answered a token request with something else; maild tries again.")


def moved(endpoints: Endpoints, *, authorize_url: str, device_url: str, token_url: str) -> Endpoints:
    """The same endpoints, with those addresses that are given."""
    given = {"authorize_url": authorize_url, "device_url": device_url, "token_url": token_url}
    return replace(endpoints, **{name: url for name, url in given.items() if url})


def _word(values: Mapping[str, Any], key: str) -> str | None:
    """A value that can stand in a header and on a terminal: nothing but visible ASCII."""
    value = values.get(key)
    plain = isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable() and " " not in value
    return value if plain else None


def _seconds(value: object) -> int:
    """Some servers write the number as a text; what is no number at all counts as over already."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    return int(max(0, min(value, LONGEST_LIFE))) if isinstance(value, int | float) and value == value else 0
