"""Maternity records in Natal's dialect: Observations with a component for each field, and the children beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_simulators.natal.words import UCUM, field_code, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from anslut_simulators.truth.maternity_records import (
        After,
        Checkup,
        Delivery,
        Earlier,
        Measure,
        Medicine,
        Newborn,
        Registration,
    )

Resource = dict[str, Any]


def quantity(measure: Measure) -> Resource:
    """Return a Quantity with the unit as it is read and as UCUM writes it."""
    value = float(measure.value) if "." in measure.value else int(measure.value)
    return {
        "value": value,
        "unit": measure.unit,
        "system": UCUM,
        "code": words()["ucum"].get(measure.unit, measure.unit),
    }


def _measures(*named: tuple[str, Measure | None]) -> Iterator[Resource]:
    for name, measure in named:
        if measure is not None:
            yield {"code": field_code(name), "valueQuantity": quantity(measure)}


def _days(*named: tuple[str, date | None]) -> Iterator[Resource]:
    for name, day in named:
        if day is not None:
            yield {"code": field_code(name), "valueDateTime": day.isoformat()}


def _truths(*named: tuple[str, bool | None]) -> Iterator[Resource]:
    for name, truth in named:
        if truth is not None:
            yield {"code": field_code(name), "valueBoolean": truth}


def _texts(*named: tuple[str, str | None]) -> Iterator[Resource]:
    for name, text in named:
        if text is not None:
            yield {"code": field_code(name), "valueString": text}


def _numbers(*named: tuple[str, int | None]) -> Iterator[Resource]:
    for name, number in named:
        if number is not None:
            yield {"code": field_code(name), "valueInteger": number}


def _medicines(medicines: Sequence[Medicine]) -> Iterator[Resource]:
    """Yield a component for each medicine: name and dosage in one text, with a bar between them."""
    yield from _texts(
        *(("lakemedel", f"{one.name} | {one.dosage}" if one.dosage else one.name) for one in medicines)
    )


def registration(said: Registration) -> Iterator[Resource]:
    """Yield the components of an enrolment."""
    yield from _days(
        ("sista-mens", said.last_period),
        ("konstaterad", said.confirmed),
        ("preventiv-slut", said.contraceptive_stopped),
        ("bf-mens", said.due_by_last_period),
        ("bf-ultraljud", said.due_by_ultrasound),
        ("bf-aterforing", said.due_by_transfer),
    )
    yield from _measures(("langd", said.length), ("vikt", said.weight), ("bmi", said.body_mass_index))
    years = said.infertility_years
    yield from _texts(("infertil-ar", None if years is None else years.replace(".", ",")))
    yield from _truths(
        ("trombos", said.thrombosis),
        ("endokrin", said.endocrine_disease),
        ("uvi", said.urinary_infections),
        ("diabetes", said.diabetes),
        ("basprogram", said.standard_care),
    )
    yield from _medicines(said.medicines)
    yield from _texts(*(("prov", f"{one.name}: {one.result}") for one in said.samples))


def earlier(said: Earlier) -> Iterator[Resource]:
    """Yield the components of an earlier pregnancy, which is an Observation of its own."""
    yield from _numbers(("ar", said.year), ("manad", said.month), ("veckor", said.weeks))
    outcome = None if said.outcome is None else words()["outcomes"][said.outcome]
    yield from _texts(
        ("utfall", outcome), ("vardenhet", said.facility), ("forlopp", said.course), ("kon", _sex(said.sex))
    )
    yield from _measures(("vikt", said.weight))


def checkup(said: Checkup) -> Iterator[Resource]:
    """Yield the components of a check-up; what is found of each fetus is repeated, in order."""
    yield from _texts(("graviditetslangd", said.gestation))
    yield from _measures(
        ("vikt", said.weight),
        ("sf-matt", said.fundal_height),
        ("hb", said.haemoglobin),
        ("bt-sys", said.systolic),
        ("bt-dia", said.diastolic),
        ("u-protein", said.proteinuria),
        ("u-glukos", said.glycosuria),
    )
    for fetus in said.fetuses:
        yield from _measures(("fosterljud", fetus.heart_rate))
        lies = None if fetus.position is None else words()["positions"][fetus.position]
        first = None if fetus.presentation is None else words()["presentations"][fetus.presentation]
        yield from _texts(("lage", lies), ("bjudning", first))
    yield from _numbers(*(("ledighet", leave) for leave in said.leave))
    yield from _medicines(said.medicines)


def after(said: After) -> Iterator[Resource]:
    """Yield the components of what was found of the mother after the delivery."""
    yield from _measures(("bt-sys", said.systolic), ("bt-dia", said.diastolic), ("hb", said.haemoglobin))
    if said.temperature is not None:
        warm = {"value": float(said.temperature), "unit": "grader", "system": UCUM, "code": "Cel"}
        yield {"code": field_code("temp"), "valueQuantity": warm}
    yield from _truths(
        ("arr-ok", said.scars_ok),
        ("suturer-borta", said.sutures_removed),
        ("perineum-ok", said.perineum_comfortable),
        ("genitalia-ok", said.genitals_ok),
        ("uterus-ok", said.uterus_contracted),
        ("ammar", said.breastfeeding),
    )
    yield from _texts(("uterus-text", said.uterus_note))
    if said.delivery is not None:
        yield from _delivery(said.delivery)


def _delivery(said: Delivery) -> Iterator[Resource]:
    yield from _texts(("graviditetslangd", said.gestation))
    yield from _measures(("blodning", said.blood_loss))
    if said.minutes is not None:
        lasted = {"value": said.minutes, "unit": "min", "system": UCUM, "code": "min"}
        yield {"code": field_code("varktid"), "valueQuantity": lasted}
    yield from _numbers(("bristning", said.tear))
    yield from _texts(*(("smartlindring", name) for name in said.analgesia))
    yield from _truths(("igangsatt", said.induced))


def newborn(said: Newborn) -> Iterator[Resource]:
    """Yield the components of a newborn, which is an Observation about the child."""
    yield from _numbers(("ordning", said.ordinal))
    yield from _texts(("kon", _sex(said.sex)))
    yield from _measures(("vikt", said.weight), ("langd", said.length), ("huvudomfang", said.head))
    names = ("apgar-1", "apgar-5", "apgar-10")
    yield from _numbers(*zip(names, said.apgar, strict=False))


def _sex(sex: str | None) -> str | None:
    return None if sex is None else {"F": "K", "M": "M"}[sex]
