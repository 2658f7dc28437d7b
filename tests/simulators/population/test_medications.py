"""Medications of the record system: what the notes say, for who is to take it, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from anslut_simulators.population import default_population
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.medications import Medication

if TYPE_CHECKING:
    from anslut_simulators.population.people import Person
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
PEOPLE = POPULATION.sample(300, region="skogsdalen", stratum="scale", label="medications")


def _events(person: Person, type_: str = "medications") -> list[Event]:
    return POPULATION.history(person, type_, system="kosmos", until=NOW)


def test_every_wording_stands_in_a_course() -> None:
    """The table's words are those of the notes: a text that is written anew must be looked up here too."""
    texts = "".join(
        str(read_table(name)) for name in ("courses_acute.toml", "courses_chronic.toml", "child_health.toml")
    )

    assert [row["text"] for row in read_table("medicines.toml")["said"] if row["text"] not in texts] == []


def test_the_note_of_the_visit_names_what_was_prescribed() -> None:
    """A prescription was made at a visit that has a note, in the hour that it took."""
    seen = 0
    for person in PEOPLE:
        newest_first = reversed(_events(person, "care-documentation"))
        notes = {note.care_contact_id: note for note in newest_first}
        for event in _events(person):
            note = notes.get(event.care_contact_id)
            if note is None:  # the note was not written yet
                assert NOW - event.occurred_at < timedelta(hours=2)
                continue
            assert note.patient == event.patient
            assert timedelta() <= event.occurred_at - note.occurred_at < timedelta(days=10)
            seen += 1
    assert seen > 300


def test_doses_of_children_follow_their_weight() -> None:
    """No child gets more of an oral solution than its weight allows, and none is given tablets of an adult."""
    solutions = 0
    for person in PEOPLE + POPULATION.sample(300, stratum="scale", label="children"):
        for event in _events(person):
            said = event.holding(Medication)
            age = (event.occurred_at.date() - person.birth_date).days // 365
            if said.drug.form != "oral lösning" or said.dosage is None or said.dosage.dose is None:
                continue
            assert age < 13
            if said.drug.name == "Kåvepenin":
                milligrams = float(said.dosage.dose) * 50
                assert 12 * (2 * age + 4) <= milligrams <= 25 * (6 * age + 16), (age, milligrams)
                assert said.dosage.dose.replace(".", ",") + " mL" in said.dosage.text
                solutions += 1
    assert solutions > 10


def test_chains_hang_together() -> None:
    """Who replaces whom is told at both ends; what was replaced is over, and what stops it has no dosage."""
    links = stops = 0
    for person in PEOPLE:
        events = {event.id: event for event in _events(person) if event.state == "entered"}
        for event in events.values():
            said = event.holding(Medication)
            if said.kind == "U":
                stops += 1
                assert (said.dosage, said.dispensation, said.active, said.end) == (
                    None,
                    None,
                    False,
                    event.occurred_at,
                )
                assert said.end_reason
            if said.preceding is None:
                continue
            before = events[said.preceding].holding(Medication)
            assert (before.chain, before.succeeding) == (said.chain, event.id)
            assert before.end is not None
            links += 1
    assert links > 10
    assert stops > 3


def test_it_is_active_until_its_end_and_signed_when_changed() -> None:
    """Active says what the times say; a signature is never older than the latest version."""
    for person in PEOPLE:
        for event in _events(person):
            said = event.holding(Medication)
            assert said.active == (said.kind == "I" and (said.end is None or said.end > NOW))
            assert event.signature is None or event.signature.time >= event.author.time
            assert event.occurred_at == (said.prescriber.time if said.prescriber else said.start)
            assert [*event.revisions, event.author.time] == sorted([*event.revisions, event.author.time])


def test_the_ward_gives_what_was_prescribed_there() -> None:
    """Every dose was given between the admission and the discharge, once per eight hours at most."""
    doses = 0
    for person in POPULATION.sample(400, region="skogsdalen", stratum="scale", label="ward"):
        for event in _events(person):
            said = event.holding(Medication)
            times = [given.by.time for given in said.given]
            doses += len(times)
            assert all(event.occurred_at < time <= min(NOW, said.end or NOW) for time in times)
            assert all(b - a == timedelta(hours=8) for a, b in pairwise(times))
    assert doses > 20
