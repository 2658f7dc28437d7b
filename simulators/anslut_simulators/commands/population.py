"""`anslut population`: look at the fake country's people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.describing.figures import Told
    from anslut_simulators.population.people import Stratum


@click.group(short_help="Look at the people of the fake country.")
def population() -> None:
    """Look at the people of the fake country: who they are and what has been written about them."""


@population.command(short_help="Print a persona's record as the source systems hold it.")
@click.argument("persona", required=False)
@click.option("--system", "systems", multiple=True, help="Only this source system (may be repeated).")
@click.option("--type", "types", multiple=True, help="Only this information type (may be repeated).")
@click.option(
    "--numbers", is_flag=True, help="Also print the persona's identities: test numbers, nobody's own."
)
@click.option(
    "--native", metavar="SYSTEM", help="Print all that this system answers over its own door, as it is sent."
)
def show(
    *,
    persona: str | None,
    systems: tuple[str, ...],
    types: tuple[str, ...],
    numbers: bool,
    native: str | None,
) -> None:
    """Print PERSONA's record, excluded text included: what the truth says, not what a resident sees.

    Without PERSONA, list the regions and the personas, with what each one is for.

    \b
    anslut population show                           who there is
    anslut population show anna-vuxen                everything about one of them
    anslut population show natal-vanlig --system natal
    anslut population show anna-vuxen --native vaxreg
    """  # noqa: D301 - the escape tells click to leave the lines alone
    from anslut_simulators.population import printing  # noqa: PLC0415 - `--help` must not load the world

    try:
        if persona is None:
            lines = printing.country_lines()
        elif native is not None:
            from anslut_simulators.population.dialect import native_lines  # noqa: PLC0415 - as above

            lines = native_lines(persona, native)
        else:
            lines = printing.record_lines(persona, systems=systems, types=types, numbers=numbers)
        for line in lines:
            click.echo(line)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None


@population.command(short_help="Hold the country's figures beside published ones.")
@click.option("--region", help="Only this region, such as `fjallmark`.")
@click.option(
    "--persons",
    type=click.IntRange(1),
    default=100_000,
    show_default=True,
    help="How many to count over; about a tenth are yet to be born and drop out.",
)
@click.option(
    "--stratum",
    type=click.Choice(["scale", "official"]),
    default="scale",
    show_default=True,
    help="Everybody on reserve numbers (the shape of Sweden), or those on official test numbers.",
)
@click.option("--only", multiple=True, metavar="TOPIC", help="Only this topic (may be repeated).")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page with diagrams here."
)
@click.option(
    "--json", "as_json", type=click.Path(dir_okay=False, path_type=Path), help="Also write the figures here."
)
@click.option("--processes", type=click.IntRange(1), help="How many to count with; all cores unless told.")
def describe(  # noqa: PLR0913 - a command's options
    *,
    region: str | None,
    persons: int,
    stratum: Stratum,
    only: tuple[str, ...],
    html: Path | None,
    as_json: Path | None,
    processes: int | None,
) -> None:
    """Count what the country looks like and put it beside published figures.

    Nothing is stored: a sample of people is computed, always the same for the same options, and counted. Beside
    each figure stands what it should be near and how sure that is (published, sourced, general knowledge, estimate,
    invented). A difference larger than both chance and a tenth is marked ≠: it is shown, not hidden.

    \b
    Topics: people, families, visits, diagnoses, laboratory, referrals, medications,
            vaccinations, births, growth, calls

    \b
    anslut population describe                          everything, in less than a minute
    anslut population describe --persons 5000           a quick look
    anslut population describe --only births --html births.html
    anslut population describe --region fjallmark --json figures.json

    Families exist only among people with official test numbers, and are always counted there.
    """  # noqa: D301 - as above
    from rich.console import Console  # noqa: PLC0415 - as above

    from anslut_simulators.describing.measuring import Sample, measure, not_kept  # noqa: PLC0415 - as above
    from anslut_simulators.describing.page import page  # noqa: PLC0415 - as above
    from anslut_simulators.describing.terminal import tables  # noqa: PLC0415 - as above

    sample = Sample(persons=persons, stratum=stratum, region=region)
    try:
        told = _with_progress(lambda tell: measure(sample, only=only, processes=processes, progress=tell))
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from None
    missing = not_kept(only)
    console = Console(highlight=False)
    for table in tables(told, missing):
        console.print(table)
    if html is not None:
        html.write_text(page(told, missing, sample=sample), encoding="utf-8")
    if as_json is not None:
        import msgspec  # noqa: PLC0415 - as above

        document = {"sample": sample, "topics": told, "missing": [topic.name for topic in missing]}
        as_json.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))


def _with_progress(run: Callable[[Callable[[int, int], None]], list[Told]]) -> list[Told]:
    """Run *run* with a bar on standard error, where that is a terminal."""
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("Räknar (counting)"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        return run(lambda done, whole: progress.update(task, completed=done, total=whole))
