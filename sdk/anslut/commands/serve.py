"""`anslut serve`: run a connector's HTTP door."""

from __future__ import annotations

import click


@click.command(short_help="Run a connector's HTTP door.")
@click.argument("connector", metavar="MODULE:CLASS")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free port."
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes: best one for each processor.",
)
@click.option(
    "--threads", default=16, show_default=True, type=click.IntRange(10, 512), help="Calls at once in each."
)
@click.option(
    "--tls-cert", type=click.Path(exists=True, dir_okay=False), help="The server's certificate (PEM)."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="The certificate's key (PEM).")
@click.option(
    "--client-ca",
    type=click.Path(exists=True, dir_okay=False),
    help="Demand client certificates from this authority (PEM).",
)
@click.option(
    "--rivta", is_flag=True, help="Answer in SOAP too, as the national service platform asks (RIV-TA BP 2.1)."
)
def serve(  # noqa: PLR0913, PLR0917 - one argument for each option
    connector: str,
    host: str,
    port: int,
    workers: int,
    threads: int,
    tls_cert: str | None,
    tls_key: str | None,
    client_ca: str | None,
    rivta: bool,  # noqa: FBT001 - click passes a flag
) -> None:
    """Run the HTTP door of the connector MODULE:CLASS.

    Settings come from the environment (ANSLUT_SOURCE_URL and so on) or from anslut.toml in this folder.
    Callers prove who they are with bearer tokens (ANSLUT_JWKS_URL, ANSLUT_AUDIENCE), with client certificates
    (--client-ca), or with both; with neither, the door listens on this machine only.

    With --rivta every contract that the connector's types have is answered at an address of its own,
    /rivta/GetDiagnosis/2.0, in the versions that 1177 Journalen reads; the addresses are printed.
    """
    from anslut.errors import AnslutError  # noqa: PLC0415 - help must not wait for it
    from anslut.server import Listen, serve_forever  # noqa: PLC0415 - help must not wait for it

    listen = Listen(
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        certificate=tls_cert,
        key=tls_key,
        client_ca=client_ca,
        rivta=rivta,
    )
    try:
        serve_forever(connector, listen)
    except AnslutError as error:
        raise click.ClickException(str(error)) from None
