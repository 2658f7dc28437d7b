"""Clinical courses read from the data files: what people have, how often, and how it is written down."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.wordings import Choices, choices_of
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.population.identities import Sex

ROLES: Final = (
    "orsak",
    "anamnes",
    "socialt",
    "levnadsvanor",
    "allergi",
    "lakemedel",
    "status",
    "utveckling",
    "vaccination",
    "bedomning",
    "atgard",
    "plan",
)
_NURSE: Final = {"template": "Sjuksköterska primärvård", "staff": "distriktsskoterska"}
_STAY: Final = ("in", "day", "out", "plan")
OLDEST: Final = 110
_MILLION: Final = 1_000_000
_WORD: Final = 1 << 32
_MIDDLES: Final = (3, 12, 31, 55, 72, 88)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under one heading: sentences, each a choice of wordings that suit some ages or a sex."""

    role: str
    heading: str
    choices: Choices


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of visit: where, who, and the parts of its note."""

    template: str
    note_code: str
    where: str
    staff: tuple[str, ...]
    parts: tuple[Part, ...]


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A condition. *control* and *medicines* are for those that last; *place* is its place in its file.

    *ages* are the youngest and the oldest who have it; *outgrown* says that it passes as it grows rarer with age.
    *stay* are the notes of a hospital stay, for those who are at least *stay_from_age*.
    """

    code: str
    place: int
    season: str
    block: Block
    panels: tuple[str, ...]
    panel_percent: int
    variants: dict[str, str]
    ages: tuple[int, int]
    outgrown: bool = False
    name: str = ""
    where: str = "primary-care"
    follow: Block | None = None
    follow_percent: int = 0
    follow_days: tuple[int, int] = (0, 0)
    not_before: int = 0
    born_after: int = 0
    stay: tuple[Block, ...] = ()
    stay_from_age: int = 0
    strep_positive: bool = False
    control: dict[str, tuple[str, ...]] = {}
    medicines: tuple[str, ...] = ()


