"""The two strata of the population: who exists, under which number, and in which region.

A person is a birth year, a sex and a rank. Number ↔ rank and person ↔ region run both ways without a list of
people: a keyed permutation per cohort, then a golden-section walk over the whole stratum that spreads every
region evenly over the cohorts with exact totals.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import isleap
from functools import cached_property
from itertools import accumulate
from math import gcd, isqrt
from typing import TYPE_CHECKING, Final

from anslut_simulators.population.identities import (
    NATIONAL_RESERVE_ID,
    SERIALS_PER_DAY,
    Sex,
    day_of,
    decode_nrid,
    encode_nrid,
    official_numbers,
)
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from anslut_simulators.population.permutation import Permutation
    from anslut_simulators.population.world import World

SCALE_OFFSET: Final = 65_536
"""Person numbers below are places in the official list; from here on they are places in the scale stratum."""

Cohort = tuple[int, Sex]


class Placement:
    """Cohorts of known sizes laid after one another, and the exact share of them that each region has."""

    def __init__(
        self, world: World, stratum: str, *, sizes: dict[Cohort, int], shares: tuple[int, ...]
    ) -> None:
        self._world = world
        self._stratum = stratum
        self.cohorts = tuple(sorted(sizes))
        self.sizes = sizes
        self.starts = dict(
            zip(self.cohorts, accumulate((sizes[c] for c in self.cohorts), initial=0), strict=False)
        )
        self._start_list = tuple(self.starts.values())
        self.total = sum(sizes.values())
        whole = sum(shares)
        self.bounds = tuple(self.total * part // whole for part in accumulate(shares, initial=0))
        self._step = self._golden_step()
        self._inverse = pow(self._step, -1, self.total)
        self._permutations: dict[Cohort, Permutation] = {}

    def _golden_step(self) -> int:
        step = (isqrt(5 * self.total * self.total) - self.total) // 2
        while gcd(step, self.total) != 1:
            step += 1
        return step

    def _permutation(self, cohort: Cohort) -> Permutation:
        known = self._permutations.get(cohort)
        if known is None:
            year, sex = cohort
            known = self._world.permutation("region", self._stratum, year, sex, size=self.sizes[cohort])
            self._permutations[cohort] = known
        return known

    def region_of(self, cohort: Cohort, rank: int) -> int:
        """Return the place of the region that number *rank* of *cohort* lives in."""
        slot = self.starts[cohort] + self._permutation(cohort).forward(rank)
        return bisect_right(self.bounds, slot * self._step % self.total) - 1

    def members(self, region: int) -> Iterator[tuple[Cohort, int]]:
        """Yield (cohort, rank) of everybody in the region at that place, in a fixed order without meaning."""
        for turn in range(self.bounds[region], self.bounds[region + 1]):
            yield self.at(turn)

    def at(self, turn: int) -> tuple[Cohort, int]:
        """Return (cohort, rank) of the person at *turn*, which lies between the region's two bounds."""
        slot = turn * self._inverse % self.total
        cohort = self.cohorts[bisect_right(self._start_list, slot) - 1]
        return cohort, self._permutation(cohort).backward(slot - self.starts[cohort])


