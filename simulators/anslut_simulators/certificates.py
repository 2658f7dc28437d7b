"""Certificates made on the spot: an authority, and what it signs for servers and clients.

An authority's key lives as long as its object and is never written: its certificate can be trusted for an
afternoon without opening anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

KeyKind = Literal["ec", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
Usage = Literal["server", "client"]

DAY: Final = timedelta(days=1)
#: How long before it is made that a certificate begins to hold: an expired one has been good once.
AGE: Final = 30 * DAY
_USAGES: Final = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
_RSA_BITS: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate is about; a function certificate has its HSA-id as the subject's serialNumber."""

    common_name: str
    organisation: str | None = None
    serial_number: str | None = None

    def as_name(self) -> x509.Name:
        """Return the name as it stands in a certificate; raise `ValueError` for a part that is too long."""
        parts = [
            (NameOID.COUNTRY_NAME, "SE" if self.organisation else None),
            (NameOID.ORGANIZATION_NAME, self.organisation),
            (NameOID.COMMON_NAME, self.common_name),
            (NameOID.SERIAL_NUMBER, self.serial_number),
        ]
        return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: PrivateKey

    def certificate_pem(self) -> bytes:
        """Return the certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        """Return the key, without a password: keep it in a file that only its owner reads."""
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Authority:
    """Signs certificates that begin to hold 30 days before *now*; its own holds until *last*."""

    def __init__(self, name: str, *, now: datetime, last: datetime, keys: KeyKind = "ec") -> None:
        self._key = _new_key(keys)
        self._keys = keys
        self._name = Subject(common_name=name).as_name()
        self._first = now - AGE
        self.certificate = (
            self._builder(self._name, self._key.public_key(), last=last)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def certificate_pem(self) -> bytes:
        """Return the authority's own certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def certify(
        self, subject: Subject, usage: Usage, *, last: datetime, hosts: Sequence[str] = ()
    ) -> Certified:
        """Return a certificate that holds until *last*, for the names and addresses in *hosts*, with a new key.

        Raise `ValueError` for a host that is neither a name in ASCII nor an IP address.
        """
        key = _new_key(self._keys)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            self._builder(subject.as_name(), key.public_key(), last=last)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([_USAGES[usage]]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return Certified(certificate=builder.sign(self._key, hashes.SHA256()), key=key)

    def _builder(self, subject: x509.Name, key: PublicKey, *, last: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._first)
            .not_valid_after(last)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )


def _new_key(kind: KeyKind) -> PrivateKey:
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65_537, key_size=_RSA_BITS)
    return ec.generate_private_key(ec.SECP256R1())


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
