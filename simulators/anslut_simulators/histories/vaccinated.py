"""What a child health note says of vaccines: what the vaccination register has of that very visit."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY
from anslut_simulators.histories.programmes import child_programme
from anslut_simulators.histories.vaccinations_childhood import Occasion, childhood
from anslut_simulators.histories.vaccinations_codes import vaccines
from anslut_simulators.population.draws import label

if TYPE_CHECKING:
    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.world import World

_MIND: Final = label("vaccine-mind")


def vaccinated(record: Record, start: int, place: int) -> str:
    """Return what was given at the child health visit number *place*, which began at *start* (wall seconds).

    The vaccine is the one that the register names, with its dose; what was declined is said, and so is a vaccine
    that was put off to another day.
    """
    key = f"d{child_programme()[place][0]}"
    occasion = _occasions(record.world, record.person).get(key)
    if occasion is None:
        return "Inga vaccinationer vid dagens besök."
    if occasion.start // DAY != start // DAY:
        return "Vaccination skjuts upp, ny tid bokas."
    if occasion.doses:
        given = [
            f"{vaccines()[dose.vaccine].name or vaccines()[dose.vaccine].kind.display_name}"
            + (f" dos {dose.number}" if dose.number is not None else "")
            for dose in occasion.doses
        ]
        return f"{_listed(given)} ges."
    if occasion.declined:
        return "Vårdnadshavarna avböjer vaccination i dag."
    return "Vaccination ges inte i dag."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"


@lru_cache(maxsize=256)
def _occasions(world: World, person: Person) -> dict[str, Occasion]:
    draws = world.draws.of(person.number)
    return {one.key: one for one in childhood(person, draws, draws.section(_MIND))}
