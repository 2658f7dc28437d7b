"""`anslut doctor`: is it my set-up or my code?"""

from __future__ import annotations

from typing import Any

import click

from anslut_conformance.commands.certify import certify

_SHARED = {
    "run_file",
    "connector",
    "start",
    "region",
    "system",
    "authentication",
    "index",
    "simulator_port",
    "issuer_port",
    "wait_seconds",
    "access_log",
    "ca_file",
    "client_cert",
    "client_key",
}


def _doctor(**options: Any) -> None:
    """Say whether it is your set-up or your code, before anything is judged.

    Takes the connector as `anslut certify` does. Exit codes: 0 ready · 1 the connector · 2 the set-up.
    """
    from anslut_conformance.commands.running import diagnose  # noqa: PLC0415 - heavy

    click.get_current_context().exit(
        diagnose({**options, "wait_seconds": options.get("wait_seconds") or 30.0})
    )


doctor = click.Command(
    "doctor",
    callback=_doctor,
    params=[parameter for parameter in certify.params if parameter.name in _SHARED],
    help=_doctor.__doc__,
    short_help="Say whether it is your set-up or your code.",
)
