"""A door that demands client certificates, a test PKI for it, and a caller of it."""

from __future__ import annotations

import json
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from anslut_contracts.clock import SystemClock
from anslut_simulators.pki import Pki, write_pki
from door_process import post, serving

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

    import requests
    from anslut_simulators.certificates import Certified
    from door_process import Running

CLIENT = "SE2321000999-1177"
NOW = SystemClock().now()
REQUEST = b"GET /v1/connector HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Door:
    """A door that demands client certificates, and the folder with them and with its access log."""

    folder: Path
    process: Running

    @property
    def url(self) -> str:
        """Its address, by the name that its certificate has."""
        return self.process.url.replace("127.0.0.1", "localhost")

    @property
    def log(self) -> list[dict[str, Any]]:
        """The lines of its access log."""
        return [json.loads(line) for line in (self.folder / "access.jsonl").read_text("utf-8").splitlines()]

    def ask(self, name: str | None, **options: Any) -> requests.Response:
        """Search, showing the certificate *name*."""
        own = None if name is None else (str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key"))
        return post(self.url, cert=own, verify=str(self.folder / "ca.pem"), **options)

    @contextmanager
    def connected(self, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
        """Shake hands; raise `ssl.SSLError` when refused (in TLS 1.3, where something is read)."""
        port = int(self.url.rpartition(":")[2])
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            yield connection


def everything(connection: socket.socket, sent: bytes = REQUEST) -> bytes:
    """Send a request, for the manifest unless told, and return what comes back until the end."""
    connection.sendall(sent)
    answer = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            answer += part
    return answer


@contextmanager
def demanding(folder: Path, *, ca: str = "ca.pem", **environment: str) -> Iterator[Door]:
    """Serve with the test PKI in *folder*."""
    options = ("--tls-cert", "server.pem", "--tls-key", "server.key", *(("--client-ca", ca) if ca else ()))
    with serving(folder, *options, ANSLUT_ACCESS_LOG="access.jsonl", **environment) as process:
        assert process.url, process.errors
        yield Door(folder, process)


def make_pki(folder: Path) -> Path:
    """Write a test PKI to *folder* and return it."""
    write_pki(Pki(client_hsa_id=CLIENT, server_hsa_id="SE2321000999-K001"), folder, now=NOW)
    return folder


def save(made: Certified, folder: Path, name: str) -> None:
    """Write a certificate and its key."""
    (folder / f"{name}.pem").write_bytes(made.certificate_pem())
    (folder / f"{name}.key").write_bytes(made.key_pem())
