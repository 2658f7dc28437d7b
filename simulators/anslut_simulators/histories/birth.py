"""How somebody was born: weeks, weight, length and head, the same whichever record tells it."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.growth_reference import MILLI, birth_grid, mixed, normal
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.identities import official_index
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.population.people import Person
    from anslut_simulators.population.world import World

_WEEKS: Final = label("birth", "weeks")
_SIZE: Final = label("birth", "size")
_SHAPE: Final = label("birth", "shape")
_WHOLE: Final = 10_000
_SMALLER_TOGETHER: Final = 600
"""How many millis of an SD somebody born together with another is below the others of the week."""


class BirthMeasures(msgspec.Struct, frozen=True, kw_only=True):
    """A newborn: completed *weeks* and *days* of pregnancy, *weight* in g, *length* and *head* in mm.

    The places are how far the child is from the mean of its week, in millis of an SD.
    """

    weeks: int
    days: int
    weight: int
    length: int
    head: int
    length_place: int
    weight_place: int
    together: bool = False

    @property
    def pregnancy_days(self) -> int:
        """The length of the pregnancy in days."""
        return self.weeks * 7 + self.days


@lru_cache(maxsize=2)
def _weeks(kind: str) -> tuple[tuple[int, int], ...]:
    """Return (sum of the shares so far, week), in order of week."""
    shares: Mapping[str, int] = read_table("birth_weeks.json")[kind]
    return tuple(zip(accumulate(shares.values()), map(int, shares), strict=True))


def birth_measures(world: World, person: Person) -> BirthMeasures:
    """Return how *person* was born in *world*; children of the same birth share their pregnancy's length."""
    together = bool(person.born_with)
    weeks, days = _pregnancy(world, person, together=together)
    draws = world.draws.of(person.number)
    size, shape = draws.section(_SIZE), draws.section(_SHAPE)
    length_place = normal(*size[:6])
    weight_place = mixed((length_place, 72), (normal(*size[6:12]), 69))
    head_place = mixed((length_place, 40), (weight_place, 20), (normal(*shape[:6]), 83))
    if together:
        length_place -= _SMALLER_TOGETHER
        weight_place -= _SMALLER_TOGETHER
    age = weeks * 7 + days
    weight = birth_grid(person.sex, "weight").at(age, weight_place)
    length = birth_grid(person.sex, "length").at(age, length_place)
    head = birth_grid(person.sex, "head").at(age, head_place)
    return BirthMeasures(
        weeks=weeks,
        days=days,
        weight=weight // (50 * MILLI) * 5,
        length=length // (50 * MILLI) * 5,
        head=head // (50 * MILLI) * 5,
        length_place=length_place,
        weight_place=weight_place,
        together=together,
    )


def _pregnancy(world: World, person: Person, *, together: bool) -> tuple[int, int]:
    """Return weeks and days: those who were born together have the same."""
    others = (official_index(other.extension) for other in person.born_with)
    first = min([person.number, *(number for number in others if number is not None)])
    words = world.draws.of(first).section(_WEEKS)
    rest = below(words[0], _WHOLE)
    week = next(week for limit, week in _weeks("together" if together else "single") if rest < limit)
    return week, below(words[1], 7)
