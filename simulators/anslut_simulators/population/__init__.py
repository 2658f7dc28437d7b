"""The people of the fake country: a pure function of a world's version and seed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anslut_simulators.personas import Persona
    from anslut_simulators.population.country import Population, default_population
    from anslut_simulators.population.identities import UnsafeIdentityError
    from anslut_simulators.population.people import Address, Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World, default_world

_HOMES = {
    "Address": "anslut_simulators.population.people",
    "Person": "anslut_simulators.population.people",
    "Persona": "anslut_simulators.personas",
    "Population": "anslut_simulators.population.country",
    "Region": "anslut_simulators.population.regions",
    "UnsafeIdentityError": "anslut_simulators.population.identities",
    "World": "anslut_simulators.population.world",
    "default_population": "anslut_simulators.population.country",
    "default_world": "anslut_simulators.population.world",
}

__all__ = [
    "Address",
    "Person",
    "Persona",
    "Population",
    "Region",
    "UnsafeIdentityError",
    "World",
    "default_population",
    "default_world",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute can be anything
    """Import late: histories and personas build on modules of this package."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
