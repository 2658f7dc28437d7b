"""The size of children by age and sex: reference tables as grids of integers, from four SD below to four above.

The published means and spreads are turned into whole numbers once; from there on everything is integer
arithmetic, so that two machines never disagree. A place on a scale is given in millis of an SD.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.population.tables import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from anslut_simulators.population.identities import Sex

MILLI: Final = 1000
_SPREADS: Final = range(-4, 5)
_LAST: Final = 4 * MILLI - 1

Row = dict[str, str]


class Grid:
    """One measure of one sex: values at whole SDs for a rising series of ages (any unit)."""

    __slots__ = ("_ages", "_rows")

    def __init__(self, rows: dict[int, tuple[int, ...]]) -> None:
        self._ages = tuple(sorted(rows))
        self._rows = tuple(rows[age] for age in self._ages)

    def at(self, age: int, place: int) -> int:
        """Return the value at *age* of somebody *place* millis of an SD from the mean, straight between rows.

        Ages outside the table are those of its ends, and so are places beyond four SD.
        """
        age = min(max(age, self._ages[0]), self._ages[-1])
        below = min(bisect_right(self._ages, age) - 1, len(self._ages) - 2)
        low, high = self._ages[below], self._ages[below + 1]
        first, second = self._across(below, place), self._across(below + 1, place)
        return (first * (high - age) + second * (age - low)) // (high - low)

    def _across(self, row: int, place: int) -> int:
        """Return the value of a row at *place*, times a thousand for the sake of the rounding."""
        place = min(max(place, -_LAST), _LAST)
        step, rest = divmod(place + 4 * MILLI, MILLI)
        values = self._rows[row]
        return values[step] * (MILLI - rest) + values[step + 1] * rest


def _read(table: str, sex: Sex) -> list[Row]:
    rows = csv.DictReader(read_bytes(table).decode().splitlines())
    return [row for row in rows if row["sex"] == sex]


def grid(
    table: str, sex: Sex, *, age: Callable[[Row], int], value: Callable[[Row, int], float], where: str = ""
) -> Grid:
    """Return a grid made of the rows of *table*: their *age*, and their *value* at each whole SD."""
    rows = _read(table, sex)
    return Grid(
        {age(row): tuple(round(value(row, z)) for z in _SPREADS) for row in rows if row.get(where, "-")}
    )


@lru_cache(maxsize=8)
def birth_grid(sex: Sex, measure: str) -> Grid:
    """Return length (tenths of a millimetre), weight (tenths of a gram) or head (tenths of a millimetre).

    The age is days of pregnancy, weeks 24 to 42. Source: Niklasson and Albertsson-Wikland 2008.
    """

    def value(row: Row, z: int) -> float:
        if measure == "weight":
            return 10 ** (float(row["log10_weight_kg_mean"]) + z * float(row["log10_weight_sd"])) * 10_000
        return (float(row[f"{measure}_mean_cm"]) + z * float(row[f"{measure}_sd"])) * 100

    return grid("birth_size_by_week.csv", sex, age=lambda row: int(row["ga_weeks"]) * 7, value=value)


def normal(*words: int) -> int:
    """Return a draw from the normal distribution, in millis of an SD: the sum of the twelve halves of six words."""
    total = sum((word & 0xFFFF) + (word >> 16) for word in words)
    return (total - 6 * 0xFFFF) * MILLI // 0x10000


def mixed(*parts: tuple[int, int]) -> int:
    """Return the sum of *parts*: a place (millis of an SD) and its weight in percent."""
    return sum(place * weight for place, weight in parts) // 100
