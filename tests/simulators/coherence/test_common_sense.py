"""The population makes sense to a clinician: nothing contradicts itself within a person, across all systems."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.population import default_population
from anslut_simulators.truth.growth_observations import Growth
from anslut_simulators.truth.laboratory_results import Laboratory
from anslut_simulators.truth.maternity_records import MaternityRecord
from anslut_simulators.truth.vaccinations import Vaccination
from common_sense import CHECKS, Record, record_of
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anslut_simulators.truth import Event

EACH = 220
"""How many of either stratum are looked through, beside every persona."""


def exceptions() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Return what is meant although it looks wrong (`exceptions.toml`)."""
    table = tomllib.loads(Path(__file__).with_name("exceptions.toml").read_text(encoding="utf-8"))
    return [(re.compile(row["who"]), re.compile(row["says"])) for row in table["exception"]]


@lru_cache(maxsize=1)
def records() -> dict[str, Record]:
    """Return everybody's whole record: personas by name, others by number."""
    population = default_population()
    now = population.world.clock_start
    found = {
        persona.name: record_of(population, persona.person, persona.clock or now)
        for persona in population.personas().values()
    }
    for stratum in ("official", "scale"):
        people = population.sample(EACH, stratum=stratum, label="coherence")  # type: ignore[arg-type]
        found |= {f"n{person.number}": record_of(population, person, now) for person in people}
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_nobodys_record_contradicts_itself(check: str) -> None:
    """The docstring of each check says what a clinician expects; what is meant anyway is listed with its reason."""
    meant = exceptions()

    found = [
        f"{name}: {said}"
        for name, record in records().items()
        for said in CHECKS[check](record)
        if not any(who.fullmatch(name) and says.match(said) for who, says in meant)
    ]

    assert found == [], f"{len(found)} objections, such as {found[:5]}"


def test_the_sample_has_something_of_everything() -> None:
    """A check that finds nothing to look at proves nothing."""
    kinds = {(event.system, event.type) for record in records().values() for event in record.events}

    types = {name for _, name in kinds}
    assert types >= {
        "care-documentation",
        "care-contacts",
        "diagnoses",
        "growth-observations",
        "laboratory-results",
        "maternity-records",
        "vaccinations",
    }
    assert len({system for system, _ in kinds}) >= 5


def test_every_exception_is_still_needed() -> None:
    """An exception for what no longer happens would hide the next mistake."""
    said = [
        (name, objection)
        for name, record in records().items()
        if record.person.persona
        for check in CHECKS.values()
        for objection in check(record)
    ]

    for who, says in exceptions():
        if who.pattern.startswith("n["):
            continue
        assert any(who.fullmatch(name) and says.match(objection) for name, objection in said), says.pattern


def first(type_name: str, wanted: Callable[[Event], bool] = lambda _: True) -> tuple[Record, Event]:
    """Return an entry of a type that is fit to be spoiled, and the record it is in."""
    for record in records().values():
        if record.person.persona is None:
            for event in record.of(type_name):
                if wanted(event):
                    return record, event
    raise AssertionError(f"nobody has such an entry of {type_name}")


def spoiled(record: Record, event: Event, **changes: Any) -> Record:
    """Return *record* with *event* changed."""
    changed = replace(event, **changes)
    events = tuple(changed if one is event else one for one in record.events)
    return Record(population=record.population, person=record.person, now=record.now, events=events)


def objections(record: Record) -> set[str]:
    """Return the checks that object to *record*."""
    return {name for name, check in CHECKS.items() if any(True for _ in check(record))}


def text_of(event: Event, text: str) -> dict[str, Any]:
    """Return a change that makes the first text of a note *text*."""
    return {"atoms": (replace(event.atoms[0], text=text), *event.atoms[1:])}


@pytest.mark.parametrize(
    "text", ["Väntar på {tid}.", "The patient was seen.", "Två  blanksteg.", "Slut .", "", "None"]
)
def test_a_bad_text_is_objected_to(text: str) -> None:
    """The checks of texts see what they are for."""
    record, event = first("care-documentation", lambda one: bool(one.atoms))

    assert "texts" in objections(spoiled(record, event, **text_of(event, text)))


def test_two_notes_alike_are_objected_to() -> None:
    """A copied note is a mistake, whoever made it."""
    record, event = first("care-documentation", lambda one: len(" ".join(a.text for a in one.atoms)) > 100)
    twin = replace(event, id=f"{event.id}X")
    doubled = Record(
        population=record.population, person=record.person, now=record.now, events=(*record.events, twin)
    )

    assert "texts" in objections(doubled)


