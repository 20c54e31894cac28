"""A certificate authority for tests. It signs server certificates for any host name, valid or expired."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """The PEM files of a server's certificate and of its private key."""

    certificate: Path
    key: Path


class CertificateAuthority:
    """A certificate authority. `roots`: the PEM file that clients must trust."""

    def __init__(self, folder: Path, name: str = "Authority of the tests") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(self._name, self._name, self._key.public_key(), x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(key_usage(signs=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
        )
        folder.mkdir(parents=True, exist_ok=True)
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str, expired: bool = False) -> Certificate:
        """Sign a certificate for a host name or an IP address. It is valid until tomorrow, or has expired yesterday."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        parent = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - 3 * DAY)
            .not_valid_after(now - DAY if expired else now + DAY)
            .add_extension(x509.SubjectAlternativeName([alternative_name(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(key_usage(signs=False), critical=True)
            .add_extension(parent, critical=False)
        )
        stem = f"{host}{'-expired' if expired else ''}".replace(":", "_").replace("*", "_")
        files = self._write_key(stem, key)
        files.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return files

    def self_signed(self) -> Certificate:
        """The authority's own certificate and key, as a server with a self-signed certificate has."""
        files = self._write_key("self-signed", self._key)
        files.certificate.write_bytes(self.roots.read_bytes())
        return files

    def _write_key(self, stem: str, key: ec.EllipticCurvePrivateKey) -> Certificate:
        files = Certificate(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        files.key.chmod(0o600)
        return files


def alternative_name(host: str) -> x509.GeneralName:
    """The subject alternative name of a host: a DNS name or an IP address."""
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def key_usage(signs: bool) -> x509.KeyUsage:
    """The key usage of an authority (it signs) or of a server."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
