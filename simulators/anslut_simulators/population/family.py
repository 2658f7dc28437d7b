"""A person's family as lines of Swedish text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from anslut_simulators.population.country import Population
    from anslut_simulators.population.people import Person
    from anslut_simulators.truth import Identity


def family_lines(population: Population, person: Person, now: datetime) -> Iterator[str]:
    """Yield who lives with the person, who has custody of whom, and what else is particular; no numbers."""
    kin = (
        ("Partner", () if person.partner is None else (person.partner,)),
        ("Föräldrar", person.parents),
        ("Vårdnadshavare", person.guardians),
        ("Barn", person.children),
        ("Har vårdnaden om", person.wards if person.wards != person.children else ()),
        ("Född tillsammans med", person.born_with),
    )
    for name, identities in kin:
        if told := ", ".join(_names(population, identities, now)):
            yield f"{name}: {told}."
    if person.linked:
        yield f"Har även funnits under {len(person.linked)} annan identitet."
    if person.deceased_at is not None and person.deceased_at <= now:
        yield f"Avled {person.deceased_at:%Y-%m-%d}."
    if person.protected_identity:
        yield "Skyddade personuppgifter: ingen adress."


def _names(population: Population, identities: Iterable[Identity], now: datetime) -> Iterator[str]:
    for identity in identities:
        found = population.person(identity)
        if found is not None:
            yield f"{found.name} ({found.age_at(now.date())} år)"
