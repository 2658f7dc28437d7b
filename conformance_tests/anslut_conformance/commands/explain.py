"""`anslut explain RULE`: what a rule says, why it matters, where it comes from, and what usually breaks it."""

from __future__ import annotations

import click


@click.command()
@click.argument("rule")
@click.option("--language", type=click.Choice(["sv", "en"]), default="sv", show_default=True)
def explain(rule: str, language: str) -> None:
    """Say what RULE asks for, why it matters to the patient, and what usually breaks it."""
    import anslut_contracts  # noqa: PLC0415 - commands import only click

    from anslut_conformance.commands.explaining import explanation, near  # noqa: PLC0415

    found = anslut_contracts.rules().get(rule.upper())
    if found is None:
        raise click.ClickException(f"there is no rule {rule!r}; {near(rule)}")
    click.echo(explanation(found, language=language))
