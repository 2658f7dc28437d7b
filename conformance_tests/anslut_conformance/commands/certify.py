"""`anslut certify`: judge a connector by every rule, and write the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


def _run_file(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Take defaults from the table [certify] of a run file; what is typed wins."""
    del parameter
    import tomllib  # noqa: PLC0415 - only this option needs it

    path = value or Path("anslut.toml")
    if value is None and not path.exists():
        return None
    try:
        table = tomllib.loads(path.read_text("utf-8")).get("certify", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} cannot be read: {error}") from error
    names = {
        option.lstrip("-").replace("-", "_"): str(one.name)
        for one in context.command.params
        for option in one.opts
    }
    unknown = sorted(key for key in table if key.replace("-", "_") not in names)
    if unknown:
        raise click.BadParameter(f"{path}: [certify] has options nobody knows: {', '.join(unknown)}")
    context.default_map = {names[key.replace("-", "_")]: item for key, item in table.items()}
    return path


@click.command(short_help="Judge a connector by every rule, and write the report.")
@click.option(
    "--run-file",
    type=click.Path(path_type=Path),
    callback=_run_file,
    is_eager=True,
    help="Options from the table [certify] of this TOML file. Default: anslut.toml, when it is here.",
)
@click.option(
    "--connector",
    metavar="TARGET",
    help="module:Class or module:factory (in this process), or the URL of one that runs, or will. rivta+ before it "
    "asks in SOAP.",
)
@click.option(
    "--start",
    metavar="COMMAND",
    help="Start the connector with this command; {port} in it, or PORT, is where it listens.",
)
@click.option(
    "--lane",
    type=click.Choice(["quick", "full", "long"]),
    default="full",
    show_default=True,
    help="How much: quick (seconds), full, or long (waits too). A certificate needs long.",
)
@click.option("--quick", is_flag=True, help="The same as --lane quick.")
@click.option(
    "--rule", "rule", multiple=True, metavar="ID", help="Only this rule; may be given several times."
)
@click.option("--failed", is_flag=True, help="Only the rules that did not hold in the last report.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run of the same order.")
@click.option("--region", default="fjallmark", show_default=True, help="The simulated region.")
@click.option(
    "--system",
    help="The simulated source system (anslut simulate --help lists them). Default: the connector class's own; "
    "for others kosmos.",
)
@click.option(
    "--authentication",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="off: the connector runs without tokens; chapter SEC is then not observed.",
)
@click.option(
    "--index",
    type=click.Choice(["json", "rivta"]),
    default="json",
    show_default=True,
    help="The form in which the connector is told to tell the engagement index: JSON, or RIV-TA's Update.",
)
@click.option(
    "--simulator-port", type=int, help="Where the simulated region listens. By URL: 18701; else any free."
)
@click.option(
    "--issuer-port", type=int, help="Where the token issuer listens. Default: the simulator's plus 1."
)
@click.option(
    "--wait",
    "wait_seconds",
    type=float,
    default=120.0,
    show_default=True,
    help="Seconds to wait for the connector to be ready.",
)
@click.option(
    "--access-log",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file a connector started by hand writes its access log to.",
)
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False), help="CA for an https:// connector.")
@click.option(
    "--client-cert",
    type=click.Path(exists=True, dir_okay=False),
    help="The examiner's client certificate (PEM), for a connector that demands one: see anslut pki.",
)
@click.option(
    "--client-key", type=click.Path(exists=True, dir_okay=False), help="The certificate's key (PEM)."
)
@click.option(
    "--deviations",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Decided deviations and attestations (TOML).",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="anslut-report",
    show_default=True,
    help="Folder for report.html, report.json, junit.xml, rules.csv, evidence.ndjson.",
)
@click.option(
    "--print-settings", is_flag=True, help="Only print the settings for a connector started by hand."
)
@click.pass_context
def certify(context: click.Context, /, **options: Any) -> None:
    """Judge a connector by every rule, and write the report.

    \b
    Three ways to name the connector:
      anslut certify --connector my_package.connector:Connector   Python, in this process: seconds
      anslut certify --start "node server.js --port {port}"       any language; started and watched
      anslut certify --connector http://127.0.0.1:8080            any language; you start it

    \b
    With rivta+ before it the connector is asked in SOAP, as the national platform asks:
      anslut certify --connector rivta+http://127.0.0.1:8080      anslut serve … --rivta, or any producer
      anslut certify --connector rivta+my_package.connector:Connector

    \b
    By URL, in two terminals:
      1. anslut certify --connector http://127.0.0.1:8080
         prints the settings (ANSLUT_SOURCE_URL, ...) and waits. They are the same every
         time, so a connector may be left running: --print-settings shows them alone.
      2. paste them, and start the connector. The examination begins when
         GET /health/ready answers 200.
    What only --start can see (files written, output) is then "not observed" and the
    certificate "incomplete".

    \b
    Exit codes: 0 everything tried held · 1 a rule is broken · 2 the set-up is wrong
    · 3 the examiner broke · 4 something was not observed, or blocked.
    """  # noqa: D301 - the backslash is click's: it keeps the lines below as they are
    from anslut_conformance.commands.running import carry_out  # noqa: PLC0415 - pytest and the country are heavy

    context.exit(carry_out(options))
