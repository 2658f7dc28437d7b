"""TLS with certificates made when a region starts, good ones and bad: a certificate belongs to a listener."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, Literal

from anslut_simulators.certificates import DAY, Authority, Subject

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

#: `good`, or what is wrong with the certificate: signed by an authority that the CA file does not name; past its
#: last day; made out to another host.
Tls = Literal["good", "wrong-ca", "expired-certificate", "wrong-host"]
TLS: Final[tuple[Tls, ...]] = ("good", "wrong-ca", "expired-certificate", "wrong-host")
_AUTHORITY: Final = "Anslut påhittad utfärdare"
_CA_FILE: Final = "ca.pem"
_LIFE: Final = 30 * DAY


def listen_with(tls: Tls, folder: Path, *, now: datetime) -> tuple[ssl.SSLContext, Path]:
    """Return the settings of a TLS listener, and the file in *folder* that names the authority to trust.

    *now* is the machine's time, aware: certificates are held against it, whatever the scenarios' clocks say.
    """
    trusted = Authority(_AUTHORITY, now=now, last=now + _LIFE)
    signing = trusted if tls != "wrong-ca" else Authority(_AUTHORITY, now=now, last=now + _LIFE)
    hosts = ["annan-region.example"] if tls == "wrong-host" else ["localhost", "127.0.0.1"]
    made = signing.certify(
        Subject(common_name=hosts[0]),
        "server",
        hosts=hosts,
        last=now - DAY if tls == "expired-certificate" else now + _LIFE,
    )
    ca_file = folder / _CA_FILE
    ca_file.write_bytes(trusted.certificate_pem())
    own = folder / "server.pem"
    own.touch(mode=0o600)
    own.write_bytes(made.key_pem() + made.certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(own)
    own.unlink()
    return context, ca_file
