"""A fake country of care systems: regions, people and faults, on loopback.

`serve_region` runs a region inside a `with` block; `ControlClient` drives it; `create_app` gives the same as
an application for any WSGI server.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anslut_simulators.app import create_app
    from anslut_simulators.client import ControlClient, ControlError
    from anslut_simulators.nation import RunningCountry, serve_country
    from anslut_simulators.server import RunningRegion, serve_region

__all__ = [
    "ControlClient",
    "ControlError",
    "RunningCountry",
    "RunningRegion",
    "create_app",
    "serve_country",
    "serve_region",
]

_HOMES = {
    "ControlClient": "client",
    "ControlError": "client",
    "RunningCountry": "nation",
    "RunningRegion": "server",
    "create_app": "app",
    "serve_country": "nation",
    "serve_region": "server",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attributes have any type
    """Load what is asked for when it is asked for: importing the population alone must stay cheap."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
