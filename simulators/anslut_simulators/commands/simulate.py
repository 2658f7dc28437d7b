"""`anslut simulate`: run a region's simulators, or the whole country's, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.scenario import Mode
    from anslut_simulators.server import RunningRegion
    from anslut_simulators.tls import Tls

_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What somebody asked for at the command line."""

    region: str
    country: bool
    systems: tuple[str, ...]
    port: int
    scenario: str
    state: str | None
    mode: Mode
    workers: int
    tls: Tls | None


@click.command(short_help="Run a fake region, or the whole fake country, on this machine.")
@click.option("--region", default="fjallmark", show_default=True, help="Vilken region / which region to run.")
@click.option(
    "--country", is_flag=True, help="Alla 21 regioner, var och en på en egen port / all 21 regions."
)
@click.option(
    "--system",
    "systems",
    multiple=True,
    metavar="SYSTEM",
    help="Visa bara det systemet, med en konnektors inställningar; kan upprepas / show only this system, with a "
    "connector's settings; may be repeated. All run.",
)
@click.option(
    "--port",
    default=8711,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Första porten; 0: vilken ledig som helst / the first port; 0: any free one.",
)
@click.option(
    "--scenario",
    default="demo",
    show_default=True,
    help="Scenariot vars inställningar skrivs ut / the scenario whose settings are printed.",
)
@click.option(
    "--state",
    envvar="ANSLUT_SIMULATOR_STATE",
    help="Fil (med --country en mapp) eller postgresql://-adress där det som skrivs överlever en omstart / file "
    "(with --country a folder) or postgresql:// address in which writes survive a restart.",
)
@click.option("--frozen", is_flag=True, help="Låt klockan stå stilla / let the clock stand still.")
@click.option(
    "--workers",
    default=0,
    type=click.IntRange(0, 64),
    help="Processer, för last; 0: en, som kan bryta förbindelser / processes, for load; 0: one, which can reset.",
)
@click.option(
    "--tls",
    is_flag=False,
    flag_value="good",
    type=click.Choice(["good", "wrong-ca", "expired-certificate", "wrong-host"]),
    help="Svara över TLS också, på nästa port, med ett certifikat som är bra eller inte / answer over TLS too, at "
    "the next port, with a certificate that is good or not.",
)
def simulate(  # noqa: PLR0913 - one parameter per option
    *,
    region: str,
    country: bool,
    systems: tuple[str, ...],
    port: int,
    scenario: str,
    state: str | None,
    frozen: bool,
    workers: int,
    tls: Tls | None,
) -> None:
    """Kör en påhittad region, eller hela landet, på 127.0.0.1 tills Ctrl-C.

    Källsystemen, engagemangsindexet och ett kontrollrum i webbläsaren (adressen skrivs ut först): klocka, personer,
    sanningen om dem, nya poster, fel, anropsjournal.

    Run a fake region, or the whole country, on 127.0.0.1 until Ctrl-C: source systems, engagement index and a control
    room in the browser.

    \b
    Exempel / examples:
      anslut simulate
          en region med alla sina system / a region with all its systems
      anslut simulate --system natal
          … och inställningarna för en konnektor till Natal / … and the settings of a connector for Natal
      anslut simulate --country --port 9000
          landet, på portarna 9000–9020 / the country, at ports 9000–9020
      anslut simulate --frozen --scenario prov-1 --state ./prov.sqlite
          klockan står stilla, och det som skrivs sparas / the clock stands still, and writes are kept
      anslut simulate --workers 2
          för last / for load
      anslut simulate --tls expired-certificate
          se vad konnektorn gör / see what the connector does
    """  # noqa: D301 - the backslash is click's: it keeps the lines below as they are
    wish = _Wish(
        region=region,
        country=country,
        systems=systems,
        port=port,
        scenario=scenario,
        state=state,
        mode="frozen" if frozen else "running",
        workers=workers,
        tls=tls,
    )
    _check(wish)
    try:
        with ExitStack() as stack:
            _run(wish, stack)
    except KeyboardInterrupt:
        click.echo("\nSlut. / Ended.")
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"could not serve on port {port}: {error.strerror}; try --port 0"
        ) from None


