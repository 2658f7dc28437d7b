"""The wall clock of visits: whole seconds in Stockholm since 2010 began, opening hours and seasons.

No visit lies between two and three at night, so the wall clock orders them also when the clocks change.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from anslut_simulators.population.draws import below
from anslut_simulators.population.world import STOCKHOLM

DAY: Final = 86_400
_EPOCH: Final = date(2010, 1, 1)
_WALL: Final = datetime(2010, 1, 1, tzinfo=STOCKHOLM)
_FRIDAY: Final = 5
_HOLIDAYS: Final = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})
_JUNE: Final = 6
_MIDSUMMER: Final = range(19, 26)
_AFTER_EASTER: Final = frozenset({-2, 1, 39})
"""Good Friday, Easter Monday and Ascension Day, in days from Easter Sunday."""

# Days of the year on which a complaint begins, in twelfths with weights per month.
_MONTHS: Final = {
    "vinter": (15, 15, 12, 8, 6, 4, 2, 4, 7, 9, 11, 13),
    "sommar": (4, 4, 5, 8, 12, 14, 14, 13, 10, 7, 5, 4),
    "var": (1, 2, 8, 28, 34, 18, 5, 2, 1, 1, 0, 0),
    "jamnt": (9, 9, 9, 9, 8, 8, 5, 8, 9, 9, 9, 8),
}


def wall_seconds(moment: datetime) -> int:
    """Return *moment* as whole seconds on Stockholm's wall clock since 2010 began."""
    local = moment.astimezone(STOCKHOLM).replace(tzinfo=None)
    return int((local - datetime(2010, 1, 1)) // timedelta(seconds=1))  # noqa: DTZ001 - a wall clock


def wall_day(seconds: int) -> date:
    """Return the day that *seconds* on the wall clock lies in."""
    return _EPOCH + timedelta(days=seconds // DAY)


def wall_time(seconds: int) -> datetime:
    """Return the time that `wall_seconds` made *seconds* of."""
    return _WALL + timedelta(seconds=seconds)


def day_number(when: date) -> int:
    """Return *when* as days since 2010 began."""
    return (when - _EPOCH).days


def year_of(day: int) -> int:
    """Return the year that day number *day* lies in."""
    return (_EPOCH + timedelta(days=day)).year


@lru_cache(maxsize=64)
def year_start(year: int) -> int:
    """Return the number of the first day of *year*."""
    return day_number(date(year, 1, 1))


@lru_cache(maxsize=8)
def _season_days(season: str) -> tuple[int, ...]:
    """Return days of the year, each month's as often as its weight says."""
    return tuple(
        month * 30 + day // weight
        for month, weight in enumerate(_MONTHS[season])
        for day in range(30 * weight)
    )


def in_season(year: int, season: str, word: int) -> int:
    """Return a day of *year*, more often in the complaint's season."""
    days = _season_days(season)
    return year_start(year) + days[below(word, len(days))]


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    """Return Easter Sunday: the first Sunday after the full moon of the spring, by the rule of the calendar."""
    century = year // 100
    moon = (century - century // 4 - (8 * century + 13) // 25 + 19 * (year % 19) + 15) % 30
    moon -= moon // 28 * (1 - 29 // (moon + 1) * ((21 - year % 19) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return date(year, 3, 28) + timedelta(days=moon - weekday)


def _is_holiday(when: date) -> bool:
    """Tell whether a weekday is free: on a date of its own, at Easter or Ascension, or as midsummer's eve."""
    if when.month == _JUNE and when.day in _MIDSUMMER and when.isoweekday() == _FRIDAY:
        return True
    return (when.month, when.day) in _HOLIDAYS or (when - _easter(when.year)).days in _AFTER_EASTER


@lru_cache(maxsize=16384)
def _open_day(day: int) -> int:
    """Return *day*, or the next one that is neither weekend nor holiday."""
    when = _EPOCH + timedelta(days=day)
    while when.isoweekday() > _FRIDAY or _is_holiday(when):
        when += timedelta(days=1)
    return day_number(when)


def office_time(day: int, word: int) -> int:
    """Return a weekday moment between eight and half past four."""
    return _open_day(day) * DAY + 8 * 3600 + below(word, 103) * 300


def any_time(day: int, word: int) -> int:
    """Return a moment between seven in the morning and a quarter past ten at night."""
    return day * DAY + 7 * 3600 + below(word, 183) * 300