def test_times_out_of_order_are_objected_to() -> None:
    """Before birth, before it was written, in the future: each is seen."""
    record, event = first("care-documentation", lambda one: one.signature is not None)
    signature = event.signature
    assert signature is not None
    early = event.author.time - timedelta(minutes=1)

    assert "times" in objections(spoiled(record, event, signature=replace(signature, time=early)))
    assert "times" in objections(spoiled(record, event, occurred_at=event.author.time + timedelta(days=1)))
    long_ago = event.occurred_at.replace(year=record.person.birth_date.year - 1, day=1)
    assert "times" in objections(spoiled(record, event, occurred_at=long_ago))


def test_anothers_unit_or_number_is_objected_to() -> None:
    """An entry of another region, or under another person's number."""
    record, event = first("diagnoses")
    unit = replace(event.unit, hsa_id="SE2321000999-X")
    patient = replace(event.patient, extension="9" * 12)

    assert "units" in objections(spoiled(record, event, unit=unit))
    assert "identities" in objections(spoiled(record, event, patient=patient))


def test_a_dose_out_of_order_is_objected_to() -> None:
    """Dose four of three; the same vaccine a week later."""
    record, event = first(
        "vaccinations",
        lambda one: any(dose.number and dose.of for dose in one.holding(Vaccination).doses),
    )
    said = event.holding(Vaccination)
    doses = tuple(replace(dose, number=4, of=3) for dose in said.doses)
    later = replace(event, id="X", occurred_at=event.occurred_at + timedelta(days=7))

    assert "vaccinations" in objections(spoiled(record, event, content=replace(said, doses=doses)))
    again = Record(
        population=record.population, person=record.person, now=record.now, events=(*record.events, later)
    )
    assert "vaccinations" in objections(again)


def test_a_week_that_does_not_fit_is_objected_to() -> None:
    """Three weeks off is another pregnancy."""
    record, event = first("maternity-records", lambda one: one.holding(MaternityRecord).checkup is not None)
    said = event.holding(MaternityRecord)
    assert said.checkup is not None
    weeks, _, days = said.checkup.gestation.partition("+")
    wrong = replace(said, checkup=replace(said.checkup, gestation=f"{int(weeks) + 3}+{days}"))

    assert "pregnancies" in objections(spoiled(record, event, content=wrong))


def test_a_child_who_shrinks_is_objected_to() -> None:
    """By more than a measurement's error."""
    for record in records().values():
        heights = [one for one in record.of("growth-observations") if one.holding(Growth).measure == "height"]
        if len(heights) > 2:
            said = heights[-1].holding(Growth)
            assert "growth" not in objections(record)
            assert "growth" in objections(
                spoiled(record, heights[-1], content=replace(said, value=str(float(said.value) / 2)))
            )
            return
    raise AssertionError("nobody was measured three times")


def test_a_wrong_mark_of_deviation_is_objected_to() -> None:
    """High and low follow from the value and its reference."""
    record, event = first("laboratory-results", lambda one: has_reference(one.holding(Laboratory)))
    said = event.holding(Laboratory)
    groups = tuple(
        replace(
            group,
            analyses=tuple(replace(one, deviation=None if one.deviation else "H") for one in group.analyses),
        )
        for group in said.groups
    )

    assert "laboratory" in objections(spoiled(record, event, content=replace(said, groups=groups)))


def has_reference(said: Laboratory) -> bool:
    """Tell whether some analysis has a value and a reference."""
    return any(
        one.reference is not None and one.quantity is not None and one.quantity.value is not None
        for group in said.groups
        for one in group.analyses
    )


def test_a_call_without_its_visit_is_objected_to() -> None:
    """The visit that a call led to is taken away."""
    for record in records().values():
        without = Record(
            population=record.population,
            person=record.person,
            now=record.now,
            events=without_visits(record.events),
        )
        if "calls" in objections(without):
            return
    raise AssertionError("nobody's call led to a visit")


def without_visits(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return all but the record system's visits, except one that nobody called about."""
    kept = [
        one
        for one in events
        if one.system != "kosmos" or one.type not in {"care-contacts", "care-documentation"}
    ]
    last = [one for one in events if one.system == "kosmos" and one.type == "care-contacts"][-1:]
    return (*kept, *last)
