"""Which simulated source system a connector is to be examined with, and what the examiner must know of it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

from anslut_simulators.systems import described_systems

from anslut_conformance.candidates import load
from anslut_conformance.errors import ConfigurationError

if TYPE_CHECKING:
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
        if order.system not in known:
            raise ConfigurationError(
                f"there is no simulated system {order.system!r}", hint=f"one of: {', '.join(known)}"
            )
        return order.system
    if order.start is not None or order.by_hand or order.connector is None or ":" not in order.connector:
        return USUAL
    made = load(order.connector)
    told = getattr(made, "system", None)
    if told in known:
        return str(told)
    kind = getattr(getattr(made, "kind", None), "name", None)
    if inspect.isclass(made) and kind is not None:
        return next((name for name, one in known.items() if one.kind == kind), USUAL)
    return USUAL


def kind_of(system: str) -> str:
    """Return the kind of source system that *system* is: `record`, `vaccination` and so on."""
    return described_systems()[system].kind
