"""Regions run different sets of systems, and may split what one program keeps between several installations."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from anslut_contracts import load_profile
from anslut_simulators import personas
from anslut_simulators.population import default_population
from anslut_simulators.systems import described_systems

TYPES = ("care-documentation", "diagnoses", "laboratory-results")


@pytest.mark.parametrize("type_", TYPES)
def test_a_change_of_record_system_splits_history_at_a_day_and_loses_nothing(type_: str) -> None:
    """What is older than the change is in the archive, the rest in the new system, and nothing in both."""
    population = default_population()
    now = population.world.clock_start
    changed = date(2021, 5, 1)
    seen = 0

    for person in population.sample(25, region="kustregionen"):
        new = population.history(person, type_, system="kosmos", until=now)
        old = population.history(person, type_, system="kosmos-arkiv", until=now)

        assert all(event.occurred_at.date() >= changed for event in new)
        assert all(event.occurred_at.date() < changed for event in old)
        assert {event.system for event in old} <= {"kosmos-arkiv"}
        seen += bool(new) and bool(old)
    assert seen > 5


def test_dental_care_has_an_installation_of_its_own() -> None:
    """Nothing of the ordinary record stands in it, and nothing dental in the ordinary record."""
    population = default_population()
    dental = {unit.hsa_id for unit in population.regions["fjallmark"].units_of("dental")}
    now = population.world.clock_start

    for person in population.sample(20, region="fjallmark"):
        ordinary = population.history(person, "care-documentation", system="kosmos", until=now)
        other = population.history(person, "care-documentation", system="kosmos-tand", until=now)

        assert not dental & {event.unit.hsa_id for event in ordinary}
        assert {event.unit.hsa_id for event in other} <= dental


def test_a_second_system_of_a_kind_tells_the_same_personas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new record system needs no personas of its own: it says whose entries it tells, and tells them as its own."""
    population = default_population()
    lars = population.personas()["relaterade-diagnoser"]
    now = population.world.clock_start
    vaxreg = described_systems()["vaxreg"]
    shared = {"vaxreg": msgspec.structs.replace(vaxreg, personas="kosmos")}

    before = population.history(lars.identity, "diagnoses", system="vaxreg", until=now)
    monkeypatch.setattr(personas, "described_systems", lambda: shared)
    after = population.history(lars.identity, "diagnoses", system="vaxreg", until=now)
    home = population.history(lars.identity, "diagnoses", system="kosmos", until=now)

    assert before == []
    assert {event.system for event in after} == {"vaxreg"}
    assert [event.content for event in after] == [event.content for event in home] != []
    assert population.personas()["osignerad"].plays_in("vaxreg")


def test_one_island_has_connected_school_health_only() -> None:
    """Its people are in that system and in no other."""
    population = default_population()

    people = population.sample(20, region="kalkon")

    assert {name for person in people for name in person.systems} == {"elevjournal"}


def test_every_region_has_a_profile_and_units_with_owners() -> None:
    """All 21 can be run: a profile that loads, units of the kinds care needs, and a provider for each."""
    regions = default_population().regions

    assert len(regions) == 21
    for region in regions.values():
        assert load_profile(region.profile).digest()
        assert {unit.care_provider for unit in region.units} <= {one.hsa_id for one in region.care_providers}
        assert {"primary-care", "midwifery", "school-health", "phone-advice"} <= {
            u.kind for u in region.units
        }
        assert len({unit.hsa_id for unit in region.units}) == len(region.units)
