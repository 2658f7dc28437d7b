"""Families: whoever is somebody's parent, guardian or child is so from both sides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_simulators.population import Person
    from anslut_simulators.truth import Identity

REGIONS = ("fjallmark", "vidderna")


def everybody(region: str) -> list[Person]:
    """Return everybody on the official list in *region* who is no persona."""
    return default_population().sample(5000, region=region)


def born(identities: Iterable[Identity]) -> list[Identity]:
    """Return those who are born when the clock starts: the others stand in no sample yet."""
    start = default_population().world.clock_start.date()
    return [
        one
        for one in identities
        if (person := default_population().person(one)) and person.birth_date <= start
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_ties_are_symmetric(region: str) -> None:
    """A guardian's view and the child's view of custody must never differ."""
    people = {person.identity: person for person in everybody(region)}

    for person in people.values():
        for child in born(person.children):
            assert person.identity in people[child].parents
        for ward in born(person.wards):
            assert person.identity in people[ward].guardians
        for parent in person.parents:
            assert person.identity in people[parent].children
        for guardian in person.guardians:
            assert person.identity in people[guardian].wards
            assert guardian in person.parents
        if person.partner is not None:
            assert people[person.partner].partner == person.identity


@pytest.mark.parametrize("region", REGIONS)
def test_siblings_are_twins_or_spaced(region: str) -> None:
    """No two births of the same mother within twenty-one months, except on the same day."""
    born = defaultdict(list)
    for person in everybody(region):
        if person.parents:
            born[person.parents[0]].append(person.birth_date)

    gaps = [
        (later - earlier).days
        for dates in born.values()
        for earlier, later in zip(sorted(dates), sorted(dates)[1:], strict=False)
    ]

    assert all(gap == 0 or gap >= 640 for gap in gaps)
    assert gaps.count(0) >= 2
    assert all(len(dates) <= 5 for dates in born.values())


@pytest.mark.parametrize("region", REGIONS)
def test_parents_are_of_an_age_to_be_parents(region: str) -> None:
    """Mothers between nineteen and forty-two, and no child without anybody."""
    people = {person.identity: person for person in everybody(region)}
    minors = [person for person in people.values() if person.birth_date.year > 2005]
    minors = [person for person in minors if person.identity.root.endswith("3.1")]

    for child in minors:
        mother = people[child.parents[0]]
        assert mother.sex == "F"
        assert 18 <= mother.age_at(child.birth_date) <= 43
        assert child.guardians


def test_custody_takes_every_shape() -> None:
    """Both, one of two, and one alone: what guardianship rules are about."""
    population = default_population()
    children = [
        person for person in everybody("skogsdalen") if person.birth_date.year > 2005 and person.parents
    ]

    shapes = {(len(child.parents), len(child.guardians)) for child in children}

    assert shapes == {(1, 1), (2, 1), (2, 2)}
    apart = [
        child
        for child in children
        if len(child.guardians) == 2
        and (mother := population.person(child.guardians[0])) is not None
        and mother.partner is None
    ]
    assert len(apart) > len(children) // 10


def test_some_people_are_protected_and_some_have_died() -> None:
    """A protected person has no address; nobody dies before birth."""
    people = everybody("skogsdalen")

    protected = [person for person in people if person.protected_identity]
    dead = [person for person in people if person.deceased_at is not None]

    assert protected
    assert all(person.address is None for person in protected)
    assert dead
    assert all(person.deceased_at.date() > person.birth_date for person in dead if person.deceased_at)


def test_a_renumbered_child_is_found_by_both_numbers() -> None:
    """A few children had a reserve id before their personnummer, and nobody else has that id."""
    population = default_population()
    renumbered = [person for person in everybody("skogsdalen") if person.linked]

    assert renumbered
    for child in renumbered:
        population.guard(child.linked[0])
        assert population.person(child.linked[0]) == child
