"""Who exists: numbers, ranks, quotas and regions."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from anslut_simulators.population import World, default_population
from anslut_simulators.population.draws import label
from anslut_simulators.population.identities import PERSONNUMMER, official_numbers
from anslut_simulators.population.strata import SCALE_OFFSET
from anslut_simulators.truth import Identity
from hypothesis import given, settings
from hypothesis import strategies as st


@given(size=st.integers(1, 5000), name=st.text(max_size=5))
@settings(max_examples=30, deadline=None)
def test_a_permutation_is_one_and_runs_backwards(size: int, name: str) -> None:
    """Cycle walking must neither lose nor double anybody, whatever the size."""
    permutation = World().permutation("test", name, size=size)

    there = [permutation.forward(place) for place in range(size)]

    assert sorted(there) == list(range(size))
    assert [permutation.backward(place) for place in there] == list(range(size))


def test_labels_never_run_into_each_other() -> None:
    """("a", "b") and ("ab",) must not name the same permutation."""
    labels = [label("a", "b"), label("ab"), label("a", 1), label("a", "1"), label(1, "a"), label("")]

    assert len(set(labels)) == len(labels)


def test_the_country_has_ten_and_a_half_million_people() -> None:
    """The number on the front page."""
    assert default_population().count == 10_590_000
    assert len(official_numbers()) < SCALE_OFFSET


@pytest.mark.parametrize(("year", "sex"), [(1931, "F"), (1963, "M"), (1996, "F"), (2000, "M"), (2019, "F")])
def test_number_and_person_find_each_other_in_the_scale_stratum(year: int, sex: str) -> None:
    """A number must lead back to the rank it was made from; sex and birth year stand in it."""
    population = default_population()
    size = population._scale.placement.sizes[year, sex]  # type: ignore[index]

    for rank in [*range(0, size, max(1, size // 150)), size - 1]:
        person = population.person_by_rank("scale", year=year, sex=sex, rank=rank)  # type: ignore[arg-type]
        assert (person.birth_date.year, person.sex) == (year, sex)
        assert population._scale.rank_of(person.identity.extension) == ((year, sex), rank)
        population.guard(person.identity)


def test_a_free_reserve_id_is_nobody() -> None:
    """A number of the series that nobody was given leads nowhere."""
    population = default_population()

    identity = population._scale.free_identity(date(1970, 5, 17), "F", 4)

    population.guard(identity)
    assert population.person(identity) is None


def test_every_official_number_is_a_person_of_its_date_and_sex() -> None:
    """The official stratum is the whole list, and nothing but the list."""
    population = default_population()

    for number in official_numbers()[::97]:
        extension = str(number)
        root = PERSONNUMMER if int(extension[6:8]) < 60 else "1.2.752.129.2.1.3.3"
        person = population.person(Identity(root=root, extension=extension))
        assert person is not None
        assert person.identity.extension == extension
        assert person.birth_date.year == int(extension[:4])
        assert person.sex == ("M" if int(extension[10]) % 2 else "F")

    assert population.person(Identity(root=PERSONNUMMER, extension="191212121212")) is None


def test_every_region_has_exactly_its_share() -> None:
    """Quotas, not luck: the regions' sizes are exact and their people are all different."""
    population = default_population()
    placement = population._official.placement
    everybody = Counter[int]()

    for place, region in enumerate(population.regions.values()):
        members = population._official.members(place)
        everybody.update(members)
        assert abs(len(members) - placement.total * region.share // 10_590) <= 1

    assert len(everybody) == placement.total
    assert set(everybody.values()) == {1}


def test_region_and_person_agree_both_ways() -> None:
    """Whoever a region lists also lives there."""
    population = default_population()

    for place in (0, 1, 20):
        placement = population._scale.placement
        for turn in range(placement.bounds[place], placement.bounds[place + 1], 1009):
            assert placement.region_of(*placement.at(turn)) == place
        for index in population._official.members(place)[::11]:
            assert population._official.region_of(index) == place


def test_a_region_is_a_small_picture_of_the_country() -> None:
    """Every region has its part of every generation."""
    population = default_population()
    people = population.sample(1400, region="fjallmark")

    per_decade = Counter(person.birth_date.year // 10 for person in people)

    assert 230 < per_decade[198] < 275
    assert 230 < per_decade[200] < 270


def test_nobody_in_a_sample_is_yet_to_be_born() -> None:
    """The official list holds births of the whole of 2023; the clock starts in November."""
    population = default_population()

    people = population.sample(20_000)

    assert max(person.birth_date for person in people) <= population.world.clock_start.date()
    assert any(person.birth_date.year == population.world.clock_start.year for person in people)


def test_a_sample_is_repeatable_without_repetition_or_personas() -> None:
    """The examiner asks for people by count; the same call must give the same ones."""
    population = default_population()

    people = population.sample(200, region="fjallmark", label="x")

    assert people == population.sample(200, region="fjallmark", label="x")
    assert len({person.number for person in people}) == 200
    assert {person.region for person in people} == {"fjallmark"}
    assert not [person for person in people if person.persona]
    assert people != population.sample(200, region="fjallmark", label="y")


def test_another_seed_is_another_country() -> None:
    """The seed is part of the key of everything."""
    assert World(seed="another").key != World().key
    assert World(version=2).key != World().key
