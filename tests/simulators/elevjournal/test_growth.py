"""Generated growth: plausible against the reference, one channel per child, and only what staff would write."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.histories.growth_channel import channel_of
from anslut_simulators.population import Person, default_population
from anslut_simulators.population.tables import read_bytes
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.truth.growth_observations import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
PUPILS = [
    person
    for person in POPULATION.sample(3000, region="fjallmark")
    if 2005 <= person.birth_date.year <= 2016 and "elevjournal" in person.systems
]


def measurements(person: Person, measure: str, until: datetime = NOW) -> Iterator[tuple[Event, Decimal]]:
    """Yield *person*'s entered measurements of one kind with their values, oldest first."""
    for event in POPULATION.history(person, "growth-observations", system="elevjournal", until=until):
        said = event.holding(Growth)
        if said.measure == measure and event.state == "entered":
            yield event, Decimal(said.value)


@pytest.mark.parametrize("sex", ["F", "M"])
@pytest.mark.parametrize("years", [4, 7, 10, 14, 18])
def test_heights_spread_as_the_reference_says(sex: str, years: int) -> None:
    """At each age the mean lies within a centimetre and the spread within a seventh of the table's."""
    rows = csv.DictReader(read_bytes("growth_2_19_years.csv").decode().splitlines())
    row = next(row for row in rows if row["sex"] == sex and float(row["age_years"]) == years)
    people = [person for person in POPULATION.sample(6000, region="skogsdalen") if person.sex == sex]
    children = [person for person in people if person.birth_date.year >= 2000]

    heights = [
        channel_of(POPULATION.world, child).height(round(years * 365.25)) / 100 for child in children[:600]
    ]

    assert abs(fmean(heights) - float(row["height_mean_cm"])) < 1
    assert 0.86 < pstdev(heights) / float(row["height_sd_cm"]) < 1.14


def test_nobody_shrinks_beyond_what_a_rod_can_err() -> None:
    """A later height is never more than a centimetre and a half below an earlier one."""
    seen = 0
    for pupil in PUPILS:
        values = [value for _, value in measurements(pupil, "height")]
        for before, after in pairwise(values):
            assert after > before - Decimal("1.5")
            seen += 1
    assert seen > 1000


def test_weights_and_heights_are_written_as_staff_write_them() -> None:
    """Heights to a tenth of a centimetre; weights to five grams in infancy and a tenth of a kilo from then on."""
    for pupil in PUPILS[:80]:
        for _, height in measurements(pupil, "height"):
            assert height == round(height, 1)
        for event, weight in measurements(pupil, "weight"):
            days = (event.occurred_at.date() - pupil.birth_date).days
            assert weight * 1000 % 5 == 0
            assert days < 548 or weight == round(weight, 1)
            assert Decimal("0.4") < weight < 160


def test_bmi_is_that_of_the_same_visit() -> None:
    """A calculated BMI follows from the height and weight that stand beside it."""
    seen = 0
    for pupil in PUPILS[:80]:
        heights = {event.care_contact_id: value for event, value in measurements(pupil, "height")}
        weights = {event.care_contact_id: value for event, value in measurements(pupil, "weight")}
        for event, bmi in measurements(pupil, "bmi"):
            visit = event.care_contact_id
            if visit in heights and not event.revisions:
                assert abs(weights[visit] * 10_000 / heights[visit] ** 2 - bmi) < Decimal("0.06")
                seen += 1
    assert seen > 20


def test_siblings_are_more_alike_than_strangers() -> None:
    """Children of the same parents lie nearer each other on the height curve."""
    children = [person for person in POPULATION.sample(6000, region="skogsdalen") if person.parents]
    heights: dict[object, list[int]] = {}
    for child in children:
        if child.birth_date.year >= 2000:
            z = channel_of(POPULATION.world, child).height(2500) - (12450 if child.sex == "F" else 12580)
            heights.setdefault(child.parents, []).append(z)
    firsts = [(values[0], values[1]) for values in heights.values() if len(values) > 1]
    near = fmean(abs(one - other) for one, other in firsts)
    far = fmean(abs(one[0] - other[1]) for one, other in pairwise(firsts))

    assert len(firsts) > 200
    assert near < far * 0.9


def test_what_child_health_measured_comes_with_school() -> None:
    """The record holds nothing of a child before school; then all of it at once, with the first dates kept."""
    child = next(person for person in PUPILS if person.birth_date.year == 2010)
    before = list(measurements(child, "weight", datetime(2016, 8, 1, tzinfo=STOCKHOLM)))
    after = list(measurements(child, "weight", datetime(2016, 9, 20, tzinfo=STOCKHOLM)))

    assert not before
    assert len(after) > 8
    assert after[0][0].occurred_at.date() == child.birth_date
    assert all(
        event.signature is None or event.signature.time < datetime(2016, 8, 1, tzinfo=STOCKHOLM)
        for event, _ in after[:8]
    )


def test_the_record_system_tells_the_same_weights() -> None:
    """What child health wrote in its own note is what the school's copy says, digit for digit."""
    seen = 0
    for child in PUPILS:
        if child.birth_date.year < 2014:
            continue
        told = {
            event.occurred_at: " ".join(atom.text for atom in event.atoms)
            for event in POPULATION.history(child, "care-documentation", system="kosmos", until=NOW)
            if event.template == "BVC"
        }
        for event, kilos in measurements(child, "weight"):
            if event.occurred_at in told:
                said = (f"{int(kilos * 1000)} g", f"{kilos} kg".replace(".", ","))
                assert any(text in told[event.occurred_at] for text in said)
                seen += 1
    assert seen > 100
