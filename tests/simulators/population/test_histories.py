"""Generated histories: coherent, monotone in time, and with excluded text that can be traced."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.population import default_population
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.laboratory_results import Laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population import Person
    from anslut_simulators.truth import Event

SAMPLE = 400
TYPES = ("care-documentation", "diagnoses", "laboratory-results")


def people(count: int = 150) -> list[Person]:
    """Return people of both strata."""
    population = default_population()
    return [
        person
        for stratum in ("official", "scale")
        for person in population.sample(count, region="fjallmark", stratum=stratum, label="histories")
    ]


@lru_cache(maxsize=1)
def _told() -> list[tuple[int, Person, Event]]:
    population = default_population()
    return [
        (place % SAMPLE, person, event)
        for place, person in enumerate(people(SAMPLE))
        for type_ in TYPES
        for event in population.history(person, type_, until=population.world.clock_start)
    ]


def everything(count: int = 150) -> Iterator[tuple[Person, Event]]:
    """Yield the events of the first *count* people of both strata at the world date."""
    return ((person, event) for place, person, event in _told() if place < count)


def test_nothing_happens_before_birth_after_death_or_in_the_future() -> None:
    """A note about somebody unborn is the easiest mistake of a generator."""
    now = default_population().world.clock_start

    for person, event in everything():
        assert event.occurred_at.date() > person.birth_date
        assert event.author.time <= now
        assert event.occurred_at.year >= 2014
        if person.deceased_at is not None:
            assert event.occurred_at < person.deceased_at + timedelta(days=2)
        for actor in (event.signature, event.countersignature):
            assert actor is None or event.occurred_at <= actor.time <= now


def test_entries_lie_in_units_of_the_persons_region_and_under_its_numbers() -> None:
    """A foreign unit or number would be somebody else's record."""
    population = default_population()
    units = {unit.hsa_id: unit.care_provider for unit in population.regions["fjallmark"].units}

    for person, event in everything():
        assert units[event.unit.hsa_id] == event.unit.care_provider_hsa_id
        assert event.patient in person.identities
        population.guard(event.patient)


def test_texts_are_finished() -> None:
    """No gap left open, no doubled space, no keyword without text."""
    for _, event in everything():
        for atom in event.atoms:
            assert atom.text.strip() == atom.text != ""
            assert not {"{", "}", "|"} & set(atom.text)
            assert "  " not in atom.text


def test_no_two_notes_are_alike_by_accident() -> None:
    """Within a person never, within the country hardly ever: or a mixed-up answer could pass unseen."""
    every: Counter[tuple[str, ...]] = Counter()
    own: Counter[tuple[int, tuple[str, ...]]] = Counter()
    for person, event in everything(400):
        if event.atoms:
            text = tuple(atom.text for atom in event.atoms)
            every[text] += 1
            own[person.number, text] += 1

    assert sum(own.values()) - len(own) <= sum(own.values()) // 2000
    assert sum(every.values()) - len(every) < sum(every.values()) // 100


def test_ids_and_tokens_are_given_once() -> None:
    """An id names one entry, a token one piece of text."""
    ids: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for _, event in everything(400):
        ids[event.id] += 1
        for atom in event.atoms:
            assert (atom.reason is None) == (atom.canary is None)
            if atom.canary is not None:
                assert atom.canary in atom.text
                tokens[atom.canary] += 1

    assert max(ids.values()) == 1
    assert len(tokens) > 40
    assert max(tokens.values()) == 1


def test_every_shape_of_entry_is_there() -> None:
    """All the states, reasons and kinds of note that rules are about occur in an ordinary population."""
    events = [event for _, event in everything(400)]
    notes = [event for event in events if event.atoms]

    assert {note.state for note in notes} == {"entered", "draft", "removed"}
    assert {note.note_code.code for note in notes if note.note_code} >= {
        "bes",
        "auf",
        "atb",
        "ins",
        "sva",
        "slu",
        "sao",
    }
    assert {atom.reason for note in notes for atom in note.atoms} >= {
        None,
        "violence",
        "third-person",
        "ongoing-care",
        "investigation",
    }
    assert {note.staff_sensitivity for note in notes} >= {
        None,
        "Känslig information",
        "Extra känslig information",
    }
    assert any(note.template == "Oro för att barn far illa" for note in notes)
    assert any(note.revisions for note in notes)
    assert 0.02 < sum(note.signature is None for note in notes) / len(notes) < 0.12
    assert len({event.unit.care_provider_hsa_id for event in events}) >= 2


