"""A provider of access tokens on loopback: token endpoint, device flow, consent page, and the introspection that Dovecot asks.

It goes by RFC 6749, 7636, 8252 and 8628 and checks what it is asked as strictly as Google and Microsoft do; `next_answers` lets it fail.
"""

import base64
import contextlib
import hashlib
import json
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

CLIENT_ID, CLIENT_SECRET = "maild-at-pymalta", "client-secret-canary"
USER_CODE = "WDJB-MJHT"

Answer = tuple[int, dict[str, object] | bytes] | Callable[["_Visit"], None]


class Provider:
    """One provider, of `mailbox`. `lifetime` is what it says a token is good for; `rotating` makes each refresh token good for one use."""

    def __init__(self, *, mailbox: str = "info@pymalta.test", scope: str = "https://mail.google.com/", tls: ssl.SSLContext | None = None):
        self.mailbox, self.scope, self.lifetime, self.rotating = mailbox, scope, 3600, False
        self.secret_wanted, self.polls_before_consent = True, 1
        self.asked: list[dict[str, str]] = []
        self.next_answers: list[Answer] = []
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.issued: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._devices: dict[str, int] = {}
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Visit", (_Visit,), {"provider": self}))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port: int = self._server.server_address[1]
        self.url = f"{'https://localhost' if tls else 'http://127.0.0.1'}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="provider")

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def revoke(self) -> None:
        """The mailbox's owner takes the consent back: nothing given so far is good any more."""
        with self._lock:
            self.access.clear()
            self.refresh.clear()

    def expire(self) -> None:
        """An hour passes: access tokens end, consents stay."""
        with self._lock:
            self.access.clear()

    def consent(self) -> str:
        """A refresh token, as an earlier consent has brought it."""
        return self._new(self.refresh)

    def issue(self) -> str:
        """An access token, out of the blue."""
        return self._new(self.access)

    def grants(self, kind: str) -> list[dict[str, str]]:
        """What came to the token endpoint for this kind of grant."""
        return [asked for asked in self.asked if asked.get("grant_type") == kind]

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """What the provider says to a form."""
        with self._lock:
            self.asked.append(form)
            if form.get("client_id") != CLIENT_ID or (self.secret_wanted and form.get("client_secret") != CLIENT_SECRET):
                return 401, {"error": "invalid_client", "error_description": "canary"}
            if path == "/device":
                return self._invited(form)
            return self._token(form)

    def allow(self, asked: dict[str, str]) -> str:
        """Somebody consents on the page: where the browser is sent."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == self.scope
        assert len(asked["code_challenge"]) == 43
        assert len(asked["state"]) > 30
        assert (asked["access_type"], asked["prompt"]) == ("offline", "consent")
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], 'code': code, 'scope': self.scope})}"

    def knows(self, token: str) -> dict[str, object]:
        """Introspection (RFC 7662), as Dovecot asks."""
        with self._lock:
            return {"active": True, "email": self.mailbox} if token in self.access else {"active": False}

    def _invited(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        if form.get("scope") != self.scope:
            return 400, {"error": "invalid_scope"}
        code = secrets.token_urlsafe(16)
        self._devices[code] = 0
        where = {"verification_uri": f"{self.url}/link", "expires_in": 900, "interval": 0}
        return 200, {"device_code": code, "user_code": USER_CODE, **where}

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        match form.get("grant_type"):
            case "refresh_token":
                return self._refreshed(form.get("refresh_token", ""))
            case "client_credentials":
                return 200, self._granted(refresh=False)
            case "authorization_code":
                return self._redeemed(form)
            case "urn:ietf:params:oauth:grant-type:device_code":
                return self._polled(form.get("device_code", ""))
        return 400, {"error": "unsupported_grant_type"}

    def _refreshed(self, token: str) -> tuple[int, dict[str, object]]:
        if token not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": f"canary {token}"}
        if self.rotating:
            self.refresh.discard(token)
        return 200, self._granted(refresh=self.rotating)

    def _redeemed(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return 200, self._granted(refresh=True)

    def _polled(self, code: str) -> tuple[int, dict[str, object]]:
        if code not in self._devices:
            return 400, {"error": "expired_token"}
        self._devices[code] += 1
        if self._devices[code] <= self.polls_before_consent:
            return 400, {"error": "authorization_pending"}
        return 200, self._granted(refresh=True)

    def _granted(self, *, refresh: bool) -> dict[str, object]:
        token = self._new(self.access)
        self.issued.append(token)
        more = {"refresh_token": self._new(self.refresh)} if refresh else {}
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime, "scope": self.scope, **more}

    def _new(self, tokens: set[str]) -> str:
        token = f"canary-{secrets.token_urlsafe(24)}"
        tokens.add(token)
        return token


class _Visit(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        if self.provider.next_answers:
            scripted = self.provider.next_answers.pop(0)
            self.provider.asked.append(form)
            if callable(scripted):
                scripted(self)
                return
            self._say(*scripted)
            return
        self._say(*self.provider.answer(self.path, form))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.allow(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._say(200, self.provider.knows(asked.get("token", "")))

    def _say(self, status: int, said: dict[str, object] | bytes) -> None:
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def hang(over: threading.Event) -> Answer:
    """Say nothing until the test is over."""

    def act(visit: _Visit) -> None:
        over.wait()
        visit.close_connection = True

    return act


def drip(over: threading.Event) -> Answer:
    """A head, and then a byte now and then for ever."""

    def act(visit: _Visit) -> None:
        with contextlib.suppress(OSError):
            visit.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
            while not over.wait(0.05):
                visit.wfile.write(b" ")
        visit.close_connection = True

    return act


def raw(words: bytes) -> Answer:
    """These bytes, and the end of the connection."""

    def act(visit: _Visit) -> None:
        visit.wfile.write(words)
        visit.close_connection = True

    return act


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider for one test."""
    with Provider() as provider:
        yield provider
