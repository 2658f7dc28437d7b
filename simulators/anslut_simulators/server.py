"""Runs a region's simulators on loopback for as long as a `with` block lasts."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from anslut_simulators.app import EXTENSION, RegionApp, create_app
from anslut_simulators.calls import KeepsCopy
from anslut_simulators.client import ControlClient
from anslut_simulators.credentials import credentials
from anslut_simulators.gate import BODY_LIMIT
from anslut_simulators.http_server import Server
from anslut_simulators.index_receiver import RIVTA_PATH
from anslut_simulators.scenario import Mode, real_now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from ssl import SSLContext

    from flask import Flask

    from anslut_simulators.country import Population
    from anslut_simulators.index_forms import FormName
    from anslut_simulators.tls import Tls


class RunningRegion:
    """A region that answers at *base_url*, such as `http://127.0.0.1:41234`.

    With TLS, connectors call *secure_url* and trust *ca_file*; the control plane stays at *base_url*, so that it
    can be reached whatever is wrong with the certificate.
    """

    def __init__(
        self, base_url: str, parts: RegionApp, *, secure_url: str | None = None, ca_file: Path | None = None
    ) -> None:
        self.base_url = base_url
        self.parts = parts
        self.secure_url = secure_url
        self.ca_file = ca_file

    def source_url(self, system: str = "kosmos", scenario: str = "demo") -> str:
        """Return what a connector's `ANSLUT_SOURCE_URL` shall be."""
        found = self.parts.systems.get(system)
        if isinstance(found, KeepsCopy):
            return found.address(scenario)
        return f"{self.secure_url or self.base_url}/s/{scenario}/{system}"

    def index_url(self, scenario: str = "demo", *, form: FormName = "json") -> str:
        """Return what a connector's `ANSLUT_INDEX_URL` shall be, for an index that is told in *form*."""
        url = f"{self.secure_url or self.base_url}/s/{scenario}/index"
        return url if form == "json" else f"rivta+{url}{RIVTA_PATH}"

    def client_id(self, scenario: str = "demo", system: str = "kosmos") -> str:
        """Return the client id that a connector logs in with."""
        return credentials(system, scenario).client_id

    def client_secret(self, scenario: str = "demo", system: str = "kosmos") -> str:
        """Return the secret that a connector logs in with."""
        return credentials(system, scenario).client_secret

    def system_hsa_id(self, system: str = "kosmos") -> str:
        """Return the HSA id of the region's *system*: a connector's `ANSLUT_SOURCE_SYSTEM_ID`."""
        return next(str(entry.hsa_id) for entry in self.parts.region.systems if entry.system == system)

    def environment(
        self, system: str = "kosmos", scenario: str = "demo", *, index: FormName = "json"
    ) -> dict[str, str]:
        """Return the settings of a connector for this source, as environment variables.

        *index* is the form in which it shall tell the engagement index: in RIV-TA the owner is told too.
        """
        trust = {} if self.ca_file is None else {"ANSLUT_CA_FILE": str(self.ca_file)}
        owner = {} if index == "json" else {"ANSLUT_INDEX_LOGICAL_ADDRESS": self.parts.index.owner}
        return {
            "ANSLUT_SOURCE_URL": self.source_url(system, scenario),
            "ANSLUT_SOURCE_CLIENT_ID": self.client_id(scenario, system),
            "ANSLUT_SOURCE_CLIENT_SECRET": self.client_secret(scenario, system),
            "ANSLUT_SOURCE_SYSTEM_ID": self.system_hsa_id(system),
            "ANSLUT_INDEX_URL": self.index_url(scenario, form=index),
            "ANSLUT_REGION_PROFILE": str(self.parts.region.profile),
            **owner,
            **trust,
        }

    def control(self, scenario: str = "demo") -> ControlClient:
        """Return a client of the control plane for *scenario*."""
        return ControlClient(self.base_url, scenario)


@contextmanager
def serve_region(  # noqa: PLR0913 - settings of one server, all optional
    region: str = "fjallmark",
    *,
    port: int = 0,
    state: Path | str | None = None,
    mode: Mode = "frozen",
    population: Population | None = None,
    real_us: Callable[[], int] = real_now_us,
    tls: Tls | None = None,
) -> Iterator[RunningRegion]:
    """Serve *region* on 127.0.0.1 inside the `with` block, at *port* or any free one.

    *state* is a file, or a `postgresql://` address, in which writes survive a restart; *mode* says whether
    scenarios' clocks begin frozen or running; *real_us* is the machine's clock in microseconds since 1970, by
    which tokens expire and clocks run. With *tls*, sources and index answer over TLS too, at the port after
    *port* or any free one, with a certificate that is `good` or has a fault.
    """
    with ExitStack() as stack:
        if state is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="anslut-simulator-"))
            state = Path(folder, "state.sqlite")
        app = create_app(region, state=state, population=population, mode=mode, real_us=real_us)
        parts: RegionApp = app.extensions[EXTENSION]
        stack.callback(parts.close)
        base_url = f"http://127.0.0.1:{_serve(app, stack, port=port)}"
        if tls is None:
            yield RunningRegion(base_url, parts)
            return
        # Making certificates loads a library that others need not wait for.
        from anslut_simulators.tls import listen_with  # noqa: PLC0415 - see above

        folder = stack.enter_context(TemporaryDirectory(prefix="anslut-tls-"))
        now = datetime.fromtimestamp(real_us() / 1_000_000, UTC)
        context, ca_file = listen_with(tls, Path(folder), now=now)
        secure_port = _serve(app, stack, port=port + 1 if port else 0, tls=context)
        secure_url = f"https://127.0.0.1:{secure_port}"
        yield RunningRegion(base_url, parts, secure_url=secure_url, ca_file=ca_file)


def _serve(app: Flask, stack: ExitStack, *, port: int, tls: SSLContext | None = None) -> int:
    """Serve *app* until *stack* unwinds, and return the port."""
    server = Server(app, port=port, body_limit=BODY_LIMIT, tls=tls)
    stack.callback(server.server_close)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="anslut-simulator"
    )
    thread.daemon = True
    thread.start()
    stack.callback(thread.join, timeout=5)
    stack.callback(server.stop)
    return int(server.server_address[1])
