"""What a child health note says of vaccines: what the vaccination register has of that very visit."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY
from anslut_simulators.histories.programmes import child_programme
from anslut_simulators.histories.vaccinations_childhood import (
    CHILDREN,
    Occasion,
    Series,
    childhood,
    series,
)
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
        said = f"{_listed(given)} ges."
        days = child_programme()[place][0]
        waits = any(not _is_given(one, occasion) for one in _offered(record.person, days))
        return f"{said} Övrig vaccination ges inte, vårdnadshavarna vill vänta." if waits else said
    if occasion.declined:
        return "Vårdnadshavarna avböjer vaccination i dag."
    return "Vårdnadshavarna vill vänta med vaccination."


def has_programme_of_child_health(record: Record) -> bool:
    """Tell whether the register has every dose that every child of that age is offered before school."""
    return _has_programme(record.world, record.person)


@lru_cache(maxsize=256)
def _has_programme(world: World, person: Person) -> bool:
    """Answer for one person: several visits of the same person ask after each other."""
    occasions = _occasions(world, person)
    return all(
        f"d{days}" in occasions and _is_given(one, occasions[f"d{days}"])
        for days, _, _ in child_programme()
        for one in _offered(person, days)
    )


def _offered(person: Person, days: int) -> tuple[Series, ...]:
    """Return the series of which every child is offered a dose at that age in days."""
    return tuple(
        one
        for one, _ in series()
        if one.programme == CHILDREN and one.concerns(person) and any(age == days for age, _ in one.days)
    )


def _is_given(one: Series, occasion: Occasion) -> bool:
    known = {product.vaccine for product in one.products} | {one.card}
    return any(dose.vaccine in known for dose in occasion.doses)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"


@lru_cache(maxsize=256)
def _occasions(world: World, person: Person) -> dict[str, Occasion]:
    draws = world.draws.of(person.number)
    return {one.key: one for one in childhood(person, draws, draws.section(_MIND))}
