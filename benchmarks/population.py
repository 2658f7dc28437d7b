"""From a number to a person: identity, demographics and family; history and the whole record beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_contracts import information_types
from anslut_simulators.population import Population, default_world

from benchmarks.report import Bar, Section
from benchmarks.timing import microseconds_each

if TYPE_CHECKING:
    from anslut_simulators.population.people import Stratum
    from anslut_simulators.truth import Identity

    from benchmarks.measure import Setup

PERSONS = 20_000
SMOKE_PERSONS = 200
PERSON_BAR_MICROSECONDS = 150


def run(setup: Setup) -> Section:
    """Measure over distinct persons of both strata, each asked for once."""
    world = default_world()
    count = SMOKE_PERSONS if setup.smoke else PERSONS
    strata: tuple[Stratum, ...] = ("official", "scale")
    lists = {stratum: _numbers(stratum, count) for stratum in strata}
    figures = []
    for stratum, numbers in lists.items():
        fresh = Population(world)
        each = microseconds_each(fresh.person, numbers, seconds=setup.seconds, again=False)
        figures.append((f"number → person, {stratum} stratum", each, "µs"))
    bar = max(each for _, each, _ in figures)
    figures += [
        (f"history: {name}", _history([name], lists["official"], setup), "µs") for name in information_types()
    ]
    figures.append(
        ("whole record, all types", _history(list(information_types()), lists["official"], setup), "µs")
    )
    return Section(
        title="Number → person",
        how="distinct persons, no cache warm for them, one thread, median",
        figures=figures,
        bars=[
            Bar(
                name="number → person with family",
                wanted=PERSON_BAR_MICROSECONDS,
                got=bar,
                unit="µs",
                more_is_better=False,
            )
        ],
    )


def _numbers(stratum: Stratum, count: int) -> list[Identity]:
    sample = Population(default_world()).sample(count, stratum=stratum, label="benchmark")
    return [person.identity for person in sample]


def _history(types: list[str], numbers: list[Identity], setup: Setup) -> float:
    fresh, until = Population(default_world()), default_world().clock_start

    def history(identity: Identity) -> None:
        for name in types:
            fresh.history(identity, name, system="kosmos", until=until)

    return microseconds_each(history, numbers, seconds=setup.seconds, again=False)
