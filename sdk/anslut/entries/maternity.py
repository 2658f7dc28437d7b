"""Maternity records: entries of the type maternity-records (graviditet och förlossning).

The parts carry the contract's own names, but for two that the national contract misspells: they are spelt
right here. A decimal number is text with a point, which keeps its precision.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, Literal

import msgspec

from anslut.entries.entry import Entry
from anslut.entries.laboratory import Quantity  # noqa: TC001 - as above
from anslut.entries.parts import Part

if TYPE_CHECKING:
    from anslut.entries.header import Header


class MaternityMedicine(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A medicine taken during the pregnancy."""

    medicament: str
    dosage: str | None = None


class EarlierPregnancy(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An earlier pregnancy (previousGravidityAndParity): when and how it ended.

    `delivery` is 0 not stated, 1 ectopic, 2 miscarriage, 4 stillborn, 5 liveborn; `sex` 0, 1, 2 or 9 as in KV
    kön; `gestation` completed weeks.
    """

    year: int
    month: int
    delivery: Literal[0, 1, 2, 4, 5] | None = None
    healthcare_facility: str | None = None
    progress: str | None = None
    sex: Literal[0, 1, 2, 9] | None = None
    weight_of_child: Quantity | None = None
    gestation: int | None = None


class MaternityEnrolment(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Enrolment (inskrivning, registrationRecord)."""

    last_menstrual_period: date | None = None
    indication_pregnancy: date | None = None
    contraceptive_discontinued: date | None = None
    expected_day_of_delivery_from_last_menstrual_period: date | None = None
    expected_day_of_delivery_from_ultrasound_scan: date | None = None
    expected_day_of_delivery_from_embryonic_transfer: date | None = None
    length: Quantity | None = None
    weight: Quantity | None = None
    body_mass_index: Quantity | None = None
    infertility: str | None = None
    previous_gravidity_and_parity: list[EarlierPregnancy] | None = None
    diseases_thrombosis: bool | None = None
    diseases_endocrine_diseases: bool | None = msgspec.field(default=None, name="diseasesEndocineDiseases")
    diseases_recurrent_urinary_tract_infections: bool | None = None
    diseases_diabetes_mellitus: bool | None = None
    medication_during_pregnancy: list[MaternityMedicine] | None = msgspec.field(
        default=None, name="medicationDuringPregnacy"
    )
    assessment_at_first_contact_standard_care: bool | None = None


class MaternityCheckup(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A check-up during pregnancy (pregnancyCheckupRecord); what there is one of for each fetus is a list.

    `fetal_position` is 0 head, 1 breech, 2 oblique, 3 transverse; `fetal_presentation` 0 mobile, 1 can be
    moved, 2 fixed; `type_of_leave` 0 sick leave, 1 pregnancy leave, 2 parental leave. Protein is in `g/L` and
    glucose in `mmol/L`: a dipstick's grade has no place here.
    """

    complete_weeks_of_gestation: int | None = None
    weight: Quantity | None = None
    symphysis_fundal_height: Quantity | None = None
    haemoglobin: Quantity | None = None
    blood_pressure_systolic: Quantity | None = None
    blood_pressure_diastolic: Quantity | None = None
    proteinuria: Quantity | None = None
    glycosuria: Quantity | None = None
    fetal_position: list[Literal[0, 1, 2, 3]] | None = None
    fetal_presentation: list[Literal[0, 1, 2]] | None = None
    fetal_heart_rate: list[Quantity] | None = None
    type_of_leave: list[Literal[0, 1, 2]] | None = None
    medication_since_registration: list[MaternityMedicine] | None = None


class MotherAfterDelivery(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The mother after delivery; a note about the uterus only where it is not contracted."""

    blood_pressure_systolic: Quantity | None = None
    blood_pressure_diastolic: Quantity | None = None
    haemoglobin: Quantity | None = None
    body_temperature: str | None = None
    scars_ok: bool | None = msgspec.field(default=None, name="scarsOK")
    suture_removed: bool | None = None
    perineum_comfortable: bool | None = None
    vulva_vagina_portio_ok: bool | None = msgspec.field(default=None, name="vulvaVaginaPortioOK")
    uterus_contracted: bool | None = None
    uterus_note: str | None = None
    breastfeeding: bool | None = None


class ChildAfterDelivery(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A child after delivery; `ordinal_number` is its place in the order of birth, from 1."""

    ordinal_number: int
    weight: Quantity | None = None
    apgar_score1: int | None = None
    apgar_score5: int | None = None
    apgar_score10: int | None = None


class AfterDelivery(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Assessment after delivery (postDeliveryRecord): the mother, and each child in order of birth."""

    mother_post_delivery_record: MotherAfterDelivery
    child_post_delivery_record: list[ChildAfterDelivery]


class MaternityBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a maternity record: one of the three."""

    registration_record: MaternityEnrolment | None = None
    pregnancy_checkup_record: MaternityCheckup | None = None
    post_delivery_record: AfterDelivery | None = None


def maternity_record(
    header: Header, *, record: MaternityEnrolment | MaternityCheckup | AfterDelivery
) -> Entry:
    """Return an enrolment, a check-up or an assessment after delivery, as *record* is.

    The header needs `document_time`, a care unit, and an author with HSA-id and an `org_unit` with HSA-id and
    name; its signature has no name. Raise `EntryInvalidError` when the contract does not allow it.
    """
    body = MaternityBody(
        registration_record=record if isinstance(record, MaternityEnrolment) else None,
        pregnancy_checkup_record=record if isinstance(record, MaternityCheckup) else None,
        post_delivery_record=record if isinstance(record, AfterDelivery) else None,
    )
    return Entry("maternity-records", header=header, body=body)
