"""What the SMTP courier demands before it says anything: TLS with the right certificate, then one login (P-50)."""

import base64
import gc
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maild.errors import CertificateRefused, CourierAway, LoginRefused, OperatorMustAct, SecretUnreadable
from maild.ports import Outcome
from maild.transport.smtp import SmtpCourier, SmtpSettings
from tests.contracts.courier_contract import parcel, send
from tests.servers.postfix import Postfix
from tests.servers.scripted_smtp import Conversation, Script, ScriptedSmtp, drop, hang, last_words
from tests.servers.sink import Sink
from tests.servers.tls import Authority, Certificate

NAME = "info@pymalta.test"
PASSWORD = "correct horse battery"
SECRETS = [
    PASSWORD.encode(),
    base64.b64encode(PASSWORD.encode()),
    base64.b64encode(NAME.encode()),
    base64.b64encode(f"\0{NAME}\0{PASSWORD}".encode()),
]
OFFER = {"EHLO": b"250-book.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n"}
STRIPPED = {"EHLO": b"250-book.test\r\n250 AUTH PLAIN LOGIN\r\n"}


@contextmanager
def courier_to(port: int, **changes: Any) -> Iterator[SmtpCourier]:
    usual: dict[str, Any] = {"host": "localhost", "tls": "starttls", "username": NAME, "password": lambda: PASSWORD, "ca_file": None}
    courier = SmtpCourier(SmtpSettings(port=port, local_hostname="maild.test", **{**usual, **changes}))
    try:
        yield courier
    finally:
        courier.close()


def old_context(certificate: Certificate) -> ssl.SSLContext:
    """A server that knows no TLS but 1.0 and 1.1."""
    context = certificate.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL 3 has none of them above that level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old is what it is to be
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize("implicit", [False, True])
def test_all_is_said_in_tls(authority: Authority, certificate: Certificate, implicit: bool) -> None:
    """Name, password, addresses and mail go through TLS, begun by STARTTLS or with the first byte."""
    with (
        ScriptedSmtp(OFFER, tls=certificate.server_context(), implicit=implicit) as server,
        courier_to(server.port, ca_file=authority.ca_file, tls="implicit" if implicit else "starttls") as courier,
    ):
        assert send(courier, parcel()).outcome is Outcome.DELIVERED
        assert server.in_clear == (b"" if implicit else b"EHLO maild.test\r\nSTARTTLS\r\n")
        assert b"AUTH PLAIN " + SECRETS[-1] in server.conversations[0].heard


def expired(authority: Authority) -> Certificate:
    return authority.issue(valid_until=datetime.now(UTC) - timedelta(hours=1))


def no_tls(conversation: Conversation) -> None:
    """Go on in clear where the client begins TLS."""
    conversation.say(b"220 go ahead\r\n")
    conversation.listen()
    conversation.say(b"250-book.test\r\n250 AUTH PLAIN\r\n")


MITM: list[tuple[str, str, Script, Callable[[Authority], ssl.SSLContext] | None, type[Exception]]] = [
    ("STARTTLS is not offered", "starttls", STRIPPED, None, CertificateRefused),
    ("STARTTLS is offered and refused", "starttls", {**OFFER, "STARTTLS": b"454 not now\r\n"}, None, CourierAway),
    ("STARTTLS is offered and unknown", "starttls", {**OFFER, "STARTTLS": b"502 what?\r\n"}, None, CourierAway),
    ("STARTTLS is followed by no TLS", "starttls", {**OFFER, "STARTTLS": no_tls}, None, CertificateRefused),
    ("STARTTLS is followed by the end", "starttls", {**OFFER, "STARTTLS": last_words(b"220 go ahead\r\n")}, None, CourierAway),
    ("the certificate is another host's", "starttls", OFFER, lambda ca: ca.issue("other.test").server_context(), CertificateRefused),
    ("so it is without STARTTLS", "implicit", {}, lambda ca: ca.issue("other.test").server_context(), CertificateRefused),
    ("the certificate has expired", "starttls", OFFER, lambda ca: expired(ca).server_context(), CertificateRefused),
    ("so it has without STARTTLS", "implicit", {}, lambda ca: expired(ca).server_context(), CertificateRefused),
    ("TLS is too old", "starttls", OFFER, lambda ca: old_context(ca.issue()), CertificateRefused),
    ("so it is without STARTTLS", "implicit", {}, lambda ca: old_context(ca.issue()), CertificateRefused),
    ("the port speaks no TLS", "implicit", {}, None, CertificateRefused),
    ("the port ends the conversation", "implicit", {"greeting": drop}, None, CourierAway),
]


