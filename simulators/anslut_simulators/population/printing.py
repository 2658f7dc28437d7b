"""The population as lines of Swedish text, for a terminal."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeVar

import anslut_contracts

from anslut_simulators.population.country import default_population
from anslut_simulators.population.family import family_lines
from anslut_simulators.systems import described_systems
from anslut_simulators.truth import content_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from anslut_simulators.personas import Persona
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.truth import Event, Identity

_Found = TypeVar("_Found")
_STATES: Final = {"draft": "UTKAST", "removed": "BORTTAGEN", "entered": ""}
_REASONS: Final = {
    "third-person": "uppgift från tredje person",
    "violence": "våld",
    "ongoing-care": "pågående vård",
    "investigation": "förundersökning",
}
_KINDS: Final = {
    "1.2.752.129.2.1.3.1": "personnummer",
    "1.2.752.129.2.1.3.3": "samordningsnummer",
    "1.2.752.74.9.1": "nationellt reservnummer",
}


def named(name: str, among: Mapping[str, _Found], what: str) -> _Found:
    """Return what is called *name*; raise `LookupError`, with the nearest names, when nothing is."""
    if name in among:
        return among[name]
    near = get_close_matches(name.casefold(), among, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"choose among {', '.join(among)}"
    raise LookupError(f"there is no {what} called {name!r}; {hint}")


def kind_of(identity: Identity) -> str:
    """Return what kind of number *identity* is, without the number."""
    return _KINDS.get(identity.root, identity.root)


def record_lines(
    persona: str, *, systems: tuple[str, ...] = (), types: tuple[str, ...] = (), numbers: bool = False
) -> Iterator[str]:
    """Return the lines of *persona*'s record at the persona's clock: by system and type, oldest entry first.

    *systems* and *types* choose; all of them when empty. Raise `LookupError` for an unknown persona, system or type.
    """
    population = default_population()
    found = named(persona, population.personas(), "persona")
    known = {one.system: one for one in population.regions[found.person.region].systems}
    for system in systems:
        named(system, known, "system in the persona's region")
    for name in types:
        named(name, dict.fromkeys(content_types()), "information type")
    return _record_lines(found, systems or tuple(known), types or content_types(), numbers=numbers)


def _record_lines(
    found: Persona, systems: tuple[str, ...], types: tuple[str, ...], *, numbers: bool
) -> Iterator[str]:
    population = default_population()
    now = found.clock or population.world.clock_start
    person = found.person
    region = population.regions[person.region]
    yield f"{found.sv}"
    yield f"{found.why}"
    home = region.unit(person.home_unit)
    yield f"{person.name}, född {person.birth_date}, {_age(person, now)}. {region.sv}, {home.sv}."
    yield from family_lines(population, person, now)
    if numbers:
        for identity in person.identities:
            yield f"Identitet: {kind_of(identity)} {identity.extension} ({identity.root})"
    yield f"Läget {now:%Y-%m-%d %H:%M}."
    empty = True
    for system in systems:
        histories = {
            name: events
            for name in types
            if system in person.systems
            and (events := population.history(person, name, system=system, until=now))
        }
        if histories:
            empty = False
            yield ""
            yield _called(region, system)
            for name, events in histories.items():
                yield f" {anslut_contracts.information_types()[name].sv} ({len(events)})"
                for event in events:
                    yield from _event_lines(event, region, person.identity)
    if empty:
        yield ""
        yield "Inget är skrivet."


def _called(region: Region, system: str) -> str:
    """Return what people call *system*, with its own name where a program has several installations."""
    installed = region.installation(system)
    described = described_systems().get(installed.program if installed is not None else system)
    if described is None:
        return system.capitalize()
    name = described.sv.partition(",")[0]
    return name if system == described.name else f"{name} ({system})"


def _age(person: Person, now: datetime) -> str:
    """Return how old *person* is at *now*, or became."""
    if person.deceased_at is not None and person.deceased_at <= now:
        return f"blev {person.age_at(person.deceased_at.date())} år"
    return f"{person.age_at(now.date())} år"


def _event_lines(event: Event, region: Region, identity: Identity) -> Iterator[str]:
    said = ", ".join(mark for mark in _marks(event, region, identity) if mark)
    heading = f"  {_moment(event)}  {_title(event)}".rstrip()
    yield f"{heading}  {event.unit.name}, {event.author.name or 'okänd'}" + (f"  [{said}]" if said else "")
    for atom in event.atoms:
        hidden = f"  [undantas: {_REASONS[atom.reason]}]" if atom.reason else ""
        yield _indented(f"{' > '.join(atom.path)}: {atom.text}{hidden}")
    if event.content is not None:
        yield from map(_indented, event.content.summary())


def _moment(event: Event) -> str:
    """Return when it happened, as exactly as the record knows and no minute could stand for another."""
    when = event.occurred_at
    if event.content is not None and not event.content.knows_hour:
        return f"{when:%Y-%m-%d}"
    told = f"{when:%Y-%m-%d %H:%M:%S}" if when.second else f"{when:%Y-%m-%d %H:%M}"
    if when.replace(fold=0).utcoffset() == when.replace(fold=1).utcoffset():
        return told
    return f"{told} ({'sommartid' if when.dst() else 'normaltid'})"


def _title(event: Event) -> str:
    if event.title and event.template and event.title != event.template:
        return f"{event.title} (mall: {event.template})"
    return event.title or event.template or ""


def _indented(text: str) -> str:
    """Return *text* below its heading, every line of it."""
    return "      " + text.replace("\n", "\n        ")


def _marks(event: Event, region: Region, identity: Identity) -> Iterator[str]:
    """Yield what somebody must know of an entry before trusting or showing it."""
    yield _STATES[event.state]
    signs = "signature" not in anslut_contracts.information_types()[event.type].header_forbids
    if signs:
        yield "" if event.signature else "osignerad"
    if event.content is not None and event.content.countersigned and not event.countersignature:
        yield "ovidimerad"
    if event.revisions and signs:
        yield f"ändrad {event.author.time:%Y-%m-%d %H:%M}"
    if event.reason:
        yield f"undantas: {_REASONS[event.reason]}"
    if event.content is not None and event.content.keywords:
        yield f"under {' > '.join(event.content.keywords)}"
    if any(unit.hsa_id == event.unit.hsa_id and unit.kind == "excluded" for unit in region.units):
        yield "undantas: enheten"
    if event.staff_sensitivity:
        yield f"skyddsnivå {event.staff_sensitivity}"
    if event.patient != identity:
        yield f"skriven under {kind_of(event.patient)}"


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
        yield f"  {persona.name:24} {persona.sv}"
        yield f"  {'':24} {persona.why}"
