"""What `anslut rules` prints."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anslut_contracts
import click
import orjson

from anslut_conformance import matrix, matrix_record
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.report.wording import wording
from anslut_conformance.terminal import EXIT_SET_UP

if TYPE_CHECKING:
    from pathlib import Path

_TITLE = 52


def catalogue(*, language: str) -> None:
    """Print every rule on a line."""
    for rule in anslut_contracts.rules().values():
        title = rule.title_sv if language == "sv" else rule.title_en
        click.echo(f"{rule.id}  {rule.level:<6} {title}")


def coverage(*, path: Path | None, language: str) -> int:
    """Print rule × level × consequence × mutants × killed; return 1 when a rule has no killed mutant."""
    try:
        declared = matrix.mutants()
    except ConfigurationError as error:
        click.echo(error.message, err=True)
        return EXIT_SET_UP
    document = matrix.recorded(path or matrix.RECORDED)
    old = document is not None and matrix.stale(document)
    consequences = wording()["consequences"]
    uncovered, total = [], 0
    click.echo(f"{'':9}{'':7}{'patientföljd' if language == 'sv' else 'consequence':<34}{'':{_TITLE}} mutant")
    for rule in anslut_contracts.rules().values():
        if rule.not_tested_because:
            click.echo(f"{rule.id}  {rule.level:<6} – {rule.not_tested_because}")
            continue
        total += 1
        made = [one.name for one in declared if rule.id in one.kills]
        killed = [] if old else matrix.killers(document, rule.id)
        if not killed:
            uncovered.append(rule.id)
        title = (rule.title_sv if language == "sv" else rule.title_en)[: _TITLE - 2]
        consequence = consequences.get(rule.consequence, {}).get(language, rule.consequence)
        signs = ", ".join(f"{'✓' if name in killed else '✗'} {name}" for name in made) or "✗ –"
        click.echo(f"{rule.id}  {rule.level:<6} {consequence:<34}{title:<{_TITLE}} {signs}")
    click.echo(f"\n{total - len(uncovered)}/{total} regler har en fälld mutant (rules with a killed mutant)")
    if document is None:
        click.echo("ingen matris är inspelad (no matrix is recorded): anslut rules --kill-matrix")
    elif old:
        click.echo(
            "matrisen är inspelad med andra kontroller eller regler (recorded with other checks or rules)"
        )
    if uncovered:
        click.echo(f"utan (without): {', '.join(uncovered)}")
    return 1 if uncovered else 0


def kill_matrix(names: tuple[str, ...], *, jobs: int, path: Path | None, spot_check: bool = False) -> int:
    """Try the mutants, print a line for each, record the whole matrix; return 1 when one is not red as declared.

    With *spot_check* a share of them is enough when the recorded matrix is of this code.
    """
    try:
        chosen = matrix.select(names)
    except ConfigurationError as error:
        click.echo(error.message, err=True)
        return EXIT_SET_UP
    made_with = {**matrix.digests(), "codeDigest": matrix_record.code_digest()}
    known: dict[str, matrix.Row] = {}
    if spot_check and not names:
        chosen, known = _spot(chosen, made_with["codeDigest"])

    def show(row: matrix.Row, done: int, total: int) -> None:
        click.echo(
            f"{done}/{total} {'✓' if row.exact else '✗'} {row.name}: {', '.join(row.red) or '–'} ({row.seconds} s)"
        )
        for label, values in (
            ("saknas (missed)", row.missed),
            ("för mycket (extra)", row.extra),
            ("fel (broke)", row.broke),
        ):
            if values:
                click.echo(f"     {label}: {', '.join(values)}")

    begun = time.monotonic()
    rows = matrix.run(chosen, jobs=jobs, on_row=show)
    seconds = time.monotonic() - begun
    exact = sum(row.exact for row in rows)
    click.echo(f"\n{exact}/{len(rows)} som utsagt (as declared), {seconds:.0f} s")
    if not names and (path or not known):  # the package's own is recorded whole
        target = path or matrix.RECORDED
        merged = known | {row.name: row for row in rows}
        document = matrix.to_document(merged.values(), seconds=seconds, made_with=made_with)
        if known:
            document["triedAgain"] = [row.name for row in rows]
        target.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
        click.echo(f"{target}")
    return 0 if exact == len(rows) else 1


def _spot(chosen: list[matrix.Mutant], code: str) -> tuple[list[matrix.Mutant], dict[str, matrix.Row]]:
    """Return the mutants to try, and the recorded rows of all; none are known when the record is of other code."""
    document = matrix.recorded()
    if document is None or not matrix_record.is_of_this_code(document, code):
        click.echo(
            "ingen matris är inspelad med just den här koden, så alla prövas"
            " (no matrix is recorded with this very code: all are tried)"
        )
        return chosen, {}
    tried = matrix_record.spot(chosen, code)
    click.echo(
        f"matrisen är inspelad med just den här koden: {len(tried)} av {len(chosen)} prövas igen"
        f" (recorded with this very code: {len(tried)} of {len(chosen)} are tried again)"
    )
    return tried, matrix_record.rows_of(document)
