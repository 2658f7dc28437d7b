"""`anslut simulate`: run a region's simulators until Ctrl-C."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from anslut_simulators.server import RunningRegion
    from anslut_simulators.tls import Tls

_THREADS = 4


@click.command(short_help="Run a fake region on this machine.")
@click.option("--region", default="fjallmark", show_default=True, help="Which region to run.")
@click.option(
    "--port", default=8711, show_default=True, type=click.IntRange(0, 65535), help="0: any free port."
)
@click.option(
    "--scenario", default="demo", show_default=True, help="The scenario whose settings are printed."
)
@click.option(
    "--state",
    envvar="ANSLUT_SIMULATOR_STATE",
    help="File or postgresql:// address in which writes survive a restart.",
)
@click.option("--frozen", is_flag=True, help="Let the clock stand still instead of running.")
@click.option(
    "--workers", default=0, type=click.IntRange(0, 64), help="Processes, for load; 0: one, which can reset."
)
@click.option(
    "--tls",
    is_flag=False,
    flag_value="good",
    type=click.Choice(["good", "wrong-ca", "expired-certificate", "wrong-host"]),
    help="Let sources and index answer over TLS too, at the next port, with a certificate that is good or not.",
)
def simulate(  # noqa: PLR0913 - one parameter per option
    *, region: str, port: int, scenario: str, state: str | None, frozen: bool, workers: int, tls: Tls | None
) -> None:
    """Run a fake region: its record system, its engagement index and their control plane, on 127.0.0.1."""
    from anslut_simulators.server import serve_region  # noqa: PLC0415 - `anslut --help` must not load the servers

    mode = "frozen" if frozen else "running"
    if workers and not port:
        raise click.UsageError("several processes need a port of their own: give --port")
    if workers and tls:
        raise click.UsageError("TLS is for one process: give --tls or --workers")
    try:
        with ExitStack() as stack:
            if state is None:
                folder = stack.enter_context(TemporaryDirectory(prefix="anslut-simulator-"))
                state = str(Path(folder, "state.sqlite"))
            # With worker processes this server only checks the settings and tells what to print.
            running = stack.enter_context(
                serve_region(
                    region,
                    port=0 if workers else port,
                    state=state,
                    mode="frozen" if frozen else "running",
                    tls=tls,
                )
            )
            if workers:
                running.base_url = f"http://127.0.0.1:{port}"
            _tell(running, scenario)
            if workers:
                _serve(region, port=port, state=state, mode=mode, workers=workers)
            threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nSlut. / Ended.")
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"could not serve on port {port}: {error.strerror}; try --port 0"
        ) from None


def _serve(region: str, *, port: int, state: str, mode: str, workers: int) -> None:
    """Serve with worker processes until interrupted."""
    from granian import Granian  # noqa: PLC0415 - only here
    from granian.constants import Interfaces  # noqa: PLC0415 - only here
    from granian.log import LogLevels  # noqa: PLC0415 - only here

    os.environ |= {
        "ANSLUT_SIMULATOR_REGION": region,
        "ANSLUT_SIMULATOR_STATE": state,
        "ANSLUT_SIMULATOR_CLOCK": mode,
    }
    Granian(
        "anslut_simulators.app:create_app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=_THREADS,
        websockets=False,
        factory=True,
        log_level=LogLevels.error,
    ).serve()
    raise KeyboardInterrupt


def _tell(running: RunningRegion, scenario: str) -> None:
    click.echo(f"Styrning / control plane   {running.base_url}/_sim/")
    click.echo("\nInställningar för en konnektor / settings for a connector:\n")
    for name, value in running.environment(scenario=scenario).items():
        click.echo(f"export {name}={value}")
    click.echo("\nPröva sedan / try next:\n")
    click.echo(f"curl -s {running.base_url}/_sim/s/{scenario}/personas")
    if running.ca_file is not None:
        click.echo(f"export CURL_CA_BUNDLE={running.ca_file}")
    for name, system in running.parts.systems.items():
        for what, command in system.guide(running.source_url(name, scenario)):
            click.echo(f"# {what}\n{command}")
    click.echo("\nCtrl-C avslutar. / Ctrl-C ends.")
