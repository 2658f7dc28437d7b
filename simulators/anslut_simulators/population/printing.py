"""The population as lines of Swedish text, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anslut_contracts

from anslut_simulators.population.country import default_population
from anslut_simulators.systems import described_systems
from anslut_simulators.truth import content_types

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Event

_STATES: Final = {"draft": "UTKAST", "removed": "BORTTAGEN", "entered": ""}
_REASONS: Final = {
    "third-person": "uppgift från tredje person",
    "violence": "våld",
    "ongoing-care": "pågående vård",
    "investigation": "förundersökning",
}


def record_lines(persona: str, *, types: tuple[str, ...] = ()) -> Iterator[str]:
    """Return the lines of *persona*'s record at the persona's clock, oldest entry first.

    Raise `KeyError` for an unknown persona and `ValueError` for an unknown type.
    """
    found = default_population().personas()[persona]
    for name in types:
        if name not in content_types():
            raise ValueError(
                f"there is no information type {name!r}; choose among {', '.join(content_types())}"
            )
    return _record_lines(found.name, types)


def _record_lines(persona: str, types: tuple[str, ...]) -> Iterator[str]:
    population = default_population()
    found = population.personas()[persona]
    now = found.clock or population.world.clock_start
    person = found.person
    yield f"{found.sv}"
    yield f"{found.why}"
    age = person.age_at(now.date())
    yield f"{person.name}, född {person.birth_date}, {age} år. {person.region}, {person.home_unit}."
    yield f"Läget {now:%Y-%m-%d %H:%M}."
    for name in types or content_types():
        for system in person.systems:
            events = population.history(person, name, system=system, until=now)
            if events or (types and len(person.systems) == 1):
                yield ""
                yield f"{anslut_contracts.information_types()[name].sv} i {_called(system)} ({len(events)})"
            for event in events:
                yield from _event_lines(event)


def _called(system: str) -> str:
    """Return what people call *system*: its Swedish name up to the comma."""
    described = described_systems().get(system)
    return described.sv.partition(",")[0] if described is not None else system.capitalize()


def _event_lines(event: Event) -> Iterator[str]:
    signs = "signature" not in anslut_contracts.information_types()[event.type].header_forbids
    unsigned = "osignerad" if signs and not event.signature else ""
    marks = [_STATES[event.state], unsigned, event.staff_sensitivity or ""]
    if event.content is not None and event.content.countersigned and not event.countersignature:
        marks.append("ovidimerad")
    said = ", ".join(mark for mark in marks if mark)
    heading = f"  {event.occurred_at:%Y-%m-%d %H:%M}  {event.template or ''}".rstrip()
    yield f"{heading}  {event.unit.name}, {event.author.name}" + (f"  [{said}]" if said else "")
    for atom in event.atoms:
        hidden = f"  [undantas: {_REASONS[atom.reason]}]" if atom.reason else ""
        yield f"      {' > '.join(atom.path)}: {atom.text}{hidden}"
    if event.content is not None:
        for line in event.content.summary():
            yield f"      {line}"


def country_lines() -> Iterator[str]:
    """Yield the country's size, its regions and its personas."""
    population = default_population()
    yield f"{population.count:,} personer den {population.world.clock_start:%Y-%m-%d}".replace(",", " ")
    yield ""
    for region in population.regions.values():
        size = f"{region.population_share:>5} 000"
        yield f"  {region.name:14} {region.sv:22} {size}  {len(region.units)} enheter"
    yield ""
    for persona in population.personas().values():
        yield f"  {persona.name:20} {persona.sv}"
        yield f"  {'':20} {persona.why}"
