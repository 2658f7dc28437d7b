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
_DAYS_A_MONTH: Final = 30.4375
_DAYS_A_YEAR: Final = 365.25
_TERM: Final = 280
_BMI_FLOOR: Final = 0.35
"""Beyond about three SD the published power curve for BMI runs away; it is held there."""

Row = dict[str, str]
Rows = dict[int, tuple[int, ...]]


class Grid:
    """One measure of one sex: values at whole SDs for a rising series of ages (any unit)."""

    __slots__ = ("_ages", "_rows")

    def __init__(self, rows: Rows) -> None:
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


@lru_cache(maxsize=8)
def birth_grid(sex: Sex, measure: str) -> Grid:
    """Return length (tenths of a millimetre), weight (tenths of a gram) or head (tenths of a millimetre).

    The age is days of pregnancy, weeks 24 to 42. Source: Niklasson and Albertsson-Wikland 2008.
    """

    def value(row: Row, z: int) -> float:
        if measure == "weight":
            return 10 ** (float(row["log10_weight_kg_mean"]) + z * float(row["log10_weight_sd"])) * 10_000
        return (float(row[f"{measure}_mean_cm"]) + z * float(row[f"{measure}_sd"])) * 100

    return Grid(_rows(sex, "birth_size_by_week.csv", lambda row: int(row["ga_weeks"]) * 7, value))


def normal(*words: int) -> int:
    """Return a draw from the normal distribution, in millis of an SD: the sum of the twelve halves of six words."""
    total = sum((word & 0xFFFF) + (word >> 16) for word in words)
    return (total - 6 * 0xFFFF) * MILLI // 0x10000


def mixed(*parts: tuple[int, int]) -> int:
    """Return the sum of *parts*: a place (millis of an SD) and its weight in percent."""
    return sum(place * weight for place, weight in parts) // 100


def _months(row: Row) -> int:
    return round(int(row["age_months"]) * _DAYS_A_MONTH)


def _years(row: Row) -> int:
    return round(float(row["age_years"]) * _DAYS_A_YEAR)


def _weeks(row: Row) -> int:
    return int(row["ga_weeks"]) * 7 - _TERM


def _rows(sex: Sex, table: str, age: Callable[[Row], int], value: Callable[[Row, int], float]) -> Rows:
    return {age(row): tuple(round(value(row, z)) for z in _SPREADS) for row in _read(table, sex)}


@lru_cache(maxsize=2)
def height_grid(sex: Sex) -> Grid:
    """Return height in hundredths of a millimetre by days since the fortieth week, from week 24 to 19 years."""

    def length(row: Row, z: int) -> float:
        return (float(row["length_mean_cm"]) + z * float(row["length_sd"])) * 1000

    def height(row: Row, z: int) -> float:
        return (float(row["height_mean_cm"]) + z * float(row["height_sd_cm"])) * 1000

    early = _rows(sex, "birth_size_by_week.csv", _weeks, length)
    return Grid(
        {age: values for age, values in early.items() if age < 0}
        | _rows(sex, "growth_0_24_months.csv", _months, length)
        | _rows(sex, "growth_2_19_years.csv", _years, height)
    )


@lru_cache(maxsize=2)
def infant_weight_grid(sex: Sex) -> Grid:
    """Return weight in tenths of a gram by days since the fortieth week, from week 24 to two years."""

    def weight(row: Row, z: int) -> float:
        return 10 ** (float(row["log10_weight_kg_mean"]) + z * float(row["log10_weight_sd"])) * 10_000

    early = _rows(sex, "birth_size_by_week.csv", _weeks, weight)
    return Grid(
        {age: values for age, values in early.items() if age < 0}
        | _rows(sex, "growth_0_24_months.csv", _months, weight)
    )


@lru_cache(maxsize=2)
def head_grid(sex: Sex) -> Grid:
    """Return head circumference in hundredths of a millimetre by days since the fortieth week, to two years."""

    def head(row: Row, z: int) -> float:
        return (float(row["head_mean_cm"]) + z * float(row["head_sd"])) * 1000

    early = _rows(sex, "birth_size_by_week.csv", _weeks, head)
    return Grid(
        {age: values for age, values in early.items() if age < 0}
        | _rows(sex, "growth_0_24_months.csv", _months, head)
    )


@lru_cache(maxsize=2)
def bmi_grid(sex: Sex) -> Grid:
    """Return BMI in thousandths by days of age, from two years to nineteen."""

    def bmi(row: Row, z: int) -> float:
        power, median, spread = (float(row[f"bmi_{name}"]) for name in "LMS")
        scaled: float = max(_BMI_FLOOR, 1 + power * spread * z) ** (1 / power)
        return median * scaled * 1000

    return Grid(_rows(sex, "growth_2_19_years.csv", _years, bmi))
