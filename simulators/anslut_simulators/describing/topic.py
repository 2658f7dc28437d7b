"""What a topic is: what it counts about one person, and which figures follow from the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, cast

import msgspec

from anslut_simulators.describing.figures import Figure, Text
from anslut_simulators.population.people import Person, Stratum
from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from anslut_simulators.population import Population
    from anslut_simulators.truth import Event

Tally = Counter[tuple[str | int, ...]]
"""Counts by what was counted; tallies of two halves of a sample add up to the tally of the whole."""


class Subject:
    """One person of the sample, with the histories that topics ask for, each made once."""

    __slots__ = ("_histories", "now", "person", "population")

    def __init__(self, population: Population, person: Person, now: datetime) -> None:
        self.population = population
        self.person = person
        self.now = now
        self._histories: dict[str, list[Event]] = {}

    @property
    def today(self) -> date:
        """The world's day."""
        return self.now.date()

    @property
    def age(self) -> int:
        """The person's age today, in whole years."""
        return self.person.age_at(self.today)

    @property
    def is_alive(self) -> bool:
        """Whether the person is alive today."""
        return self.person.deceased_at is None

    def events(self, type_name: str) -> list[Event]:
        """Return the person's entries of a type in all systems that keep it, those taken back left out."""
        known = self._histories.get(type_name)
        if known is None:
            region = self.population.regions[self.person.region]
            known = [
                event
                for system in region.systems
                if system.system in self.person.systems and type_name in _keeps(system.program)
                for event in self.population.history(
                    self.person, type_name, system=system.system, until=self.now
                )
                if event.state == "entered"
            ]
            self._histories[type_name] = known
        return known


def _keeps(program: str) -> frozenset[str]:
    described = described_systems().get(program)
    return frozenset() if described is None else frozenset(described.keeps)


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One subject of the description.

    *place* is its place among the topics. *count* adds what it finds about one person to a tally; *figures* turns a
    whole tally into what is shown. *people* is how many of the sample it needs at most; *stratum* the only one it can
    be told of, if there is such a one; *needs* the information types without which there is nothing to tell.
    """

    name: str
    place: int
    title: Text
    people: int
    count: Callable[[Subject, Tally], None]
    figures: Callable[[Tally], Iterator[Figure]]
    stratum: Stratum | None = None
    needs: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether some system keeps what the topic needs."""
        kept = {name for described in described_systems().values() for name in described.keeps}
        return kept.issuperset(self.needs)


@cache
def topics() -> Mapping[str, Topic]:
    """Return every topic by name, in the order they are told in."""
    found = [
        cast("Topic", import_module(f"anslut_simulators.describing.topics.{name}").TOPIC)
        for entry in sorted(files("anslut_simulators.describing.topics").iterdir(), key=lambda one: one.name)
        if entry.name.endswith(".py") and not (name := entry.name.removesuffix(".py")).startswith("_")
    ]
    return {topic.name: topic for topic in sorted(found, key=lambda topic: topic.place)}
