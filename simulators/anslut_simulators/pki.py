"""A test PKI in a folder: an authority, a false one, and function certificates, good ones and bad.

For trying out mutual TLS as RIV-TA has it: who calls is told by the client certificate's subject, whose
serialNumber is an HSA-id. No authority's key is written, so nobody can sign more.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from anslut_simulators.certificates import DAY, Authority, Subject

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from anslut_simulators.certificates import Certified, KeyKind

INDEX_FILE: Final = "pki.json"
WARNING: Final = (
    "Bara för prov: ingen litar på de här certifikaten, och de skyddar ingenting. / "
    "For tests only: nobody trusts these certificates, and they protect nothing."
)
#: What a connector does with a caller that shows the certificate: answers, refuses it in the handshake, or
#: answers 401 `unauthenticated`.
Expected = Literal["answered", "refused", "unauthenticated"]
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
_AUTHORITY: Final = "Anslut påhittad utfärdare"
_ORGANISATION: Final = "Påhittad organisation"
_CLIENT: Final = "Påhittad tjänstekonsument"
_OTHER_CALLERS: Final = ("SE2321000999-2288", "SE2321000999-2299")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pki:
    """What a test PKI is to hold: the HSA-ids of caller and connector, and how long it is good, in days.

    The server's certificate is made out to this machine and to *hosts*, names or IP addresses.
    """

    client_hsa_id: str
    server_hsa_id: str
    hosts: tuple[str, ...] = ()
    days: int = 30
    keys: KeyKind = "ec"

    @property
    def certificates(self) -> tuple[PkiCertificate, ...]:
        """Every certificate of it, authorities first."""
        authority = partial(PkiCertificate, use="authority")
        client = partial(PkiCertificate, use="client", hsa_id=self.client_hsa_id)
        other = next(one for one in _OTHER_CALLERS if one.casefold() != self.client_hsa_id.casefold())
        return (
            authority(name="ca", sv="utfärdaren att lita på", en="the authority to trust"),
            authority(
                name="other-ca",
                issuer="other-ca",
                sv="en utfärdare med samma namn, som ingen litar på",
                en="an authority of the same name, which nobody trusts",
            ),
            PkiCertificate(
                name="server", use="server", hsa_id=self.server_hsa_id, sv="anslutningen", en="the connector"
            ),
            client(name="client", expected="answered", sv="den som frågar", en="who asks"),
            client(
                name="client-other-caller",
                hsa_id=other,
                expected="answered",
                sv="en annan som frågar",
                en="another who asks",
            ),
            client(
                name="client-no-serial-number",
                hsa_id=None,
                expected="unauthenticated",
                sv="utan HSA-id",
                en="without an HSA-id",
            ),
            client(
                name="client-expired", is_expired=True, expected="refused", sv="har gått ut", en="has expired"
            ),
            client(
                name="client-other-ca",
                issuer="other-ca",
                expected="refused",
                sv="från den andra utfärdaren",
                en="from the other authority",
            ),
        )

    @property
    def files(self) -> tuple[str, ...]:
        """The name of every file that it is written to."""
        return (INDEX_FILE, *(file for one in self.certificates for file in one.files))


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiCertificate:
    """One certificate, and what it is for, in Swedish and in English; *issuer* is the name of an authority."""

    name: str
    use: Literal["authority", "server", "client"]
    sv: str
    en: str
    hsa_id: str | None = None
    issuer: str = "ca"
    is_expired: bool = False
    expected: Expected | None = None

    @property
    def file(self) -> str:
        """The file with the certificate."""
        return f"{self.name}.pem"

    @property
    def key_file(self) -> str | None:
        """The file with its key; an authority has none."""
        return None if self.use == "authority" else f"{self.name}.key"

    @property
    def files(self) -> tuple[str, ...]:
        """Both, or the only one."""
        return (self.file, self.key_file) if self.key_file else (self.file,)


def write_pki(pki: Pki, folder: Path, *, now: datetime) -> None:
    """Write *pki* to *folder*, over what is there; keys are readable by their owner only.

    *now* is the machine's time, aware. Raise `ValueError` for an HSA-id or a host that cannot stand in a certificate,
    `OSError` where the folder cannot be written.
    """
    last = now + pki.days * DAY
    authorities = {
        one.name: Authority(_AUTHORITY, now=now, last=last, keys=pki.keys)
        for one in pki.certificates
        if one.use == "authority"
    }
    made = {
        one: _certified(one, pki, authorities[one.issuer], last=now - DAY if one.is_expired else last)
        for one in pki.certificates
        if one.use != "authority"
    }
    index = {
        "warning": WARNING,
        "validUntil": last.isoformat(timespec="seconds"),
        "certificates": [_row(one) for one in pki.certificates],
    }
    text = json.dumps(index, ensure_ascii=False, indent=1) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / INDEX_FILE, text.encode(), mode=0o644)  # first: what is half written can be written over
    for name, authority in authorities.items():
        _write(folder / f"{name}.pem", authority.certificate_pem(), mode=0o644)
    for one, certified in made.items():
        _write(folder / one.file, certified.certificate_pem(), mode=0o644)
        _write(folder / f"{one.name}.key", certified.key_pem(), mode=0o600)


def is_pki(folder: Path) -> bool:
    """Return whether *folder* holds a test PKI, which may be written over, and not somebody's own keys."""
    try:
        index = json.loads((folder / INDEX_FILE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(index, dict) and index.get("warning") == WARNING


def _certified(one: PkiCertificate, pki: Pki, signing: Authority, *, last: datetime) -> Certified:
    hosts = tuple(dict.fromkeys((*pki.hosts, *_THIS_MACHINE)))
    subject = Subject(
        common_name=hosts[0] if one.use == "server" else _CLIENT,
        organisation=_ORGANISATION,
        serial_number=one.hsa_id,
    )
    if one.use == "server":
        return signing.certify(subject, "server", last=last, hosts=hosts)
    return signing.certify(subject, "client", last=last)


def _row(one: PkiCertificate) -> dict[str, Any]:
    row = {
        "certificate": one.file,
        "key": one.key_file,
        "use": one.use,
        "issuer": f"{one.issuer}.pem",
        "hsaId": one.hsa_id,
        "expected": one.expected,
        "for": {"sv": one.sv, "en": one.en},
    }
    return {name: value for name, value in row.items() if value is not None}


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """Make the file anew: what was there may be open to others, or a link to somewhere else."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
