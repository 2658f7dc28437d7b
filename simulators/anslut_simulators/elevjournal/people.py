"""Whom a replica holds: a database must hold rows, and the country is only computed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.histories.calendar import wall_seconds
from anslut_simulators.histories.school import FIRST_YEAR, LEAVES_AFTER, STARTS_AT, school_plan
from anslut_simulators.scenario import identity_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.country import Person
    from anslut_simulators.elevjournal.render import Rows
    from anslut_simulators.overlay import Records
    from anslut_simulators.scenario import State
    from anslut_simulators.truth import Identity

NAME: Final = "elevjournal"
OTHERS: Final = 40
"""How many pupils there are beside those with official numbers: they cannot log in, but a database is full of them."""

_LONGEST_LIFE: Final = timedelta(days=40)
"""After so many days nothing more happens to an entry by itself."""


class People:
    """The pupils of one region."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._pupils: tuple[Any, ...] | None = None
        self.pristine: Rows | None = None
        """The pupils' rows at the world's first instant, once somebody has made them."""

    def personas(self) -> Iterator[Person]:
        """Yield the personas whom the system knows and has anything about, in order of name."""
        for _, persona in sorted(self._records.population.personas().items()):
            plays_in = getattr(persona, "plays_in", None)
            if plays_in is None or plays_in(NAME):
                yield from self._known(persona.identity)

    def written(self, state: State) -> Iterator[Person]:
        """Yield everybody whom somebody has written about in the scenario."""
        for key in sorted(state.touched):
            yield from self._known(identity_of_key(key))

    def pupils(self) -> tuple[Any, ...]:
        """Return those who have been at school since the record began, and a few of the others; no personas."""
        if self._pupils is None:
            population: Any = self._records.population
            sample = getattr(population, "sample", None)
            found: list[Any] = []
            if sample is not None:  # a country of five has its personas, and that is all
                last = self._records.population.world.clock_start.year + 1
                born = range(FIRST_YEAR - STARTS_AT - LEAVES_AFTER, last - STARTS_AT + 1)
                official = sample(1_000_000, region=self._records.region)
                others = sample(OTHERS * 8, region=self._records.region, stratum="scale", label=NAME)
                found += [person for person in official if person.birth_date.year in born]
                found += [person for person in others if person.birth_date.year in born][:OTHERS]
            self._pupils = tuple(person for person in found if NAME in person.systems)
        return self._pupils

    def changing(self, before: datetime, now: datetime) -> Iterator[Any]:
        """Yield those pupils whose record time may have changed between *before* and *now*."""
        if now == before:
            return
        world, region = self._generated()
        first, last = wall_seconds(before - _LONGEST_LIFE), wall_seconds(now)
        for person in self.pupils():
            plan = school_plan(world, region, person, now.year)
            copied = plan.copied is not None and wall_seconds(before) < plan.copied <= last
            if copied or any(first < visit.start <= last for visit in plan.visits):
                yield person

    def _generated(self) -> tuple[Any, Any]:
        population: Any = self._records.population
        return population.world, population.regions[self._records.region]

    def _known(self, identity: Identity) -> Iterator[Person]:
        person = self._records.person(identity)
        if person is not None and NAME in person.systems:
            yield person
