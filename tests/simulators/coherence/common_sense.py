"""What a clinician would object to: each function yields what is wrong with one person's whole record."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.call_plan import calls_of
from anslut_simulators.systems import described_systems
from anslut_simulators.truth.care_contacts import CareContact
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.growth_observations import Growth
from anslut_simulators.truth.laboratory_results import Laboratory
from anslut_simulators.truth.maternity_records import MaternityRecord
from anslut_simulators.truth.vaccinations import Vaccination
from medical_sense import MEDICAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.population import Person, Population
    from anslut_simulators.truth import Event
    from anslut_simulators.truth.maternity_records import Newborn
    from anslut_simulators.truth.vaccinations import Dose

_ENGLISH: Final = re.compile(
    r"\b(the|and|with|patient's|without|which|should|normal range|blood pressure|year old)\b", re.IGNORECASE
)
_PLACEHOLDER: Final = re.compile(r"[{}]|\bNone\b|\bnan\b")
_CHILDHOOD: Final = {"J07CA09": (70, 900), "J07BH01": (40, 224), "J07BH02": (40, 224)}
"""Combined vaccine for infants, rotavirus: days of age between which a child can have them."""

_LIVE_UNTIL: Final = 270
"""Measles vaccine is not given before nine months, in days."""

_COPIED: Final = frozenset({"child-health", "delivery", "maternity-ward"})
"""Kinds of unit whose measurements school health copies when a child begins school."""

_OFFICIAL_ENGLISH: Final = "Attention Deficit and Hyperactivity Disorder"
"""What ICD-10-SE itself calls F90.0B."""

_INTERVAL: Final = 21
"""No two doses of the same vaccine closer than this, in days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One person with everything that every system holds at *now*."""

    population: Population
    person: Person
    now: datetime
    events: tuple[Event, ...]

    def of(self, type_name: str) -> list[Event]:
        """Return the entries of a type that stand, oldest first."""
        return [one for one in self.events if one.type == type_name and one.state == "entered"]


def record_of(population: Population, person: Person, now: datetime) -> Record:
    """Return the whole record of *person*."""
    region = population.regions[person.region]
    events = [
        event
        for installed in region.systems
        if (described := described_systems().get(installed.program)) is not None
        for name in described.keeps
        for event in population.history(person, name, system=installed.system, until=now)
    ]
    events.sort(key=lambda one: (one.occurred_at, one.id))
    return Record(population=population, person=person, now=now, events=tuple(events))


def times(record: Record) -> Iterator[str]:
    """Nothing before birth or after death, and nothing signed, corrected or entered out of order."""
    born, died = record.person.birth_date, record.person.deceased_at
    for event in record.events:
        told = f"{event.system} {event.type} {event.id}"
        own_birth = event.type == "maternity-records" and record.person.sex == "F"
        if event.occurred_at.date() < born and not own_birth:
            yield f"before birth: {told} {event.occurred_at:%Y-%m-%d}, born {born}"
        if died is not None and event.occurred_at > died + timedelta(days=1):
            yield f"after death: {told} {event.occurred_at:%Y-%m-%d}, died {died:%Y-%m-%d}"
        if event.author.time > record.now:
            yield f"written in the future: {told}"
        earlier = (*event.revisions, event.author.time)
        if list(earlier) != sorted(earlier):
            yield f"revisions out of order: {told}"
        signs = event.type != "care-contacts"
        for name, actor in (("signed", event.signature), ("countersigned", event.countersignature)):
            if actor is not None and signs and actor.time < event.author.time:
                yield f"{name} before it was written: {told} {actor.time} < {event.author.time}"
        booked = isinstance(event.content, CareContact)
        imported = isinstance(event.content, Vaccination) and event.content.origin == "imported"
        if not booked and not imported and min(earlier) < event.occurred_at:
            yield f"written before it happened: {told} {min(earlier)} < {event.occurred_at}"


def units(record: Record) -> Iterator[str]:
    """Every unit is the region's, of a kind that uses the system, and so is its staff's care provider."""
    region = record.population.regions[record.person.region]
    kinds = {unit.hsa_id: unit.kind for unit in region.units}
    providers = {unit.hsa_id: unit.care_provider for unit in region.units}
    for event in record.events:
        told = f"{event.system} {event.type} {event.id}: {event.unit.name}"
        kind = kinds.get(event.unit.hsa_id)
        if kind is None:
            yield f"another region's unit: {told}"
            continue
        if providers[event.unit.hsa_id] != event.unit.care_provider_hsa_id:
            yield f"another care provider's unit: {told}"
        installed = region.installation(event.system)
        allowed = described_systems()[installed.program if installed else event.system].units
        copied = event.type == "growth-observations" and kind in _COPIED
        if allowed and kind not in allowed and not copied and record.person.persona is None:
            yield f"a {kind} unit does not use {event.system}: {told}"


def texts(record: Record) -> Iterator[str]:
    """No placeholder, English, doubled space or stray stop, and no two notes alike."""
    seen: dict[str, str] = {}
    for event in record.events:
        lines = [atom.text for atom in event.atoms]
        if event.content is not None:
            lines += event.content.summary()
        for line in lines:
            for fault in _faults_of(line, authored=record.person.persona is not None):
                yield f"{fault}: {event.system} {event.type} {event.id}: {line[:90]!r}"
        whole = " | ".join(f"{atom.path[-1]}: {atom.text}" for atom in event.atoms)
        if event.state == "entered" and len(whole) > 80:
            if whole in seen:
                yield f"two notes alike: {event.system} {event.id} and {seen[whole]}: {whole[:90]!r}"
            seen[whole] = event.id


def _faults_of(line: str, *, authored: bool) -> Iterator[str]:
    if _PLACEHOLDER.search(line):
        yield "placeholder"
    if _ENGLISH.search(line.replace(_OFFICIAL_ENGLISH, "")) and not authored:
        yield "English"
    if "  " in line or line != line.strip():
        yield "doubled or outer spaces"
    if ".." in line.replace("...", "") or " ." in line or " ," in line:
        yield "punctuation"
    if not line:
        yield "empty text"


def vaccinations(record: Record) -> Iterator[str]:
    """Doses fit ages and intervals, numbers rise, and nobody has the same thing twice in a day."""
    by_vaccine: dict[str, list[tuple[date, int | None, str]]] = defaultdict(list)
    for event in record.of("vaccinations"):
        said = event.holding(Vaccination)
        day = event.occurred_at.date()
        for dose in said.doses if said.status == "given" else ():
            code = dose.vaccine.code or dose.vaccine.original_text or ""
            # In 2009 the pandemic vaccine and the season's had one code and were given in the same weeks.
            by_vaccine[f"{code} {dose.product or ''}".rstrip()].append((day, dose.number, event.id))
            for fault in _dose_faults(code, dose, (day - record.person.birth_date).days):
                yield f"{fault}: {event.id} {day}"
    for code, doses in by_vaccine.items():
        for (before, number, one), (after, following, other) in pairwise(sorted(doses)):
            if (after - before).days < _INTERVAL:
                yield f"{code} twice within {(after - before).days} days: {one} and {other} {before} {after}"
            if number and following and following < number:
                yield f"{code} dose {following} after dose {number}: {one} and {other} {before} {after}"


def _dose_faults(code: str, dose: Dose, days: int) -> Iterator[str]:
    low, high = _CHILDHOOD.get(code, (0, 99_999))
    if not low <= days <= high:
        yield f"{code} at {days} days of age"
    if code.startswith(("J07BD52", "J07BD54")) and days < _LIVE_UNTIL:
        yield f"measles vaccine at {days} days"
    if dose.number and dose.of and dose.number > dose.of:
        yield f"dose {dose.number} of {dose.of}"
    if dose.complete and dose.number and dose.of and dose.number < dose.of:
        yield "complete before the last dose"


def pregnancies(record: Record) -> Iterator[str]:
    """Weeks fit dates, the child exists with that birth date and mother, and no man is pregnant."""
    events = record.of("maternity-records")
    before = [one for one in events if one.holding(MaternityRecord).after is None]
    if before and record.person.sex == "M":
        yield f"a man is pregnant: {before[0].id}"
    by_pregnancy: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_pregnancy[event.holding(MaternityRecord).pregnancy].append(event)
        after = event.holding(MaternityRecord).after
        for child in after.children if after is not None else ():
            yield from (f"{fault}: {event.id}" for fault in _child_faults(record, child))
    for pregnancy, told in by_pregnancy.items():
        yield from _weeks(pregnancy, told)


def _child_faults(record: Record, child: Newborn) -> Iterator[str]:
    if child.identity is None:
        return
    found = record.population.person(child.identity)
    if found is None:
        yield "a child that does not exist"
        return
    if found.birth_date != child.born.date():
        yield f"the child was born {found.birth_date}, not {child.born:%Y-%m-%d}"
    if record.person.identity not in found.parents:
        yield "the child has another mother"
    if found.sex != child.sex:
        yield "the child's sex"


def _weeks(pregnancy: str, told: list[Event]) -> Iterator[str]:
    begun: list[tuple[date, str]] = []
    for event in told:
        said = event.holding(MaternityRecord)
        gestation = said.checkup.gestation if said.checkup is not None else None
        if said.after is not None and said.after.delivery is not None:
            weeks, _, days = said.after.delivery.gestation.partition("+")
            start = said.after.children[0].born.date() - timedelta(days=7 * int(weeks) + int(days or 0))
            begun.append((start, f"delivery {said.after.delivery.gestation}"))
        if gestation is not None:
            weeks, _, days = gestation.partition("+")
            length = 7 * int(weeks) + int(days or 0)
            begun.append((event.occurred_at.date() - timedelta(days=length), f"checkup {gestation}"))
            if not 35 <= length <= 305:
                yield f"a visit in week {gestation}: {event.id}"
    if begun and (max(begun)[0] - min(begun)[0]).days > 3:
        yield f"pregnancy {pregnancy} began both {min(begun)} and {max(begun)}"


def growth(record: Record) -> Iterator[str]:
    """Children do not shrink more than a measurement's error, and BMI is what height and weight make it."""
    heights: list[tuple[date, float, str]] = []
    together: dict[datetime, dict[str, float]] = defaultdict(dict)
    for event in record.of("growth-observations"):
        said = event.holding(Growth)
        value = float(said.value)
        together[event.occurred_at][said.measure] = value
        if said.measure == "height":
            heights.append((event.occurred_at.date(), value, event.id))
            if not 20 <= value <= 215:
                yield f"height {value}: {event.id}"
        if said.measure == "weight" and not 0.3 <= value <= 180:
            yield f"weight {value}: {event.id}"
    ordered = sorted(heights)
    for (before, first, one), (after, second, other) in pairwise(ordered):
        if second < first - 1.5:
            yield f"shrank from {first} to {second} cm: {one} {before} and {other} {after}"
    for when, values in together.items():
        if {"bmi", "height", "weight"} <= values.keys():
            made = values["weight"] / (values["height"] / 100) ** 2
            if abs(made - values["bmi"]) > 0.2:
                yield f"BMI {values['bmi']} of {values['weight']} kg and {values['height']} cm: {when:%Y-%m-%d}"