@pytest.mark.parametrize(("what", "tls", "script", "context", "error"), MITM)
def test_nothing_is_said_in_clear(
    authority: Authority,
    what: str,
    tls: str,
    script: Script,
    context: Callable[[Authority], ssl.SSLContext] | None,
    error: type[Exception],
) -> None:
    """Where TLS is not what it should be, neither name nor password nor mail is said, and the sentence names no more than the server."""
    with (
        ScriptedSmtp(script, tls=context and context(authority), implicit=tls == "implicit" and context is not None) as server,
        courier_to(server.port, ca_file=authority.ca_file, tls=tls) as courier,
    ):
        with pytest.raises(error, match=f"^The SMTP server localhost:{server.port} ") as caught:
            courier.offer(parcel())
        assert "@" not in str(caught.value)
        heard = b"".join(bytes(conversation.heard) for conversation in server.conversations)
        assert not [secret for secret in SECRETS if secret in heard], what
        assert b"MAIL" not in heard


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_silence_in_the_handshake(authority: Authority, tls: str) -> None:
    """A server that falls silent in the handshake is away, soon."""

    def agree(conversation: Conversation) -> None:
        conversation.say(b"220 go ahead\r\n")
        hang(conversation)

    script = {**OFFER, "greeting": hang} if tls == "implicit" else {**OFFER, "STARTTLS": agree}
    with ScriptedSmtp(script) as server, courier_to(server.port, ca_file=authority.ca_file, tls=tls, connect_timeout=0.3) as courier:
        with pytest.raises(CourierAway):
            courier.offer(parcel())
        assert not server.in_clear.startswith(b"AUTH")


def test_silence_in_tls(authority: Authority, certificate: Certificate) -> None:
    """A server that falls silent later on is left without TLS's own goodbye, which would take half a minute."""
    with ScriptedSmtp({**OFFER, "MAIL": hang}, tls=certificate.server_context()) as server:
        with courier_to(server.port, ca_file=authority.ca_file, command_timeout=0.5) as courier, pytest.raises(CourierAway):
            courier.offer(parcel())
        gc.collect()  # a transport that is still open would complain


def test_unknown_authority(certificate: Certificate, tmp_path: Path) -> None:
    """A certificate of an authority that nobody told us to trust proves nothing."""
    stranger = Authority(tmp_path)
    with (
        ScriptedSmtp(OFFER, tls=certificate.server_context()) as server,
        courier_to(server.port, ca_file=stranger.ca_file) as courier,
        pytest.raises(CertificateRefused),
    ):
        courier.offer(parcel())


def test_injected_words_are_forgotten(authority: Authority, certificate: Certificate) -> None:
    """What came in one segment with the reply to STARTTLS is not taken for the server's word in TLS (CVE-2026-55558)."""

    def only_in_clear(conversation: Conversation) -> None:
        in_tls = len(conversation.heard) > len(conversation.in_clear)
        conversation.say(b"250 book.test\r\n" if in_tls else OFFER["EHLO"])

    script: Script = {"STARTTLS": b"220 go ahead\r\n250-book.test\r\n250 AUTH PLAIN\r\n", "EHLO": only_in_clear}
    with (
        ScriptedSmtp(script, tls=certificate.server_context()) as server,
        courier_to(server.port, ca_file=authority.ca_file) as courier,
    ):
        with pytest.raises(LoginRefused, match="offers no login"):
            courier.offer(parcel())
        assert b"AUTH" not in server.conversations[0].heard


@pytest.mark.parametrize("host", ["mail.pymalta.test", "192.0.2.1", "localhost.pymalta.test", "::ffff:192.0.2.1"])
def test_clear_text_stays_on_this_machine(host: str) -> None:
    """tls = none is for loopback; elsewhere nobody is even asked."""
    with courier_to(25, host=host, tls="none") as courier, pytest.raises(CertificateRefused, match="in clear text"):
        courier.offer(parcel())


def by_steps(*steps: bytes) -> Callable[[Conversation], None]:
    """An AUTH of several questions: the last step is the verdict."""

    def act(conversation: Conversation) -> None:
        for step in steps[:-1]:
            conversation.say(step)
            conversation.line()
        conversation.say(steps[-1])

    return act


