"""When a person meets care, where and why: the plan that notes, diagnoses and answers are made from."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import (
    DAY,
    any_time,
    day_number,
    in_season,
    office_time,
    wall_seconds,
    year_of,
    year_start,
)
from anslut_simulators.histories.courses import (
    OLDEST,
    Block,
    Course,
    acute_courses,
    chronic_courses,
    onset_tables,
    outgrown_at,
    visit_rates,
)
from anslut_simulators.histories.programmes import child_programme, control_block
from anslut_simulators.population.draws import Section, below, label
from anslut_simulators.population.regions import CareUnit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population.draws import PersonDraws
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World

FIRST_YEAR: Final = 2014
"""Before this year the record system holds nothing."""

CHILD_HEALTH_PLACE: Final = 60
"""Visits to child health have this place in their year, and the following."""

OLD: Final = 80
"""From this age controls come twice a year, and a stay ends with planning for what comes after."""

_PER_MILLE: Final = 1000
_MILLION: Final = 1_000_000
_NEVER: Final = 1 << 30

_HEALTH = label("health")
_CHRONIC = (label("chronic", 0), label("chronic", 1), label("chronic", 2))


class Visit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One meeting with care.

    *place* names it within the year; *words* are its own draws, *episode* those of the whole illness, which
    began at *origin*.
    """

    start: int
    year: int
    place: int
    block: Block
    unit: CareUnit
    courses: tuple[Course, ...]
    words: Section
    episode: Section
    control: bool = False
    follow: bool = False
    age: int
    days: int
    diagnosis: str | None = None
    stay: bool = False
    origin: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A person's visits, in no order, and what the person is like."""

    visits: tuple[Visit, ...]
    own: Section
    onsets: tuple[tuple[Course, int], ...]


