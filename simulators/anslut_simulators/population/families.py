"""Families of one region, formed inside the official stratum once, when somebody first asks.

The list of test numbers is finite, so a region's families can be matched with everything in view: twins share
their birth day and mother, siblings are spaced, and parents, guardians and children agree by construction.
The list thins out before 1976, so there are no grandparents: nothing is invented to fill the gap.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.population.draws import PersonDraws, Section, below, label
from anslut_simulators.population.identities import PERSONNUMMER, birth_date_of, official_identity, sex_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut_simulators.population.world import World

_MOTHER_AGES: Final = range(19, 43)
_FIRST_YEAR: Final = 1998
_SPACING_DAYS: Final = 640
_CLOSE_DAYS: Final = 5 * 365
_MOST_CHILDREN: Final = 4
_WEIGHTS: Final = tuple(max(1, 100 - (age - 30) ** 2) for age in _MOTHER_AGES)
_PERCENT: Final = 100

_MOTHER = label("family", "mother")
_FATHER = label("family", "father")
_PAIR = label("family", "pair")
_CHILD = label("family", "child")


class Ties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person's family as person numbers; *household* and *surname_from* name whose they share."""

    household: int
    surname_from: int
    partner: int | None = None
    parents: tuple[int, ...] = ()
    guardians: tuple[int, ...] = ()
    children: tuple[int, ...] = ()
    wards: tuple[int, ...] = ()


class _Pair:
    """A mother and the father of her children, while families are being formed."""

    __slots__ = (
        "children",
        "father",
        "last_birth",
        "married",
        "mother",
        "residence",
        "separated",
        "sole_guardian",
    )

    def __init__(self, mother: int, father: int | None, words: Section) -> None:
        self.mother = mother
        self.father = father
        self.children: list[int] = []
        self.last_birth = date.min
        self.separated = father is not None and below(words[0], _PERCENT) < 25  # noqa: PLR2004 - percent
        self.married = not self.separated and below(words[1], _PERCENT) < 60  # noqa: PLR2004 - percent
        sole = self.separated and below(words[2], _PERCENT) < 12  # noqa: PLR2004 - percent
        with_father = self.separated and below(words[3], _PERCENT) < 15  # noqa: PLR2004 - percent
        self.residence = father if with_father and father is not None else mother
        self.sole_guardian = self.residence if sole else None

    @property
    def guardians(self) -> tuple[int, ...]:
        """Who has custody of the children."""
        if self.sole_guardian is not None:
            return (self.sole_guardian,)
        return (self.mother,) if self.father is None else (self.mother, self.father)


