"""Generated vaccinations: the programme of the birth cohort, at plausible ages, about as many as published."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.histories.record import Record
from anslut_simulators.histories.vaccinations import vaccinations
from anslut_simulators.population import default_population
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.systems import teller
from anslut_simulators.truth.vaccinations import Vaccination
from anslut_simulators.vaxreg.codes import Codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population.people import Person
    from anslut_simulators.truth import Event
    from anslut_simulators.truth.vaccinations import Dose

pytestmark = pytest.mark.slow

NOW = datetime(2023, 11, 15, 8, tzinfo=STOCKHOLM)
POPULATION = default_population()
REGIONS = POPULATION.regions
MANY = 400
HEXA, MPR, HPV, ROTA, PNEUMO = "J07CA09", "J07BD52", {"J07BM01", "J07BM03"}, "J07BH01", "J07AL02"
FLU, COVID = "J07BB02", {"J07BN01", "J07BN02", "J07BN04"}


def told(person: Person, *, at: datetime = NOW) -> list[Event]:
    """Return what the register says of *person*, oldest first."""
    from anslut_simulators.histories.calendar import wall_seconds  # noqa: PLC0415 - beside its use

    record = Record(POPULATION.world, REGIONS[person.region], person, system="vaxreg", last_year=at.year)
    events = vaccinations(record, wall_seconds(at))
    return sorted(events, key=lambda event: (event.occurred_at, event.id))


@lru_cache(maxsize=64)
def cohort(year: int, sex: str) -> tuple[tuple[Person, tuple[Event, ...]], ...]:
    """Return many people born that year, and what the register says of them."""
    people = [POPULATION.person_by_rank("scale", year=year, sex=sex, rank=rank) for rank in range(MANY)]  # type: ignore[arg-type]
    return tuple((person, tuple(told(person))) for person in people)


def given(events: tuple[Event, ...]) -> Iterator[tuple[Event, Dose]]:
    """Yield every dose that stands, with its registration."""
    for event in events:
        said = event.holding(Vaccination)
        if said.status == "given" and event.state == "entered":
            for dose in said.doses:
                yield event, dose


def share(year: int, sex: str, *kinds: str, doses: int = 1, before: date | None = None) -> float:
    """Return the share of a cohort with at least so many doses of one of *kinds*, given before a day."""
    having = 0
    for _, events in cohort(year, sex):
        found = [
            event
            for event, dose in given(events)
            if dose.vaccine.code in kinds and (before is None or event.occurred_at.date() < before)
        ]
        having += len(found) >= doses
    return having / MANY


@pytest.mark.parametrize(
    ("year", "kinds", "doses", "published"),
    [
        (2018, [HEXA], 3, 0.97),
        (2018, [MPR], 1, 0.97),
        (2021, [HEXA], 3, 0.97),
        (2011, [PNEUMO], 3, 0.97),
        (2020, [ROTA], 2, 0.865),
        (2004, [MPR], 2, 0.95),
        (2008, ["J07AN01"], 1, 0.22),
    ],
)
def test_children_have_what_is_published(year: int, kinds: list[str], doses: int, published: float) -> None:
    """About 97 per cent at two years; within what four hundred twice can tell."""
    found = (share(year, "F", *kinds, doses=doses) + share(year, "M", *kinds, doses=doses)) / 2

    assert abs(found - published) < 0.03


def test_hpv_came_to_girls_first() -> None:
    """Girls born 1999 and later, boys born 2009 and later; and nobody before grade five."""
    assert abs(share(2008, "F", *HPV, doses=2) - 0.84) < 0.05
    assert abs(share(2010, "M", *HPV) - 0.84) < 0.05
    assert share(2008, "M", *HPV) == 0
    assert share(1998, "F", *HPV) == 0
    assert share(2014, "F", *HPV) == 0


def test_the_programme_changed_over_the_years() -> None:
    """No pneumococci for those born 2008, no rotavirus before autumn 2019, no hepatitis B before 2016."""
    assert share(2008, "F", PNEUMO) == 0
    assert share(2018, "F", ROTA) == 0
    assert share(2015, "M", HEXA) == 0
    assert share(2015, "M", "J07CA06", doses=3) > 0.9
    assert 0.1 < share(2019, "F", ROTA) < 0.5


def test_nobody_born_before_1957_has_a_childhood() -> None:
    """There was no programme to register."""
    for person, events in cohort(1952, "F"):
        for event, dose in given(events):
            age = (event.occurred_at.date() - person.birth_date).days / 365.25
            assert age > 15 or dose.vaccine.code in COVID


def test_old_people_come_in_autumn() -> None:
    """Influenza: 52 per cent in the season of 2018, more since 2020, always from October to Christmas."""
    in_2018 = [
        any(dose.vaccine.code == FLU and event.occurred_at.year == 2018 for event, dose in given(events))
        for sex in ("F", "M")
        for _, events in cohort(1946, sex)  # type: ignore[arg-type]
    ]
    months = {
        event.occurred_at.month
        for _, events in cohort(1946, "F")
        for event, dose in given(events)
        if dose.vaccine.code == FLU
    }

    assert abs(sum(in_2018) / len(in_2018) - 0.52) < 0.06
    assert months <= {10, 11, 12}


def test_covid_came_to_the_oldest_first() -> None:
    """By summer 2021 the old had had theirs and the young not; children under twelve never."""
    assert share(1938, "F", *COVID, before=date(2021, 4, 15)) > 0.9
    assert share(1995, "F", *COVID, before=date(2021, 6, 1)) == 0
    assert 0.7 < share(1995, "F", *COVID) < 0.85
    assert share(2012, "M", *COVID) == 0
    assert share(1938, "F", *COVID, doses=5) > 0.45


@pytest.mark.parametrize("year", [1938, 1965, 1984, 1999, 2003, 2009, 2016, 2020, 2022])
def test_every_registration_makes_sense(year: int) -> None:
    """Order, ages, places, batches, people and times, registration by registration."""
    codes = {name: Codes(region) for name, region in REGIONS.items()}
    kinds = {unit.hsa_id: unit.kind for region in REGIONS.values() for unit in region.units}
    schools = {name for name, region in REGIONS.items() if region.units_of("school-health")}
    begins = datetime(2002, 1, 1, tzinfo=STOCKHOLM)
    for person, events in (*cohort(year, "F"), *cohort(year, "M")):
        latest: dict[str, tuple[int, datetime]] = {}
        for event in events:
            said = event.holding(Vaccination)
            assert codes[person.region].missing(event) == []
            assert event.occurred_at.date() > person.birth_date
            assert event.occurred_at <= NOW
            assert event.author.time >= event.occurred_at
            assert event.signature is None or event.author.time <= event.signature.time <= NOW
            assert (said.status == "nullified") == (said.nullified_reason is not None)
            assert said.doses or said.note
            if said.origin == "imported":
                assert not any(dose.batch or dose.given_by for dose in said.doses)
                assert said.source
                assert f"{event.occurred_at:%H%M%S}" == "000000"
            else:
                assert event.occurred_at >= begins
                assert all(dose.batch and dose.given_by for dose in said.doses)
                assert 7 <= event.occurred_at.hour < 18
        for event, dose in given(events):
            assert dose.complete is None or dose.complete == (dose.number == dose.of)
            if dose.number is None or dose.vaccine.code is None:
                continue
            series = dose.vaccine.code[:5] if dose.vaccine.code in COVID | HPV else dose.vaccine.code
            number, when = latest.get(series, (0, datetime(1900, 1, 1, tzinfo=STOCKHOLM)))
            if event.occurred_at == when:  # registered twice, and nobody has seen it yet
                continue
            assert dose.number > number or dose.number == 1
            assert event.occurred_at - when > timedelta(days=20)
            latest[series] = (dose.number, event.occurred_at)
            if event.holding(Vaccination).origin == "own" and dose.vaccine.code in {HEXA, PNEUMO, ROTA}:
                assert kinds[event.unit.hsa_id] in {"child-health", "primary-care"}
            if dose.vaccine.code in HPV:
                assert (kinds[event.unit.hsa_id] == "school-health") == (person.region in schools)
                assert 10 < (event.occurred_at.date() - person.birth_date).days / 365.25 < 13


def test_ages_are_those_of_the_programme() -> None:
    """Three, five and twelve months; eighteen months; five years: some late, none early."""
    ages: dict[tuple[str, int], list[int]] = defaultdict(list)
    for sex in ("F", "M"):
        for person, events in cohort(2016, sex):  # type: ignore[arg-type]
            for event, dose in given(events):
                days = (event.occurred_at.date() - person.birth_date).days
                ages[str(dose.vaccine.code), dose.number or 0].append(days)
    for kind, number, days in (
        (HEXA, 1, 91),
        (HEXA, 2, 152),
        (HEXA, 3, 365),
        (MPR, 1, 548),
        ("J07CA02", 4, 1830),
    ):
        found = sorted(ages[kind, number])
        late = sum(age > days + 20 for age in found) / len(found)

        assert found[0] >= days - 5
        assert abs(found[len(found) // 2] - days) < 16
        assert found[-1] < days + 140
        assert 0.005 < late < 0.12


def test_doses_are_given_at_the_visit_that_the_record_tells_of() -> None:
    """Kosmos' note and the register's dose are of the same day; only late children came another day."""
    same = 0
    children = [
        one
        for one in POPULATION.sample(400, region="fjallmark", label="vaxreg")
        if one.birth_date.year > 2016
    ]
    for child in children:
        days = {
            event.occurred_at.date()
            for event in POPULATION.history(child, "care-documentation", system="kosmos", until=NOW)
            if event.template == "BVC"
        }
        doses = [
            event.occurred_at.date()
            for event in told(child)
            if event.content is not None
            and event.content.doses
            and event.author.role is not None  # type: ignore[attr-defined]
            and event.author.role.original_text == "BHV-sjuksköterska"
        ]
        same += sum(day in days for day in doses) >= 0.8 * len(doses)
    assert same >= 0.85 * len(children)


def test_a_newborns_dose_is_kept_under_the_first_number() -> None:
    """Before the personnummer there was only the reserve number."""
    early = []
    for person in born_lately():
        if person.linked:
            for event in told(person):
                first = event.occurred_at < (person.renumbered_at or NOW)
                assert event.patient == (person.linked[0] if first else person.identity)
                early += [event.id] if first else []
    assert len(early) > 5


def born_lately() -> Iterator[Person]:
    """Yield the people on the official list who were born 2016 to 2022."""
    for year in range(2016, 2023):
        for rank in range(365):
            try:
                yield POPULATION.person_by_rank(
                    "official", year=year, sex="M" if rank % 2 else "F", rank=rank // 2
                )
            except IndexError:
                break


def test_nothing_is_taken_back_as_time_goes() -> None:
    """What stood in the register stands there later; only its marks change."""
    for person, _ in cohort(2016, "F")[:60]:
        before = {event.id: event for event in told(person, at=datetime(2019, 3, 1, 12, tzinfo=STOCKHOLM))}
        after = {event.id: event for event in told(person)}
        for event_id, event in before.items():
            assert after[event_id].occurred_at == event.occurred_at
            assert after[event_id].content.doses == event.content.doses  # type: ignore[union-attr]


def test_the_dead_are_not_vaccinated() -> None:
    """Nothing on the day of death or later."""
    dead = [
        one for one in POPULATION.sample(3000, region="fjallmark", label="vaxreg dead") if one.deceased_at
    ]
    assert len(dead) > 20
    for person in dead:
        assert all(event.occurred_at < (person.deceased_at or NOW) for event in told(person))


def test_some_are_nullified_unsigned_and_unfinished() -> None:
    """As in life: a few, and not most."""
    events = [event for year in (1946, 1984, 2003, 2016) for _, told_ in cohort(year, "F") for event in told_]
    nullified = sum(event.content.status == "nullified" for event in events) / len(events)  # type: ignore[union-attr]
    unsigned = sum(event.signature is None for event in events) / len(events)
    drafts = sum(event.state == "draft" for event in events) / len(events)

    assert 0.001 < nullified < 0.015
    assert 0.01 < unsigned < 0.05
    assert 0.0005 < drafts < 0.01


def test_the_world_stands_still() -> None:
    """The same people have the same doses on every machine; a change here is a new version of the world."""
    digest = blake2b(digest_size=8)
    for year, sex in ((1950, "M"), (1972, "F"), (1990, "M"), (2006, "F"), (2019, "M")):
        for person in (
            POPULATION.person_by_rank("scale", year=year, sex=sex, rank=rank) for rank in range(20)
        ):  # type: ignore[arg-type]
            for event in told(person):
                doses = [(dose.product, dose.batch, dose.number) for dose in event.holding(Vaccination).doses]
                digest.update(
                    f"{event.id}|{event.occurred_at.isoformat()}|{event.unit.hsa_id}|{doses}\n".encode()
                )

    assert digest.hexdigest() == "c20ac6b6b08f4e01"


def test_the_system_names_this_teller() -> None:
    """Its description is what makes the histories reach it."""
    assert teller("vaxreg", "vaccinations") is vaccinations
