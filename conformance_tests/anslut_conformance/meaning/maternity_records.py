"""What a maternity record must say: which of the three it is, its days, its measures, and each child in order."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.maternity_records import MaternityRecord, completed_weeks

from anslut_conformance.facts import ABSENT, Fact, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anslut_simulators.truth.maternity_records import (
        After,
        Checkup,
        Earlier,
        Measure,
        Medicine,
        Newborn,
        Registration,
    )

    from anslut_conformance.oracle import Expected

REGISTRATION, CHECKUP, AFTER = "registrationRecord", "pregnancyCheckupRecord", "postDeliveryRecord"
_OUTCOMES = {"ectopic": 1, "miscarriage": 2, "stillborn": 4, "live": 5}
_POSITIONS = {"huvud": 0, "säte": 1, "snedläge": 2, "tvärläge": 3}
_PRESENTATIONS = {"rörlig": 0, "ruckbar": 1, "fixerad": 2}
_SEXES = {"M": 1, "F": 2}


def owed_identifier(one: Expected) -> object:
    """Return which of the three records it is."""
    said = one.event.holding(MaternityRecord)
    if said.registration is not None:
        return REGISTRATION
    return CHECKUP if said.checkup is not None else AFTER


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return which of the three records an entry is."""
    del header
    return next((name for name in (REGISTRATION, CHECKUP, AFTER) if name in body), None)


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the document's time."""
    del body
    return header.get("documentTime")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield what the record must say; what the truth knows beyond the contract is not asked for."""
    del related
    said = one.event.holding(MaternityRecord)
    yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    name = str(owed_identifier(one))
    got = body.get(name) or {}
    if said.registration is not None:
        yield from _registration(f"body.{name}", said.registration, got)
    elif said.checkup is not None:
        yield from _checkup(f"body.{name}", said.checkup, got)
    elif said.after is not None:
        yield from _after(f"body.{name}", said.after, got)


def _registration(field: str, said: Registration, got: Mapping[str, Any]) -> Iterator[Fact]:
    days = (
        ("lastMenstrualPeriod", said.last_period),
        ("indicationPregnancy", said.confirmed),
        ("contraceptiveDiscontinued", said.contraceptive_stopped),
        ("expectedDayOfDeliveryFromLastMenstrualPeriod", said.due_by_last_period),
        ("expectedDayOfDeliveryFromUltrasoundScan", said.due_by_ultrasound),
        ("expectedDayOfDeliveryFromEmbryonicTransfer", said.due_by_transfer),
    )
    for name, day in days:
        yield f"{field}.{name}", ABSENT if day is None else day.isoformat(), got.get(name, ABSENT)
    for name, measure in (
        ("length", said.length),
        ("weight", said.weight),
        ("bodyMassIndex", said.body_mass_index),
    ):
        yield from _measure(f"{field}.{name}", measure, got.get(name))
    yield f"{field}.infertility", _number(said.infertility_years), _number(got.get("infertility"))
    truths = (
        ("diseasesThrombosis", said.thrombosis),
        ("diseasesEndocineDiseases", said.endocrine_disease),
        ("diseasesRecurrentUrinaryTractInfections", said.urinary_infections),
        ("diseasesDiabetesMellitus", said.diabetes),
        ("assessmentAtFirstContactStandardCare", said.standard_care),
    )
    for name, truth in truths:
        yield f"{field}.{name}", _known(truth), got.get(name, ABSENT)
    yield from _medicines(f"{field}.medicationDuringPregnacy", said.medicines, got)
    earlier = got.get("previousGravidityAndParity") or []
    yield f"{field}.previousGravidityAndParity", len(said.earlier), len(earlier)
    for place, (owed, had) in enumerate(zip(said.earlier, earlier, strict=False), start=1):
        yield from _earlier(f"{field}.previousGravidityAndParity.{place}", owed, had)


def _earlier(field: str, said: Earlier, got: Mapping[str, Any]) -> Iterator[Fact]:
    outcome = ABSENT if said.outcome is None else _OUTCOMES[said.outcome]
    sex = ABSENT if said.sex is None else _SEXES[said.sex]
    yield f"{field}.year", said.year, got.get("year")
    yield f"{field}.month", said.month, got.get("month")
    yield f"{field}.delivery", outcome, got.get("delivery", ABSENT)
    yield f"{field}.sex", sex, got.get("sex", ABSENT)
    yield f"{field}.healthcareFacility", _known(said.facility), got.get("healthcareFacility", ABSENT)
    yield f"{field}.progress", _known(said.course), got.get("progress", ABSENT)
    yield f"{field}.gestation", _known(said.weeks), got.get("gestation", ABSENT)
    yield from _measure(f"{field}.weightOfChild", said.weight, got.get("weightOfChild"))


def _checkup(field: str, said: Checkup, got: Mapping[str, Any]) -> Iterator[Fact]:
    weeks = completed_weeks(said.gestation)
    yield f"{field}.completeWeeksOfGestation", weeks, got.get("completeWeeksOfGestation")
    for name, measure in (
        ("weight", said.weight),
        ("symphysisFundalHeight", said.fundal_height),
        ("haemoglobin", said.haemoglobin),
        ("bloodPressureSystolic", said.systolic),
        ("bloodPressureDiastolic", said.diastolic),
        ("proteinuria", said.proteinuria),
        ("glycosuria", said.glycosuria),
    ):
        yield from _measure(f"{field}.{name}", measure, got.get(name))
    rates = [fetus.heart_rate for fetus in said.fetuses if fetus.heart_rate is not None]
    heard = got.get("fetalHeartRate") or []
    yield f"{field}.fetalHeartRate", len(rates), len(heard)
    for place, (rate, one) in enumerate(zip(rates, heard, strict=False), start=1):
        yield from _measure(f"{field}.fetalHeartRate.{place}", rate, one)
    positions = [_POSITIONS[one.position] for one in said.fetuses if one.position is not None]
    yield f"{field}.fetalPosition", positions, got.get("fetalPosition") or []
    felt = [_PRESENTATIONS[one.presentation] for one in said.fetuses if one.presentation is not None]
    yield f"{field}.fetalPresentation", felt, got.get("fetalPresentation") or []
    yield f"{field}.typeOfLeave", list(said.leave), got.get("typeOfLeave") or []
    yield from _medicines(f"{field}.medicationSinceRegistration", said.medicines, got)


def _after(field: str, said: After, got: Mapping[str, Any]) -> Iterator[Fact]:
    mother = got.get("motherPostDeliveryRecord") or {}
    place = f"{field}.motherPostDeliveryRecord"
    for name, measure in (
        ("bloodPressureSystolic", said.systolic),
        ("bloodPressureDiastolic", said.diastolic),
        ("haemoglobin", said.haemoglobin),
    ):
        yield from _measure(f"{place}.{name}", measure, mother.get(name))
    yield f"{place}.bodyTemperature", _number(said.temperature), _number(mother.get("bodyTemperature"))
    truths = (
        ("scarsOK", said.scars_ok),
        ("sutureRemoved", said.sutures_removed),
        ("perineumComfortable", said.perineum_comfortable),
        ("vulvaVaginaPortioOK", said.genitals_ok),
        ("uterusContracted", said.uterus_contracted),
        ("breastfeeding", said.breastfeeding),
    )
    for name, truth in truths:
        yield f"{place}.{name}", _known(truth), mother.get(name, ABSENT)
    note = ABSENT if said.uterus_contracted else _known(said.uterus_note)
    yield f"{place}.uterusNote", note, mother.get("uterusNote", ABSENT)
    children = got.get("childPostDeliveryRecord") or []
    place = f"{field}.childPostDeliveryRecord"
    yield place, [child.ordinal for child in said.children], [one.get("ordinalNumber") for one in children]
    for child, one in zip(said.children, children, strict=False):
        yield from _child(f"{place}.{child.ordinal}", child, one)


def _child(field: str, said: Newborn, got: Mapping[str, Any]) -> Iterator[Fact]:
    yield from _measure(f"{field}.weight", said.weight, got.get("weight"))
    scores = (*said.apgar, None, None, None)
    for minutes, score in zip((1, 5, 10), scores, strict=False):
        yield f"{field}.apgarScore{minutes}", _known(score), got.get(f"apgarScore{minutes}", ABSENT)


def _measure(field: str, said: Measure | None, got: object) -> Iterator[Fact]:
    had = got if isinstance(got, dict) else {}
    yield field, ABSENT if said is None else _number(said.value), _number(had.get("value"))
    if said is not None:
        yield f"{field}.unit", said.unit, had.get("unit")


def _medicines(field: str, said: Sequence[Medicine], got: Mapping[str, Any]) -> Iterator[Fact]:
    rows = got.get(field.rpartition(".")[2]) or []
    owed = [(one.name, _known(one.dosage)) for one in said]
    yield field, owed, [(row.get("medicament"), row.get("dosage", ABSENT)) for row in rows]


def _known(value: object) -> object:
    return ABSENT if value is None else value


def _number(value: object) -> object:
    """Return a decimal's value, so that 70 and 70.0 are one; anything else as it is."""
    if value is None:
        return ABSENT
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return value
