"""Dental care: check-ups of its own, in its own installation."""

from __future__ import annotations

from anslut_simulators.population import default_population

POPULATION = default_population()
NOW = POPULATION.world.clock_start


def test_everybody_is_called_again_and_again_and_every_note_has_its_contact() -> None:
    """A visit a year or every other year, from three years of age, never in the ordinary record."""
    seen = 0
    for person in POPULATION.sample(40, region="fjallmark", label="dental"):
        notes = POPULATION.history(person, "care-documentation", system="kosmos-tand", until=NOW)
        contacts = POPULATION.history(person, "care-contacts", system="kosmos-tand", until=NOW)
        ordinary = POPULATION.history(person, "care-contacts", system="kosmos", until=NOW)
        ids = {contact.id for contact in contacts}

        assert {note.care_contact_id for note in notes} <= ids
        assert not ids & {contact.id for contact in ordinary}
        for note in notes:
            assert (note.occurred_at.date() - person.birth_date).days > 3 * 365
            assert note.template == "Undersökning tandvård"
        seen += len(notes)
    assert seen > 100
