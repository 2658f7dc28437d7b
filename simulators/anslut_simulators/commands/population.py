"""`anslut population`: look at the fake country's people."""

from __future__ import annotations

import click


@click.group(short_help="Look at the people of the fake country.")
def population() -> None:
    """Look at the people of the fake country: who they are and what has been written about them."""


@population.command(short_help="Print a persona's record as the source system holds it.")
@click.argument("persona")
@click.option("--type", "types", multiple=True, help="Only this information type (may be repeated).")
def show(*, persona: str, types: tuple[str, ...]) -> None:
    """Print PERSONA's record, excluded text included: what the truth says, not what a resident sees."""
    from anslut_simulators.population.printing import record_lines  # noqa: PLC0415 - `--help` must not load the world

    try:
        lines = record_lines(persona, types=types)
    except KeyError:
        raise click.ClickException(
            f"there is no persona {persona!r}; `anslut population describe` lists them"
        ) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    for line in lines:
        click.echo(line)


@population.command(short_help="Print the country's size, its regions and its personas.")
def describe() -> None:
    """Print how many people there are, where they live, and every persona with what it is for."""
    from anslut_simulators.population.printing import country_lines  # noqa: PLC0415 - as above

    for line in country_lines():
        click.echo(line)
