"""What a clinician would object to within the record system and the vaccination register."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.courses import acute_courses, chronic_courses
from anslut_simulators.histories.laboratory import lund_malmo
from anslut_simulators.histories.values import MONTHS
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.laboratory_results import Laboratory
from anslut_simulators.truth.vaccinations import Vaccination

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from anslut_simulators.truth import Event
    from common_sense import Record

_DOCTORS_TEMPLATES: Final = (
    "Läkarbesök primärvård",
    "Läkarbesök sjukhus",
    "Akutbesök",
    "Epikris/slutanteckning",
)
_PRESSURE: Final = re.compile(r"Blodtryck (\d{2,3})/(\d{2,3})")
_NEXT: Final = re.compile(r"(?:planeras till|Kallas i|Ny tid i|återbesök i) ([a-z]+)")
_VERY_OLD: Final = 80
_ADULT: Final = 18
_NITRITE_MAKERS: Final = ("Escherichia", "Klebsiella")
_ALWAYS_OPEN: Final = frozenset({"radgivning", "natal"})
_COVID: Final = "Covid-19"
_COVID_APART: Final = {2: 28, 3: 91, 4: 91}
_VECTOR_APART: Final = 63


def _age(record: Record, when: date) -> int:
    born = record.person.birth_date
    return when.year - born.year - ((when.month, when.day) < (born.month, born.day))


def _told(event: Event) -> str:
    return " ".join(atom.text for atom in event.atoms)


def _generated(record: Record, type_: str) -> list[Event]:
    return record.of(type_) if record.person.persona is None else []


def conditions(record: Record) -> Iterator[str]:
    """Nobody gets a diagnosis outside the ages that its course is written for; what lasts is kept."""
    ages = {course.code: (course.ages[0], 200) for course in chronic_courses()}
    ages |= {course.code: course.ages for course in acute_courses()}
    for event in _generated(record, "diagnoses"):
        code = event.holding(Diagnosis).code.code or ""
        low, high = ages.get(code, (0, 200))
        years = (event.occurred_at.date() - record.person.birth_date).days / 365.25
        if not low - 0.01 <= years < high + 1.01:
            yield f"{code} at {years:.1f} years: {event.id}"


def writers(record: Record) -> Iterator[str]:
    """A doctor's visit is written by a doctor."""
    for event in _generated(record, "care-documentation"):
        role = event.author.role
        title = (role.display_name or role.original_text or "") if role is not None else ""
        if event.template in _DOCTORS_TEMPLATES and "läkare" not in title.lower():
            yield f"{event.template} by {title}: {event.id}"


def pressures(record: Record) -> Iterator[str]:
    """What a note says of the blood pressure follows from what it measured, and so does a new diagnosis."""
    for event in _generated(record, "care-documentation"):
        told = _told(event)
        measured = _PRESSURE.search(told)
        if measured is None:
            continue
        aim = 150 if _age(record, event.occurred_at.date()) >= _VERY_OLD else 140
        upper = int(measured[1])
        if "inom målvärdet" in told and upper >= aim:
            yield f"{measured[0]} is within the aim: {event.id}"
        if "över målvärdet" in told and upper < aim:
            yield f"{measured[0]} is above the aim: {event.id}"
        if "Nyupptäckt hypertoni" in told and upper < 140:
            yield f"{measured[0]} is hypertension: {event.id}"
        if "förmaksflimmer" in told.lower() and "regelbunden" in told.lower().replace("oregelbunden", ""):
            yield f"a regular pulse with atrial fibrillation: {event.id}"


def kidneys(record: Record) -> Iterator[str]:
    """The filtration rate is what creatinine, age and sex make it."""
    for event in _generated(record, "laboratory-results"):
        said = event.holding(Laboratory)
        for group in said.groups:
            values = {
                (one.code.display_name or one.code.original_text or "").partition("(")[0]: one.quantity.value
                for one in group.analyses
                if one.quantity is not None
            }
            creatinine, rate = values.get("P-Kreatinin "), values.get("Pt-eGFR")
            age = _age(record, event.occurred_at.date())
            if creatinine and rate and age > _ADULT:
                made = lund_malmo(creatinine=int(creatinine), age=age, sex=record.person.sex)
                if abs(made - int(rate)) > 2:
                    yield f"eGFR {rate} of creatinine {creatinine} at {age}: {event.id}"


def repeated_analyses(record: Record) -> Iterator[str]:
    """A specimen is analysed once for the same thing."""
    for event in _generated(record, "laboratory-results"):
        names = [one.code for group in event.holding(Laboratory).groups for one in group.analyses]
        if len(names) != len(set(names)):
            yield f"the same analysis twice: {event.id}"