class _Planner:
    """Plans one person's visits up to the end of a year."""

    def __init__(self, world: World, region: Region, person: Person, last_year: int) -> None:
        self._draws: PersonDraws = world.draws.of(person.number)
        self._region = region
        self._person = person
        self._home = region.unit(person.home_unit)
        self._born = day_number(person.birth_date)
        self._last_year = last_year
        end = day_number(date(last_year + 1, 1, 1)) * DAY
        if person.deceased_at is not None:
            end = min(end, wall_seconds(person.deceased_at) - DAY)
        self._end = end
        self._visits: list[Visit] = []

    def plan(self) -> Plan:
        """Return the plan."""
        own = self._draws.section(_HEALTH)
        struck = tuple(_struck(self._draws, self._person))
        first_year = max(FIRST_YEAR, self._person.birth_date.year)
        for course, start, _ in struck:
            self._first(course, start)
        for year in range(first_year, self._last_year + 1):
            words = self._draws.section(label("year", year))
            self._passing(year, words, own)
            self._control(year, words, own, struck)
        if self._person.birth_date.year > FIRST_YEAR - 6:
            self._child_health()
        onsets = tuple((course, found) for course, found, _ in struck)
        return Plan(visits=tuple(self._visits), own=own, onsets=onsets)

    def _unit(self, kind: str) -> CareUnit:
        if kind == "primary-care":
            return self._home
        found = self._region.units_of(kind)
        return found[0] if found else self._home

    def _add(  # noqa: PLR0913 - a visit's parts
        self,
        start: int,
        year: int,
        place: int,
        block: Block,
        courses: tuple[Course, ...],
        *,
        episode: Section | None = None,
        control: bool = False,
        follow: bool = False,
        stay: bool = False,
        origin: int | None = None,
        diagnosis: str | None = None,
    ) -> Visit | None:
        days = start // DAY - self._born
        if start >= self._end or days < 1:
            return None
        words = self._draws.section(label("visit", year, place))
        visit = Visit(
            start=start,
            year=year,
            place=place,
            block=block,
            unit=self._unit(block.where),
            courses=courses,
            words=words,
            episode=words if episode is None else episode,
            control=control,
            follow=follow,
            age=days * 100 // 36525,
            days=days,
            diagnosis=diagnosis,
            stay=stay,
            origin=start if origin is None else origin,
        )
        self._visits.append(visit)
        return visit

    def _first(self, course: Course, day: int) -> None:
        year = year_of(day)
        if not FIRST_YEAR <= year <= self._last_year:
            return
        if course.season != "jamnt":
            day = in_season(year, course.season, day * 2654435761 & 0xFFFFFFFF)
        emergency = course.block.where == "emergency"
        word = day * 40503 & 0xFFFFFFFF
        start = any_time(day, word) if emergency else office_time(day, word)
        self._add(start, year, 20 + course.place, course.block, (course,))

    def _passing(self, year: int, words: Section, own: Section) -> None:
        age = min(OLDEST, year - self._person.birth_date.year)
        rates = visit_rates(self._person.sex, age, year)
        frailty = 500 + below(own[0], 1001)
        count, rest = divmod(rates[-1] * frailty // _PER_MILLE, _MILLION)
        count = min(4, count + (below(words[0], _MILLION) < rest))
        for place in range(count):
            course = acute_courses()[bisect_right(rates, below(words[1 + 3 * place], rates[-1]))]
            day = in_season(year, course.season, words[2 + 3 * place])
            emergency = course.block.where == "emergency"
            start = (any_time if emergency else office_time)(day, words[3 + 3 * place])
            if not course.ages[0] <= (start // DAY - self._born) * 100 // 36525 <= course.ages[1]:
                continue
            if course.stay and age >= course.stay_from_age:
                self._stay(start, year, place, course)
                continue
            visit = self._add(start, year, place, course.block, (course,))
            if visit is not None and course.follow is not None:
                self._follow(visit, course, course.follow, place=visit.place + 10)

    def _follow(self, visit: Visit, course: Course, block: Block, *, place: int) -> None:
        if below(visit.words[15], 100) >= course.follow_percent:
            return
        low, high = course.follow_days
        day = visit.start // DAY + low + below(visit.words[14], high - low + 1)
        start = office_time(day, visit.words[13])
        self._add(
            start,
            visit.year,
            place,
            block,
            (course,),
            episode=visit.words,
            follow=True,
            origin=visit.start,
        )

    def _stay(self, start: int, year: int, place: int, course: Course) -> None:
        """Plan a hospital stay: admission, a note a day, discharge, and planning for the oldest."""
        came, daily, left, *planning = course.stay
        visit = self._add(start, year, place, came, (course,), stay=True)
        if visit is None:
            return
        episode, day = visit.words, start // DAY
        nights = 2 + below(episode[14], 4)
        for night in range(1, min(nights, 3)):
            self._add(
                (day + night) * DAY + 32_400 + below(episode[12 + night], 60) * 120,
                year,
                80 + 4 * night + place,
                daily,
                (course,),
                episode=episode,
                follow=True,
                stay=True,
                origin=start,
            )
        leaving = (day + nights) * DAY + 46_800 + below(episode[15], 40) * 180
        self._add(
            leaving, year, 100 + place, left, (course,), episode=episode, follow=True, stay=True, origin=start
        )
        if planning and visit.age >= OLD:
            self._add(
                leaving - DAY // 6,
                year,
                110 + place,
                planning[0],
                (course,),
                episode=episode,
                follow=True,
                stay=True,
                origin=start,
            )

    def _control(
        self, year: int, words: Section, own: Section, struck: tuple[tuple[Course, int, int], ...]
    ) -> None:
        if not struck or below(words[13], 100) >= 86:  # noqa: PLR2004 - percent
            return
        times = 2 if year - self._person.birth_date.year >= OLD else 1
        for turn in range(times):
            day = year_start(year) + (below(own[1], 320) + turn * 180 + below(words[14], 40)) % 350
            known = tuple(course for course, found, over in struck if found < day - 60 and day < over)
            if known:
                visit = self._add(
                    office_time(day, words[15]), year, 50 + turn, control_block(known), known, control=True
                )
                followed = next((course for course in known if course.follow is not None), None)
                if visit is not None and followed is not None and followed.follow is not None:
                    self._follow(visit, followed, followed.follow, place=54 + turn)

    def _child_health(self) -> None:
        for place, (days, block, diagnosis) in enumerate(child_programme()):
            word = self._draws.section(label("bvc", place))[0]
            day = self._born + days + below(word, 9) - 2
            year = year_of(day)
            if FIRST_YEAR <= year <= self._last_year:
                self._add(
                    office_time(day, word), year, CHILD_HEALTH_PLACE + place, block, (), diagnosis=diagnosis
                )


def onsets_of(draws: PersonDraws, person: Person) -> list[tuple[Course, int]]:
    """Return *person*'s long-term conditions, and the day number on which each was found or will be."""
    return [(course, found) for course, found, _ in _struck(draws, person)]


def _struck(draws: PersonDraws, person: Person) -> Iterator[tuple[Course, int, int]]:
    """Yield the conditions, and the days on which each was found and, far off for most, outgrown."""
    courses, born = chronic_courses(), day_number(person.birth_date)
    words = [word for path in _CHRONIC[: -(-len(courses) // 16)] for word in draws.section(path)]
    for course, word, levels in zip(courses, words, onset_tables(person.sex), strict=False):
        if word < levels[OLDEST] and person.birth_date.year > course.born_after:
            age = bisect_right(levels, word)
            over = outgrown_at(course, person.sex, word=word, age=age)
            until = _NEVER if over is None else born + over * 36525 // 100
            yield course, born + age * 36525 // 100 + (word & 255), until


@lru_cache(maxsize=128)
def plan_of(world: World, region: Region, person: Person, last_year: int) -> Plan:
    """Return *person*'s plan until the end of *last_year*; a later year only adds visits."""
    return _Planner(world, region, person, last_year).plan()
