"""Generated histories: a condition brings its visits, and a visit its note, its diagnoses and its samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_simulators.histories.calendar import wall_seconds
from anslut_simulators.histories.record import Record
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.systems import teller

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World
    from anslut_simulators.truth import Event


def history_of(  # noqa: PLR0913 - what a history depends on
    world: World,
    region: Region,
    person: Person,
    type: str,  # noqa: A002 - the contract's word
    *,
    system: str,
    until: datetime,
    newest: int | None = None,
) -> list[Event]:
    """Return *person*'s generated events of *type* as they stand at *until*, oldest first.

    With *newest* the older ones may be left out, once there are so many newer.
    """
    installed = region.installation(system)
    tell = None if installed is None else teller(installed.program, type)
    if installed is None or tell is None:
        return []
    record = Record(world, region, person, system=system, last_year=until.astimezone(STOCKHOLM).year)
    now = wall_seconds(until)
    if region.alone(installed):
        told = tell(record, now, newest)
    else:
        everything = tell(record, now, None)
        told = (one for one in everything if region.holds(system, one.unit.hsa_id, one.occurred_at.date()))
    return sorted(told, key=lambda event: (event.occurred_at, event.id))