def _check(wish: _Wish) -> None:
    from anslut_simulators.scenario import is_name  # noqa: PLC0415 - `anslut --help` must not load the servers

    if wish.country and (wish.workers or wish.tls):
        raise click.UsageError("the country runs in one process, without TLS: leave --workers and --tls out")
    if wish.workers and not wish.port:
        raise click.UsageError("several processes need a port of their own: give --port")
    if wish.workers and wish.tls:
        raise click.UsageError("TLS is for one process: give --tls or --workers")
    if wish.country and (wish.state or "").startswith("postgresql"):
        raise click.UsageError("the country keeps its writes in a folder: give --state a folder's path")
    if not is_name(wish.scenario):
        raise click.UsageError(
            "a scenario's name is 1-64 of a-z, 0-9 and hyphen, without a long run of digits"
        )


def _run(wish: _Wish, stack: ExitStack) -> None:
    from anslut_simulators.nation import serve_country  # noqa: PLC0415 - as above
    from anslut_simulators.server import serve_region  # noqa: PLC0415 - as above

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="anslut-simulator-")))
    if wish.country:
        kept = None if wish.state is None else Path(wish.state)
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
        country = stack.enter_context(serve_country(port=wish.port, state=kept, mode=wish.mode))
        if wish.region not in country.regions:
            raise ValueError(f"no region is called that; known regions: {', '.join(country.regions)}")
        _tell(list(country.regions.values()), country[wish.region], wish, folder)
        threading.Event().wait()
    state = wish.state or str(folder / "state.sqlite")
    # With worker processes this server only checks the settings and tells what to print.
    port = 0 if wish.workers else wish.port
    running = stack.enter_context(
        serve_region(wish.region, port=port, state=state, mode=wish.mode, tls=wish.tls)
    )
    if wish.workers:
        running.base_url = f"http://127.0.0.1:{wish.port}"
    _tell([running], running, wish, folder)
    if wish.workers:
        _serve(wish.region, port=wish.port, state=state, mode=wish.mode, workers=wish.workers)
    threading.Event().wait()


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


def _tell(regions: Sequence[RunningRegion], chosen: RunningRegion, wish: _Wish, folder: Path) -> None:
    """Print the port map, and what a connector of *chosen* is started with."""
    systems = list(chosen.parts.systems)
    if unknown := sorted(set(wish.systems) - set(systems)):
        raise ValueError(
            f"{chosen.parts.region.name} has no system {', '.join(unknown)}; it has {', '.join(systems)}"
        )
    click.echo(f"Kontrollrum / control room   {chosen.base_url}/_sim/")
    click.echo("")
    _tell_map(regions, wish)
    for name in wish.systems or systems[:1]:
        click.echo(f"\nInställningar för en konnektor till {name} / settings for a connector of {name}:\n")
        settings = chosen.environment(name, wish.scenario)
        settings["ANSLUT_REGION_PROFILE"] = str(_profile_file(chosen, folder))
        for variable, value in settings.items():
            click.echo(f"export {variable}={value}")
    click.echo("\nPröva sedan / try next:\n")
    click.echo(f"curl -s {chosen.base_url}/_sim/s/{wish.scenario}/personas")
    if chosen.ca_file is not None:
        click.echo(f"export CURL_CA_BUNDLE={chosen.ca_file}")
    for name in wish.systems or systems:
        url = f"{chosen.secure_url or chosen.base_url}/s/{wish.scenario}/{name}"
        for what, command in chosen.parts.systems[name].guide(url):
            click.echo(f"# {what}\n{command}")
    click.echo("\nCtrl-C avslutar. / Ctrl-C ends.")


def _tell_map(regions: Sequence[RunningRegion], wish: _Wish) -> None:
    from anslut_simulators.port_map import plain_lines, port_map, rich_table  # noqa: PLC0415 - as above

    places = port_map(regions, scenario=wish.scenario, systems=wish.systems)
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it

        Console(soft_wrap=True).print(rich_table(places))
    else:
        click.echo("\n".join(plain_lines(places)))
    if any(place.protocol == "SQL" for place in places):
        click.echo(
            "SQL: adressen svarar med var databasen finns / the address answers with where the database is."
        )


def _profile_file(running: RunningRegion, folder: Path) -> Path:
    """Write the region's profile as canonical JSON, which needs no TOML reader, and return the file."""
    from anslut_contracts.profile import load_profile  # noqa: PLC0415 - as above

    file = folder / f"profile-{running.parts.region.profile}.json"
    file.write_bytes(load_profile(str(running.parts.region.profile)).canonical())
    return file