def calls(record: Record) -> Iterator[str]:
    """A call that leads to a visit has that visit, after the call and within two days."""
    region = record.population.regions[record.person.region]
    if not region.units_of("phone-advice"):
        return
    planned = calls_of(record.population.world, region, record.person, record.now.year)
    visits = {
        (event.occurred_at.strftime("%Y-%m-%d %H:%M"), event.unit.hsa_id)
        for event in record.events
        if event.type in {"care-documentation", "care-contacts"} and event.system.startswith("kosmos")
    }
    for call in planned:
        if call.visit is None:
            continue
        gap = call.visit.start - call.start
        start = datetime(2010, 1, 1) + timedelta(seconds=call.visit.start)  # noqa: DTZ001 - wall time
        if not 0 < gap <= 2 * 86_400:
            yield f"a call {gap} s before its visit"
        later = start > record.now.replace(tzinfo=None) - timedelta(days=30)
        if not later and visits and (f"{start:%Y-%m-%d %H:%M}", call.visit.unit.hsa_id) not in visits:
            yield f"a call without its visit at {start:%Y-%m-%d %H:%M}, {call.visit.unit.sv}"


def contacts(record: Record) -> Iterator[str]:
    """A contact ends after it begins, and what notes name as their contact is there."""
    # A sample taken before a region changed systems can belong to a visit after it.
    known = {event.id for event in record.events if event.type == "care-contacts"}
    for event in record.of("care-contacts"):
        said = event.holding(CareContact)
        if said.start is not None and said.end is not None and said.end < said.start:
            yield f"ends before it begins: {event.system} {event.id}"
        if said.status == "ended" and said.start is not None and said.start > record.now:
            yield f"ended before it began: {event.system} {event.id}"
    keeps = {
        installed.system
        for installed in record.population.regions[record.person.region].systems
        if "care-contacts" in described_systems()[installed.program].keeps
    }
    for event in record.events:
        told = event.care_contact_id if event.system in keeps and event.type != "care-contacts" else None
        if told is not None and told not in known and record.person.persona is None:
            yield f"names a contact that is not there: {event.system} {event.type} {event.id}"