class Families:
    """The families among *members* (places in the official list) of one region."""

    def __init__(self, world: World, members: Iterable[int], *, apart: frozenset[int]) -> None:
        self._draws = world.draws
        self._born: dict[int, date] = {}
        self._women: dict[int, list[int]] = {}
        self._men: dict[int, list[int]] = {}
        for index in members:
            identity = official_identity(index)
            if identity.root == PERSONNUMMER:
                self._born[index] = birth_date_of(identity.extension)
                side = self._women if sex_of(identity.extension) == "F" else self._men
                side.setdefault(self._born[index].year, []).append(index)
        self._pairs: dict[int, _Pair] = {}
        self._fathers: set[int] = set()
        for litter in self._litters():
            self._place(litter)
        self._ties: dict[int, Ties] = {}
        for number, ties in self._tie(apart):
            known = self._ties.get(number)
            self._ties[number] = ties if known is None else _both(known, ties)

    def of(self, number: int) -> Ties:
        """Return the family of person *number*: alone when nothing else is known."""
        return self._ties.get(number) or Ties(household=number, surname_from=number)

    def born_with(self, number: int) -> tuple[int, ...]:
        """Return the other children of the same birth as person *number*."""
        parents = self.of(number).parents
        siblings = self.of(parents[0]).children if parents else ()
        born = self._born.get(number)
        return tuple(other for other in siblings if other != number and self._born[other] == born)

    def _litters(self) -> Iterator[list[int]]:
        """Yield children born the same day in the region together (at most two), oldest first."""
        children = sorted((born, index) for index, born in self._born.items() if born.year >= _FIRST_YEAR)
        waiting: list[int] = []
        for born, index in children:
            if waiting and (self._born[waiting[0]] != born or len(waiting) == 2):  # noqa: PLR2004 - twins
                yield waiting
                waiting = []
            waiting.append(index)
        if waiting:
            yield waiting

    def _place(self, litter: list[int]) -> None:
        born = self._born[litter[0]]
        draws = self._draws.of(litter[0])
        mother = self._mother(born, draws)
        if mother is None:
            return
        pair = self._pairs.get(mother)
        if pair is None:
            pair = _Pair(mother, self._father(mother), self._draws.of(mother).section(_PAIR))
            self._pairs[mother] = pair
        pair.children += litter
        pair.last_birth = born

    def _mother(self, born: date, draws: PersonDraws) -> int | None:
        best, best_score = None, -1
        words = draws.section(_MOTHER)
        for turn in range(0, 16, 2):
            women = self._women.get(born.year - _age(words[turn]))
            if not women:
                continue
            woman = women[below(words[turn + 1], len(women))]
            score = self._suits(woman, born)
            if score > best_score:
                best, best_score = woman, score
        return self._anyone(born, words[0]) if best is None else best

    def _anyone(self, born: date, word: int) -> int | None:
        """Return a woman of suitable age whom the draws missed, or None when there is none."""
        for turn in range(len(_MOTHER_AGES)):
            women = self._women.get(born.year - _MOTHER_AGES[(word + turn) % len(_MOTHER_AGES)], [])
            for woman in women:
                if self._suits(woman, born) >= 0:
                    return woman
        return None

    def _suits(self, woman: int, born: date) -> int:
        """Return how well another child fits *woman*, -1 when it cannot be."""
        pair = self._pairs.get(woman)
        if pair is None:
            return 1
        gap = (born - pair.last_birth).days
        if gap < _SPACING_DAYS or len(pair.children) >= _MOST_CHILDREN:
            return -1
        return 3 if gap < _CLOSE_DAYS and len(pair.children) == 1 else 2 if gap < _CLOSE_DAYS else 0

    def _father(self, mother: int) -> int | None:
        words = self._draws.of(mother).section(_FATHER)
        for turn in range(0, 16, 2):
            men = self._men.get(self._born[mother].year + 2 - below(words[turn], 9))
            if men:
                man = men[below(words[turn + 1], len(men))]
                if man not in self._fathers and self._born[man].year < _FIRST_YEAR + 6:
                    self._fathers.add(man)
                    return man
        return None

    def _tie(self, apart: frozenset[int]) -> Iterator[tuple[int, Ties]]:
        """Yield everybody's ties, leaving out edges to people *apart* (personas, who bring their own)."""
        for pair in self._pairs.values():
            mother, father = pair.mother, pair.father
            if mother in apart:
                continue
            if father in apart:
                father = None
            children = tuple(child for child in pair.children if child not in apart)
            guardians = tuple(person for person in pair.guardians if person in {mother, father})
            parents = (mother,) if father is None else (mother, father)
            residence = pair.residence if pair.residence in parents else mother
            together = father is not None and not pair.separated
            name = father if pair.married and father is not None else mother
            for parent in parents:
                mine = children if parent in guardians else ()
                yield (
                    parent,
                    Ties(
                        household=mother if together else parent,
                        surname_from=name if pair.married else parent,
                        partner=(father if parent == mother else mother) if together else None,
                        children=children,
                        wards=mine,
                    ),
                )
            surname = parents[below(self._draws.of(pair.children[0]).section(_CHILD)[0], len(parents))]
            for child in children:
                yield (
                    child,
                    Ties(
                        household=residence,
                        surname_from=name if pair.married else surname,
                        parents=parents,
                        guardians=guardians or parents[:1],
                    ),
                )


def _both(one: Ties, other: Ties) -> Ties:
    """Return the ties of somebody who is a child in one family and a parent in another, and lives in the latter."""
    child, parent = (one, other) if one.parents else (other, one)
    return msgspec.structs.replace(parent, parents=child.parents, guardians=child.guardians)


def _age(word: int) -> int:
    """Return a mother's age at birth, most often about thirty."""
    rest = below(word, sum(_WEIGHTS))
    for age, weight in zip(_MOTHER_AGES, _WEIGHTS, strict=True):
        rest -= weight
        if rest < 0:
            return age
    return _MOTHER_AGES[-1]
