"""Which wordings suit whom: every sentence of a note has one for everybody whom it is written about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.histories.courses import OLDEST, ROLES, acute_courses, chronic_courses, onset_tables
from anslut_simulators.histories.wordings import choices_of, suiting, wording
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.courses import Course
    from anslut_simulators.population.identities import Sex

SEXES: tuple[Sex, Sex] = ("F", "M")


@pytest.mark.parametrize(
    ("marked", "suits"),
    [
        ("Söker för hosta.", {("F", 0), ("M", 110)}),
        ("v|Röker inte.", {("F", 12), ("M", 110)}),
        ("b|Leker.", {("F", 0), ("M", 11)}),
        ("18-66|Sjukskrivs.", {("F", 18), ("M", 66)}),
        ("-17|Går i skolan.", {("F", 0), ("M", 17)}),
        ("k50-|Remiss.", {("F", 50), ("F", 110)}),
        ("m|Remiss.", {("M", 0), ("M", 110)}),
    ],
)
def test_a_mark_says_ages_and_sex(marked: str, suits: set[tuple[Sex, int]]) -> None:
    """Both ages are included, and what is not said is either."""
    one = wording(marked)
    ages = {age for _, age in suits}

    assert "|" not in one.text
    assert all(one.suits(age, sex) for sex, age in suits)
    assert not one.suits(min(ages) - 1, "F")
    assert not one.suits(max(ages) + 1, "M") or max(ages) == OLDEST


def test_choices_are_those_that_suit() -> None:
    """What was worked out for every age says the same as asking for each."""
    sentences = [["2-|ett", "k|två", "-1|tre"], ["18-|fyra"]]
    choices = choices_of(sentences)

    for age in range(OLDEST + 1):
        for sex in SEXES:
            kept = [suiting(sentence, age, sex) for sentence in sentences]
            assert choices.to(age, sex) == tuple(one for one in kept if one)


def _texts(course: Course) -> Iterator[tuple[int, list[str]]]:
    """Yield from which age each sentence is written."""
    table = read_table("courses_chronic.toml" if course.name else "courses_acute.toml")[course.code]
    parts = [(course.ages[0], table)]
    parts += [(course.ages[0], table[name]) for name in ("first", "follow", "nurse") if name in table]
    stays = [part for part in table.get("stay", {}).values() if isinstance(part, dict)]
    parts += [(max(course.ages[0], course.stay_from_age), part) for part in stays]
    for first, part in parts:
        for role in ROLES:
            for sentence in part.get(role, ()) if role != "lakemedel" or part is not table else ():
                yield first, sentence
    for wordings in table.get("control", {}).values():
        yield course.ages[0], wordings


@pytest.mark.parametrize("course", [*acute_courses(), *chronic_courses()], ids=lambda course: course.code)
def test_every_sentence_has_a_wording_for_everybody_with_the_course(course: Course) -> None:
    """A sentence that suits nobody would leave a hole in the note."""
    row = read_table("diagnoses.json")["diagnoses"][course.code]
    holes = {
        (sentence[0], age, sex)
        for first, sentence in _texts(course)
        for age in range(first, course.ages[1] + 1)
        for sex in SEXES
        if row[sex.lower()] and not suiting(sentence, age, sex)
    }

    assert holes == set()


def test_nothing_begins_before_its_youngest_age() -> None:
    """The shares of the age bands are joined by lines: none may begin below what the texts are written for."""
    for sex in SEXES:
        for course, levels in zip(chronic_courses(), onset_tables(sex), strict=True):
            assert not any(levels[: course.ages[0]]), course.code


@pytest.mark.parametrize("name", ["courses_acute.toml", "courses_chronic.toml"])
def test_kilos_are_said_in_kilos(name: str) -> None:
    """{vikt} is grams for an infant, as child health writes it: elsewhere a text says {viktkg}."""
    texts = re.findall(r"\{vikt\} kg", str(read_table(name)))

    assert texts == []
