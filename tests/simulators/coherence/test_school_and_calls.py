"""School health and 1177 on the phone make sense to whoever works there, over many generated pupils and callers."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest
from anslut_simulators.histories.school import is_school_day, school_year
from anslut_simulators.histories.school_notes import overweight_from
from anslut_simulators.population import default_population
from anslut_simulators.truth.vaccinations import Vaccination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population import Person
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
NOTES: Final = "care-documentation"
STARTS_AT: Final = 6
ADULT: Final = 18
FRIDAY: Final = 5
BABY: Final = re.compile(r"blöj|jollr|\bamma|ändtarm", re.IGNORECASE)
COMMAND: Final = re.compile(
    r"\b(ring|skölj|håll|märk|kyl|res|följ|rådgör|använd|undvik|täck|drick|känn|lås|ligg|åk|fortsätt|väck)\b",
    re.IGNORECASE,
)
MEASLES: Final = ("J07BD52", "J07BD54")


@lru_cache(maxsize=1)
def pupils() -> list[tuple[Person, list[Event]]]:
    """Return pupils, each with what school health has noted, oldest first."""
    people = [
        one for one in POPULATION.sample(2500, region="fjallmark") if 2004 <= one.birth_date.year <= 2017
    ]
    return [(one, list(POPULATION.history(one, NOTES, system="elevjournal", until=NOW))) for one in people]


@lru_cache(maxsize=1)
def callers() -> list[tuple[Person, list[Event]]]:
    """Return people of all ages, each with the notes of their calls."""
    people = POPULATION.sample(1500, region="fjallmark", stratum="scale", label="callers")
    return [(one, list(POPULATION.history(one, NOTES, system="radgivning", until=NOW))) for one in people]


def said(event: Event) -> str:
    """Return everything that a note says."""
    return " ".join(atom.text for atom in event.atoms)


def advice() -> Iterator[str]:
    """Yield what callers are advised."""
    for _, notes in callers():
        for note in notes:
            yield from (atom.text for atom in note.atoms if atom.path == ("Åtgärd/egenvård",))


def test_nobody_is_at_school_when_it_is_closed() -> None:
    """No pupil of the sample, nor the persona who comes every day, at weekends, on holidays or in breaks."""
    daily = POPULATION.personas()["elev-manga-poster"].person
    every_day = [
        one
        for one in POPULATION.history(daily, NOTES, system="elevjournal", until=NOW)
        if one.template == "Daglig kontroll"
    ]
    visits = [*every_day, *(note for _, notes in pupils() for note in notes)]

    assert len(every_day) == 1210
    assert [visit.occurred_at for visit in visits if not is_school_day(visit.occurred_at.date())] == []
    assert [visit.occurred_at for visit in visits if visit.occurred_at.isoweekday() > FRIDAY] == []
    assert {visit.occurred_at.month for visit in visits}.isdisjoint({7})


def test_the_next_health_visit_is_in_the_grade_that_was_told() -> None:
    """Some schools see their pupils in year one, others in year two: each says which."""
    seen = 0
    for pupil, notes in pupils():
        visits = [note for note in notes if (note.template or "").startswith("Hälsobesök")]
        for visit, following in pairwise(visits):
            told = re.search(r"(?:[Nn]ästa hälsobesök|Kallas åter|Åter) i årskurs (\d)", said(visit))
            if told is not None:
                grade = school_year(following.occurred_at.date()) - pupil.birth_date.year - STARTS_AT
                assert int(told[1]) == grade, said(visit)
                seen += 1
    assert seen > 100


def test_school_knows_who_has_had_the_vaccines() -> None:
    """A pupil without measles vaccine in the register is not called vaccinated, and most have it."""
    told = {True: 0, False: 0}
    for pupil, notes in pupils():
        for note in notes:
            if note.template != "Hälsobesök förskoleklass" or "accin" not in said(note):
                continue
            register = POPULATION.history(pupil, "vaccinations", system="vaxreg", until=note.occurred_at)
            has_it = any(
                (dose.vaccine.code or "").startswith(MEASLES)
                for event in register
                for dose in event.holding(Vaccination).doses
            )
            called = "Vaccinerad enligt" in said(note)
            told[called] += 1
            assert has_it or not called
    assert told[True] > 100
    assert told[False] > 3


def test_wounds_are_dressed_and_nothing_else_is() -> None:
    """A sore forehead needs no bandage."""
    dressed = [
        note for _, notes in pupils() for note in notes if re.search(r"omlagt|plåster|Såret", said(note))
    ]

    assert len(dressed) > 20
    assert [said(note) for note in dressed if not re.search(r"sår på|skrapade|Skrubbsår", said(note))] == []


def test_no_guardian_speaks_for_a_grown_pupil() -> None:
    """From eighteen on pupils come, answer and are called themselves."""
    grown = [
        said(note)
        for pupil, notes in pupils()
        for note in notes
        if (note.occurred_at.date() - pupil.birth_date).days > (ADULT + 0.01) * 365.25 and note.reason is None
    ]

    assert len(grown) > 10
    assert [text for text in grown if "vårdnadshavare" in text.casefold()] == []


@pytest.mark.parametrize(("years", "limit"), [(6, 175), (9.2, 192.4), (17, 244.5), (19, 250)])
def test_overweight_is_judged_at_the_pupils_own_age(years: float, limit: float) -> None:
    """Not at the next age of a table: a pupil of nine years is not measured as one of ten."""
    assert overweight_from(years) == pytest.approx(limit)


def test_only_infants_are_spoken_of_as_infants() -> None:
    """Nappies and babble do not belong to somebody of six."""
    texts = [
        (note.occurred_at.date(), said(note))
        for person, notes in callers()
        for note in notes
        if (note.occurred_at.date() - person.birth_date).days > 3 * 365
    ]

    assert len(texts) > 1000
    assert [text for text in texts if BABY.search(text[1])] == []


def test_acute_illness_is_called_about_within_days() -> None:
    """Nobody waits nine days with a sore throat and fever, to be told to wait and see."""
    days = [
        int(found[1])
        for _, notes in callers()
        for note in notes
        if (found := re.search(r"(?:Halsont|\. Feber) sedan (\d+) dagar", said(note)))
    ]

    assert len(days) > 30
    assert max(days) <= 4


def test_advice_is_written_in_one_form() -> None:
    """What to do is told in the infinitive throughout, also of what goes on to 112."""
    told = list(advice())

    assert len(told) > 1000
    assert {text for text in told if COMMAND.search(text)} == set()


def test_toothache_is_sent_to_a_dentist() -> None:
    """A health centre and child health do not mend teeth."""
    told = [
        said(note)
        for _, notes in callers()
        for note in notes
        if said(note).startswith("Tandvärk") and re.search(r"Grön|annan mottagning", said(note))
    ]

    assert told
    assert all("tandvården" in text for text in told)
    assert not any("årdcentral" in text for text in told)
