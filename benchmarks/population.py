"""From a number to a person: identity, demographics and family; history and the whole record beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from anslut_contracts import information_types
from anslut_simulators.population import Population, World, default_world

from benchmarks.report import Bar, Section
from benchmarks.timing import microseconds_each

if TYPE_CHECKING:
    from anslut_simulators.population.people import Stratum
    from anslut_simulators.truth import Identity

    from benchmarks.measure import Setup

PERSONS = 20_000
SMOKE_PERSONS = 2_000
BUILDING_SHARE = 10  # a tenth of the persons meet every region first
PERSON_BAR_MICROSECONDS = 150


def run(setup: Setup) -> Section:
    """Measure over distinct persons of both strata, each asked for once."""
    strata: tuple[Stratum, ...] = ("official", "scale")
    count = SMOKE_PERSONS if setup.smoke else PERSONS
    numbers = {stratum: _numbers(stratum, count) for stratum in strata}
    figures: list[tuple[str, float, str]] = []
    for stratum, people in numbers.items():
        fresh, building = _built(people)
        each = microseconds_each(
            fresh.person, people[len(people) // BUILDING_SHARE :], seconds=setup.seconds, again=False
        )
        figures.append((f"number → person, {stratum} stratum", each, "µs"))
        figures.append((f"  and once, with the first of them, {stratum}", building, "ms"))
    slowest = max(value for _, value, unit in figures if unit == "µs")
    types = list(information_types())
    for name, wanted in [*((f"history: {one}", [one]) for one in types), ("whole record, all types", types)]:
        figures.append((name, _history(wanted, numbers["official"], setup), "µs"))
    return Section(
        title="Number → person",
        how="distinct persons, each asked for once by a population of their own, one thread, median",
        figures=figures,
        bars=[
            Bar(
                name="number → person with family",
                wanted=PERSON_BAR_MICROSECONDS,
                got=slowest,
                unit="µs",
                more_is_better=False,
            )
        ],
    )


def _built(people: list[Identity]) -> tuple[Population, float]:
    """Return a population that has met the first of *people*, and the milliseconds that took."""
    fresh = Population(World())
    start = time.perf_counter()
    for identity in people[: len(people) // BUILDING_SHARE]:
        fresh.person(identity)
    return fresh, (time.perf_counter() - start) * 1000


def _numbers(stratum: Stratum, count: int) -> list[Identity]:
    sample = Population(default_world()).sample(count, stratum=stratum, label="benchmark")
    return [person.identity for person in sample]


def _history(types: list[str], numbers: list[Identity], setup: Setup) -> float:
    (fresh, _), until = _built(numbers), default_world().clock_start

    def history(identity: Identity) -> None:
        for name in types:
            fresh.history(identity, name, system="kosmos", until=until)

    return microseconds_each(
        history, numbers[len(numbers) // BUILDING_SHARE :], seconds=setup.seconds, again=False
    )