def test_values_are_flagged_by_their_reference_interval() -> None:
    """H and L say what the interval says, neither more nor less."""
    flags: Counter[str | None] = Counter()
    for _, event in everything():
        if isinstance(event.content, Laboratory):
            for group in event.content.groups:
                for analysis in group.analyses:
                    if analysis.quantity is None or analysis.quantity.value is None:
                        continue
                    value = float(analysis.quantity.value)
                    low = analysis.reference.low if analysis.reference else None
                    high = analysis.reference.high if analysis.reference else None
                    expected = (
                        "H" if high and value > float(high) else "L" if low and value < float(low) else None
                    )
                    assert analysis.deviation == expected
                    flags[expected] += 1

    assert flags["H"] > 20
    assert flags["L"] > 10
    assert flags[None] > flags["H"] + flags["L"]


def test_a_visit_ties_its_note_and_its_diagnosis_together() -> None:
    """Care contacts are what hidden notes leak through, so they must be right."""
    population = default_population()
    now = population.world.clock_start

    for person in people(40):
        notes = {note.care_contact_id: note for note in population.history(person, TYPES[0], until=now)}
        for diagnosis in population.history(person, TYPES[1], until=now):
            if diagnosis.care_contact_id in notes:
                assert notes[diagnosis.care_contact_id].unit == diagnosis.unit
                assert notes[diagnosis.care_contact_id].patient == diagnosis.patient
            else:
                assert diagnosis.author.time == now


@pytest.mark.parametrize("type_", TYPES)
def test_what_has_been_entered_stays_and_only_gains_signatures(type_: str) -> None:
    """Moving the clock reveals events; it never changes the past."""
    population = default_population()
    moments = [
        datetime(2019, 12, 31, 23, 59, tzinfo=STOCKHOLM),
        datetime(2020, 1, 1, 0, 1, tzinfo=STOCKHOLM),
        datetime(2023, 10, 29, 2, 30, tzinfo=STOCKHOLM),
        population.world.clock_start,
        population.world.clock_start + timedelta(days=3),
        datetime(2026, 6, 1, 12, tzinfo=STOCKHOLM),
    ]

    for person in people(60):
        before: dict[str, Event] = {}
        for moment in moments:
            now = {event.id: event for event in population.history(person, type_, until=moment)}
            assert before.keys() <= now.keys()
            for key, earlier in before.items():
                later = now[key]
                assert later.occurred_at == earlier.occurred_at
                assert later.patient == earlier.patient
                assert later.unit == earlier.unit
                assert earlier.signature is None or later.signature is not None
                assert earlier.countersignature is None or later.countersignature is not None
                assert earlier.state != "removed" or later.state == "removed"
                assert earlier.state != "entered" or later.state != "draft"
            before = now


def test_records_grow_as_the_clock_moves() -> None:
    """Events continue to happen after the world date."""
    population = default_population()
    start = population.world.clock_start

    grown = sum(
        len(population.history(person, TYPES[0], until=start + timedelta(days=90)))
        - len(population.history(person, TYPES[0], until=start))
        for person in people()
    )

    assert grown > 20


def test_conditions_suit_age_and_sex() -> None:
    """No man gives birth to a menstruation, no infant has dementia."""
    for person, event in everything(400):
        if isinstance(event.content, Diagnosis):
            code = event.content.code.code
            age = person.age_at(event.occurred_at.date())
            assert code != "N920" or person.sex == "F"
            assert code != "N409" or (person.sex == "M" and age >= 25)
            assert code not in {"F039", "I489", "J449", "I509"} or age >= 15
            assert code != "Z001" or age < 6
            assert code != "U071" or event.occurred_at.year >= 2020


def test_an_unknown_type_or_system_has_no_history() -> None:
    """Systems that do not hold a thing say nothing about it."""
    population = default_population()
    person = people(1)[0]

    assert population.history(person, "growth", until=population.world.clock_start) == []
    assert population.history(person, TYPES[0], system="natal", until=population.world.clock_start) == []
