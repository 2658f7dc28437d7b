"""TLS with certificates made when a region starts, good ones and bad: a certificate belongs to a listener.

Nothing is kept: the authority's key is forgotten as soon as it has signed, so its certificate can be trusted for
an afternoon without opening anything else.
"""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

#: `good`, or what is wrong with the certificate: signed by an authority that the CA file does not name; past its
#: last day; made out to another host.
Tls = Literal["good", "wrong-ca", "expired-certificate", "wrong-host"]
TLS: Final[tuple[Tls, ...]] = ("good", "wrong-ca", "expired-certificate", "wrong-host")
_CA_FILE: Final = "ca.pem"
_DAY: Final = timedelta(days=1)


class _Authority:
    """Signs certificates that are good from *now* - 30 days, for 60 days unless said otherwise."""

    def __init__(self, name: str, *, now: datetime) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _common_name(name)
        self._now = now
        usage = x509.KeyUsage(
            key_cert_sign=True,
            crl_sign=True,
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        self.certificate = (
            self._builder(self._name, self._key.public_key(), last=now + 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def certificate_for(
        self, key: ec.EllipticCurvePublicKey, *, host: str, last: datetime
    ) -> x509.Certificate:
        """Return a server's certificate for *host* and, unless that is elsewhere, for 127.0.0.1."""
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == "localhost":
            names.append(x509.IPAddress(IPv4Address("127.0.0.1")))
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            self._builder(_common_name(host), key, last=last)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, last: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 30 * _DAY)
            .not_valid_after(last)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )


def listen_with(tls: Tls, folder: Path, *, now: datetime) -> tuple[ssl.SSLContext, Path]:
    """Return the settings of a TLS listener, and the file in *folder* that names the authority to trust.

    *now* is the machine's time, aware: certificates are held against it, whatever the scenarios' clocks say.
    """
    trusted = _Authority("Anslut påhittad utfärdare", now=now)
    signing = trusted if tls != "wrong-ca" else _Authority("Anslut påhittad utfärdare", now=now)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = signing.certificate_for(
        key.public_key(),
        host="annan-region.example" if tls == "wrong-host" else "localhost",
        last=now - _DAY if tls == "expired-certificate" else now + 30 * _DAY,
    )
    ca_file = folder / _CA_FILE
    ca_file.write_bytes(trusted.certificate.public_bytes(serialization.Encoding.PEM))
    own = folder / "server.pem"
    own.touch(mode=0o600)
    own.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(own)
    own.unlink()
    return context, ca_file


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