def next_controls(record: Record) -> Iterator[str]:
    """The next yearly control is at about the same time of the year, or half a year later for the oldest."""
    for event in _generated(record, "care-documentation"):
        told = _NEXT.search(_told(event))
        if told is not None:
            months = (MONTHS.index(told[1]) + 1 - event.occurred_at.month) % 12
            if months not in {0, 6}:
                yield f"{told[0]} after {event.occurred_at:%Y-%m-%d}: {event.id}"


def urine(record: Record) -> Iterator[str]:
    """Nitrite comes from bacteria that make it."""
    strips: dict[str, str] = {}
    for event in _generated(record, "laboratory-results"):
        said = event.holding(Laboratory)
        for one in (one for group in said.groups for one in group.analyses):
            name = one.code.display_name or one.code.original_text or ""
            text = (one.quantity.text if one.quantity is not None else None) or ""
            visit = event.care_contact_id or ""
            if name.startswith("U-Nitrit"):
                strips[visit] = text
            if name == "Urinodling" and one.status == "final" and visit in strips:
                makes = text.startswith(_NITRITE_MAKERS)
                if makes != (strips[visit] == "pos"):
                    yield f"nitrite {strips[visit]} and {text!r}: {event.id}"


def quick_tests(record: Record) -> Iterator[str]:
    """A test at the bedside is answered there, before the note that tells its result."""
    notes = {one.care_contact_id: one for one in _generated(record, "care-documentation")}
    for event in _generated(record, "laboratory-results"):
        note = notes.get(event.care_contact_id)
        said = event.holding(Laboratory)
        if note is None or not any(
            group.name in {"Snabbtest Strep A", "Urinsticka"} for group in said.groups
        ):
            continue
        if event.occurred_at > note.author.time and not note.revisions:
            yield f"answered {event.occurred_at}, noted {note.author.time}: {event.id}"
        if said.laboratory_name != event.unit.name:
            yield f"answered by {said.laboratory_name}: {event.id}"


def child_health(record: Record) -> Iterator[str]:
    """One visit to child health is one nurse, whatever system it is written in."""
    seen: dict[date, tuple[str, str]] = {}
    for event in record.events:
        if event.template != "BVC" or record.person.persona is not None:
            continue
        role = event.author.role
        seen[event.occurred_at.date()] = (event.author.name or "", (role.original_text or "") if role else "")
    for event in _generated(record, "vaccinations"):
        for dose in event.holding(Vaccination).doses:
            name, role = seen.get(event.occurred_at.date(), ("", ""))
            if name and dose.given_by is not None and "sköterska" in role and dose.given_by.name != name:
                yield f"{name} wrote, {dose.given_by.name} vaccinated: {event.id}"


def allergies(record: Record) -> Iterator[str]:
    """Nobody is given the penicillin that the same note says gave them a rash."""
    for event in _generated(record, "care-documentation"):
        told = _told(event)
        if "Penicillin: utslag" in told and "enicillin" in told.replace("Penicillin: utslag", ""):
            yield f"penicillin in spite of a rash: {event.id}"


def covid_doses(record: Record) -> Iterator[str]:
    """Doses against covid-19 keep their distance, and Spikevax as an early booster is half a dose."""
    doses: dict[int, tuple[date, str]] = {}
    for event in sorted(_generated(record, "vaccinations"), key=lambda one: one.occurred_at):
        said = event.holding(Vaccination)
        for dose in said.doses if said.status == "given" else ():
            if not any(one.display_name == _COVID for one in dose.diseases) or dose.number is None:
                continue
            day = event.occurred_at.date()
            early = day.isoformat() < "2022-09-01"
            if dose.product == "Spikevax" and dose.number > 2 and early and dose.amount != "0.25":
                yield f"Spikevax {dose.amount} as dose {dose.number}: {event.id}"
            before = doses.get(dose.number - 1)
            apart = _COVID_APART.get(dose.number, 60)
            if before is not None and before[1] == "Vaxzevria" and dose.number == 2:
                apart = _VECTOR_APART
            if before is not None and (day - before[0]).days < apart:
                yield f"dose {dose.number} after {(day - before[0]).days} days: {event.id}"
            doses[dose.number] = (day, dose.product or "")


def office_hours(record: Record) -> Iterator[str]:
    """What was left over is not signed on a Saturday or a Sunday."""
    signed: dict[str, list[str]] = defaultdict(list)
    for event in _generated(record, "care-documentation"):
        if event.signature is None or event.system in _ALWAYS_OPEN:
            continue
        late = event.signature.time.date() > event.author.time.date()
        if late and event.signature.time.isoweekday() > 5:
            signed[event.system].append(event.id)
    for system, found in signed.items():
        yield f"signed at a weekend in {system}: {found[0]}"


MEDICAL: Final = (
    conditions,
    writers,
    pressures,
    kidneys,
    repeated_analyses,
    next_controls,
    urine,
    quick_tests,
    child_health,
    allergies,
    covid_doses,
    office_hours,
)
