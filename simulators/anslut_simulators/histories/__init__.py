"""Generated histories."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World
    from anslut_simulators.truth import Event


def history_of(
    world: World, region: Region, person: Person, type: str, *, system: str, until: datetime
) -> list[Event]:
    """Return the generated events."""
    del world, region, person, type, system, until
    return []
