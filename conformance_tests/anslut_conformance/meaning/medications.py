"""Medications: what drug, started or stopped, how it is taken, since when and until when, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.medications import Dosage, Medication

from anslut_conformance.facts import ABSENT, Fact, actor_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected

_PRESCRIPTION = "body.medicationPrescription"


def owed_identifier(one: Expected) -> object:
    """Return the kind, the drug and its strength."""
    said = one.event.holding(Medication)
    drug = said.drug
    return (said.kind, drug.substance.code if drug.substance else drug.name, _number(drug.strength))


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the kind, the drug and its strength in an entry."""
    del header
    said = _prescription(body)
    drug = said.get("drug") or {}
    product = drug.get("drug") or {}
    words = (drug.get("unstructuredDrugInformation") or {}).get("unstructuredInformation")
    code = (product.get("atcCode") or {}).get("code")
    return (said.get("typeOfPrescription"), code or words, _number(product.get("strength")))


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when it was prescribed; else when it began, when it ended, or when it was entered."""
    said = _prescription(body)
    prescribed = (said.get("prescriber") or {}).get("time")
    return (
        prescribed
        or said.get("startOfTreatment")
        or said.get("endOfTreatment")
        or (header.get("author") or {}).get("time")
    )


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield times, kind, status, who prescribed, the drug, its dosage, the prescription and what was given."""
    del related
    owed, said = one.event.holding(Medication), _prescription(body)
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    yield f"{_PRESCRIPTION}.typeOfPrescription", owed.kind, said.get("typeOfPrescription")
    status = "Active" if owed.active else "Inactive"
    yield f"{_PRESCRIPTION}.prescriptionStatus", status, said.get("prescriptionStatus")
    yield f"{_PRESCRIPTION}.selfMedication", owed.self_medication, said.get("selfMedication")
    prescriber = said.get("prescriber")
    if owed.prescriber is None:
        yield f"{_PRESCRIPTION}.prescriber", ABSENT, ABSENT if prescriber is None else prescriber
    else:
        yield from actor_facts(f"{_PRESCRIPTION}.prescriber", owed.prescriber, prescriber or {})
    for field, time in (
        ("startOfTreatment", owed.start),
        ("endOfTreatment", owed.end),
        ("startOfFirstTreatment", owed.first_start),
    ):
        yield f"{_PRESCRIPTION}.{field}", ABSENT if time is None else time, instant(said.get(field))
    chain = (said.get("prescriptionChainId") or {}).get("extension")
    yield f"{_PRESCRIPTION}.prescriptionChainId", owed.chain, chain
    yield f"{_PRESCRIPTION}.treatmentPurpose", owed.purpose, said.get("treatmentPurpose")
    reason = (said.get("endOfTreatmentReason") or {}).get("originalText")
    yield f"{_PRESCRIPTION}.endOfTreatmentReason", owed.end_reason, reason
    yield from _drug_facts(owed, said.get("drug") or {})
    yield from _dispensation_facts(owed, said.get("dispensationAuthorization"))
    times = sorted(given.by.time for given in owed.given)
    got = [
        instant((given.get("administrationTime") or {}).get("start"))
        for given in said.get("administration") or []
    ]
    yield f"{_PRESCRIPTION}.administration", times, sorted(got, key=str)


def _drug_facts(owed: Medication, drug: Mapping[str, Any]) -> Iterator[Fact]:
    field, product = f"{_PRESCRIPTION}.drug", drug.get("drug") or {}
    substance = product.get("atcCode") or {}
    if owed.drug.substance is not None:
        yield f"{field}.atcCode.code", owed.drug.substance.code, substance.get("code")
        yield f"{field}.atcCode.codeSystem", owed.drug.substance.code_system, substance.get("codeSystem")
        yield f"{field}.atcCode.displayName", owed.drug.substance.display_name, substance.get("displayName")
        yield f"{field}.pharmaceuticalForm", owed.drug.form, product.get("pharmaceuticalForm")
        yield f"{field}.strength", _number(owed.drug.strength), _number(product.get("strength"))
        yield f"{field}.strengthUnit", owed.drug.strength_unit, product.get("strengthUnit")
    dosages = drug.get("dosage") or []
    if owed.dosage is None:
        yield f"{field}.dosage", [], dosages
        return
    yield (
        f"{field}.dosage.dosageInstruction",
        [owed.dosage.text],
        [one.get("dosageInstruction") for one in dosages],
    )
    if dosages:
        yield from _dosage_facts(f"{field}.dosage", owed.dosage, dosages[0])


def _dosage_facts(field: str, owed: Dosage, got: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield dose, times and condition; a connector may say them in words alone, but not otherwise than they are."""
    when = got.get("conditionalDosage") or {}
    yield f"{field}.condition", owed.condition, when.get("conditionDescription")
    often = (got.get("setDosage") or {}).get("frequencyDosage") or {}
    dose = often.get("dose") or (when.get("singleDose") or {}).get("dose")
    if dose is not None and owed.dose is not None:
        low, _, high = owed.dose.partition("-")
        yield f"{field}.dose.low", _number(low), _number(dose.get("low"))
        yield f"{field}.dose.high", _number(high or low), _number(dose.get("high") or dose.get("low"))
        yield f"{field}.dose.unit", owed.unit, dose.get("unit")
    if often:
        frequency = often.get("frequency") or {}
        yield f"{field}.frequency.value", _number(owed.times), _number(frequency.get("value"))
        yield f"{field}.frequency.unit", owed.per, frequency.get("unit")


def _dispensation_facts(owed: Medication, got: Mapping[str, Any] | None) -> Iterator[Fact]:
    field, dispensation = f"{_PRESCRIPTION}.dispensationAuthorization", owed.dispensation
    if dispensation is None or got is None:
        yield field, dispensation is None, got is None
        return
    yield f"{field}.validUntil", dispensation.valid_until.isoformat(), got.get("validUntil")
    yield f"{field}.totalAmount", _number(dispensation.amount), _number(got.get("totalAmount"))
    yield f"{field}.packageUnit", dispensation.unit, got.get("packageUnit")


def _prescription(body: Mapping[str, Any]) -> Mapping[str, Any]:
    said: Mapping[str, Any] = body.get("medicationPrescription") or {}
    return said


def _number(text: object) -> object:
    """Return a decimal string as a number, so that 5 and 5.0 are equal; anything else as it stands."""
    try:
        return Decimal(text) if isinstance(text, str) else text
    except ArithmeticError:
        return text