class OfficialStratum:
    """Everybody on the official list: the ones who can log in and stand in the engagement index."""

    def __init__(self, world: World, *, shares: tuple[int, ...]) -> None:
        self.by_cohort: dict[Cohort, list[int]] = {}
        ranks = []
        for index, number in enumerate(official_numbers()):
            cohort: Cohort = (number // 100_000_000, "M" if number // 10 % 2 else "F")
            members = self.by_cohort.setdefault(cohort, [])
            ranks.append(len(members))
            members.append(index)
        self._ranks = ranks
        self.placement = Placement(
            world,
            "official",
            sizes={cohort: len(members) for cohort, members in self.by_cohort.items()},
            shares=shares,
        )

    @property
    def count(self) -> int:
        """How many people there are on the list."""
        return len(self._ranks)

    def region_of(self, index: int) -> int:
        """Return the place of the region where the person at *index* of the list lives."""
        number = official_numbers()[index]
        cohort: Cohort = (number // 100_000_000, "M" if number // 10 % 2 else "F")
        return self.placement.region_of(cohort, self._ranks[index])

    def cohort_rank(self, index: int) -> tuple[Cohort, int]:
        """Return the cohort of the person at *index* of the list, and the rank in it."""
        number = official_numbers()[index]
        return (number // 100_000_000, "M" if number // 10 % 2 else "F"), self._ranks[index]

    def members(self, region: int) -> list[int]:
        """Return the places in the list of everybody in the region, sorted."""
        return sorted(self.by_cohort[cohort][rank] for cohort, rank in self.placement.members(region))


class ScaleStratum:
    """Everybody else: computed, on never-issued national reserve ids, for volume and not for login."""

    def __init__(self, world: World, *, shares: tuple[int, ...]) -> None:
        self._world = world
        table = read_table("cohorts.json")
        sizes: dict[Cohort, int] = {}
        for row in table["cohorts"]:
            sizes[row["born"], "F"], sizes[row["born"], "M"] = row["F"], row["M"]
        self.placement = Placement(world, "scale", sizes=sizes, shares=shares)
        self._permutations: dict[Cohort, Permutation] = {}

    @cached_property
    def count_at_world_date(self) -> int:
        """How many of them are born by the world date."""
        year = self._world.clock_start.year
        return sum(size for (born, _), size in self.placement.sizes.items() if born <= year)

    def _numbers(self, cohort: Cohort) -> Permutation:
        known = self._permutations.get(cohort)
        if known is None:
            year, sex = cohort
            known = self._world.permutation(
                "id", "nrid", year, sex, size=(365 + isleap(year)) * SERIALS_PER_DAY
            )
            self._permutations[cohort] = known
        return known

    def identity_at(self, cohort: Cohort, position: int) -> Identity:
        """Return the reserve id at *position* of the cohort's series; from its size on they are free."""
        day, serial = divmod(self._numbers(cohort).forward(position), SERIALS_PER_DAY)
        year, sex = cohort
        extension = encode_nrid(born=day_of(year, day), sex=sex, serial=serial)
        return Identity(root=NATIONAL_RESERVE_ID, extension=extension)

    def free_identity(self, born: date, sex: Sex, start: int) -> Identity:
        """Return a reserve id of that day and sex that nobody in the stratum has; *start* chooses."""
        day = born.timetuple().tm_yday - 1
        numbers, size = self._numbers((born.year, sex)), self.placement.sizes.get((born.year, sex), 0)
        serial = start % SERIALS_PER_DAY
        while numbers.backward(day * SERIALS_PER_DAY + serial) < size:
            serial = (serial + 1) % SERIALS_PER_DAY
        return Identity(root=NATIONAL_RESERVE_ID, extension=encode_nrid(born=born, sex=sex, serial=serial))

    def capacity(self, cohort: Cohort) -> int:
        """Return how many numbers the series has for *cohort*."""
        return self._numbers(cohort).size

    def rank_of(self, extension: str) -> tuple[Cohort, int] | None:
        """Return (cohort, rank) of a reserve id, or None when nobody has it."""
        decoded = decode_nrid(extension)
        if decoded is None:
            return None
        born, sex, serial = decoded
        cohort: Cohort = (born.year, sex)
        size = self.placement.sizes.get(cohort, 0)
        if not size:
            return None
        day = born.timetuple().tm_yday - 1
        rank = self._numbers(cohort).backward(day * SERIALS_PER_DAY + serial)
        return (cohort, rank) if rank < size else None

    def number_of(self, cohort: Cohort, rank: int) -> int:
        """Return the person number of *rank* in *cohort*."""
        return SCALE_OFFSET + self.placement.starts[cohort] + rank
