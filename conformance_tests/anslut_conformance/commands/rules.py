"""`anslut rules`: the catalogue, and the proof that every check can fail."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--coverage", is_flag=True, help="Show which mutants kill each rule; exit 1 when one has none.")
@click.option("--kill-matrix", "run_matrix", is_flag=True, help="Try every mutant now and record the matrix.")
@click.option(
    "--spot-check",
    is_flag=True,
    help="With --kill-matrix: try one mutant in six when the recorded matrix was made with exactly this code.",
)
@click.option(
    "--mutant", "names", multiple=True, metavar="NAME", help="Only this mutant; nothing is recorded."
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes side by side. Default: two for each processor."
)
@click.option(
    "--matrix",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The recorded matrix to read or write. Default: the one in the package.",
)
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
@click.pass_context
def rules(  # noqa: PLR0913 - the options of the command
    context: click.Context,
    *,
    coverage: bool,
    run_matrix: bool,
    spot_check: bool,
    names: tuple[str, ...],
    jobs: int | None,
    path: Path | None,
    language: str,
) -> None:
    """List the rules, or show that every check is proven able to fail."""
    from anslut_conformance.commands import listing  # noqa: PLC0415 - commands import only click

    if spot_check and (names or not run_matrix):
        raise click.UsageError("--spot-check goes with --kill-matrix, and not with --mutant.")
    if run_matrix or names:
        code = listing.kill_matrix(
            names, jobs=jobs or 2 * (os.cpu_count() or 1), path=path, spot_check=spot_check
        )
        if code or not coverage:
            context.exit(code)
    if coverage:
        context.exit(listing.coverage(path=path, language=language))
    listing.catalogue(language=language)
