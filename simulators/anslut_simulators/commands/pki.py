"""`anslut pki`: certificates for trying out mutual TLS."""

from __future__ import annotations

import re
import shlex
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.pki import Pki

_HSA_ID = re.compile(r"[A-Za-z][0-9A-Za-z_]{1,29}-[0-9A-Za-z]{1,18}")
_HOST_NAME = re.compile(
    r"(?=.{1,64}$)([0-9A-Za-z-]+\.)*[A-Za-z][0-9A-Za-z-]*"
)  # 64: it is the common name too
_PORT = 8443
_URL = f"https://localhost:{_PORT}/v1/connector"
_HEADINGS = {
    "answered": "Ska få svar / should be answered",
    "unauthenticated": "Ska få 401 / should get 401",
    "refused": "Ska vägras i handskakningen / should be refused in the handshake",
}


def _hsa_id(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not _HSA_ID.fullmatch(value):
        raise click.BadParameter("an HSA-id is letters and digits with one hyphen, as SE2321000999-1177")
    return value


def _hosts(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(_HOST_NAME.fullmatch(host) or _is_address(host) for host in value):
        raise click.BadParameter(
            "a host is a name in ASCII (xn--… for å, ä and ö) or an IP address, without port"
        )
    return value


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@click.command(short_help="Make certificates for trying out mutual TLS.")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--hsa-id",
    default="SE2321000999-1177",
    show_default=True,
    callback=_hsa_id,
    help="HSA-id hos den som frågar / of who asks.",
)
@click.option(
    "--server-hsa-id",
    default="SE2321000999-K001",
    show_default=True,
    callback=_hsa_id,
    help="Anslutningens HSA-id / the connector's.",
)
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="HOST",
    callback=_hosts,
    help="Ett namn eller en IP-adress till på servern, utöver den här datorns; kan upprepas / another name or IP "
    "address of the server, beside this machine's; may be repeated.",
)
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(1, 398),
    help="Hur länge de gäller / how long they are good.",
)
@click.option(
    "--rsa", is_flag=True, help="RSA-nycklar om 2048 bitar i stället för EC, P-256 / RSA keys instead of EC."
)
@click.option(
    "--force", is_flag=True, help="Skriv över en tidigare test-PKI / write over an earlier test PKI."
)
def pki(  # noqa: PLR0913 - one parameter per option
    *,
    folder: Path,
    hsa_id: str,
    server_hsa_id: str,
    hosts: tuple[str, ...],
    days: int,
    rsa: bool,
    force: bool,
) -> None:
    """Gör en test-PKI i FOLDER: en utfärdare, och funktionscertifikat för en anslutning och dem som frågar den.

    Bredvid de bra finns sådana som en anslutning ska vägra: utgånget, från fel utfärdare, utan HSA-id. pki.json
    säger vad varje fil är till för. Bara för prov: ingen litar på dem, och utfärdarnas nycklar kastas.

    Make a test PKI in FOLDER: an authority, and function certificates for a connector and its callers. Beside the
    good ones there are those that a connector must refuse: expired, from the wrong authority, without an HSA-id.
    pki.json says what each file is for. For tests only: nobody trusts them, and the authorities' keys are thrown away.

    \b
    Exempel / examples:
      anslut pki ./pki
      anslut pki ./pki --hsa-id SE2321000999-2288 --host connector.example --days 7
    """  # noqa: D301 - the backslash is click's: it keeps the lines below as they are
    from anslut_contracts.clock import SystemClock  # noqa: PLC0415 - help must not wait for it

    from anslut_simulators.pki import Pki, is_pki, write_pki  # noqa: PLC0415 - as above

    wish = Pki(
        client_hsa_id=hsa_id,
        server_hsa_id=server_hsa_id,
        hosts=hosts,
        days=days,
        keys="rsa" if rsa else "ec",
    )
    there = next((name for name in wish.files if (folder / name).exists()), None)
    if there and not is_pki(folder):
        raise click.ClickException(f"{folder} has a {there} that no test PKI made: give another folder")
    if there and not force:
        raise click.ClickException(
            f"{folder} has a test PKI: give another folder, or --force to write over it"
        )
    try:
        write_pki(wish, folder, now=SystemClock().now())
    except OSError as error:
        raise click.ClickException(f"could not write to {folder}: {error.strerror}") from None
    click.echo("\n".join(_lines(wish, folder)))


def _lines(made: Pki, folder: Path) -> Iterator[str]:
    """Yield what the command says: what each file is, and what to do next."""
    from anslut_simulators.pki import INDEX_FILE, WARNING  # noqa: PLC0415 - as above

    yield f"Test-PKI i / test PKI in {folder}: {made.days} dagar / days"
    yield WARNING
    yield ""
    for one in made.certificates:
        yield f"  {one.file:29}{one.sv} / {one.en}{f', {one.hsa_id}' if one.hsa_id else ''}"
    yield f"  {INDEX_FILE:29}det här som JSON / this as JSON"
    yield "\nStarta en anslutning som kräver klientcertifikat / serve a connector that demands client certificates:\n"
    ca, server, key = (_quoted(folder, name) for name in ("ca.pem", "server.pem", "server.key"))
    yield (
        f"anslut serve my_module:MyConnector --port {_PORT}"
        f" --tls-cert {server} --tls-key {key} --client-ca {ca}"
    )
    for expected, heading in _HEADINGS.items():
        yield f"\n{heading}:\n"
        for one in made.certificates:
            if one.expected == expected and one.key_file:
                own = f" --cert {_quoted(folder, one.file)} --key {_quoted(folder, one.key_file)}"
                yield f"curl --cacert {ca}{own} {_URL}"
    yield f"curl --cacert {ca} {_URL}"


def _quoted(folder: Path, name: str) -> str:
    return shlex.quote(str(folder / name))
