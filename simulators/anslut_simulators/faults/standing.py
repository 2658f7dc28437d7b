"""Standing faults: what calls about some personas meet in every scenario, whatever a tester asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from anslut_simulators.faults.reading import read_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.country import Population
    from anslut_simulators.faults.fault import Fault
    from anslut_simulators.truth import Identity

Standing = dict["Identity", tuple["Fault", ...]]


def standing_faults(population: Population, *, region: str) -> Standing:
    """Return the standing faults of *region*'s personas, by each of their identities; raise for one that cannot be."""
    found: Standing = {}
    for name, persona in population.personas().items():
        person = population.person(persona.identity)
        if person is None or person.region != region:
            continue
        # A population of a test's own may have personas that know nothing of faults.
        orders: tuple[Mapping[str, object], ...] = getattr(persona, "faults", ())
        faults = tuple(
            read_fault(orjson.dumps(order), fault_id=f"{name}-{number}")
            for number, order in enumerate(orders, start=1)
        )
        if faults:
            found |= dict.fromkeys((person.identity, *person.linked), faults)
    return found
