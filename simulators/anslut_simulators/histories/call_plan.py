"""When somebody calls 1177 on the phone, why, and how it ends: the plan that notes and contacts are told from.

Some calls lead to a visit that the record system has: a few hours before it, with a matching reason. The
others end in advice, or in care that leaves no trace in the record.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, day_number, wall_day, wall_seconds, year_start
from anslut_simulators.histories.call_reasons import (
    CallReason,
    Ending,
    draw_caller,
    draw_ending,
    draw_hour,
    draw_reason,
    ending_before,
    reason_before,
    table,
    yearly_rate,
)
from anslut_simulators.histories.plan import Visit, plan_of
from anslut_simulators.population.draws import Section, below, label

if TYPE_CHECKING:
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import Region
    from anslut_simulators.population.world import World

FIRST_YEAR: Final = 2016
"""Before this year the telephone advice system holds nothing."""

_PER_MILLE: Final = 1000
_MILLION: Final = 1_000_000
_TURNS: Final = 3
_FRIDAY: Final = 5
_OLDEST: Final = 105
_HOUR: Final = 3600
_NEVER: Final = 1 << 62
_LED: Final = 8


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call; *place* names it within the year, *words* are its own draws; times in wall-clock seconds.

    *saved* is when the nurse closed it, which also signs its note; far beyond time when the line broke and
    nothing was ever saved. *signed* differs when a supervisor signs for a student.
    """

    start: int
    end: int
    saved: int
    signed: int
    corrected: int
    removed: int
    year: int
    place: int
    age: int
    days: int
    reason: CallReason
    ending: Ending
    caller: str
    drafts: int
    words: Section
    visit: Visit | None = None

    @property
    def is_saved(self) -> bool:
        """Whether the nurse closes the call with a note, ever."""
        return self.saved < _NEVER


@lru_cache(maxsize=128)
def calls_of(world: World, region: Region, person: Person, last_year: int) -> tuple[Call, ...]:
    """Return *person*'s calls until the end of *last_year*, oldest first; a later year only adds calls."""
    found = [*_leading(world, region, person, last_year), *_others(world, person, last_year)]
    return tuple(sorted(found, key=lambda call: call.start))


def _leading(world: World, region: Region, person: Person, last_year: int) -> list[Call]:
    """Return the calls that led to visits of the generated record; a persona's record is its own story."""
    if person.persona is not None:
        return []
    shares = table()["leads_to_visit"]
    found = []
    for visit in plan_of(world, region, person, last_year).visits:
        share = shares.get(visit.block.where, 0)
        if visit.follow or visit.control or len(visit.courses) != 1 or visit.courses[0].name:
            continue
        if visit.year < FIRST_YEAR or not share:
            continue
        words = world.draws.of(person.number).section(label("call-before", visit.year, visit.place))
        if below(words[0], _PER_MILLE) >= share:
            continue
        reason = reason_before(visit.courses[0].code, person.sex, visit.age, words[1])
        ending = ending_before(visit.block.where)
        if reason is not None and ending is not None:
            found.append(
                _call(person, words, _before(visit, words), _LED + visit.place, reason, ending, visit)
            )
    return [call for call in found if call is not None]


def _before(visit: Visit, words: Section) -> int:
    """Return when somebody called before *visit*: the same morning or the evening before, or shortly before."""
    if visit.block.where == "emergency":
        start = visit.start - _HOUR - below(words[2], 3 * _HOUR)
    elif words[3] & 1 and visit.start % DAY > 10 * _HOUR:
        start = visit.start - 2 * _HOUR - below(words[2], _HOUR)
    else:
        start = (visit.start // DAY - 1) * DAY + 17 * _HOUR + below(words[2], 5 * _HOUR)
    return start // 60 * 60 + below(words[4], 60)


def _others(world: World, person: Person, last_year: int) -> list[Call]:
    draws = world.draws.of(person.number)
    frailty = 500 + below(draws.section(label("health"))[0], 1001)
    found = []
    for year in range(max(FIRST_YEAR, person.birth_date.year), last_year + 1):
        words = draws.section(label("calls", year))
        age = min(_OLDEST, year - person.birth_date.year)
        chance = yearly_rate(person.sex, age) * frailty // _PER_MILLE * _alone() // _PER_MILLE // _TURNS
        for turn in range(_TURNS):
            if below(words[turn], _MILLION) >= chance:
                continue
            own = draws.section(label("call", year, turn))
            start = _moment(year, own)
            age_then = (start // DAY - day_number(person.birth_date)) * 100 // 36525
            if age_then < 0:
                continue
            reason = draw_reason(person.sex, age_then, year, own[5])
            found.append(_call(person, own, start, turn, reason, draw_ending(reason, own[6], own[4]), None))
    return [call for call in found if call is not None]


def _alone() -> int:
    share: int = table()["rates"]["without_visit"]
    return share


def _moment(year: int, words: Section) -> int:
    day = year_start(year) + below(words[0], 365)
    weekend = wall_day(day * DAY).isoweekday() > _FRIDAY
    if not weekend and below(words[1], _PER_MILLE) < table()["hours"]["moved_to_weekend"]:
        day += 6 - wall_day(day * DAY).isoweekday() + (words[1] & 1)
        weekend = True
    hour = draw_hour(words[2], weekend=weekend)
    # What begins at one is over before two, so that nothing lies in the hour that the clocks change in.
    return day * DAY + hour * _HOUR + below(words[3], _HOUR if hour != 1 else _HOUR // 2)


def _call(  # noqa: PLR0913, PLR0917 - a call's parts
    person: Person,
    words: Section,
    start: int,
    place: int,
    reason: CallReason,
    ending: Ending,
    visit: Visit | None,
) -> Call | None:
    days = start // DAY - day_number(person.birth_date)
    if days < 1 or (person.deceased_at is not None and start >= wall_seconds(person.deceased_at) - DAY):
        return None
    age = days * 100 // 36525
    end = start + 200 + below(words[7], 1100)
    saved = end + 20 + below(words[8], 400)
    signed, corrected, removed = saved, _NEVER, _NEVER
    odd = below(words[9], _PER_MILLE)
    if odd < 8 and visit is None:  # noqa: PLR2004 - per mille, here and below
        saved = signed = _NEVER
    elif odd < 20:  # noqa: PLR2004 - a student's note waits for the supervisor
        signed = (saved // DAY + 1) * DAY + 8 * _HOUR + below(words[10], 8 * _HOUR)
    elif odd < 32:  # noqa: PLR2004
        corrected = (saved // DAY + 1) * DAY + 9 * _HOUR + below(words[10], 5 * _HOUR)
    elif odd < 37:  # noqa: PLR2004
        removed = (saved // DAY + 1) * DAY + 9 * _HOUR + below(words[10], 7 * _HOUR)
    return Call(
        start=start,
        end=end,
        saved=saved,
        signed=signed,
        corrected=corrected,
        removed=removed,
        year=visit.year if visit is not None else wall_day(start).year,
        place=place,
        age=age,
        days=days,
        reason=reason,
        ending=ending,
        caller=draw_caller(age, words[11]),
        drafts=_drafts(words[12]),
        words=words,
        visit=visit,
    )


def _drafts(word: int) -> int:
    rest = below(word, _PER_MILLE)
    for count, share in enumerate(table()["drafts"]["count"]):
        rest -= share
        if rest < 0:
            return count
    raise AssertionError("the shares cover every word")
