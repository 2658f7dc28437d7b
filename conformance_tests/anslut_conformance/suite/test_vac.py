"""VAC: what was given, dose by dose; what was nullified; and what is only known from a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.vaccinations import Vaccination

from anslut_conformance import readings, writings
from anslut_conformance.checks import doubles, require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading

VACCINATIONS = "vaccinations"
DOSE = "body.administrationRecord"
NUMBERS = ("doseOrdinalNumber", "numberOfPrescribedDoses", "isDoseComplete")
CARD = ("vaccineBatchId", "performer", "dose", "sourceDescription", "vaccineName")


def _readings(exam: Exam, *names: str) -> Iterator[Reading]:
    for persona in (*(exam.persona(name) for name in names), exam.persona("anna-vuxen"), *exam.people()):
        yield readings.read(exam, VACCINATIONS, persona)


def _said(one: Expected) -> Vaccination:
    return one.event.holding(Vaccination)


def _same(reading: Reading, what: str, *, last: tuple[str, ...] = (), prefixes: tuple[str, ...] = ()) -> None:
    """Require that no fact under *prefixes*, or about a dose's field in *last*, differs from the source."""
    faults = [
        *reading.comparison.fields(*prefixes),
        *(
            fact
            for fact in reading.comparison.fields(DOSE)
            if len(parts := fact.field.removeprefix(f"{DOSE}.").split(".")) > 1 and parts[1] in last
        ),
    ]
    require(
        not faults,
        f"{what} differs from the source in {len(faults)} places",
        expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
        got=some(f"{fact.field}: {fact.got}" for fact in faults),
        patient=reading.persona.name,
    )


@pytest.mark.rule("VAC-001")
@pytest.mark.lane("quick")
def test_nullified_registrations_stay_and_say_so(exam: Exam) -> None:
    """A nullified registration is delivered as nullified, with its reason and its doses; others say that they stand."""
    tried: list[Expected] = []
    for reading in _readings(exam, "vaxreg-makulerad"):
        nullified = [one for one in reading.expected if _said(one).status == "nullified"]
        tried += nullified
        gone = [one.event_id for one in nullified if one in reading.comparison.missing]
        require(
            not gone,
            f"{len(gone)} nullified registrations are not delivered",
            expected="delivered with nullified true",
            got="missing",
            patient=reading.persona.name,
        )
        _same(
            reading,
            "nullified or nullifiedReason",
            prefixes=("header.nullified", "header.nullifiedReason"),
        )
    readings.tempted(tried, "nullified registrations")


@pytest.mark.rule("VAC-002")
def test_a_registration_nullified_now_is_nullified_at_the_next_call(exam: Exam) -> None:
    """Registered, seen, nullified in the source: the same entry is there at once, and says why."""
    somebody = exam.someone("VAC-002")
    event = writings.write(exam, somebody, VACCINATIONS)
    before = _one(exam, somebody.patient_id, event.id)
    reason = "Dubbelregistrering."
    content = {"status": "nullified", "nullified_reason": reason}
    writings.change(exam, somebody, event, "edit", content=content)
    after = _one(exam, somebody.patient_id, event.id)
    require(
        (after.get("nullified"), after.get("nullifiedReason")) == (True, reason),
        "a registration was nullified in the source, and the entry does not say so",
        expected=f"nullified true, {reason}",
        got=f"nullified {after.get('nullified')}, {after.get('nullifiedReason')}",
    )
    require(
        before.get("documentId") == after.get("documentId"),
        "nullifying gave the entry another documentId",
        expected=before.get("documentId"),
        got=after.get("documentId"),
    )


def _one(exam: Exam, patient: object, event_id: str) -> dict[str, object]:
    """Return the header of the one entry that carries an event; nothing when none does."""
    entries = exam.entries(VACCINATIONS, patient)  # type: ignore[arg-type]  # the persona's own identity
    comparison = exam.compare(exam.expected(patient, VACCINATIONS), entries, VACCINATIONS)  # type: ignore[arg-type]
    wanted = comparison.document_ids(event_id)
    found = [entry["header"] for entry in entries if entry["header"]["documentId"] in wanted]
    return dict(found[0]) if found else {}


