"""When a person meets care, where and why: the plan that notes, diagnoses and laboratory answers are made from.

All times are whole seconds of Stockholm's wall clock since 2010 began. No visit lies between two and three at
night, so the wall clock orders them also when the clocks change.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.courses import (
    OLDEST,
    Block,
    Course,
    acute_courses,
    chronic_courses,
    onset_tables,
    parts_of,
    visit_rates,
)
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.population.world import STOCKHOLM

if TYPE_CHECKING:
    from anslut_simulators.population.draws import PersonDraws, Section
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import CareUnit, Region
    from anslut_simulators.population.world import World

FIRST_YEAR: Final = 2014
"""Before this year the record system holds nothing."""

DAY: Final = 86_400
_EPOCH: Final = date(2010, 1, 1)
_WALL: Final = datetime(2010, 1, 1, tzinfo=STOCKHOLM)
_PER_MILLE: Final = 1000
_MILLION: Final = 1_000_000
_OLD: Final = 80
_FRIDAY: Final = 5
_HOLIDAYS: Final = frozenset({(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)})

_HEALTH = label("health")
_CHRONIC = (label("chronic", 0), label("chronic", 1), label("chronic", 2))

# Days of the year on which a complaint begins, in twelfths with weights per month.
_MONTHS: Final = {
    "vinter": (15, 15, 12, 8, 6, 4, 2, 4, 7, 9, 11, 13),
    "sommar": (4, 4, 5, 8, 12, 14, 14, 13, 10, 7, 5, 4),
    "var": (1, 2, 8, 28, 34, 18, 5, 2, 1, 1, 0, 0),
    "jamnt": (9, 9, 9, 9, 8, 8, 5, 8, 9, 9, 9, 8),
}


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One meeting with care. *place* names it within the year; *words* are its own draws, *episode* the illness's."""

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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A person's visits, in no order, and what the person is like."""

    visits: tuple[Visit, ...]
    own: Section
    onsets: tuple[tuple[Course, int], ...]


