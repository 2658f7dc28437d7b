"""Personas: people made for a rule, held by schema and by what they promise."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from anslut_contracts import schema
from anslut_simulators.personas import load_personas
from anslut_simulators.population import default_population
from anslut_simulators.population.world import STOCKHOLM

TYPES = ("care-documentation", "diagnoses", "laboratory-results")
FOLDER = files("anslut_simulators") / "personas"
FILES = sorted(entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".toml"))
WANTED = frozenset(
    """anna-vuxen osignerad valdsutsatt tidig-hypotes tredje-person orosanmalan forundersokning kanslig-mall
    utesluten-enhet utkast rattad felskriven sommartid dygnsgrans reservnummer samordningsnummer hundraaring
    manga-poster flera-vardgivare labb-preliminar labb-ovidimerad labb-former tecken tom okand tvilling-1
    tvilling-2 avliden skyddad relaterade-diagnoser borttagen""".split()  # noqa: SIM905 - as the rules list them
)


def events_of(name: str, type_: str, *, until: datetime | None = None) -> list[Any]:
    """Return a persona's events at *until*, or at the world date."""
    population = default_population()
    persona = population.personas()[name]
    return population.history(persona.identity, type_, until=until or population.world.clock_start)


@pytest.mark.parametrize("name", FILES)
def test_a_persona_follows_its_schema(name: str) -> None:
    """Authors of personas read the schema, not our code."""
    document = tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))

    plain = json.loads(json.dumps(document, default=lambda value: value.isoformat()))
    errors = list(jsonschema.Draft202012Validator(schema("personas")).iter_errors(plain))

    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_persona_is_there_under_the_name_of_its_file() -> None:
    """Rules and examples ask for personas by name."""
    assert set(load_personas()) >= WANTED
    assert {f"{name}.toml" for name in load_personas()} == set(FILES)


def test_no_number_belongs_to_two_personas() -> None:
    """Two personas under one number would answer for each other."""
    numbers = [identity for persona in load_personas().values() for identity in persona.identities]

    assert len(numbers) == len(set(numbers))


def test_every_excluded_text_has_a_token_that_stands_nowhere_else() -> None:
    """A leak is found by its token, so the token must be in the text and only there."""
    tokens: list[str] = []
    texts: list[str] = []
    for name in load_personas():
        for event in events_of(name, "care-documentation"):
            for atom in event.atoms:
                texts.append(atom.text)
                if atom.reason is not None:
                    assert atom.canary
                if atom.canary is not None:
                    tokens.append(atom.canary)

    assert len(tokens) >= 15
    for token in tokens:
        assert sum(text.count(token) for text in texts) == 1, token


def test_the_violence_keyword_lies_two_levels_down_beside_text_to_be_shown() -> None:
    """The hardest shape of an excluded keyword."""
    note = next(
        event
        for event in events_of("valdsutsatt", "care-documentation")
        if any(a.reason for a in event.atoms)
    )

    hidden = next(atom for atom in note.atoms if atom.reason == "violence")

    assert len(hidden.path) == 3
    assert any(atom.reason is None and atom.path[:2] == hidden.path[:2] for atom in note.atoms)
    assert any(event.content.path for event in events_of("valdsutsatt", "diagnoses"))


def test_a_note_is_signed_when_its_time_has_come() -> None:
    """The same entry, first without and then with a signature."""
    start = default_population().world.clock_start

    before = {event.id: event for event in events_of("osignerad", "care-documentation", until=start)}
    after = {
        event.id: event
        for event in events_of("osignerad", "care-documentation", until=start + timedelta(hours=9))
    }

    changed = [key for key in before if before[key].signature is None and after[key].signature is not None]
    assert before.keys() == after.keys()
    assert len(changed) == 1
    assert any(event.signature is None for event in after.values())


def test_a_correction_keeps_id_and_time_and_shows_the_newest_text() -> None:
    """A corrected entry is the same entry."""
    start = default_population().world.clock_start
    before = events_of("rattad", "care-documentation", until=start)[-1]

    after = events_of("rattad", "care-documentation", until=start + timedelta(hours=2))[-1]

    assert (after.id, after.occurred_at) == (before.id, before.occurred_at)
    assert after.revisions == (before.author.time,)
    assert after.atoms != before.atoms
    assert after.signature is not None


def test_the_two_nights_when_the_clocks_change() -> None:
    """Half past two comes twice in October, and the first one is meant; in March it does not come at all."""
    times = [event.occurred_at for event in events_of("sommartid", "care-documentation")]

    repeated = datetime(2023, 10, 29, 2, 30, tzinfo=STOCKHOLM)
    assert repeated in times
    assert next(time for time in times if time == repeated).utcoffset() == timedelta(hours=2)
    assert not [time for time in times if time.date() == date(2023, 3, 26) and time.hour == 2]
    assert times == sorted(times, key=lambda time: time.timestamp())


def test_a_newborn_has_entries_under_two_numbers() -> None:
    """Asking for one number must be able to find the other."""
    population = default_population()
    persona = population.personas()["reservnummer"]
    first = population.person(persona.identities[1])

    patients = {event.patient for event in events_of("reservnummer", "care-documentation")}

    assert first == population.person(persona.identity)
    assert patients == set(persona.identities)


def test_all_four_kinds_of_laboratory_signing() -> None:
    """The laboratory's signature and the orderer's verification are different things."""
    answers = events_of("labb-ovidimerad", "laboratory-results")

    assert {(bool(a.signature), bool(a.countersignature)) for a in answers} == {
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    }


def test_a_preliminary_answer_becomes_final_under_the_same_id() -> None:
    """One answer, the latest."""
    start = default_population().world.clock_start
    before = {a.id: a.content.status for a in events_of("labb-preliminar", "laboratory-results", until=start)}

    after = {
        a.id: a.content.status
        for a in events_of("labb-preliminar", "laboratory-results", until=start + timedelta(days=2))
    }

    assert before.keys() == after.keys()
    assert sorted(before.values()) == ["final", "partial", "preliminary"]
    assert set(after.values()) == {"final"}


def test_the_long_record_is_long_and_never_says_the_same_twice() -> None:
    """Twelve hundred notes to page through."""
    notes = events_of("manga-poster", "care-documentation")

    assert len(notes) == 1200
    assert len({tuple(atom.text for atom in note.atoms) for note in notes}) == 1200


def test_the_ages_are_what_the_stories_say() -> None:
    """A story about a child is about a child."""
    population = default_population()
    today = population.world.clock_start.date()
    ages = {name: persona.person.age_at(today) for name, persona in population.personas().items()}

    assert ages["orosanmalan"] == 9
    assert ages["hundraaring"] == 101
    assert ages["reservnummer"] == 0
    assert ages["tvilling-1"] == ages["tvilling-2"] == 12
    assert population.personas()["samordningsnummer"].birth_date == date(1970, 1, 18)


@pytest.mark.parametrize("type_", TYPES)
def test_one_person_is_empty_and_one_is_unknown(type_: str) -> None:
    """Nothing written, and not known at all, are different facts."""
    population = default_population()

    assert events_of("tom", type_) == []
    assert events_of("okand", type_) == []
    assert "kosmos" in population.personas()["tom"].person.systems
    assert population.personas()["okand"].person.systems == ()


def test_custody_is_seen_from_both_sides() -> None:
    """A guardian's child has the guardian."""
    people = {name: persona.person for name, persona in load_personas().items()}

    assert people["orosanmalan"].guardians == (people["vardnadshavare"].identity,)
    assert people["vardnadshavare"].wards == (people["orosanmalan"].identity,)
    assert people["skyddad"].address is None
