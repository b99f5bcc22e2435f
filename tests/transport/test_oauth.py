"""The questions to a provider of access tokens: what each answer means, and that nothing secret is ever said."""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from maild.errors import CertificateRefused, ConsentGone, LoginRefused, MaildError, TokenAway
from maild.transport.oauth import Client, Endpoints, google, microsoft, moved
from maild.transport.oauth.post import LONGEST
from tests.servers.oauth import CLIENT_ID, CLIENT_SECRET, Answer, Provider, drip, hang, raw
from tests.servers.tls import Authority, Certificate

SOON = 3.0
"""Seconds in which every bad provider is given up, at the patience of these tests."""


def client_of(provider: Provider, **changes: object) -> Client:
    """We, at the provider of a test."""
    endpoints = Endpoints(
        name="Google", authorize_url="", device_url=f"{provider.url}/device", token_url=f"{provider.url}/token", scope=provider.scope
    )
    return replace(Client(endpoints=endpoints, id=CLIENT_ID, secret=lambda: CLIENT_SECRET, patience=0.5), **changes)


def at(provider: Provider, token_url: str) -> Client:
    """The same, where another address is configured."""
    return client_of(provider, endpoints=moved(google(), authorize_url="", device_url="", token_url=token_url))


REFRESH = "canary"
"""What no sentence, cause or log may show; the bad answers of this module repeat it."""


@contextmanager
def told_safely(caplog: pytest.LogCaptureFixture, error: type[MaildError], words: str) -> Iterator[None]:
    """What is raised inside is this error in these words, and shows no secret: not in itself, not in its causes, not in a log."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(error, match=words) as caught:
        yield
    assert REFRESH not in "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text


def test_a_consent_brings_tokens(provider: Provider) -> None:
    """The refresh token is traded for an access token with its time and scope."""
    grant = client_of(provider).renew(provider.consent())
    assert (grant.access_token, grant.seconds, grant.scope) == (provider.issued[0], 3600, provider.scope)
    assert grant.refresh_token is None


def test_a_refresh_token_may_be_good_once(provider: Provider) -> None:
    """Where the provider gives a new one it comes along, and the old one is the end of it."""
    provider.rotating = True
    old = provider.consent()
    new = client_of(provider).renew(old).refresh_token
    assert new is not None
    assert new != old
    assert client_of(provider).renew(new).access_token == provider.issued[1]
    with pytest.raises(ConsentGone):
        client_of(provider).renew(old)


ERRORS = {
    "the consent was taken back": (400, {"error": "invalid_grant"}, ConsentGone, "no longer accepts the consent.*run `maild login` again"),
    "somebody has to look at it again": (400, {"error": "interaction_required"}, ConsentGone, "no longer accepts"),
    "the secret has expired": (401, {"error": "invalid_client"}, LoginRefused, r"does not accept the application \(invalid_client\)"),
    "this grant is not for us": (400, {"error": "unauthorized_client"}, LoginRefused, "does not accept the application"),
    "the scope is wrong": (400, {"error": "invalid_scope"}, LoginRefused, r"refuses a token \(invalid_scope\)"),
    "the question is wrong": (400, {"error": "invalid_request"}, LoginRefused, r"refuses a token \(invalid_request\)"),
    "an administrator said no": (403, {"error": "access_denied"}, LoginRefused, "consent was refused"),
    "an error that nobody knows": (400, {"error": "canary"}, LoginRefused, "an error of its own"),
    "an error that is no text": (400, {"error": {"code": 7}}, LoginRefused, "an error of its own"),
    "no error at all": (400, {}, LoginRefused, "an error of its own"),
    "too many questions": (429, {"error": "slow_down"}, TokenAway, "for now .HTTP 429"),
    "its own fault": (500, b"", TokenAway, "for now .HTTP 500"),
    "away for now": (503, {"error": "invalid_grant"}, TokenAway, "for now .HTTP 503"),
    "a page of a hotel": (200, b"<html>canary", TokenAway, "something else .HTTP 200"),
    "a list": (200, b"[1]", TokenAway, "something else"),
    "a deep nest": (200, b"[" * 100_000, TokenAway, "something else"),
    "not UTF-8": (200, b'{"access_token": "\xff"}', TokenAway, "something else"),
    "an answer without end": (200, b'{"a": "' + b"x" * LONGEST + b'"}', TokenAway, "something else"),
    "no token": (200, {"expires_in": 3600}, TokenAway, "something else"),
    "a token with a line end": (200, {"access_token": "canary\r\nQUIT"}, TokenAway, "something else"),
    "a token with the separator of SASL": (200, {"access_token": "canary\1host=x"}, TokenAway, "something else"),
    "a token that is a number": (200, {"access_token": 7}, TokenAway, "something else"),
    "nothing": (204, b"", TokenAway, "something else"),
}


@pytest.mark.parametrize(("status", "said", "error", "words"), ERRORS.values(), ids=ERRORS)
def test_every_error_has_a_sentence(
    status: int, said: dict[str, object] | bytes, error: type[MaildError], words: str, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """Who has to act, and what to do, told in words of ours: an answer may repeat our question."""
    provider.next_answers = [(status, said)]
    with told_safely(caplog, error, words):
        client_of(provider).renew(REFRESH)
    assert provider.asked[0]["refresh_token"] == REFRESH


BROKEN = {
    "says nothing": hang,
    "drips": drip,
    "breaks off": lambda over: raw(b""),
    "breaks off in the head": lambda over: raw(b"HTTP/1.1 200 OK\r\nContent-"),
    "breaks off in the body": lambda over: raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"access_token":'),
    "speaks something else": lambda over: raw(b"* OK IMAP4rev1 canary\r\n"),
    "sends heads without end": lambda over: raw(b"HTTP/1.1 200 OK\r\n" + b"X: canary\r\n" * 10_000),
    "sends a line without end": lambda over: raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000),
    "lies about the length": lambda over: raw(b"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n{}"),
    "sends chunks of nonsense": lambda over: raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ncanary"),
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_a_bad_provider_is_left_in_time(
    make: Callable[[threading.Event], Answer], provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever it does, the question is over soon, and may be asked again."""
    over = threading.Event()
    provider.next_answers = [make(over)]
    began = time.monotonic()
    try:
        with told_safely(caplog, TokenAway, "Google .* maild tries again"):
            client_of(provider).renew(REFRESH)
        assert time.monotonic() - began < SOON
    finally:
        over.set()
    assert client_of(provider).renew(provider.consent()).access_token


