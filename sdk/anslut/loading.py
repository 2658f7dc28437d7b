"""From `module:Class` to a connector."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from anslut.definitions import EXAMPLE
from anslut.errors import SettingsError

if TYPE_CHECKING:
    from anslut.connector import Connector
    from anslut.settings import Settings


def load_connector(target: str, settings: Settings) -> Connector:
    """Return the connector that *target*, `module:Class` (or `module:function`), makes of *settings*.

    Raise `SettingsError`, saying what was not found, when there is none.
    """
    from anslut.connector import Connector  # noqa: PLC0415 - the module that is loaded may import this one

    module_name, _, name = target.partition(":")
    if not module_name or not name:
        raise SettingsError(f"{target!r} is not MODULE:CLASS, as in my_package.connector:MyConnector")
    try:
        module = import_module(module_name)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"the module {error.name} is not found; start in the folder where it is, or install it"
        ) from None
    make = getattr(module, name, None)
    if not callable(make):
        raise SettingsError(f"the module {module_name} has no {name}")
    made = make(settings)
    if not isinstance(made, Connector):
        raise SettingsError(f"{target} makes something else than a connector: {EXAMPLE}")
    return made