LOGINS: list[tuple[str, bytes, Any, type[Exception] | None]] = [
    ("PLAIN is understood", b"PLAIN", b"235 welcome\r\n", None),
    ("PLAIN comes first", b"CRAM-MD5 LOGIN PLAIN", b"235 welcome\r\n", None),
    ("LOGIN is understood", b"LOGIN", by_steps(b"334 UGFzc3dvcmQ6\r\n", b"235 welcome\r\n"), None),
    ("CRAM-MD5 is understood", b"CRAM-MD5", by_steps(b"334 PDFAYm9vaz4=\r\n", b"235 welcome\r\n"), None),
    ("a challenge is no base64", b"CRAM-MD5", b"334 A\r\n", CourierAway),
    ("nothing is in common", b"GSSAPI NTLM", b"", LoginRefused),
    ("the password is wrong", b"PLAIN LOGIN CRAM-MD5", b"535 5.7.8 wrong\r\n", LoginRefused),
    ("the mechanism is too weak", b"PLAIN LOGIN", b"534 5.7.9 too weak\r\n", LoginRefused),
    ("the account is locked", b"PLAIN", b"550 locked\r\n", LoginRefused),
    ("the server cannot ask its directory", b"PLAIN LOGIN", b"454 4.7.0 not now\r\n", CourierAway),
    ("the server has too many of us", b"PLAIN LOGIN", b"421 too many\r\n", CourierAway),
    ("the server breaks off", b"PLAIN LOGIN", drop, CourierAway),
    ("the server says garbage", b"PLAIN LOGIN", b"\xff\xfe\r\n", CourierAway),
    ("the server wants more", b"PLAIN LOGIN", b"334 \r\n", CourierAway),
]


@pytest.mark.parametrize(("what", "offered", "reply", "error"), LOGINS)
def test_login(what: str, offered: bytes, reply: Any, error: type[Exception] | None) -> None:
    """One attempt by one method; a refusal is the operator's business, all else may pass by itself."""
    script: Script = {"EHLO": b"250-book.test\r\n250 AUTH " + offered + b"\r\n", "AUTH": reply}
    with ScriptedSmtp(script, {}) as server, courier_to(server.port, tls="none") as courier:
        if error is None:
            assert send(courier, parcel()).outcome is Outcome.DELIVERED, what
        else:
            with pytest.raises(error) as caught:
                courier.offer(parcel())
            assert PASSWORD not in str(caught.value)
            assert NAME not in str(caught.value)
        assert server.conversations[0].heard.count(b"AUTH ") == (b"GSSAPI" not in offered)


def test_password_out_of_reach() -> None:
    """What the password's source raises comes through, and the connection is not kept half open."""

    def unreadable() -> str:
        raise SecretUnreadable("The file is gone.")

    script = {"EHLO": b"250-book.test\r\n250 AUTH PLAIN\r\n"}
    with ScriptedSmtp(script) as server, courier_to(server.port, tls="none", password=unreadable) as courier:
        with pytest.raises(SecretUnreadable):
            courier.offer(parcel())
        assert server.conversations[0].ended.wait(10)


def test_settings_keep_their_secrets() -> None:
    """Settings may be printed: they show neither the name nor where the password comes from."""
    settings = SmtpSettings(
        host="localhost", port=25, tls="none", username=NAME, password=lambda: PASSWORD, ca_file=None, local_hostname="maild.test"
    )
    assert NAME not in repr(settings)
    assert "password" not in repr(settings)


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize(("password", "welcome"), [(PASSWORD, True), ("wrong", False)])
def test_aiosmtpd(authority: Authority, certificate: Certificate, implicit: bool, password: str, welcome: bool) -> None:
    """A server of other people's making agrees: TLS, login, mail."""
    with (
        Sink(tls=certificate.server_context(), implicit=implicit, login=(NAME, PASSWORD)) as sink,
        courier_to(sink.port, ca_file=authority.ca_file, tls="implicit" if implicit else "starttls", password=lambda: password) as courier,
    ):
        if welcome:
            assert send(courier, parcel()).outcome is Outcome.DELIVERED
            assert sink.arrived[0].raw == parcel().raw
        else:
            with pytest.raises(LoginRefused):
                courier.offer(parcel())


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_postfix(authority: Authority, certificate: Certificate, run_postfix: Callable[..., Postfix], tls: str) -> None:
    """So does Postfix, on both of its submission ports; without TLS it is not asked for anything."""
    with Sink() as sink:
        postfix = run_postfix(relay_port=sink.port, certificate=certificate)
        port = postfix.submission_port if tls == "starttls" else postfix.smtps_port
        with courier_to(port, ca_file=authority.ca_file, tls=tls, username=None) as courier:
            assert send(courier, parcel()).outcome is Outcome.DELIVERED
        assert sink.wait_for(1)[0].raw.endswith(parcel().raw)
        with courier_to(postfix.submission_port, tls="none", username=None) as courier, pytest.raises(OperatorMustAct):
            courier.offer(parcel())
