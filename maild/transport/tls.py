"""What maild asks of TLS, the same on both wires: nothing secret and nothing of a mail leaves in clear text."""

import ssl
from ipaddress import ip_address
from pathlib import Path

from maild.errors import CertificateRefused

_NO_TLS_SPOKEN = frozenset({"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "HTTP_REQUEST"})
"""OpenSSL's reasons for: the other side does not speak TLS here, or none newer than 1.1. Trying again does not help."""


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer (RFC 8996) with the certificate and its name verified, always.

    `ca_file` (PEM) takes the place of the system's authorities. Raises `CertificateRefused` where it cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise CertificateRefused(f"The CA file {ca_file} cannot be read or holds no certificate; name a PEM file.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def is_loopback(host: str) -> bool:
    """Does this host name or address mean this machine, whatever a name server says? Only there may clear text be spoken."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def lasting_refusal(error: ssl.SSLError) -> str | None:
    """Why a handshake failed, where somebody has to mend something; None where it may pass by itself (the line broke)."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message.rstrip('.')})"
    if error.reason in _NO_TLS_SPOKEN:
        return "it speaks no TLS on this port, or none newer than 1.1"
    return None
