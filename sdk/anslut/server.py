"""Running a door: gunicorn with threads in production, a small threaded server inside tests."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from anslut.door.security import Security, is_loopback
from anslut.door.tls import check_files
from anslut.errors import SettingsError
from anslut.loading import load_connector
from anslut.logs import guard_standard_logging
from anslut.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut.connector import Connector

_GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where and how to listen; certificates and keys are PEM files. Port 0 means any free one.

    With *rivta* the connector answers in SOAP too.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 16
    certificate: str | None = None
    key: str | None = None
    client_ca: str | None = None
    rivta: bool = False


def serve_forever(target: str, listen: Listen, *, settings: Settings | None = None) -> None:
    """Serve the connector *target* (`module:Class`) until told to stop; raise `SettingsError` if not."""
    settings = settings or Settings.from_environment()
    client_ca = listen.client_ca or settings.client_ca
    settings, listen = replace(settings, client_ca=client_ca), replace(listen, client_ca=client_ca)
    _check(listen, settings)
    guard_standard_logging()
    scratch = tempfile.mkdtemp(prefix="anslut-")
    try:
        if listen.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = scratch  # read when prometheus_client is first imported
        if not settings.state_dir:
            settings = replace(settings, state_dir=scratch)
        banner = _banner(load_connector(target, settings), settings, rivta=listen.rivta)
        from anslut.gunicorn_door import run  # noqa: PLC0415 - imports prometheus_client, see above

        run(target, settings, listen, banner=banner)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _check(listen: Listen, settings: Settings) -> None:
    if bool(listen.certificate) != bool(listen.key):
        raise SettingsError("a server certificate needs its key: give --tls-cert and --tls-key together")
    if settings.client_ca and not listen.certificate:
        raise SettingsError("client certificates need TLS: give --tls-cert and --tls-key")
    if listen.certificate:
        check_files(listen)
    if not settings.jwks_url and not settings.client_ca and not is_loopback(listen.host):
        raise SettingsError(
            "authentication is off, so the door opens on this machine only: use --host 127.0.0.1,"
            " or set ANSLUT_JWKS_URL and ANSLUT_AUDIENCE, or give --client-ca"
        )


def _banner(connector: Connector, settings: Settings, *, rivta: bool) -> str:
    security = Security.from_settings(settings)
    manifest = connector.manifest()
    lines = [
        f"Anslut: {manifest['product']} {manifest['version']} ({manifest['vendor']})",
        f"  source systems   {', '.join(manifest['sourceSystemHsaIds'])}",
        f"  region profile   {connector.profile.name}, sha256 {manifest['profileDigest']}",
        f"  index updates    {manifest['index']['mode']}",
        f"  access log       {'on' if manifest['accessLog'] else 'OFF: set ANSLUT_ACCESS_LOG'}",
        f"  authentication   {security.mode}",
    ]
    if rivta:
        from anslut.door.rivta import addresses  # noqa: PLC0415 - lxml is not needed otherwise

        lines += ["  RIV-TA           " + "\n                   ".join(addresses(connector))]
    if not security.is_off:
        lines.append(
            f"  callers          {', '.join(sorted(security.callers)) or 'all (ANSLUT_CALLERS names some)'}"
        )
    else:
        lines.append(
            "  WARNING: anybody on this machine can read every record. Never use this with real persons."
        )
    return "\n".join(lines)


def announce_ready(banner: str, url: str) -> None:
    """Tell whoever started the door what it is and where; one line has the address alone."""
    sys.stdout.write(f"{banner}\nListening at {url}\n")
    sys.stdout.flush()


@contextmanager
def running(connector: Connector, *, security: Security | None = None, rivta: bool = False) -> Iterator[str]:
    """Serve *connector* on a free port of this machine from a thread, and give its address; for tests."""
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415 - not needed in production

    from anslut.door import create_app  # noqa: PLC0415 - imports prometheus_client

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *arguments: Any) -> None:  # noqa: A002, ANN401 - as the library's own
            """Write nothing: an address may hold anything."""

    app = create_app(connector, security=security, rivta=rivta)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["anslut"].close()
