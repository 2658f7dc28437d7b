"""No number that a real person could have leaves a simulator: every system is crawled over its own door."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faker.providers.ssn
import faker.providers.ssn.sv_SE
import pytest
import requests
from anslut_simulators import serve_region
from anslut_simulators.native.door import Door, Native, dialect
from anslut_simulators.population import default_population
from anslut_simulators.population.country import Population
from faker import Faker
from msgspec.structs import replace
from number_hunt import Allowance, allowances, hunt, planted, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anslut_simulators import RunningRegion
    from anslut_simulators.native.door import Dialect
    from anslut_simulators.population import Person

REGIONS = ("fjallmark", "kustregionen", "kalkon")
"""One with everything and the personas, one with two record systems, one with school health only."""

ENDLESS = "manga-poster"
"""Thousands of notes of five patterns: what the control plane tells of them is enough."""

SCENARIO = "sakerhet"
CALLS = ("", "clock", "personas", "people", "faults", "journal", "index")
LINKS = re.compile(r'href="/_sim(/[^"#?]+)"')
ALLOWED: tuple[Allowance, ...] = allowances()


@pytest.fixture(autouse=True)
def no_faker_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break Faker's own numbers: 999 of 1 000 of them may belong to somebody."""

    def refuse(*_: Any, **__: Any) -> str:
        raise AssertionError("Faker.ssn was called: its numbers belong to real people")

    for provider in (faker.providers.ssn.Provider, faker.providers.ssn.sv_SE.Provider):
        for name in ("ssn", "org_id", "vat_id"):
            if hasattr(provider, name):
                monkeypatch.setattr(provider, name, refuse)


def people(region: str) -> Iterator[Person]:
    """Yield every persona of *region*, and others of both strata: children and old people too."""
    population = default_population()
    yield from (one.person for one in population.personas().values() if one.person.region == region)
    yield from population.sample(14, region=region, label="safety")
    yield from population.sample(6, region=region, stratum="scale", label="safety")


def crawl(running: RunningRegion, region: str) -> Iterator[Native]:
    """Yield everything that the region's systems and its control plane answer."""
    whom = list(people(region))
    control = running.control(SCENARIO)
    # Something must happen, or the change feeds and the journal are empty.
    for one in whom[:6]:
        for name, system in running.parts.systems.items():
            if name in one.systems:
                control.write(type=system.types[0], system=name, patient_id=one.identity)
    control.advance(3 * 86_400)
    for installed in running.parts.region.systems:
        yield from sources(Door(running, installed.system, SCENARIO), dialect(installed.program), whom)
    yield from control_plane(f"{running.base_url}/_sim", whom)


def sources(door: Door, asked: Dialect, whom: Sequence[Person]) -> Iterator[Native]:
    """Yield what one system answers about *whom* and about nobody."""
    yield from asked.rest(door)
    if door.address.startswith("sqlite:///"):
        return  # every row of every table has been read
    for one in whom:
        for identity in one.identities if answers_well(one) else ():
            yield from asked.person(door, identity)


def answers_well(one: Person) -> bool:
    """Tell whether a system's answers about somebody come to an end: some personas are made to meet faults."""
    persona = default_population().personas().get(one.persona or "")
    return one.persona != ENDLESS and not (persona is not None and persona.faults)


def control_plane(base: str, whom: Sequence[Person]) -> Iterator[Native]:
    """Yield what the control plane answers, to programs and to browsers, and every page that its pages lead to."""
    waiting = ["/", "/faults", *(f"/s/{SCENARIO}/{page}" for page in CALLS)]
    seen = set(waiting)
    while waiting:
        path = waiting.pop()
        for accept in ("application/json", "text/html"):
            answer = requests.get(f"{base}{path}", headers={"Accept": accept}, timeout=60)
            yield Native(what=path.partition("/person/")[0], form="json", body=answer.content)
            links = {link for link in LINKS.findall(answer.text) if SCENARIO in link} - seen
            seen |= links
            waiting += sorted(links)[: max(0, 60 - len(seen))]
    for one in whom:
        patient = {"root": one.identity.root, "extension": one.identity.extension}
        answer = requests.post(f"{base}/s/{SCENARIO}/truth", json={"patientId": patient}, timeout=60)
        yield Native(what="truth", form="json", body=answer.content)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("region", REGIONS)
def test_no_number_of_a_real_person_leaves(region: str) -> None:
    """Every candidate in every byte is on the official list, in the never-issued series, or no number at all."""
    candidates, allowed, wrong, kinds = 0, 0, [], set()
    with serve_region(region) as running:
        for answer in crawl(running, region):
            kinds.add(answer.what)
            for one in hunt(answer.body, allowed=ALLOWED):
                candidates += 1
                allowed += one.allowed is not None
                if not one.safe and one.allowed is None:
                    wrong.append((answer.what, re.sub(r"[0-9]", "9", one.around)))

    assert wrong == []
    assert candidates > 100, "the crawl saw too little to prove anything"
    assert allowed <= candidates / 3, "the allowances let too much through"
    assert len(kinds) > 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "type_name"), [("kosmos", "care-documentation"), ("radgivning", "care-documentation")]
)
def test_a_number_that_slips_in_is_seen(monkeypatch: pytest.MonkeyPatch, system: str, type_name: str) -> None:
    """The proof would see it: somebody's number in a generated text comes out at the door."""
    population = default_population()
    whom = next(
        person
        for person in population.sample(60, region="fjallmark", label="slips")
        if population.history(person, type_name, system=system, until=population.world.clock_start)
    )
    honest = Population.history
    number = planted()

    def careless(self: Population, person: Any, type: str, **named: Any) -> Any:  # noqa: A002 - as history has it
        return [
            replace(
                event,
                atoms=tuple(replace(one, text=f"Mor {number[:8]}-{number[8:]}.") for one in event.atoms),
            )
            for event in honest(self, person, type, **named)
        ]

    monkeypatch.setattr(Population, "history", careless)
    with serve_region("fjallmark") as running:
        answers = list(dialect(system).person(Door(running, system, SCENARIO), whom.identity))

    assert any(unsafe(answer.body, allowed=ALLOWED) for answer in answers)


def test_nothing_calls_fakers_numbers() -> None:
    """Names may come from Faker's tables; numbers never."""
    fake = Faker("sv_SE")
    with pytest.raises(AssertionError, match="real people"):
        fake.ssn()
    population = default_population()
    for persona in population.personas().values():
        assert population.person(persona.identity) is not None
    for stratum in ("official", "scale"):
        assert population.sample(30, stratum=stratum, label="no-faker")  # type: ignore[arg-type]


def test_no_source_file_asks_faker_for_a_number() -> None:
    """Not even on a path that no test takes."""
    root = Path(__file__).parents[3]
    found = [
        str(file.relative_to(root))
        for package in ("contracts", "sdk", "simulators", "conformance_tests", "examples")
        for file in (root / package).rglob("*.py")
        if ".ssn(" in file.read_text(encoding="utf-8")
    ]

    assert found == []
