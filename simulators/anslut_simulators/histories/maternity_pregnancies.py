"""Pregnancies: every one that is told of ends in the birth of children who exist, or in the scale stratum could.

A pregnancy is addressed by its eldest child, so that mother and child tell the same story. In the official
stratum the children are the mother's own; in the scale stratum nobody has kin, so births are drawn for a woman.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.birth import BirthMeasures, birth_measures
from anslut_simulators.histories.calendar import DAY, day_number, wall_day, year_start
from anslut_simulators.population.draws import Section, below, label
from anslut_simulators.population.identities import Sex, birth_date_of, official_index, sex_of
from anslut_simulators.population.people import Person
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anslut_simulators.population.world import World

FIRST_YEAR: Final = 2012
"""Births before this year are known from what she told only."""

TERM: Final = 280
EARLY: Final = 238
"""A child born before 34+0, in days, goes to neonatal care."""

AHEAD: Final = 300
"""No pregnancy is known longer than this before its end, in days."""

_ASSISTED: Final = 4
"""How many of a hundred pregnancies are."""

_AGES: Final = range(20, 46)
_OWN = label("maternity", "pregnancy")
_WENT = label("maternity", "delivery")
_SCALE: Final = 1 << 44


class Child(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A child of a pregnancy; *identity* is None in the scale stratum."""

    ordinal: int
    sex: Sex
    identity: Identity | None
    size: BirthMeasures
    words: Section


class Pregnancy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A pregnancy that ends on day number *born*; *days* is its length, *earlier* the mother's births before it.

    *own* are draws about the pregnancy, *went* about the delivery.
    """

    place: int
    born: int
    days: int
    children: tuple[Child, ...]
    earlier: tuple[Pregnancy, ...]
    own: Section
    went: Section

    @property
    def id(self) -> str:
        """What ties its records together: drawn, so it says nothing and never changes."""
        return f"{self.own[14]:08X}{self.own[15]:08X}"

    @property
    def start(self) -> int:
        """The day number from which weeks are counted, by the ultrasound."""
        return self.born - self.days

    @property
    def due(self) -> date:
        """The expected day, by the ultrasound."""
        return wall_day((self.start + TERM) * DAY)

    @property
    def last_period(self) -> date:
        """The first day of the last period as she remembers it, some days off."""
        return wall_day((self.start + below(self.own[0], 9) - 4) * DAY)

    @property
    def assisted(self) -> bool:
        """Whether it began with an embryo transfer, whose day the expected day follows from."""
        return below(self.own[7], 100) < _ASSISTED

    @property
    def after_early_birth(self) -> bool:
        """Whether a child of hers was born so early that she is followed more closely now."""
        return any(one.days < EARLY for one in self.earlier)

    @property
    def first_time(self) -> bool:
        """Whether she has not given birth before."""
        return not self.earlier


def pregnancies_of(world: World, person: Person, until: int) -> tuple[Pregnancy, ...]:
    """Return *person*'s pregnancies that began before *until* (wall seconds), oldest first; those she gave birth in."""
    if person.sex != "F":
        return ()
    latest = until // DAY + AHEAD
    births = _official(person) if person.stratum == "official" else _drawn(world, person, latest)
    found: list[Pregnancy] = []
    for place, (born, children) in enumerate(births):
        if born > latest:
            break
        found.append(_pregnancy(world, place, born, children, tuple(found)))
    return tuple(found)


def birth_of(world: World, child: Person) -> Pregnancy | None:
    """Return the pregnancy that *child* was born of, without what its mother had before; None when nobody knows."""
    if not child.parents or child.birth_date.year < FIRST_YEAR:
        return None
    litter = sorted([child.identity, *child.born_with], key=_number)
    return _pregnancy(world, 0, day_number(child.birth_date), [_newborn(one, litter) for one in litter], ())


def _number(identity: Identity) -> int:
    return official_index(identity.extension) or 0


def _official(person: Person) -> Iterator[tuple[int, list[Person]]]:
    """Yield the day and the children of each birth of *person*, oldest first."""
    children = sorted(person.children, key=lambda one: (birth_date_of(one.extension), _number(one)))
    for born, group in groupby(children, key=lambda one: birth_date_of(one.extension)):
        litter = list(group)
        yield day_number(born), [_newborn(one, litter) for one in litter]


def _newborn(identity: Identity, litter: Sequence[Identity]) -> Person:
    """Return as much of a child as its birth depends on."""
    return Person(
        number=_number(identity),
        identity=identity,
        birth_date=birth_date_of(identity.extension),
        sex=sex_of(identity.extension),
        given_name="",
        surname="",
        region="",
        home_unit="",
        stratum="official",
        born_with=tuple(other for other in litter if other != identity),
    )


def _drawn(world: World, person: Person, latest: int) -> Iterator[tuple[int, list[Person]]]:
    """Yield births of a woman whose kin nobody knows: by age, and never close upon one another."""
    rates = read_table("maternity.json")["births_per_mille"]
    draws = world.draws.of(person.number)
    last, count = 0, 0
    for year in range(FIRST_YEAR - 6, wall_day(latest * DAY).year + 1):
        age = year - person.birth_date.year
        if age not in _AGES or count > 3:  # noqa: PLR2004 - few have five
            continue
        words = draws.section(label("maternity", "year", year))
        born = year_start(year) + below(words[1], 365)
        if below(words[0], 1000) < rates[(age - _AGES.start) // 4] and born - last > 640 + below(
            words[2], 300
        ):
            last, count = born, count + 1
            sex: Sex = "F" if words[3] % 1000 < 486 else "M"  # noqa: PLR2004 - per mille
            yield born, [_unnamed(person, born, sex)]


def _unnamed(mother: Person, born: int, sex: Sex) -> Person:
    """Return a child that has no number of its own in the country: it is addressed by mother and day."""
    return Person(
        number=_SCALE + (mother.number << 16) + born % (1 << 16),
        identity=mother.identity,
        birth_date=date(2010, 1, 1) + timedelta(days=born),
        sex=sex,
        given_name="",
        surname="",
        region="",
        home_unit="",
        stratum="scale",
    )


def _pregnancy(
    world: World, place: int, born: int, children: Sequence[Person], earlier: tuple[Pregnancy, ...]
) -> Pregnancy:
    draws = world.draws.of(min(child.number for child in children))
    litter = tuple(
        Child(
            ordinal=ordinal,
            sex=child.sex,
            identity=child.identity if child.stratum == "official" else None,
            size=birth_measures(world, child),
            words=world.draws.of(child.number).section(_OWN),
        )
        for ordinal, child in enumerate(sorted(children, key=lambda child: child.number), start=1)
    )
    return Pregnancy(
        place=place,
        born=born,
        days=litter[0].size.pregnancy_days,
        children=litter,
        earlier=earlier,
        own=draws.section(_OWN),
        went=draws.section(_WENT),
    )
