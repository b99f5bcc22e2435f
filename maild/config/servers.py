"""The tables of what maild talks to: the IMAP server, the SMTP server, the database."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from shlex import split
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import Field, PlainValidator, PrivateAttr, ValidationInfo, field_validator

from maild.config.kinds import Choice, Count, Flag, OptionalText, Size, Span, Text, optional_text, refused
from maild.config.names import Credential, DatabaseUrl, Host, Variable, is_loopback
from maild.config.places import ExistingFile, KeyFile, SecretFile
from maild.config.secret import Secret
from maild.config.surroundings import surroundings
from maild.config.tables import STATE, Table

PLACES = ("file", "env", "command", "credential")
"""Where a secret may lie; the names of the keys end in these."""
PASSWORD_KEYS = tuple(f"password_{place}" for place in PLACES)


def words(value: object) -> tuple[str, ...]:
    """A command: a list of words, or one text that is split as a shell would, but never run by one."""
    if isinstance(value, list | tuple):
        return tuple(optional_text(word) for word in value)
    text = optional_text(value)
    try:
        return tuple(split(text))
    except ValueError:
        raise refused("has a quote that is never closed") from None


def moment(value: object, reading: ValidationInfo) -> datetime | None:
    """A moment in UTC; a date means its first minute and a time without offset is local, both in the organisation's time zone."""
    if value == "":  # said in words: the moment of the first start
        return None
    if not isinstance(value, date):
        raise refused("must be a date like 2026-11-05, or a moment like 2026-11-05T09:00:00+01:00, without quotes")
    start = value if isinstance(value, datetime) else datetime.combine(value, time())
    aware = start if start.tzinfo else start.replace(tzinfo=surroundings(reading.context).zone)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise refused("is out of the calendar") from None


class Keeper(Table):
    """Something with secrets that lie elsewhere. At most one of four keys says where."""

    section: ClassVar[str]

    _environ: Mapping[str, str] = PrivateAttr(default_factory=lambda: os.environ)

    def model_post_init(self, context: Any, /) -> None:
        """Remember where environment variables and credentials are looked up."""
        self._environ = surroundings(context).environ

    def secret(self, stem: str) -> Secret | None:
        """The place that the keys beginning with `stem` name, or None where none of them does."""
        places = {place: getattr(self, f"{stem}_{place}") for place in PLACES}
        named = next((place for place in PLACES if places[place]), None)
        if named is None:
            return None
        return Secret(
            key=f"{self.section}.{stem}_{named}",
            file=places["file"],
            variable=places["env"],
            command=places["command"],
            credential=places["credential"],
            environ=self._environ,
        )


def alone(value: object, reading: ValidationInfo, *, stem: str) -> object:
    """Refuse a second place for the same secret."""
    earlier = next((key for key in (f"{stem}_{place}" for place in PLACES) if reading.data.get(key)), None)
    if value and earlier:
        raise refused(f"stands beside {earlier} (keep one of them)")
    return value


Words = Annotated[tuple[str, ...], PlainValidator(words)]


class Login(Keeper):
    """Something that may want a password."""

    password_file: SecretFile = Field(default=None, repr=False)
    password_env: Variable = Field(default="", repr=False)
    password_command: Words = Field(default=(), repr=False)
    password_credential: Credential = Field(default="", repr=False)

    @field_validator(*PASSWORD_KEYS[1:])
    @classmethod
    def _one_place(cls, value: object, reading: ValidationInfo) -> object:
        return alone(value, reading, stem="password")

    @property
    def password(self) -> Secret | None:
        """The password's place, or None where the server asks for none."""
        return self.secret("password")


IMAP_PORTS = {"implicit": 993, "starttls": 143, "none": 143}
SMTP_PORTS = {"implicit": 465, "starttls": 587, "none": 25}
"""RFC 8314 section 7.3; a relay on this machine listens on 25."""

Port = Annotated[int, Count(1, 65535)]
Tls = Annotated[Literal["implicit", "starttls", "none"], Choice()]
Seconds = Annotated[timedelta, Span("seconds", "1 s", "10 min")]


