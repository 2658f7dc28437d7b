"""A child's own growth channel: one place on the curves from birth, which drifts a little as years go by.

Height inherits from the parents, so that siblings are alike; puberty comes early or late; somebody born too
early is small for the calendar and catches up in two years. What a nurse reads off is `growth.py`'s.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.birth import birth_measures
from anslut_simulators.histories.growth_reference import (
    MILLI,
    bmi_grid,
    head_grid,
    height_grid,
    infant_weight_grid,
    mixed,
    normal,
)
from anslut_simulators.population.draws import label
from anslut_simulators.population.identities import official_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.population.people import Person
    from anslut_simulators.population.world import World

_STATURE: Final = label("growth", "stature")
_SHAPE: Final = label("growth", "shape")
_DRIFT: Final = (label("growth", "drift", 0), label("growth", "drift", 1), label("growth", "drift", 2))
_DRIFT_AGES: Final = (730, 1826, 2922, 4017, 5113, 6574)
_HEIGHT_DRIFT, _WEIGHT_DRIFT = 16, 38
_TERM: Final = 280
_INFANT: Final = 730
_INFANT_WEIGHT: Final = 548
_CHILD_WEIGHT: Final = 913
_TEMPO_DAYS: Final = 219
_MOST_TEMPO: Final = 2 * MILLI + MILLI // 2
_MOST_BMI: Final = 2300
_SPURT: Final = {"F": (2374, 4018, 4748, 6574), "M": (2922, 4748, 5296, 7122)}
_NARROWER: Final = {"F": 16, "M": 19}
"""Percent by which places are drawn in at the height of puberty: timing makes up for that part of the spread."""

_LOSS: Final = ((0, 0), (3, 70), (10, 62), (35, 0), (1 << 30, 0))
"""Age in days, and how many per mille a newborn weighs below the curve: birth weight is regained at ten days."""


class Channel:
    """How *person* grows; ages are days since birth."""

    __slots__ = ("_bmi", "_born", "_drifts", "_sex", "_stature", "_tempo")

    def __init__(self, world: World, person: Person) -> None:
        self._sex = person.sex
        self._born = birth_measures(world, person)
        draws = world.draws.of(person.number)
        parents = [
            world.draws.of(index)
            for identity in person.parents
            if (index := official_index(identity.extension)) is not None
        ]
        own, shape = draws.section(_STATURE), draws.section(_SHAPE)
        heights = [normal(*parent.section(_STATURE)[:6]) for parent in parents[:2]]
        widths = [normal(*parent.section(_STATURE)[6:12]) for parent in parents[:2]]
        self._stature = _inherited(heights, normal(*own[:6]), each=50, alone=(100, 87, 71))
        self._bmi = _inherited(widths, normal(*own[6:12]), each=30, alone=(100, 95, 91))
        tempo = normal(*shape[:6])
        self._tempo = min(max(tempo, -_MOST_TEMPO), _MOST_TEMPO) * _TEMPO_DAYS // MILLI
        words = [word for path in _DRIFT for word in draws.section(path)]
        self._drifts = tuple(normal(*words[place * 6 : place * 6 + 6]) for place in range(8))

    def height(self, days: int) -> int:
        """Return the height (or length) in tenths of a millimetre."""
        if days < _INFANT:
            place = self._early(self._born.length_place, self._stature, days)
            return height_grid(self._sex).at(self._corrected(days), place) // (10 * MILLI)
        spurt = self._spurt(days)
        place = self._stature + self._drift(days, 0) * _HEIGHT_DRIFT // 100
        place = place * (100 * MILLI - _NARROWER[self._sex] * spurt) // (100 * MILLI)
        return height_grid(self._sex).at(days + self._tempo * spurt // MILLI, place) // (10 * MILLI)

    def weight(self, days: int) -> int:
        """Return the weight in grams."""
        if days <= _INFANT_WEIGHT:
            return self._infant_weight(days)
        if days < _CHILD_WEIGHT:
            first, last = self._infant_weight(_INFANT_WEIGHT), self._child_weight(_CHILD_WEIGHT)
            return first + (last - first) * (days - _INFANT_WEIGHT) // (_CHILD_WEIGHT - _INFANT_WEIGHT)
        return self._child_weight(days)

    def head(self, days: int) -> int:
        """Return the head circumference in tenths of a millimetre, up to two years of age."""
        place = mixed((self._early(self._born.length_place, self._stature, days), 40), (self._drifts[6], 91))
        return head_grid(self._sex).at(self._corrected(days), place) // (10 * MILLI)

    @property
    def pregnancy_days(self) -> int:
        """How long the pregnancy was, in days."""
        return self._born.pregnancy_days

    def _infant_weight(self, days: int) -> int:
        later = mixed((self._stature, 60), (self._bmi, 70), (self._drifts[7], 30))
        place = self._early(self._born.weight_place, later, days)
        grams = infant_weight_grid(self._sex).at(self._corrected(days), place) // (10 * MILLI)
        return grams * (MILLI - _between(_LOSS, days)) // MILLI

    def _child_weight(self, days: int) -> int:
        place = mixed((self._bmi, 92), (self._drift(days, 1), _WEIGHT_DRIFT))
        place = min(max(place, -_MOST_BMI), _MOST_BMI)
        age = days + self._tempo * self._spurt(days) // MILLI
        bmi = bmi_grid(self._sex).at(age, place) // MILLI  # thousandths of kg/m²
        height = self.height(days)
        return bmi * height * height // 100_000_000

    def _corrected(self, days: int) -> int:
        """Return the age since the fortieth week; at two years nobody is corrected any more."""
        early = _TERM - self._born.pregnancy_days
        return days - early * max(0, _INFANT - days) // _INFANT

    def _early(self, born: int, later: int, days: int) -> int:
        days = min(days, _INFANT)
        return (born * (_INFANT - days) + later * days) // _INFANT

    def _spurt(self, days: int) -> int:
        """Return how much the timing of puberty counts at *days*, in millis."""
        start, top, end, over = _SPURT[self._sex]
        return _between(((0, 0), (start, 0), (top, MILLI), (end, MILLI), (over, 0), (1 << 30, 0)), days)

    def _drift(self, days: int, turn: int) -> int:
        """Return the drift at *days*: nothing at two years, then from one drawn place to the next."""
        knots = [(0, 0), (_DRIFT_AGES[0], 0)]
        knots += [(age, self._drifts[(place + turn * 3) % 6]) for place, age in enumerate(_DRIFT_AGES[1:])]
        return _between((*knots, (1 << 30, knots[-1][1])), days)


@lru_cache(maxsize=256)
def channel_of(world: World, person: Person) -> Channel:
    """Return how *person* grows."""
    return Channel(world, person)


def _inherited(parents: Sequence[int], own: int, *, each: int, alone: tuple[int, int, int]) -> int:
    """Return a place made of the known parents' and the child's own, spread as much as everybody's."""
    return mixed((sum(parents), each), (own, alone[len(parents)]))


def _between(knots: Sequence[tuple[int, int]], at: int) -> int:
    """Return the value at *at* on the line through *knots*, which are in order."""
    place = min(bisect_right(knots, (at, 1 << 40)), len(knots) - 1)
    (first, low), (last, high) = knots[place - 1], knots[place]
    return low + (high - low) * (at - first) // (last - first)