def test_nobody_listens(provider: Provider) -> None:
    """A provider that cannot be reached may be so later."""
    with pytest.raises(TokenAway, match="cannot be reached"):
        at(provider, "http://127.0.0.1:1").renew("x")


def test_no_redirect_is_followed(provider: Provider) -> None:
    """The secret goes to nobody whom an answer names."""
    with Provider() as elsewhere:
        provider.next_answers = [raw(f"HTTP/1.1 307 Away\r\nLocation: {elsewhere.url}/token\r\nContent-Length: 0\r\n\r\n".encode())]
        with pytest.raises(TokenAway, match=r"something else \(HTTP 307\)"):
            client_of(provider).renew("x")
        assert elsewhere.asked == []


def test_no_proxy_of_the_environment_is_asked(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that somebody else set does not see the secret."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert client_of(provider).renew(provider.consent()).access_token


@pytest.mark.parametrize("url", ["http://login.example.org/token", "http://192.0.2.1/token", "http://127.0.0.1.example.org/token"])
def test_nothing_travels_in_clear_text(url: str, provider: Provider) -> None:
    """Beyond this machine it is HTTPS, or nothing is asked at all."""
    with pytest.raises(CertificateRefused, match="clear text"):
        at(provider, url).renew("x")


def test_the_certificate_is_looked_at(authority: Authority, certificate: Certificate) -> None:
    """A provider whose certificate nobody vouches for gets no secret."""
    with Provider(tls=certificate.server_context()) as provider:
        assert client_of(provider, ca_file=authority.ca_file).renew(provider.consent()).access_token
        with pytest.raises(CertificateRefused, match="Google is not trusted: its certificate is not accepted"):
            client_of(provider).renew("x")
        assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (3599, 3599),
        ("3599", 3599),
        (3599.9, 3599),
        (None, 0),
        ("soon", 0),
        ("9" * 5000, 0),
        (-1, 0),
        (10**30, 86400),
        (float("inf"), 86400),
        (float("nan"), 0),
        ([], 0),
    ],
)
def test_how_long_a_token_is_good(said: object, seconds: int, provider: Provider) -> None:
    """A number, or a text that is one, a day at most; all else is over already."""
    provider.next_answers = [(200, {"access_token": "t", "expires_in": said})]
    assert client_of(provider).renew("x").seconds == seconds


