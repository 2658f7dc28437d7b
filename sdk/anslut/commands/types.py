"""`anslut types`: what a connector may be asked for, and what an entry of each type holds."""

from __future__ import annotations

import json

import click


@click.command(short_help="Show the information types, or one with all its fields.")
@click.argument("name", required=False)
@click.option("--example", is_flag=True, help="Print a valid entry of the type instead of its fields.")
def types(name: str | None, *, example: bool) -> None:
    """Show the information types, or NAME with its query, its fields and their cardinalities.

    \b
    anslut types                          all types, with contract and index category
    anslut types vaccinations             fields of an entry, filters, what a period counts
    anslut types vaccinations --example   an entry that follows the contract
    """  # noqa: D301 - the backslash is click's: it keeps the lines below as they are
    import anslut_contracts  # noqa: PLC0415 - help must not wait for it

    known = anslut_contracts.information_types()
    if name is None:
        for one in known.values():
            contract = f"{one.contract} {one.contract_version}"
            click.echo(f"{one.name:22}{one.sv:28}{contract:34}{one.index_category}")
        return
    if name not in known:
        raise click.ClickException(f"no information type {name!r}; choose among {', '.join(known)}")
    if example:
        click.echo(_example(name))
        return
    _show(name)


def _show(name: str) -> None:
    from anslut_contracts import information_types  # noqa: PLC0415 - as above
    from anslut_contracts.outline import form_description, outline  # noqa: PLC0415 - as above

    one = information_types()[name]
    click.echo(f"{one.sv} ({one.en}): {one.contract} {one.contract_version}, index {one.index_category}")
    click.echo(f"Filter (filters): {', '.join(sorted(one.filters))}")
    click.echo(
        f"Period: {', '.join(one.period_fields)}"
        + (f"; annars {one.period_fallback}" * bool(one.period_fallback))
    )
    if one.period_span is not None:
        click.echo("        alla dagar från den tidigaste till den senaste (every day from first to last)")
    if one.period_group is not None:
        click.echo(f"        poster med samma {one.period_group} räknas som en (count as one)")
    click.echo("")
    forms: dict[str, str] = {}
    for field in outline(name):
        forms[field.form] = form_description(field.form)
        line = f"{'  ' * field.depth}{field.name}"
        click.echo(f"{line:44}{field.cardinality:6}{field.form:14}{field.description}".rstrip())
    click.echo("\nForm (forms)")
    for form, told in sorted(forms.items()):
        if told:
            click.echo(f"  {form:14}{told}")


def _example(name: str) -> str:
    from anslut_contracts.documents import folder  # noqa: PLC0415 - as above

    place = folder(f"examples/v1/{name}/valid")
    files = sorted(
        (child for child in place.iterdir() if child.name.startswith("entry-")), key=lambda one: one.name
    )
    richest = max(files, key=lambda one: len(one.read_bytes()))
    document = json.loads(richest.read_text("utf-8"))
    return json.dumps(document.get("document", document), ensure_ascii=False, indent=2)
