"""Clinical courses read from the data files: what people have, how often, and how it is written down."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from anslut_simulators.population.identities import Sex

Sentences = tuple[tuple[str, ...], ...]

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
_STAY: Final = ("in", "day", "out", "plan")
CHILD_UNTIL: Final = 12
OLDEST: Final = 110
_MILLION: Final = 1_000_000
_WORD: Final = 1 << 32
_MIDDLES: Final = (3, 12, 31, 55, 72, 88)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under one heading: sentences, each a choice of wordings, for adults and for children."""

    role: str
    heading: str
    adult: Sentences
    child: Sentences


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of visit: where, who, and the parts of its note."""

    template: str
    note_code: str
    where: str
    staff: tuple[str, ...]
    parts: tuple[Part, ...]


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """A condition. *control* and *medicines* are for those that last; *place* is its place in its file.

    *stay* are the notes of a hospital stay, for those who are at least *stay_from_age*.
    """

    code: str
    place: int
    season: str
    block: Block
    panels: tuple[str, ...]
    panel_percent: int
    variants: dict[str, str]
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


def _wordings(sentence: Sequence[str], mark: str, other: str) -> tuple[str, ...]:
    kept = tuple(text.removeprefix(mark) for text in sentence if not text.startswith(other))
    return kept or tuple(text.removeprefix(other) for text in sentence)


def parts_of(template: str, texts: Mapping[str, Any]) -> tuple[Part, ...]:
    """Return the parts of a note after *template* from a course's texts, in the order a note is read."""
    headings = read_table("note_templates.toml")[template]["headings"]
    return tuple(
        Part(
            role=role,
            heading=headings[role],
            adult=tuple(_wordings(sentence, "v|", "b|") for sentence in texts[role]),
            child=tuple(_wordings(sentence, "b|", "v|") for sentence in texts[role]),
        )
        for role in ROLES
        if role in texts
    )


def _block(texts: Mapping[str, Any], *, template: str = "Läkarbesök primärvård") -> Block:
    template = texts.get("template", template)
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
            where=texts.get("where", "primary-care"),
            born_after=texts.get("born_after", 0),
            season=texts["first"].get("season", "jamnt"),
            block=_block(texts["first"]),
            panels=tuple(texts["panels"]),
            panel_percent=100,
            variants=texts.get("variants", {}),
            control={role: tuple(texts["control"].get(role, ())) for role in ROLES},
            medicines=tuple(texts["lakemedel"]),
        )
        for place, (code, texts) in enumerate(read_table("courses_chronic.toml").items())
    )


def _share(code: str, sex: Sex, age: int) -> int:
    """Return how many per million of *sex* have *code* at *age*, between the middles of the age bands."""
    row = read_table("diagnoses.json")["diagnoses"][code]
    factor = row[sex.lower()]
    band = bisect_right(_MIDDLES, age)
    if band in {0, len(_MIDDLES)}:
        level = row["ppm"][min(band, len(_MIDDLES) - 1)]
    else:
        low, high = _MIDDLES[band - 1], _MIDDLES[band]
        level = (row["ppm"][band - 1] * (high - age) + row["ppm"][band] * (age - low)) // (high - low)
    return min(_MILLION, int(level * factor) // 1000)


@lru_cache(maxsize=2)
def onset_tables(sex: Sex) -> tuple[tuple[int, ...], ...]:
    """Return for every long-term condition the share ever struck by each age, as 32-bit words."""
    return tuple(
        tuple(
            accumulate((_share(course.code, sex, age) * _WORD // _MILLION for age in range(OLDEST + 1)), max)
        )
        for course in chronic_courses()
    )


def visit_rates(sex: Sex, age: int, year: int) -> tuple[int, ...]:
    """Return the cumulative yearly visits per million for every passing complaint; the last is their sum."""
    return _visit_rates(sex, age, min(year, _newest_complaint()))


@lru_cache(maxsize=1)
def _newest_complaint() -> int:
    return max(course.not_before for course in acute_courses())


@lru_cache(maxsize=32 * (OLDEST + 1))
def _visit_rates(sex: Sex, age: int, year: int) -> tuple[int, ...]:
    return tuple(
        accumulate(
            0 if year < course.not_before else _share(course.code, sex, age) for course in acute_courses()
        )
    )