@pytest.mark.rule("VAC-003")
@pytest.mark.lane("quick")
def test_a_registration_is_one_entry_with_all_its_doses(exam: Exam) -> None:
    """Vaccines given together stay together; a registration without doses is there, with its note."""
    many: list[Expected] = []
    none: list[Expected] = []
    for reading in _readings(exam, "vaxreg-doser", "vaxreg-historik"):
        many += [one for one in reading.expected if len(_said(one).doses) > 1]
        none += [one for one in reading.expected if not _said(one).doses]
        lost = [one.event_id for one in reading.comparison.missing]
        require(
            not lost,
            f"{len(lost)} registrations are not delivered as they stand in the source",
            expected="one entry for each registration, with all its doses",
            got=some(lost),
            patient=reading.persona.name,
        )
        faults = [
            fact for fact in reading.comparison.fields(DOSE) if "." not in fact.field.removeprefix(f"{DOSE}.")
        ]
        require(
            not faults,
            f"{len(faults)} doses are missing or too many",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )
        _same(reading, "the note", prefixes=("body.registrationRecord.vaccinationUnstructuredNote",))
    readings.tempted(many, "registrations of several doses")
    readings.tempted(none, "registrations without doses")


@pytest.mark.rule("VAC-004")
@pytest.mark.lane("quick")
def test_dose_numbers_are_those_of_the_source(exam: Exam) -> None:
    """Which dose of how many, and whether the series is complete: as the source says, or not at all."""
    unknown, known = 0, 0
    for reading in _readings(exam, "vaxreg-doser"):
        for one in reading.expected:
            for dose in _said(one).doses:
                known += dose.complete is not None
                unknown += dose.number is None or dose.of is None
        _same(reading, "the number of a dose", last=NUMBERS)
    readings.tempted(range(known), "doses of a series")
    readings.tempted(range(unknown), "doses without number or series")


@pytest.mark.rule("VAC-005")
@pytest.mark.lane("quick")
def test_what_was_given_is_what_the_source_says(exam: Exam) -> None:
    """Kind by ATC, product, manufacturer, batch, diseases, amount, site, route and who gave it."""
    tried: list[Expected] = []
    fields = (
        "typeOfVaccine",
        "vaccineName",
        "vaccineManufacturer",
        "vaccineBatchId",
        "vaccineTargetDisease",
        "dose",
        "anatomicalSite",
        "route",
        "performer",
        "vaccinationProgramName",
        "patientAdverseEffect",
        "commentAdministration",
    )
    for reading in _readings(exam, "vaxreg-doser"):
        own = [one for one in reading.expected if _said(one).origin == "own" and _said(one).doses]
        tried += own
        ids = {one.event_id for one in own}
        faults = [
            fact
            for fact in reading.comparison.fields(DOSE)
            if fact.event_id in ids
            and len(parts := fact.field.removeprefix(f"{DOSE}.").split(".")) > 1
            and parts[1] in fields
        ]
        require(
            not faults,
            f"what was given differs from the source in {len(faults)} places",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )
        _same(
            reading,
            "the day or the risk groups",
            prefixes=("body.registrationRecord.date", "body.registrationRecord.riskCategory"),
        )
    readings.tempted(tried, "doses that were given")


@pytest.mark.rule("VAC-006")
@pytest.mark.lane("quick")
def test_imported_history_gets_nothing_it_never_had(exam: Exam) -> None:
    """A dose from a card has no batch and no giver, and says where it was read."""
    tried: list[Expected] = []
    for reading in _readings(exam, "vaxreg-historik", "samordningsnummer"):
        cards = [one for one in reading.expected if _said(one).origin == "imported" and _said(one).doses]
        tried += cards
        ids = {one.event_id for one in cards}
        faults = [
            fact
            for fact in reading.comparison.fields(DOSE)
            if fact.event_id in ids
            and len(parts := fact.field.removeprefix(f"{DOSE}.").split(".")) > 1
            and parts[1] in CARD
        ]
        require(
            not faults,
            f"history typed in from elsewhere differs from the source in {len(faults)} places",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )
    readings.tempted(tried, "imported history")


@pytest.mark.rule("VAC-007")
@pytest.mark.lane("quick")
def test_every_dose_has_a_reference_of_its_own(exam: Exam) -> None:
    """No two doses share a vaccinationUniqueReference, within a registration or between persons."""
    seen: list[str] = []
    bare = 0
    for reading in _readings(exam, "vaxreg-doser", "vaxreg-makulerad"):
        for entry in reading.entries:
            for dose in entry["body"].get("administrationRecord") or ():
                reference = dose.get("vaccinationUniqueReference")
                if reference is None:
                    bare += 1
                else:
                    seen.append(f"{reference.get('root')}|{reference.get('extension')}")
    twice = doubles(seen)
    require(not twice, f"{len(twice)} references stand for more than one dose", got=some(twice))
    require(not bare, f"{bare} doses have no vaccinationUniqueReference", expected="one each", got=bare)
    readings.tempted(seen, "doses with a reference")
