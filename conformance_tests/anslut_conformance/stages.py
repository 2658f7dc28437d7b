"""Which simulated source system a connector is to be examined with, and what the examiner must know of it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from anslut_simulators.population import default_population
from anslut_simulators.systems import described_systems

from anslut_conformance.candidates import load
from anslut_conformance.errors import ConfigurationError

if TYPE_CHECKING:
    from anslut_simulators.population import Region
    from anslut_simulators.systems import SystemDescription

    from anslut_conformance.order import Order

#: The system a connector is examined with when nothing says which.
USUAL: Final = "kosmos"


def system_of(order: Order) -> str:
    """Return the simulated system that *order*'s connector is for.

    Said by the order itself; else by the connector's class in this process, whose `system`, or kind, names one; else
    Kosmos. Raise `ConfigurationError` for a system that does not exist.
    """
    known = described_systems()
    if order.system is not None:
        there = [one.system for one in _region(order.region).systems]
        if order.system not in there:
            raise ConfigurationError(
                f"{order.region} has no source system {order.system!r}", hint=f"one of: {', '.join(there)}"
            )
        return order.system
    if order.start is not None or order.by_hand or order.target is None or ":" not in order.target:
        return USUAL
    made = load(order.target)
    told = getattr(made, "system", None)
    if told in known:
        return str(told)
    kind = getattr(getattr(made, "kind", None), "name", None)
    if inspect.isclass(made) and kind is not None:
        # Of several systems of one kind, the one with personas of its own, however they are called.
        return next((name for name, one in known.items() if one.kind == kind and not one.personas), USUAL)
    return USUAL


def described(region: str, system: str) -> SystemDescription:
    """Return what the program says of itself that *system* is an installation of in *region*."""
    installed = _region(region).installation(system)
    return described_systems()[installed.program if installed is not None else system]


def _region(name: str) -> Region:
    found = default_population().regions.get(name)
    if found is None:
        known = ", ".join(sorted(default_population().regions))
        raise ConfigurationError(f"there is no region {name!r}", hint=f"one of: {known}")
    return found
