"""Care contacts of the record system: each visit is one, and says what its entries say."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.population import default_population
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
PEOPLE = POPULATION.sample(60, region="skogsdalen", stratum="scale", label="contacts")


def _contacts(person: object, until: datetime = NOW) -> dict[str, Event]:
    found = POPULATION.history(person, "care-contacts", system="kosmos", until=until)  # type: ignore[arg-type]
    return {event.id: event for event in found}


@pytest.mark.parametrize("type_", ["care-documentation", "diagnoses"])
def test_what_was_written_at_a_visit_leads_to_its_contact(type_: str) -> None:
    """Same patient, same unit, and not written before the contact began."""
    people = [*PEOPLE, *(one.person for one in POPULATION.personas().values() if one.region == "fjallmark")]
    seen = 0
    for person in people:
        contacts = _contacts(person)
        for event in POPULATION.history(person, type_, system="kosmos", until=NOW):
            if event.care_contact_id is None:
                continue
            contact = contacts[event.care_contact_id]
            said = contact.holding(CareContact)
            assert (contact.patient, contact.unit.care_provider_hsa_id) == (
                event.patient,
                event.unit.care_provider_hsa_id,
            )
            assert said.start is not None
            assert said.start.timestamp() <= event.occurred_at.timestamp()
            seen += 1
    assert seen > 400


def test_statuses_follow_from_the_times() -> None:
    """Booked before it begins, ongoing until it is closed, and closed with an end."""
    counted: Counter[str] = Counter()
    for person in PEOPLE:
        for event in _contacts(person).values():
            said = event.holding(CareContact)
            counted[said.status] += 1
            assert said.start is not None
            if said.status == "booked":
                assert event.author.time <= NOW < said.start
            if said.status in {"ended", "struck-out"}:
                assert said.end is not None
                assert said.start <= said.end <= event.author.time
            else:
                assert said.end is None
            if said.status == "cancelled":
                assert event.author.time < said.start
            assert [*event.revisions, event.author.time] == sorted({*event.revisions, event.author.time})
    assert counted["ended"] > 500
    assert all(counted[status] for status in ("booked", "cancelled", "struck-out"))


def test_nobody_is_booked_before_birth() -> None:
    """A source that knows a child before it is born knows too much."""
    children = [
        person
        for person in POPULATION.sample(3000, stratum="scale", region="fjallmark", label="newborn")
        if person.birth_date.year >= NOW.year - 1
    ]

    booked = [
        (event.revisions[0] if event.revisions else event.author.time).date() - child.birth_date
        for child in children
        for event in _contacts(child).values()
    ]

    assert len(booked) > 50
    assert min(booked) > timedelta(0)


def test_a_contact_keeps_its_id_while_it_goes_on() -> None:
    """The booked visits of today are the same ones, ended, when their day has passed."""
    later = NOW + timedelta(days=45)
    booked = 0
    for person in PEOPLE:
        after = _contacts(person, later)
        for event in _contacts(person).values():
            said, then = event.holding(CareContact), after[event.id].holding(CareContact)
            assert then.start == said.start
            if said.status == "booked":
                booked += 1
                assert then.status in {"ended", "cancelled"}
    assert booked


def test_a_stay_is_one_contact_from_admission_to_discharge() -> None:
    """Its notes, days apart, name the same one."""
    stays = 0
    for person in POPULATION.sample(150, region="skogsdalen", stratum="scale", label="stays"):
        for event in _contacts(person).values():
            said = event.holding(CareContact)
            if said.kind == "stay" and said.status == "ended":
                assert said.start is not None
                assert said.end is not None
                assert timedelta(days=1) < said.end - said.start < timedelta(days=8)
                stays += 1
    assert stays > 3


def _of_persona(name: str) -> list[CareContact]:
    found = _contacts(POPULATION.personas()[name].person)
    return [event.holding(CareContact) for event in sorted(found.values(), key=lambda one: one.occurred_at)]


def test_a_corrected_note_corrects_why_its_contact_was() -> None:
    """The wrong knee of a note that was put right must not live on in the list of visits."""
    assert _of_persona("rattad")[0].reason == "Smärta i höger knä"


def test_a_visit_to_somebodys_home_is_a_home_visit() -> None:
    """Child health comes home to a newborn, which its note says under a heading of its own."""
    assert [(said.kind, said.reason) for said in _of_persona("reservnummer")][-1] == (
        "home-visit",
        "10 dagar, hembesök",
    )


def test_a_contact_is_closed_when_the_last_at_it_has_written() -> None:
    """The nurse who writes first does not end what the doctor has yet to see."""
    for name in ("sommartid", "rattad", "osignerad"):
        person = POPULATION.personas()[name].person
        contacts = _contacts(person)
        for note in POPULATION.history(person, "care-documentation", system="kosmos", until=NOW):
            contact = contacts.get(note.care_contact_id or "")
            written = min((*note.revisions, note.author.time))
            if contact is not None and contact.holding(CareContact).kind == "visit":
                assert contact.author.time >= written