def diagnoses(record: Record) -> Iterator[str]:
    """Sex and age fit the diagnosis, and what it relates to is there."""
    known = {event.id for event in record.events if event.type == "diagnoses"}
    for event in record.of("diagnoses"):
        said = event.holding(Diagnosis)
        code = said.code.code or ""
        if code.startswith("N4") and record.person.sex == "F":
            yield f"a woman with {code}: {event.id}"
        if code.startswith(("N7", "N8", "N9", "O")) and record.person.sex == "M":
            yield f"a man with {code}: {event.id}"
        for related in said.related_event_ids:
            if related not in known:
                yield f"relates to a diagnosis that is not there: {event.id}"


def laboratory(record: Record) -> Iterator[str]:
    """A sample is taken before its answer, and a deviation is what value and reference say."""
    for event in record.of("laboratory-results"):
        said = event.holding(Laboratory)
        if said.specimen_time > event.occurred_at:
            yield f"answered before it was taken: {event.id}"
        for group in said.groups:
            for one in group.analyses:
                if one.quantity is None or one.quantity.value is None or one.reference is None:
                    continue
                value = float(one.quantity.value)
                low, high = one.reference.low, one.reference.high
                found = "L" if low and value < float(low) else "H" if high and value > float(high) else None
                if found != one.deviation:
                    yield f"{one.code.display_name} {value} of {low}–{high} is {one.deviation}: {event.id}"


def identities(record: Record) -> Iterator[str]:
    """Everything is under one of the person's own identities, and ids are unique in their system and type."""
    seen: set[tuple[str, str, str]] = set()
    for event in record.events:
        if event.patient not in record.person.identities:
            yield f"under another's number: {event.system} {event.type} {event.id}"
        key = (event.system, event.type, event.id)
        if key in seen:
            yield f"two entries with one id: {key}"
        seen.add(key)


CHECKS = {
    check.__name__: check
    for check in (
        times,
        units,
        texts,
        vaccinations,
        pregnancies,
        growth,
        calls,
        contacts,
        diagnoses,
        laboratory,
        identities,
        *MEDICAL,
    )
}
