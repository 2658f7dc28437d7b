"""Why people call 1177 on the phone, and how calls end, read from the data files."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.wordings import Sentences
from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anslut_simulators.population.identities import Sex

_ADULT, _CHILD = "v|", "b|"
_PER_MILLE: Final = 1000
_OFTEN_GRAVE: Final = 100


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is said in one kind of call, to those of twelve and over or about younger children.

    *questions* are (question, answers when all is well, answers when it is not); *picture* and *assessment*
    are wordings when well and when not.
    """

    complaint: Sentences
    history: Sentences
    questions: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    picture: tuple[tuple[str, ...], tuple[str, ...]]
    assessment: tuple[tuple[str, ...], tuple[str, ...]]
    advice: Sentences
    again: tuple[str, ...]
    urgent: tuple[str, ...]


class CallReason(msgspec.Struct, frozen=True, kw_only=True):
    """A contact reason; *weights* by age band, *courses* the visits it can lead to, *red* how often 112 is the end.

    *elsewhere* is where those who can wait are sent, when that is not the health centre.
    """

    key: str
    name: str
    weights: tuple[int, ...]
    courses: tuple[str, ...]
    sex: str | None
    years: tuple[int, int]
    red: int
    elsewhere: tuple[str, ...]
    adult: Told
    child: Told


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a call ends: how urgent, in words, and where the patient is sent; *alarm* when an answer was not good."""

    level: str
    urgency: tuple[str, ...]
    referral: tuple[str, ...]
    share: int = 0
    alarm: bool = True


def _kept(wordings: Sequence[str], mark: str, other: str) -> tuple[str, ...]:
    kept = tuple(text.removeprefix(mark) for text in wordings if not text.startswith(other))
    return kept or tuple(text.removeprefix(other) for text in wordings)


def _told(row: Mapping[str, Any], mark: str, other: str) -> Told:
    def sentences(name: str) -> Sentences:
        return tuple(_kept(wordings, mark, other) for wordings in row[name])

    picture, assessment = sentences("bild"), sentences("bedomning")
    return Told(
        complaint=sentences("orsak"),
        history=sentences("anamnes"),
        questions=tuple(
            (question, _kept(well, mark, other), _kept(ill, mark, other))
            for question, well, ill in row["fragor"]
        ),
        picture=(picture[0], picture[1]),
        assessment=(assessment[0], assessment[1]),
        advice=sentences("rad"),
        again=_kept(row["ater"], mark, other),
        urgent=_kept(row.get("akut", ()), mark, other),
    )


@cache
def call_reasons() -> tuple[CallReason, ...]:
    """Return every contact reason, in the file's order."""
    return tuple(
        CallReason(
            key=key,
            name=row["name"],
            weights=tuple(row["vikt"]),
            courses=tuple(row["courses"]),
            sex=row.get("sex"),
            years=(row.get("from_year", 0), row.get("until_year", 9999)),
            red=row.get("red", 0),
            elsewhere=tuple(row.get("annan", ())),
            adult=_told(row, _ADULT, _CHILD),
            child=_told(row, _CHILD, _ADULT),
        )
        for key, row in read_table("call_reasons.toml").items()
    )


@cache
def reasons_before(course: str) -> tuple[CallReason, ...]:
    """Return the contact reasons of calls that lead to a visit for *course* (a diagnosis code)."""
    return tuple(reason for reason in call_reasons() if course in reason.courses)


@cache
def table() -> Mapping[str, Any]:
    """Return the table of how many call, when, and how calls end."""
    found: dict[str, Any] = read_table("calls.toml")
    return found


def _band(age: int) -> int:
    return bisect_right(table()["rates"]["from_age"], age) - 1


@lru_cache(maxsize=256)
def yearly_rate(sex: Sex, age: int) -> int:
    """Return the calls a year per million of *sex* at *age*."""
    rates = table()["rates"]
    factor: int = rates["women" if sex == "F" else "men"]
    return int(rates["per_mille"][_band(age)]) * factor


@lru_cache(maxsize=1024)
def _weights(sex: Sex, band: int, year: int) -> tuple[tuple[CallReason, ...], tuple[int, ...]]:
    known = tuple(
        reason
        for reason in call_reasons()
        if reason.weights[band] and reason.sex in {None, sex} and reason.years[0] <= year <= reason.years[1]
    )
    return known, tuple(accumulate(reason.weights[band] for reason in known))


def draw_reason(sex: Sex, age: int, year: int, word: int) -> CallReason:
    """Return why somebody of *sex* and *age* calls in *year*, drawn by *word*."""
    known, bounds = _weights(sex, _band(age), year)
    return known[bisect_right(bounds, below(word, bounds[-1]))]


def reason_before(course: str, sex: Sex, age: int, word: int) -> CallReason | None:
    """Return why somebody calls before a visit for *course*, or None when such visits are not called about."""
    band = _band(age)
    fitting: Final = [
        reason for reason in reasons_before(course) if reason.weights[band] and reason.sex in {None, sex}
    ]
    return fitting[word % len(fitting)] if fitting else None


@cache
def _endings() -> tuple[tuple[Ending, ...], tuple[int, ...]]:
    found = tuple(
        Ending(
            level=row["level"],
            urgency=tuple(row["urgency"]),
            referral=tuple(row["referral"]),
            share=row["share"],
            alarm=row["alarm"],
        )
        for row in table()["ending"]
    )
    return found, tuple(accumulate(ending.share for ending in found))


def draw_ending(reason: CallReason, word: int, urgent: int) -> Ending:
    """Return how a call for *reason* that leads to no visit ends; *urgent* is the draw for the gravest end."""
    found, bounds = _endings()
    levels = {ending.level: ending for ending in found}
    if below(urgent, _PER_MILLE) < reason.red:
        return levels["red"]
    drawn = found[bisect_right(bounds, below(word, bounds[-1]))]
    # What is often grave is not left for the next day when something is not well.
    return levels["orange"] if drawn.level == "yellow" and reason.red >= _OFTEN_GRAVE else drawn


@cache
def ending_before(where: str) -> Ending | None:
    """Return how a call ends that leads to a visit at a unit of the kind *where*; None for other kinds."""
    row = table()["visit"].get(where)
    if row is None:
        return None
    return Ending(level=row["level"], urgency=tuple(row["urgency"]), referral=tuple(row["referral"]))


@cache
def _hours(weekend: bool) -> tuple[int, ...]:  # noqa: FBT001 - a cache key
    return tuple(accumulate(table()["hours"]["weekend" if weekend else "weekday"]))


def draw_hour(word: int, *, weekend: bool) -> int:
    """Return an hour of the day at which somebody calls."""
    bounds = _hours(weekend)
    return bisect_right(bounds, below(word, bounds[-1]))


def draw_caller(age: int, word: int) -> str:
    """Return who calls about a patient of *age*: `self`, `parent`, `partner`, `relative`, `child` or `staff`."""
    shares = next(row["who"] for row in table()["caller"] if age <= row["until_age"])
    rest = below(word, sum(shares.values()))
    for who, share in shares.items():
        rest -= share
        if rest < 0:
            return str(who)
    raise AssertionError("the shares cover every word")