def parts_of(template: str, texts: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts of a note after *template* from a course's texts, in the order a note is read."""
    headings = read_table("note_templates.toml")[template]["headings"]
    return tuple(
        Part(role=role, heading=headings[role], choices=choices_of(texts[role]))
        for role in ROLES
        if role in texts
    )


def _block(texts: Mapping[str, Any]) -> Block:
    template = texts.get("template", "Läkarbesök primärvård")
    staff = texts.get("staff", "distriktslakare")
    where = texts.get("where", "primary-care")
    if "staff" not in texts and where != "primary-care":
        staff = "specialistlakare"
    return Block(
        template=template,
        note_code=read_table("note_templates.toml")[template]["code"],
        where=where,
        staff=(staff,) if isinstance(staff, str) else tuple(staff),
        parts=parts_of(template, texts),
    )


def _ages(texts: Mapping[str, Any]) -> tuple[int, int]:
    youngest, oldest = texts.get("ages", (0, OLDEST))
    return youngest, oldest


@lru_cache(maxsize=1)
def acute_courses() -> tuple[Course, ...]:
    """Return what people come for now and then."""
    return tuple(
        Course(
            code=code,
            place=place,
            season=texts.get("season", "jamnt"),
            block=_block(texts),
            panels=tuple(texts.get("panels", ())),
            panel_percent=texts.get("panel_percent", 0),
            variants=texts.get("variants", {}),
            ages=_ages(texts),
            follow=_block(texts["follow"]) if "follow" in texts else None,
            follow_percent=texts.get("follow", {}).get("percent", 0),
            follow_days=tuple(texts.get("follow", {}).get("days", (0, 0))),
            not_before=texts.get("not_before", 0),
            stay=tuple(_block(texts["stay"][part]) for part in _STAY if part in texts.get("stay", {})),
            stay_from_age=texts.get("stay", {}).get("from_age", 0),
            strep_positive=texts.get("strep_positive", False),
        )
        for place, (code, texts) in enumerate(read_table("courses_acute.toml").items())
    )


@lru_cache(maxsize=1)
def chronic_courses() -> tuple[Course, ...]:
    """Return the long-term conditions, in the order in which a control mentions them."""
    return tuple(
        Course(
            code=code,
            place=place,
            name=texts["name"],
            outgrown=texts.get("outgrown", False),
            where=texts.get("where", "primary-care"),
            born_after=texts.get("born_after", 0),
            season=texts["first"].get("season", "jamnt"),
            block=_block(texts["first"]),
            panels=tuple(texts["panels"]),
            panel_percent=100,
            variants=texts.get("variants", {}),
            ages=_ages(texts),
            follow=_block(_NURSE | texts["nurse"]) if "nurse" in texts else None,
            follow_percent=texts.get("nurse", {}).get("percent", 0),
            follow_days=tuple(texts.get("nurse", {}).get("days", (0, 0))),
            control={role: tuple(texts["control"].get(role, ())) for role in ROLES},
            medicines=tuple(texts["lakemedel"]),
        )
        for place, (code, texts) in enumerate(read_table("courses_chronic.toml").items())
    )


@lru_cache(maxsize=256)
def _line(code: str, ages: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Return ages, each with how many per million have *code*: it rises from the youngest who can have it."""
    ppm = read_table("diagnoses.json")["diagnoses"][code]["ppm"]
    youngest, oldest = ages
    points = [(age, level) for age, level in zip(_MIDDLES, ppm, strict=True) if youngest <= age <= oldest]
    if youngest:
        points.insert(0, (youngest - 1, 0))
    if oldest < OLDEST:
        points.append((oldest + 1, 0))
    return tuple(points)


def _share(course: Course, sex: Sex, age: int) -> int:
    """Return how many per million of *sex* have *course* at *age*, between the middles of the age bands."""
    if not course.ages[0] <= age <= course.ages[1]:
        return 0
    points = _line(course.code, course.ages)
    after = next((place for place, point in enumerate(points) if point[0] > age), len(points))
    if after in {0, len(points)}:
        level = points[min(after, len(points) - 1)][1]
    else:
        (low, start), (high, end) = points[after - 1], points[after]
        level = (start * (high - age) + end * (age - low)) // (high - low)
    factor = read_table("diagnoses.json")["diagnoses"][course.code][sex.lower()]
    return min(_MILLION, int(level * factor) // 1000)


@lru_cache(maxsize=2)
def _share_tables(sex: Sex) -> tuple[tuple[int, ...], ...]:
    return tuple(
        tuple(_share(course, sex, age) * _WORD // _MILLION for age in range(OLDEST + 1))
        for course in chronic_courses()
    )


@lru_cache(maxsize=2)
def onset_tables(sex: Sex) -> tuple[tuple[int, ...], ...]:
    """Return for every long-term condition the share ever struck by each age, as 32-bit words."""
    return tuple(tuple(accumulate(shares, max)) for shares in _share_tables(sex))


def outgrown_at(course: Course, sex: Sex, *, word: int, age: int) -> int | None:
    """Return at what age whom *word* struck at *age* is rid of *course*; None for a lasting one."""
    if not course.outgrown:
        return None
    shares = _share_tables(sex)[course.place]
    return next((later for later in range(age, OLDEST + 1) if shares[later] <= word), None)


def visit_rates(sex: Sex, age: int, year: int) -> tuple[int, ...]:
    """Return the cumulative yearly visits per million for every passing complaint; the last is their sum."""
    return _visit_rates(sex, age, min(year, _newest_complaint()))


@lru_cache(maxsize=1)
def _newest_complaint() -> int:
    return max(course.not_before for course in acute_courses())


@lru_cache(maxsize=32 * (OLDEST + 1))
def _visit_rates(sex: Sex, age: int, year: int) -> tuple[int, ...]:
    return tuple(
        accumulate(0 if year < course.not_before else _share(course, sex, age) for course in acute_courses())
    )
