"""No password and no mail in clear text, whatever the server or somebody between says."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.errors import CertificateRefused, LoginRefused, MailboxAway, MaildError
from maild.transport.imap import ImapMailbox, ImapSettings
from tests.servers.scripted_imap import Peer, ScriptedImap, Turn, breaks_off, says, tag
from tests.servers.tls import Authority, Certificate
from tests.transport.imap_rig import (
    SECRET,
    SOON,
    bounded,
    opened,
)


def refused(server: ScriptedImap, **changes) -> str:
    """The sentence of a server that is not trusted; nothing secret reached it."""
    with server, opened(server, **changes) as mailbox, bounded(), pytest.raises(CertificateRefused) as raised:
        mailbox.select("INBOX")
    said = b"".join(server.heard)
    assert not any(word in said for word in (b"LOGIN", b"AUTHENTICATE", SECRET.encode()))
    return str(raised.value)


def starts_tls(certificate: Certificate, *, injected: bytes = b"") -> Turn:
    """STARTTLS, with something said in clear text after the OK."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(tag(line) + b" OK go ahead\r\n" + injected)
        peer.secure(certificate.server_context())

    return turn


def expired(authority: Authority) -> Certificate:
    return authority.issue(valid_until=datetime.now(UTC) - timedelta(hours=1))


BAD_CERTIFICATES: dict[str, Callable[[Authority, Path], Certificate]] = {
    "certificate has expired": lambda authority, _: expired(authority),
    "Hostname mismatch": lambda authority, _: authority.issue("mail.example.org"),
    "unable to get local issuer certificate": lambda _, elsewhere: Authority(elsewhere).issue(),
}


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
@pytest.mark.parametrize(("why", "make"), BAD_CERTIFICATES.items(), ids=BAD_CERTIFICATES)
def test_a_certificate_is_refused(authority: Authority, tmp_path: Path, tls: str, why: str, make) -> None:
    """Expired, for another name, or from an authority nobody named: the reason is said, and nothing secret was."""
    certificate = make(authority, tmp_path)
    if tls == "implicit":
        server = ScriptedImap(tls=certificate.server_context())
    else:
        server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starts_tls(certificate)})
    sentence = refused(server, tls=tls, host="localhost", ca_file=authority.ca_file)
    assert why in sentence or "certificate signature failure" in sentence
    assert f"localhost:{server.port}" in sentence


def test_starttls_that_is_not_offered_is_refused(authority: Authority) -> None:
    """A server without it, or somebody between who took it out of the answer: no clear text instead."""
    server = ScriptedImap(capabilities=b"IMAP4rev1 AUTH=PLAIN")
    assert "offers no STARTTLS" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_starttls_that_is_offered_and_not_done_is_refused(authority: Authority) -> None:
    """NO to STARTTLS is the same."""
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": says(status=b"NO not today")})
    assert "offers no STARTTLS" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_clear_text_after_starttls_is_refused(authority: Authority, certificate: Certificate) -> None:
    """Lines that came before the handshake would be taken for the server's own after it (as CVE-2011-0411): they end it."""
    injected = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n* 99 EXISTS\r\n"
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starts_tls(certificate, injected=injected)})
    assert "clear text" in refused(server, tls="starttls", ca_file=authority.ca_file)


def test_what_was_said_before_tls_is_forgotten(authority: Authority, certificate: Certificate) -> None:
    """Capabilities from before the handshake do not count: here they would have hidden that the server takes PLAIN."""

    def turn(peer: Peer, line: bytes) -> None:
        peer.say(b"* CAPABILITY IMAP4rev1 FORGED\r\n* NO [UNAVAILABLE] forged\r\n")
        starts_tls(certificate)(peer, line)
        peer.server.capabilities = b"IMAP4rev1 AUTH=PLAIN"

    def authenticate(peer: Peer, line: bytes) -> None:
        peer.say(b"+ \r\n")
        peer.hear()
        says(status=b"NO no")(peer, line)

    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": turn, "AUTHENTICATE": authenticate})
    with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, pytest.raises(LoginRefused):
        mailbox.select("INBOX")
    assert any(line.split()[1:] == [b"AUTHENTICATE", b"PLAIN"] for line in server.heard)


def test_a_greeting_that_skips_the_login_does_not_skip_tls(authority: Authority) -> None:
    """PREAUTH forbids STARTTLS, so somebody between could say it: no folder is opened."""
    greeting = lambda peer, _: peer.say(b"* PREAUTH welcome\r\n")  # noqa: E731
    server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", greeting=greeting)
    with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, pytest.raises(MaildError):
        mailbox.select("INBOX")
    assert not any(b"EXAMINE" in line or b"LOGIN" in line for line in server.heard)


def test_a_port_without_tls_is_refused(authority: Authority) -> None:
    """TLS from the start on a port that speaks clear text: a mistake that waiting does not mend."""
    assert "speaks no TLS" in refused(ScriptedImap(), tls="implicit", ca_file=authority.ca_file)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_before_1_2_is_refused(authority: Authority, certificate: Certificate) -> None:
    """RFC 8996: TLS 1.0 and 1.1 are no TLS."""
    old = certificate.server_context()
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert "none newer than 1.1" in refused(ScriptedImap(tls=old), tls="implicit", ca_file=authority.ca_file)


def test_a_handshake_that_breaks_off_passes_by_itself(authority: Authority, certificate: Certificate) -> None:
    """A server that hangs up, or falls silent, during the handshake is away."""
    for greeting in (breaks_off(), lambda peer, _: peer.stopped.wait(SOON)):
        starttls = lambda peer, line, end=greeting: (peer.say(tag(line) + b" OK go\r\n"), end(peer, line))  # noqa: E731
        server = ScriptedImap(capabilities=b"IMAP4rev1 STARTTLS", turns={"STARTTLS": starttls})
        with server, opened(server, tls="starttls", ca_file=authority.ca_file) as mailbox, bounded(), pytest.raises(MailboxAway):
            mailbox.select("INBOX")


def test_clear_text_stays_on_this_machine() -> None:
    """`tls = "none"` is refused for any other host before a connection is made."""
    settings = ImapSettings(host="mail.example.org", port=143, tls="none", username="info", password=lambda: SECRET)
    mailbox = ImapMailbox(settings)
    try:
        with pytest.raises(CertificateRefused, match="loopback only"):
            mailbox.select("INBOX")
    finally:
        mailbox.close()
