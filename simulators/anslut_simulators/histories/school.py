"""When a child meets child health and a pupil meets school health, and where: what growth and notes are made from.

School years run from August to June and are named by their first year. The school health record begins in the
autumn of 2010; what child health measured before school is copied into it when school begins.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, day_number, office_time, wall_day, wall_seconds
from anslut_simulators.population.draws import Section, below, label
from anslut_simulators.population.regions import CareUnit
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population.draws import PersonDraws
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World
    from anslut_simulators.truth import Unit

FIRST_YEAR: Final = 2010
STARTS_AT: Final = 6
LEAVES_AFTER: Final = 12
_UPPER_SECONDARY: Final = 10
_OPENS: Final = 8 * 3600
_FIVE_MINUTES: Final = 300
_AUTUMN: Final = (27, 105)
"""The first day of visits, counted from 1 August, and how many days of the autumn term there are."""

_SPRING: Final = (166, 140)
_PERCENT: Final = 100
_COPIED_PERCENT: Final = 93
_BORN_PLACE: Final = 40

_SCHOOL: Final = label("school")


class SchoolVisit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One meeting. *start* is whole seconds on the wall clock, *days* the age; *place* names it within the year.

    *kind* is `birth`, `child-health`, `programme`, `control` or `between`; *story* is its part of the tables.
    *grade* is the programme's own, *following* the grade of its next visit.
    """

    start: int
    year: int
    place: int
    kind: str
    unit: CareUnit
    words: Section
    days: int
    grade: str = ""
    following: str = ""
    staff: str = "skolskoterska"
    story: Any = None


class SchoolPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A person's meetings, oldest first; *copied* is when child health's part came to the school (wall seconds)."""

    visits: tuple[SchoolVisit, ...]
    copied: int | None


def school_year(when: date) -> int:
    """Return the first year of the school year that *when* lies in; a new one begins with August."""
    return when.year if when.month >= 8 else when.year - 1  # noqa: PLR2004 - August


def is_school_day(when: date) -> bool:
    """Tell whether there is school on *when*: no weekend, holiday or break."""
    table = read_table("school_visits.toml")["closed"]
    if when.isocalendar().week in table["weeks"]:
        return False
    if any(first <= f"{when:%m-%d}" <= last for first, last in table["days"]):
        return False
    day = day_number(when)
    return office_time(day, 0) // DAY == day


class _Planner:
    """Plans one person's meetings up to the end of a year."""

    def __init__(self, world: World, region: Region, person: Person, last_year: int) -> None:
        self._draws: PersonDraws = world.draws.of(person.number)
        self._region = region
        self._born = day_number(person.birth_date)
        self._starts = person.birth_date.year + STARTS_AT
        self._place = region.unit(person.home_unit).place
        self._last_year = last_year
        self._end = day_number(date(last_year + 1, 1, 1)) * DAY
        if person.deceased_at is not None:
            self._end = min(self._end, wall_seconds(person.deceased_at) - DAY)
        self._own = self._draws.section(_SCHOOL)

    def plan(self) -> SchoolPlan:
        """Return the plan; nobody has one whose region has no school health, or who left school before 2010."""
        if not self._region.units_of("school-health") or self._starts > self._last_year:
            return SchoolPlan(visits=(), copied=None)
        visits = [visit for visit in self._school() if visit.start < self._end]
        copied = self._copied()
        if copied is not None:
            visits += self._child_health()
        visits.sort(key=lambda visit: (visit.start, visit.year, visit.place))
        return SchoolPlan(visits=tuple(visits), copied=copied)

    def _copied(self) -> int | None:
        """Return when child health's record was copied: in the first autumn, if the guardians let it."""
        if self._starts < FIRST_YEAR or below(self._own[0], _PERCENT) >= _COPIED_PERCENT:
            return None
        at = office_time(day_number(date(self._starts, 8, 20)) + below(self._own[1], 12), self._own[2])
        return at if at < self._end else None

    def _school(self) -> Iterator[SchoolVisit]:
        for step in range(LEAVES_AFTER + 1):
            year = self._starts + step
            if year >= FIRST_YEAR and year <= self._last_year:
                yield from self._programme(year, step)
                yield from self._between(year, step)

    def _programme(self, year: int, step: int) -> Iterator[SchoolVisit]:
        stories = read_table("school_visits.toml")["visit"]
        turns = [self._turn(place, story) for place, story in enumerate(stories)]
        for place, (story, turn) in enumerate(zip(stories, turns, strict=True)):
            if turn["offset"] == step:
                visit = self._visit(year, place, "programme", step=step, story=story)
                following = turns[place + 1]["grade"] if place + 1 < len(turns) else ""
                yield msgspec.structs.replace(visit, grade=turn["grade"], following=following)

    def _turn(self, place: int, story: dict[str, Any]) -> dict[str, Any]:
        """Return in which grade the pupil's school has the programme's visit number *place*."""
        other: dict[str, Any] | None = story.get("turn")
        if other is not None and below(self._own[4 + place], _PERCENT) < other["percent"]:
            return other
        return story

    def _between(self, year: int, step: int) -> Iterator[SchoolVisit]:
        words = self._draws.section(label("school", "between", year))
        table = read_table("school_visits.toml")
        age = step + STARTS_AT
        fitting = [one for one in table["between"] if one["ages"][0] <= age <= one["ages"][1]]
        often = 40 + below(self._own[3], 120)
        count = often // _PERCENT + (below(words[0], _PERCENT) < often % _PERCENT)
        for turn in range(count):
            rest = below(words[1 + turn], sum(one["weight"] for one in fitting))
            for story in fitting:
                rest -= story["weight"]
                if rest < 0:
                    yield self._visit(year, 10 + turn, "between", step=step, story=story)
                    break
        if step in {6, 9} and below(words[8], _PERCENT) < 12:  # noqa: PLR2004 - percent
            yield self._visit(year, 20, "control", step=step, story=table["control"])

    def _visit(
        self,
        year: int,
        place: int,
        kind: str,
        *,
        step: int,
        story: dict[str, Any],
    ) -> SchoolVisit:
        words = self._draws.section(label("school", "visit", year, place))
        first, count = _AUTUMN if below(words[0], _PERCENT) < 55 else _SPRING  # noqa: PLR2004 - percent
        day = day_number(date(year, 8, 1)) + first + below(words[1], count)
        day = office_time(day, 0) // DAY
        if not is_school_day(wall_day(day * DAY)):
            day = office_time(day + 7, 0) // DAY
        start = day * DAY + _OPENS + below(words[2], 76) * _FIVE_MINUTES
        return SchoolVisit(
            start=start,
            year=year,
            place=place,
            kind=kind,
            unit=self._school_of(step),
            words=words,
            days=day - self._born,
            staff=story.get("staff", "skolskoterska"),
            story=story,
        )

    def _school_of(self, step: int) -> CareUnit:
        """Return the school health unit of the pupil's school: the one at home, later the upper secondary."""
        schools = self._region.units_of("school-health")
        upper = tuple(unit for unit in schools if "gymnasi" in unit.sv.casefold())
        lower = tuple(unit for unit in schools if unit not in upper) or schools
        if step >= _UPPER_SECONDARY and upper:
            return upper[0]
        return next(
            (unit for unit in lower if unit.place == self._place), lower[below(self._own[12], len(lower))]
        )

    def _child_health(self) -> Iterator[SchoolVisit]:
        """Yield the child's visits before school, at the very times that the record system's notes have."""
        found = self._region.units_of("child-health")
        unit = found[0] if found else self._region.units[0]
        wards = (*self._region.units_of("delivery"), *self._region.units_of("maternity-ward"), unit)
        born = self._draws.section(label("school", "birth"))
        yield SchoolVisit(
            start=self._born * DAY + 3600 + below(born[0], 250) * _FIVE_MINUTES,
            year=self._starts - STARTS_AT,
            place=_BORN_PLACE,
            kind="birth",
            unit=wards[0],
            words=born,
            days=0,
            staff="barnmorska",
        )
        for place, visit in enumerate(read_table("child_health.toml")["visit"]):
            word = self._draws.section(label("bvc", place))[0]
            start = office_time(self._born + visit["days"] + below(word, 9) - 2, word)
            yield child_health_visit(self._draws, unit, start, place=place, born=self._born)


def child_health_visit(
    draws: PersonDraws, unit: CareUnit, start: int, *, place: int, born: int
) -> SchoolVisit:
    """Return visit number *place* of the child health programme, at *start* (wall seconds)."""
    story = read_table("child_health.toml")["visit"][place]
    return SchoolVisit(
        start=start,
        year=wall_day(start).year,
        place=_BORN_PLACE + 1 + place,
        kind="child-health",
        unit=unit,
        words=draws.section(label("school", "bvc", place)),
        days=start // DAY - born,
        staff=story["staff"],
        story=story,
    )


@lru_cache(maxsize=64)
def unit_of(unit: CareUnit) -> Unit:
    """Return *unit* as events name it."""
    return unit.as_unit()


@lru_cache(maxsize=1024)
def school_plan(world: World, region: Region, person: Person, last_year: int) -> SchoolPlan:
    """Return *person*'s meetings until the end of *last_year*; a later year only adds to them."""
    return _Planner(world, region, person, last_year).plan()
