"""`anslut demo`: two connectors judged side by side, and what the careless one does to a patient."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="See two connectors judged side by side.")
@click.option("--serve", is_flag=True, help="Stay up afterwards, with things to try, until Ctrl-C.")
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="anslut-report-demo",
    show_default=True,
    help="Folder for the reports.",
)
@click.pass_context
def demo(context: click.Context, *, serve: bool, folder: Path) -> None:
    """Start a made-up region, and examine two connectors for its record system and one for each other system.

    Of the two, one is written with care, the other in a hurry. All are judged in the quick lane, which takes
    seconds and is not enough for a certificate. No network but this machine's own is used, and no real person's data.

    \b
    Exit codes: 0 the careful one held and the careless one did not · 1 something else happened.
    """  # noqa: D301 - the backslash is click's: it keeps the lines below as they are
    import sys  # noqa: PLC0415 - help needs none of these

    from anslut_conformance.demo.show import show  # noqa: PLC0415 - pytest and the country are heavy

    context.exit(show(sys.stdout, folder=folder.absolute(), serve=serve))