def test_an_application_of_its_own(provider: Provider) -> None:
    """Client credentials ask for what the administrator has allowed, and bring no refresh token."""
    endpoints = replace(microsoft("pymalta.test"), token_url=f"{provider.url}/token")
    grant = client_of(provider, endpoints=endpoints).by_ourselves()
    assert (grant.access_token, grant.refresh_token) == (provider.issued[0], None)
    assert provider.asked[0]["scope"] == "https://outlook.office365.com/.default"


def test_a_public_application_has_no_secret(provider: Provider) -> None:
    """Where none is configured none is sent."""
    provider.secret_wanted = False
    client_of(provider, secret=None).renew(provider.consent())
    assert "client_secret" not in provider.asked[0]


def test_a_device_waits_for_somebody(provider: Provider) -> None:
    """Pending, then the token (RFC 8628)."""
    client = client_of(provider)
    device = client.invite()
    assert (device.user_code, device.address, device.seconds) == ("WDJB-MJHT", f"{provider.url}/link", 900)
    assert client.consented(device) == 0.0
    provider.next_answers = [(400, {"error": "slow_down"})]
    assert client.consented(device) == 5.0
    grant = client.consented(device)
    assert not isinstance(grant, float)
    assert grant.refresh_token in provider.refresh


INVITATIONS = {
    "without a code": {"device_code": "d", "verification_uri": "https://x.test"},
    "without a page": {"device_code": "d", "user_code": "u"},
    "that would write on the terminal": {"device_code": "d", "user_code": "\x1b[2J", "verification_uri": "https://x.test"},
}


@pytest.mark.parametrize("said", INVITATIONS.values(), ids=INVITATIONS)
def test_an_invitation_that_nobody_could_follow(said: dict[str, object], provider: Provider) -> None:
    """Half an answer is none."""
    provider.next_answers = [(200, said)]
    with pytest.raises(TokenAway, match="something else"):
        client_of(provider).invite()


@pytest.mark.parametrize("error", ["access_denied", "expired_token", "invalid_client"])
def test_a_device_that_is_sent_away(error: str, provider: Provider) -> None:
    """Somebody said no, or nobody came."""
    client = client_of(provider)
    device = client.invite()
    provider.next_answers = [(400, {"error": error}), (400, {"error": error})]
    with pytest.raises(LoginRefused):
        client.consented(device)
    with pytest.raises(LoginRefused):
        client.invite()


def test_secrets_are_not_shown(provider: Provider) -> None:
    """What may be printed holds no token, no code, no secret."""
    client = client_of(provider)
    shown = repr([client, client.invite(), client.renew(provider.consent())])
    assert "canary" not in shown
    assert CLIENT_SECRET not in shown
    assert "device_code" not in shown


@pytest.mark.parametrize("endpoints", [google(), microsoft("organizations")])
def test_the_usual_places_are_safe(endpoints: Endpoints) -> None:
    """Every address that is built in is HTTPS, and one of the two ways to consent is there."""
    urls = [url for url in (endpoints.authorize_url, endpoints.device_url, endpoints.token_url) if url]
    assert len(urls) >= 2
    assert all(url.startswith("https://") for url in urls)
    assert endpoints.scope


@pytest.mark.parametrize(
    ("page", "begins"), [("https://x.test/a", "https://x.test/a?client_id="), ("https://x.test/a?b=c", "https://x.test/a?b=c&client_id=")]
)
def test_a_page_may_have_a_question_of_its_own(page: str, begins: str, provider: Provider) -> None:
    """What an address says already stays, and ours comes behind it."""
    client = client_of(provider, endpoints=moved(google(), authorize_url=page, device_url="", token_url=""))
    assert client.consent_address(redirect="http://127.0.0.1:1/", state="s", challenge="c", login_hint="").startswith(begins)


def test_a_handshake_that_breaks_off(provider: Provider) -> None:
    """A server that speaks no TLS at all will not learn it: somebody has to mend the address."""
    with pytest.raises(CertificateRefused, match="speaks no TLS"):
        at(provider, f"https://localhost:{provider.port}/token").renew("x")