def wall_seconds(moment: datetime) -> int:
    """Return *moment* as whole seconds on Stockholm's wall clock since 2010 began."""
    local = moment.astimezone(STOCKHOLM).replace(tzinfo=None)
    return int((local - datetime(2010, 1, 1)) // timedelta(seconds=1))  # noqa: DTZ001 - a wall clock


def wall_time(seconds: int) -> datetime:
    """Return the time that `wall_seconds` made *seconds* of."""
    return _WALL + timedelta(seconds=seconds)


def _day(when: date) -> int:
    return (when - _EPOCH).days


@lru_cache(maxsize=64)
def _year_start(year: int) -> int:
    return _day(date(year, 1, 1))


def _in_season(year: int, season: str, word: int) -> int:
    """Return a day of *year*, more often in the complaint's season."""
    weights = _MONTHS[season]
    rest = below(word, sum(weights) * 30)
    for month, weight in enumerate(weights):
        if rest < weight * 30:
            return _year_start(year) + month * 30 + rest // weight
        rest -= weight * 30
    return _year_start(year) + 364


@lru_cache(maxsize=16384)
def _open_day(day: int) -> int:
    """Return *day*, or the next one that is neither weekend nor a holiday with a fixed date."""
    when = _EPOCH + timedelta(days=day)
    while when.isoweekday() > _FRIDAY or (when.month, when.day) in _HOLIDAYS:
        when += timedelta(days=1)
    return _day(when)


def _office_time(day: int, word: int) -> int:
    """Return a weekday moment between eight and half past four."""
    return _open_day(day) * DAY + 8 * 3600 + below(word, 103) * 300


def _any_time(day: int, word: int) -> int:
    """Return a moment between seven in the morning and a quarter past ten at night."""
    return day * DAY + 7 * 3600 + below(word, 183) * 300


class _Planner:
    """Plans one person's visits up to the end of a year."""

    def __init__(self, world: World, region: Region, person: Person, last_year: int) -> None:
        self._draws: PersonDraws = world.draws.of(person.number)
        self._region = region
        self._person = person
        self._home = region.unit(person.home_unit)
        self._born = _day(person.birth_date)
        self._last_year = last_year
        end = _day(date(last_year + 1, 1, 1)) * DAY
        if person.deceased_at is not None:
            end = min(end, wall_seconds(person.deceased_at) - DAY)
        self._end = end
        self._visits: list[Visit] = []

    def plan(self) -> Plan:
        """Return the plan."""
        own = self._draws.section(_HEALTH)
        onsets = tuple(self._onsets())
        first_year = max(FIRST_YEAR, self._person.birth_date.year)
        for course, start in onsets:
            self._first(course, start)
        for year in range(first_year, self._last_year + 1):
            words = self._draws.section(label("year", year))
            self._passing(year, words, own)
            self._control(year, words, own, onsets)
        if self._person.birth_date.year > FIRST_YEAR - 6:
            self._child_health()
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
        )
        self._visits.append(visit)
        return visit

    def _onsets(self) -> list[tuple[Course, int]]:
        """Return the long-term conditions and when each was found."""
        courses = chronic_courses()
        words = [word for path in _CHRONIC[: -(-len(courses) // 16)] for word in self._draws.section(path)]
        struck = []
        for course, word, levels in zip(courses, words, onset_tables(self._person.sex), strict=False):
            if word < levels[OLDEST]:
                age = bisect_right(levels, word)
                day = self._born + age * 36525 // 100 + (word & 255)
                struck.append((course, day))
        return struck

    def _first(self, course: Course, day: int) -> None:
        year = (_EPOCH + timedelta(days=day)).year
        if not FIRST_YEAR <= year <= self._last_year:
            return
        if course.season != "jamnt":
            day = _in_season(year, course.season, day * 2654435761 & 0xFFFFFFFF)
        emergency = course.block.where == "emergency"
        word = day * 40503 & 0xFFFFFFFF
        start = _any_time(day, word) if emergency else _office_time(day, word)
        self._add(start, year, 20 + course.place, course.block, (course,))

    def _passing(self, year: int, words: Section, own: Section) -> None:
        age = min(OLDEST, year - self._person.birth_date.year)
        rates = visit_rates(self._person.sex, age, year)
        frailty = 500 + below(own[0], 1001)
        count, rest = divmod(rates[-1] * frailty // _PER_MILLE, _MILLION)
        count = min(4, count + (below(words[0], _MILLION) < rest))
        for place in range(count):
            course = acute_courses()[bisect_right(rates, below(words[1 + 3 * place], rates[-1]))]
            day = _in_season(year, course.season, words[2 + 3 * place])
            emergency = course.block.where == "emergency"
            start = (_any_time if emergency else _office_time)(day, words[3 + 3 * place])
            visit = self._add(start, year, place, course.block, (course,))
            if visit is not None and course.follow is not None:
                self._follow(visit, course, course.follow)

    def _follow(self, visit: Visit, course: Course, block: Block) -> None:
        if below(visit.words[15], 100) >= course.follow_percent:
            return
        low, high = course.follow_days
        day = visit.start // DAY + low + below(visit.words[14], high - low + 1)
        start = _office_time(day, visit.words[13])
        self._add(start, visit.year, visit.place + 10, block, (course,), episode=visit.words, follow=True)

    def _control(
        self, year: int, words: Section, own: Section, onsets: tuple[tuple[Course, int], ...]
    ) -> None:
        if not onsets or below(words[13], 100) >= 86:  # noqa: PLR2004 - percent
            return
        times = 2 if year - self._person.birth_date.year >= _OLD else 1
        for turn in range(times):
            day = _year_start(year) + (below(own[1], 320) + turn * 180 + below(words[14], 40)) % 350
            known = tuple(course for course, found in onsets if found < day - 60)
            if known:
                self._add(
                    _office_time(day, words[15]), year, 40 + turn, _control_block(known), known, control=True
                )

    def _child_health(self) -> None:
        for place, (days, block, diagnosis) in enumerate(_child_programme()):
            word = self._draws.section(label("bvc", place))[0]
            day = self._born + days + below(word, 9) - 2
            year = (_EPOCH + timedelta(days=day)).year
            if FIRST_YEAR <= year <= self._last_year:
                self._add(_office_time(day, word), year, 60 + place, block, (), diagnosis=diagnosis)


@lru_cache(maxsize=1)
def _child_programme() -> tuple[tuple[int, Block, str | None], ...]:
    code = read_table("note_templates.toml")["BVC"]["code"]
    return tuple(
        (
            visit["days"],
            Block(
                template="BVC",
                note_code=code,
                where="child-health",
                staff=(visit["staff"],),
                parts=parts_of("BVC", visit),
            ),
            visit.get("diagnosis"),
        )
        for visit in read_table("child_health.toml")["visit"]
    )


@lru_cache(maxsize=4096)
def _control_block_of(codes: tuple[str, ...]) -> Block:
    known = [course for course in chronic_courses() if course.code in codes]
    names = [course.name for course in known][:4]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} och {names[-1]}"
    texts: dict[str, Any] = {
        "orsak": [[f"Årskontroll av {listed}.", f"Kontroll av {listed}.", f"Planerat återbesök: {listed}."]],
    }
    for role in ("anamnes", "lakemedel", "status", "bedomning", "plan"):
        lines = [
            list(course.medicines if role == "lakemedel" else course.control[role]) for course in known[:4]
        ]
        texts[role] = [line for line in lines if line]
    if not texts["lakemedel"]:
        del texts["lakemedel"]
    template = "Läkarbesök primärvård"
    specialist = known[0].where != "primary-care"
    return Block(
        template="Läkarbesök sjukhus" if specialist else template,
        note_code="bes",
        where=known[0].where,
        staff=("specialistlakare" if specialist else "distriktslakare",),
        parts=parts_of("Läkarbesök sjukhus" if specialist else template, texts),
    )


def _control_block(known: tuple[Course, ...]) -> Block:
    return _control_block_of(tuple(course.code for course in known))


@lru_cache(maxsize=2048)
def plan_of(world: World, region: Region, person: Person, last_year: int) -> Plan:
    """Return *person*'s plan until the end of *last_year*; a later year only adds visits."""
    return _Planner(world, region, person, last_year).plan()
