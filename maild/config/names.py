"""Addresses, host names, slugs and other names, each with the mistakes that people make with it."""

import ipaddress
import re
import zoneinfo
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import PlainValidator

from maild.config.kinds import nearest, optional_text, refused, text

LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
LABEL = re.compile(r"[A-Za-z0-9-]{1,63}")
SLUG = re.compile(r"[a-z][a-z0-9-]{0,31}")
LANGUAGE = re.compile(r"[a-z]{2,3}")
LINK = re.compile(r"https?://[!-~]+")
AUTHSERV_ID = re.compile(r"[A-Za-z0-9._-]+")
CREDENTIAL = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

LONGEST_ADDRESS = 254
"""RFC 5321 section 4.5.3.1.3, less the two angle brackets."""


def is_domain(domain: str) -> bool:
    """Whether this can be the name of a host: letters, digits and hyphens between dots."""
    return len(domain) <= LONGEST_ADDRESS and all(LABEL.fullmatch(label) for label in domain.split("."))


def address(value: object) -> str:
    """One plain mail address, as written: no name, no angle brackets, no second one."""
    result = text(value)
    local, _, domain = result.rpartition("@")
    plain = LOCAL.fullmatch(local) and ".." not in f".{local}." and is_domain(domain) and len(result) <= LONGEST_ADDRESS
    if not plain:
        raise refused("must be one plain mail address like ana@example.org (a name has its own key)")
    return result


def optional_address(value: object) -> str:
    """An address, or an empty text for none."""
    return address(value) if optional_text(value) else ""


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine, so that nobody can listen on the way."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host(value: object) -> str:
    """A host name or an IP address, without scheme and port."""
    result = text(value)
    if not (is_domain(result) or _is_ip(result)):
        raise refused("must be a host name only, like mail.example.org (no scheme; the port has its own key)")
    return result


def _is_ip(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def slug(value: object) -> str:
    """A word for tags such as [assign:ana]."""
    result = text(value)
    if not SLUG.fullmatch(result):
        raise refused("must be lower-case letters, digits and hyphens, beginning with a letter, at most 32, like ana or main-hall")
    return result


def timezone(value: object) -> str:
    """A name of the time zone database."""
    result = text(value)
    if not zone_named(result):
        near = nearest_zone(result)
        raise refused(f"is no time zone ({f'did you mean {near}?' if near else 'write one like Europe/Malta'})")
    return result


def zone_named(name: object) -> zoneinfo.ZoneInfo | None:
    """The time zone of that name, if there is one."""
    try:
        return zoneinfo.ZoneInfo(str(name))
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return None


def nearest_zone(name: str) -> str | None:
    """The time zone that was probably meant, whatever its case."""
    zones = {zone.lower(): zone for zone in zoneinfo.available_timezones()}
    near = nearest(name, choices=zones)
    return zones[near] if near else None


def language(value: object) -> str:
    """A language by its code (ISO 639)."""
    result = text(value)
    if not LANGUAGE.fullmatch(result):
        raise refused("must be a language code of two or three small letters, like en or mt")
    return result


def link(value: object) -> str:
    """A web address, or an empty text for none."""
    result = optional_text(value)
    if result and not LINK.fullmatch(result):
        raise refused("must be a web address that begins with https://")
    return result


def authserv_id(value: object) -> str:
    """The name by which a mail server signs its Authentication-Results (RFC 8601 section 2.5); empty for none."""
    result = optional_text(value)
    if result and not AUTHSERV_ID.fullmatch(result):
        raise refused("must be the one name that stands first in Authentication-Results, like mx.example.org")
    return result


def credential(value: object) -> str:
    """The name of a systemd credential, or an empty text for none."""
    result = optional_text(value)
    if result and not CREDENTIAL.fullmatch(result):
        raise refused("must be the name of a credential as in LoadCredential=NAME:PATH, not a path")
    return result


def variable(value: object) -> str:
    """The name of an environment variable, or an empty text for none."""
    result = optional_text(value)
    if result and not VARIABLE.fullmatch(result):
        raise refused("must be the name of an environment variable, like IMAP_PASSWORD, not its value")
    return result


def database_url(value: object) -> str:
    """Where the tables are: an SQLite file by its absolute path, or PostgreSQL by psycopg, encrypted unless it is this machine."""
    result = text(value)
    scheme = result.partition(":")[0].lower()
    if scheme == "sqlite":
        return _sqlite(result)
    if scheme in ("postgresql", "postgres"):
        raise refused("write postgresql+psycopg:// (the driver belongs to the scheme)")
    if scheme != "postgresql+psycopg":
        raise refused("must begin with sqlite:/// or postgresql+psycopg://")
    return _postgresql(result)


def _sqlite(url: str) -> str:
    if not url.startswith("sqlite:////") or "?" in url:
        raise refused("needs the absolute path of a file: four slashes, as in sqlite:////var/lib/maild/maild.sqlite")
    return url


def _postgresql(url: str) -> str:
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        port = parts.port
    except ValueError:
        raise refused("is no URL (like postgresql+psycopg://maild@db.example.org/maild)") from None
    if parts.password is not None or "password" in query:
        raise refused("holds a password, which does not stand in this file (use database.password_file or one of its sisters)")
    if not parts.path.strip("/") or port == 0:
        raise refused("names no database (like postgresql+psycopg://maild@db.example.org/maild)")
    if _is_remote(parts, query) and query.get("sslmode") != ["verify-full"]:
        raise refused("must end in ?sslmode=verify-full (without it the way to another host can be listened to)")
    return url


def _is_remote(parts: SplitResult, query: dict[str, list[str]]) -> bool:
    hosts = [parts.hostname or "", *",".join(query.get("host", [])).split(","), *",".join(query.get("hostaddr", [])).split(",")]
    return any(name and not name.startswith("/") and not is_loopback(name) for name in hosts)


Address = Annotated[str, PlainValidator(address)]
OptionalAddress = Annotated[str, PlainValidator(optional_address)]
Host = Annotated[str, PlainValidator(host)]
Slug = Annotated[str, PlainValidator(slug)]
Timezone = Annotated[str, PlainValidator(timezone)]
Language = Annotated[str, PlainValidator(language)]
Link = Annotated[str, PlainValidator(link)]
AuthservId = Annotated[str, PlainValidator(authserv_id)]
Credential = Annotated[str, PlainValidator(credential)]
Variable = Annotated[str, PlainValidator(variable)]
DatabaseUrl = Annotated[str, PlainValidator(database_url)]
