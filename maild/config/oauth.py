"""The table of access tokens: who gives them, and who we are to them. Both mail servers take them where `auth` is "xoauth2"."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationInfo, field_validator

from maild.config.kinds import Choice, OptionalText, optional_text, refused
from maild.config.names import Credential, Variable, is_domain, is_loopback
from maild.config.places import SecretFile
from maild.config.secret import Secret
from maild.config.servers import PLACES, Keeper, Words, alone

SECRET_KEYS = tuple(f"client_secret_{place}" for place in PLACES)
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
SHARED_TENANTS = ("common", "organizations", "consumers")
"""Microsoft's words for "whose it is, the account will tell": an app without an account has nobody to ask."""

Provider = Literal["command", "google", "microsoft"]
Grant = Literal["consent", "client_credentials"]


def endpoint(value: object) -> str:
    """Where a provider listens; empty for its usual place. Tokens travel in TLS, or stay on this machine."""
    result = optional_text(value)
    if result and not _is_safe(result):
        raise refused("must begin with https:// and a host (http:// is for this machine only)")
    return result


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = not parts.username and not parts.password and not parts.fragment and port != 0 and url.isascii() and " " not in url
    if is_loopback(host):
        return plain and parts.scheme in ("http", "https")
    return plain and parts.scheme == "https" and is_domain(host)


def tenant(value: object) -> str:
    """A directory of Microsoft's, by its id, its domain, or one of the three shared words."""
    result = optional_text(value)
    if not TENANT.fullmatch(result):
        raise refused("must be the id or the domain of your directory at Microsoft, like example.org")
    return result


Endpoint = Annotated[str, PlainValidator(endpoint)]
Tenant = Annotated[str, PlainValidator(tenant)]


class Oauth(Keeper):
    """How an access token is come by."""

    section = "oauth"

    provider: Annotated[Provider, Choice()] = "command"
    token_command: Words = Field(default=(), repr=False)
    client_secret_file: SecretFile = Field(default=None, repr=False)
    client_secret_env: Variable = Field(default="", repr=False)
    client_secret_command: Words = Field(default=(), repr=False)
    client_secret_credential: Credential = Field(default="", repr=False)
    grant: Annotated[Grant, Choice()] = "consent"
    tenant: Tenant = Field(default="organizations", validate_default=True)
    client_id: OptionalText = Field(default="", validate_default=True)
    authorize_url: Endpoint = ""
    device_url: Endpoint = ""
    token_url: Endpoint = ""

    @field_validator("token_command")
    @classmethod
    def _no_provider(cls, command: tuple[str, ...], reading: ValidationInfo) -> tuple[str, ...]:
        if command and reading.data.get("provider") in ("google", "microsoft"):
            raise refused("stands beside provider (keep one of them)")
        return command

    @field_validator(*SECRET_KEYS[1:])
    @classmethod
    def _one_place(cls, value: object, reading: ValidationInfo) -> object:
        return alone(value, reading, stem="client_secret")

    @field_validator("grant")
    @classmethod
    def _is_granted(cls, grant: Grant, reading: ValidationInfo) -> Grant:
        if grant == "client_credentials" and reading.data.get("provider") == "google":
            raise refused('is Microsoft\'s only (write "consent", and run `maild login` once)')
        return grant

    @field_validator("tenant")
    @classmethod
    def _is_one_tenant(cls, tenant: str, reading: ValidationInfo) -> str:
        if reading.data.get("grant") == "client_credentials" and tenant in SHARED_TENANTS:
            raise refused("client_credentials needs your own directory here (its id, or its domain)")
        return tenant

    @field_validator("client_id")
    @classmethod
    def _is_known(cls, client_id: str, reading: ValidationInfo) -> str:
        provider = reading.data.get("provider")
        if provider not in ("google", "microsoft"):
            return client_id
        if not client_id:
            raise refused("is missing: the provider has to know the application (docs/operating.md says how to get one)")
        secret_wanted = provider == "google" or reading.data.get("grant") == "client_credentials"
        if secret_wanted and not any(reading.data.get(key, "refused") for key in SECRET_KEYS):
            raise refused(
                "is missing: this application has a secret (add client_secret_file, or one of its sisters)", at="client_secret_file"
            )
        return client_id

    @property
    def client_secret(self) -> Secret | None:
        """The place of the application's secret, or None where it has none."""
        return self.secret("client_secret")

    @property
    def command(self) -> Secret | None:
        """What prints an access token."""
        return Secret(key="oauth.token_command", command=self.token_command, environ=self._environ) if self.token_command else None
