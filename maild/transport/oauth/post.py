"""One question to a provider: a form by HTTPS, a JSON object back. The only place that speaks HTTP.

Follows no redirect (it would carry a secret to whoever the answer names), keeps no cookie, and asks no proxy of the environment.
"""

import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from threading import Timer
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from maild.errors import CertificateRefused, TokenAway
from maild.transport.tls import is_loopback, lasting_refusal, tls_context

PATIENCE: Final = 15.0
"""Seconds that a question may take in all, however slowly the provider drips: a login waits for it."""
LONGEST: Final = 256 * 1024
"""Bytes of an answer: tokens stay below 16 KiB, and an answer without end would fill the memory."""
PASSING: Final = frozenset({408, 425, 429})
"""Statuses below 500 that say nothing about the question (RFC 9110, 8470 and 6585)."""

HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "User-Agent": "maild"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider answered: 200 and its values, or its error (RFC 6749 section 5.2)."""

    good: bool
    values: Mapping[str, Any] = field(repr=False)

    @property
    def error(self) -> str:
        """The code of the error; empty where there is none, or nothing like one."""
        error = self.values.get("error")
        return error if isinstance(error, str) and not self.good else ""


def ask(url: str, form: Mapping[str, str], *, peer: str, ca_file: Path | None = None, patience: float = PATIENCE) -> Told:
    """Post a form. Raises `TokenAway` for whatever may pass by itself, `CertificateRefused` for what will not.

    `peer` is how sentences name the provider. No error repeats a word of the question or of the answer.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not is_loopback(host):
        raise CertificateRefused(f"{peer} would get the token request in clear text; its address must begin with https://.")
    context = tls_context(ca_file) if parts.scheme == "https" else None
    connection = HTTPSConnection(host, parts.port, context=context) if context else HTTPConnection(host, parts.port)
    connection.timeout = patience
    with _faults(peer), _over_in_time(connection, patience):
        connection.request("POST", f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}", urlencode(form), HEADERS)
        return _read(connection.getresponse(), peer=peer)


def _read(response: HTTPResponse, *, peer: str) -> Told:
    status = response.status
    if status >= 500 or status in PASSING:
        raise TokenAway(f"{peer} gives no token for now (HTTP {status}); maild tries again.")
    raw = response.read(LONGEST + 1)
    values = _object(raw) if len(raw) <= LONGEST and (status == 200 or status // 100 == 4) else None
    if values is None:
        raise TokenAway(f"{peer} answered a token request with something else (HTTP {status}); maild tries again.")
    return Told(good=status == 200, values=values)


def _object(raw: bytes) -> Mapping[str, Any] | None:
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


@contextmanager
def _over_in_time(connection: HTTPConnection, patience: float) -> Iterator[None]:
    """Cut the line when the time is up: a socket's own limit begins anew with every byte of a dripping server."""

    def cut() -> None:
        with suppress(OSError, AttributeError):  # not connected yet, or not any more
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(patience, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        connection.close()


@contextmanager
def _faults(peer: str) -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:
        fault = lasting_refusal(error)
        if fault is None:
            raise TokenAway(f"{peer} broke off the TLS handshake; maild tries again.") from None
        raise CertificateRefused(f"{peer} is not trusted: {fault}. Check the clock of this host, and [oauth] token_url.") from None
    except TimeoutError:
        raise TokenAway(f"{peer} does not answer in time; maild tries again.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise TokenAway(f"{peer} cannot be reached, or broke off ({type(error).__name__}); maild tries again.") from None
