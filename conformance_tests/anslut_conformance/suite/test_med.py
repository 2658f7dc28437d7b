"""MED: what is taken, how, since when, and by whose decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.medications import Medication

from anslut_conformance import readings
from anslut_conformance.checks import require, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

MEDICATIONS = "medications"
_PRESCRIPTION = "body.medicationPrescription"


def _readings(exam: Exam) -> Iterator[Reading]:
    made = exam.personas("anna-vuxen", "lakemedel-andrade", "rattad", "tecken")
    for persona in (*made, *exam.people()):
        yield readings.read(exam, MEDICATIONS, persona)


def _same(exam: Exam, what: str, *fields: str) -> None:
    for reading in _readings(exam):
        faults = reading.comparison.fields(*(f"{_PRESCRIPTION}.{field}" for field in fields))
        require(
            not faults,
            f"{what} differs from the source in {len(faults)} medications",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )


def _tempting(exam: Exam, what: str, tempts: Callable[[Medication], object]) -> None:
    """See that somebody's prescription can go wrong in the rule's way."""
    said = (one.event.holding(Medication) for reading in _readings(exam) for one in reading.expected)
    readings.tempted((one for one in said if tempts(one)), what)


@pytest.mark.rule("MED-001")
@pytest.mark.lane("quick")
def test_the_drug_is_the_sources(exam: Exam) -> None:
    """Code, form and strength; a decimal comma is a point."""
    _tempting(exam, "strengths with decimals", lambda one: "." in (one.drug.strength or ""))
    _same(
        exam,
        "the drug",
        "drug.atcCode",
        "drug.pharmaceuticalForm",
        "drug.strength",
        "drug.strengthUnit",
    )


@pytest.mark.rule("MED-002")
@pytest.mark.lane("quick")
def test_started_or_stopped_active_or_not(exam: Exam) -> None:
    """Both, as they stand now."""
    _tempting(exam, "prescriptions that are over", lambda one: not one.active)
    _tempting(exam, "drugs that were stopped", lambda one: one.kind == "U")
    _same(exam, "the kind or the status", "typeOfPrescription", "prescriptionStatus")


@pytest.mark.rule("MED-003")
@pytest.mark.lane("quick")
def test_the_dosage_is_the_sources(exam: Exam) -> None:
    """Text, dose, times and condition."""
    _tempting(exam, "dosages as needed", lambda one: one.dosage is not None and one.dosage.condition)
    _same(exam, "the dosage", "drug.dosage")


@pytest.mark.rule("MED-004")
def test_from_when_to_when(exam: Exam) -> None:
    """Start, end and first start; no end where it goes on."""
    _tempting(exam, "treatments until further notice", lambda one: one.end is None)
    _same(exam, "the treatment's time", "startOfTreatment", "endOfTreatment", "startOfFirstTreatment")


@pytest.mark.rule("MED-005")
def test_who_prescribed(exam: Exam) -> None:
    """Who and when; nobody where the patient decided."""
    _tempting(exam, "self-medication", lambda one: one.self_medication)
    _same(exam, "who prescribed", "prescriber", "selfMedication")


@pytest.mark.rule("MED-006")
def test_chain_dispensation_and_administrations(exam: Exam) -> None:
    """What replaces what, what pharmacies may dispense, and every dose that was given."""
    _tempting(exam, "doses given at a ward", lambda one: one.given)
    _tempting(exam, "prescriptions that replaced another", lambda one: one.preceding)
    _same(
        exam,
        "the chain, the dispensation or what was given",
        "prescriptionChainId",
        "dispensationAuthorization",
        "administration",
    )
