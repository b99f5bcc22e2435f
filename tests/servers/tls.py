"""A throw-away certificate authority for servers on loopback, made anew for every test run."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Two PEM files, as servers want them."""

    cert_file: Path
    key_file: Path

    def server_context(self) -> ssl.SSLContext:
        """What a server written in Python shows this certificate with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context


class Authority:
    """A certificate authority in a directory. `ca_file` is what a client has to be told to believe it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "maild test authority")])
        self.ca_file = directory / "ca.pem"
        self.ca_file.write_bytes(self._own_certificate().public_bytes(Encoding.PEM))

    def issue(self, name: str = "localhost", *, valid_until: datetime | None = None) -> Certificate:
        """A certificate for a host name (for localhost also its addresses), good for a day or until `valid_until`."""
        stem = f"{name}-{len(list(self._directory.iterdir()))}"
        key = ec.generate_private_key(ec.SECP256R1())
        issued = Certificate(cert_file=self._directory / f"{stem}.pem", key_file=self._directory / f"{stem}.key")
        issued.cert_file.write_bytes(self._certify(key.public_key(), name, valid_until=valid_until).public_bytes(Encoding.PEM))
        issued.key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return issued

    def _own_certificate(self) -> x509.Certificate:
        builder = self._builder(self._name, self._key.public_key(), until=datetime.now(UTC) + A_DAY)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        return builder.sign(self._key, SHA256())

    def _certify(self, key: ec.EllipticCurvePublicKey, name: str, *, valid_until: datetime | None) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key, until=valid_until or datetime.now(UTC) + A_DAY)
        builder = builder.add_extension(x509.SubjectAlternativeName(_names(name)), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        return builder.sign(self._key, SHA256())

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, until: datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(issuer_name=self._name, subject_name=subject, public_key=key)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(until - 3 * A_DAY).not_valid_after(until)
        return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)


def _names(name: str) -> list[x509.GeneralName]:
    addresses = [x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1")] if name == "localhost" else []
    return [x509.DNSName(name), *addresses]


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of this test run."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Certificate:
    """A good certificate for localhost."""
    return authority.issue()