class Server(Login):
    """A mail server. Without TLS only on this machine: the password and every report would go over the wire for all to read."""

    host: Host
    tls: Tls = "implicit"
    ca_file: ExistingFile = None
    auth: Annotated[Literal["password", "xoauth2"], Choice()] = "password"
    username: OptionalText = Field(default="", validate_default=True)

    @field_validator("tls")
    @classmethod
    def _private(cls, tls: str, reading: ValidationInfo) -> str:
        if tls == "none" and not is_loopback(reading.data.get("host", "localhost")):
            raise refused('"none" is for this machine only, like localhost (write "implicit" or "starttls")')
        return tls

    @field_validator("username")
    @classmethod
    def _can_log_in(cls, username: str, reading: ValidationInfo) -> str:
        places = [key for key in PASSWORD_KEYS if reading.data.get(key, "refused")]
        match reading.data.get("auth"):
            case "xoauth2" if places:
                raise refused("stands beside xoauth2, which takes a token of [oauth] (remove this key, or auth)", at=places[0])
            case "xoauth2" if not username:
                raise refused("is missing: xoauth2 needs the address that the token is for")
            case "password" if username and not places:
                raise refused("is missing: a username needs a password (add password_file, or one of its sisters)", at="password_file")
            case "password" if places and not username:
                raise refused("is missing: a password needs a username")
        return username


class Imap(Server):
    """Where reports arrive."""

    section = "imap"

    port: Port = Field(default_factory=lambda read: IMAP_PORTS[read["tls"]])
    folder: Text = "INBOX"
    junk: Text = "auto"
    poll_seconds: Seconds = timedelta(seconds=60)
    since: Annotated[datetime | None, PlainValidator(moment)] = None
    older: Annotated[Literal["ignore", "import"], Choice()] = "ignore"
    after: Annotated[Literal["keep", "flag", "move"], Choice()] = "keep"
    done_folder: Text = "maild/Done"
    size_limit: Annotated[int, Size("64 KiB", "35 MiB")] = 25 * 2**20
    connect_seconds: Seconds = timedelta(seconds=15)
    read_seconds: Seconds = timedelta(seconds=60)
    operation_seconds: Seconds = timedelta(minutes=5)

    @field_validator("done_folder")
    @classmethod
    def _apart(cls, done_folder: str, reading: ValidationInfo) -> str:
        if done_folder.casefold() in {str(reading.data.get(key, "")).casefold() for key in ("folder", "junk")}:
            raise refused("must be another folder than those that are watched")
        return done_folder

    @field_validator("username")
    @classmethod
    def _asked_for(cls, username: str) -> str:
        if not username:
            raise refused("is missing: every mailbox asks for a name and a password (add username and password_file)")
        return username


class Smtp(Server):
    """Where letters leave."""

    section = "smtp"

    port: Port = Field(default_factory=lambda read: SMTP_PORTS[read["tls"]])
    plus_addressing: Flag = False
    connect_seconds: Seconds = timedelta(seconds=15)
    command_seconds: Seconds = timedelta(seconds=60)
    dot_seconds: Seconds = timedelta(minutes=10)


def files_in(state: Path) -> dict[str, str]:
    """The files of the database in a state directory, by the keys that name them."""
    return {"url": f"sqlite:///{state}/maild.sqlite", "key_file": f"{state}/maild.key"}


class Database(Login):
    """Where everything is kept."""

    section = "database"

    url: DatabaseUrl = files_in(STATE)["url"]
    key_file: KeyFile = Path(files_in(STATE)["key_file"])
    key_credential: Credential = Field(default="", repr=False)
    auto_upgrade: Flag = False

    @field_validator("url")
    @classmethod
    def _takes_password(cls, url: str, reading: ValidationInfo) -> str:
        if any(reading.data.get(key) for key in PASSWORD_KEYS) and urlsplit(url).username is None:
            raise refused("names no user for the password (a password is for postgresql+psycopg://USER@HOST/NAME)")
        return url

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for any other database."""
        return Path(urlsplit(self.url).path[1:]) if self.url.startswith("sqlite:") else None

    @property
    def key(self) -> Secret | None:
        """The credential that holds the key, or None where it lies in `key_file`."""
        if not self.key_credential:
            return None
        return Secret(key="database.key_credential", credential=self.key_credential, environ=self._environ)

    def opened_url(self) -> str:
        """The URL with the password in it, for `open_store` only and never for a log. Raises `SecretUnreadable`."""
        if self.password is None:
            return self.url
        parts = urlsplit(self.url)
        user, at, hosts = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{user}:{quote(self.password.reveal(), safe='')}{at}{hosts}").geturl()
