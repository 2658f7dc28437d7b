"""`anslut simulate`: run a region's simulators until Ctrl-C."""

from __future__ import annotations

import threading
from pathlib import Path

import click


@click.command(short_help="Run a fake region on this machine.")
@click.option("--region", default="fjallmark", show_default=True, help="Which region to run.")
@click.option(
    "--port", default=8711, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 for any free one."
)
@click.option(
    "--scenario", default="demo", show_default=True, help="The scenario whose settings are printed."
)
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), help="File in which writes survive a restart."
)
@click.option("--frozen", is_flag=True, help="Let the clock stand still instead of running.")
def simulate(*, region: str, port: int, scenario: str, state: Path | None, frozen: bool) -> None:
    """Run a fake region: its record system, its engagement index and their control plane, on 127.0.0.1."""
    from anslut_simulators.server import serve_region  # noqa: PLC0415 - `anslut --help` must not load the servers

    try:
        running = serve_region(region, port=port, state=state, mode="frozen" if frozen else "running")
        with running as here:
            _tell(here.base_url, here.environment(scenario=scenario), dict(here.parts.systems), scenario)
            threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("\nSlut. / Ended.")
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"could not serve on port {port}: {error.strerror}; try --port 0"
        ) from None


def _tell(base_url: str, environment: dict[str, str], systems: dict[str, object], scenario: str) -> None:
    click.echo(f"Styrning / control plane   {base_url}/_sim/")
    click.echo("\nInställningar för en konnektor / settings for a connector:\n")
    for name, value in environment.items():
        click.echo(f"export {name}={value}")
    click.echo("\nPröva sedan / try next:\n")
    click.echo(f"curl -s {base_url}/_sim/s/{scenario}/personas")
    for system in systems.values():
        for what, command in system.guide(environment["ANSLUT_SOURCE_URL"]):  # type: ignore[attr-defined]
            click.echo(f"# {what}\n{command}")
    click.echo("\nCtrl-C avslutar. / Ctrl-C ends.", nl=True)
