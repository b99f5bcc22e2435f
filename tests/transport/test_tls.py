"""The TLS rules of both wires."""

import ssl
from pathlib import Path

import pytest

from maild.errors import CertificateRefused
from maild.transport.tls import is_loopback, tls_context


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n"])
def test_a_ca_file_must_be_one(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty or damaged: the sentence names the file."""
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CertificateRefused, match=r"ca\.pem"):
        tls_context(path)


def test_the_context_verifies() -> None:
    """Certificate and name, TLS 1.2 or newer, with the system's authorities too."""
    context = tls_context(None)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


LOOPBACK = {
    "localhost": True,
    "127.0.0.1": True,
    "127.9.9.9": True,
    "::1": True,
    "0.0.0.0": False,
    "192.168.0.1": False,
    "::": False,
    "localhost.example.org": False,
    "mail.example.org": False,
    "": False,
}


@pytest.mark.parametrize(("host", "expected"), LOOPBACK.items())
def test_loopback_is_known_without_asking(host: str, expected: bool) -> None:
    """By the name localhost or by the address, never by what a name server says."""
    assert is_loopback(host) is expected
