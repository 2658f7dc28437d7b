"""One person's record in one system: what generated notes, diagnoses and laboratory answers share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.plan import plan_of
from anslut_simulators.histories.staff import STAFF_PER_ROLE, place_at_child_health, staff_member

if TYPE_CHECKING:
    from anslut_simulators.histories.plan import Plan, Visit
    from anslut_simulators.histories.staff import StaffMember
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import CareUnit, Region
    from anslut_simulators.population.world import World
    from anslut_simulators.truth import Identity, Unit

_RENUMBERED_AFTER_DAYS: Final = 14


@lru_cache(maxsize=512)
def _unit(unit: CareUnit) -> Unit:
    return unit.as_unit()


class Record:
    """What is needed to write down *person*'s visits in *system*."""

    __slots__ = ("_plan", "draws", "last_year", "person", "region", "system", "world")

    def __init__(self, world: World, region: Region, person: Person, *, system: str, last_year: int) -> None:
        self.world = world
        self.region = region
        self.person = person
        self.system = system
        self.draws = world.draws.of(person.number)
        self.last_year = last_year
        self._plan: Plan | None = None

    @property
    def plan(self) -> Plan:
        """The person's visits to the record system's units, planned when first asked for."""
        if self._plan is None:
            self._plan = plan_of(self.world, self.region, self.person, self.last_year)
        return self._plan

    def patient(self, visit: Visit) -> Identity:
        """Return the identity the visit was recorded under: a newborn's first one until it is renumbered."""
        if self.person.linked and visit.days < _RENUMBERED_AFTER_DAYS:
            return self.person.linked[0]
        return self.person.identity

    def role(self, visit: Visit) -> str:
        """Return the role of whoever met the patient."""
        return visit.block.staff[visit.words[11] % len(visit.block.staff)]

    def staff(self, visit: Visit) -> StaffMember:
        """Return who met the patient: the same doctor at every control, the same nurse at child health."""
        if visit.block.where == "child-health":
            place = place_at_child_health(self.draws, visit.days)
        else:
            place = (self.plan.own[13] if visit.control else visit.words[12]) % STAFF_PER_ROLE
        return staff_member(self.world, visit.unit.hsa_id, self.role(visit), place)

    def unit(self, visit: Visit) -> Unit:
        """Return where it was."""
        return _unit(visit.unit)
