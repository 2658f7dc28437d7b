"""`python -m benchmarks`: run the benchmarks and print what came of them."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import click

from benchmarks.load import tool_name
from benchmarks.measure import Setup
from benchmarks.report import machine

NAMES = ("simulator", "systems", "country", "population", "door", "rivta", "validation")
SMOKE_SECONDS, SMOKE_CONNECTIONS = 0.2, 4


@click.command()
@click.argument("names", nargs=-1, metavar=f"[{'|'.join(NAMES)}]…")
@click.option("--seconds", default=6.0, show_default=True, help="How long each measurement lasts.")
@click.option("--connections", default=32, show_default=True, help="Kept-alive connections at once.")
@click.option("--tool", type=click.Choice(["wrk", "python"]), help="Load tool; wrk where there is one.")
@click.option("--smoke", is_flag=True, help="Only see that everything runs; the figures mean nothing.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Also write JSON here.")
def main(  # noqa: PLR0913 - one argument for each option
    *,
    names: tuple[str, ...],
    seconds: float,
    connections: int,
    tool: str | None,
    smoke: bool,
    file: Path | None,
) -> None:
    """Measure our servers beside peers on this machine, with one load tool: all of it, or what is named."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        raise click.UsageError(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    setup = Setup(
        tool=tool_name(wanted=tool),
        seconds=SMOKE_SECONDS if smoke else seconds,
        connections=SMOKE_CONNECTIONS if smoke else connections,
        smoke=smoke,
    )
    click.echo(f"{machine()}; {setup.tool}, {setup.connections} connections, {setup.seconds:g} s each")
    if smoke:
        click.echo("smoke run: the figures mean nothing")
    sections = []
    for name in names or NAMES:
        section = import_module(f"benchmarks.{name}").run(setup)
        click.echo(f"\n{section.text()}", nl=False)
        sections.append({"benchmark": name, **section.to_json()})
    if file is not None:
        document = {"machine": machine(), "tool": setup.tool, "smoke": smoke, "sections": sections}
        file.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
