"""Vaccinations: entries of the type vaccinations (vaccinationer).

The parts carry the contract's own names. A decimal number is text with a point, which keeps its precision.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING

from anslut.entries.entry import Entry
from anslut.entries.header import OrgUnit  # noqa: TC001 - as above
from anslut.entries.laboratory import Quantity  # noqa: TC001 - as above
from anslut.entries.parts import Code, Identifier, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut.entries.header import Header


class Actor(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A person or a function: by HSA-id, by name, and by how they are reached."""

    hsa_id: str | None = None
    person_name: str | None = None
    person_email: str | None = None
    person_telecom: str | None = None
    person_address: str | None = None


class VaccineDose(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How much was given, in words (`0,5 mL`) and, where it is known, as a quantity."""

    display_name: str
    quantity: Quantity | None = None


class Vaccine(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One vaccine that was given (administrationRecord): which, how, by whom, and which dose of how many.

    `dose_ordinal_number`, `number_of_prescribed_doses` and `is_dose_complete` must not contradict each other;
    leave out what the source does not know.
    """

    type_of_vaccine: Code | None = None
    vaccine_name: Code | None = None
    vaccine_batch_id: str | None = None
    vaccine_manufacturer: str | None = None
    vaccine_target_disease: list[Code] | None = None
    dose: VaccineDose | None = None
    dose_ordinal_number: int | None = None
    number_of_prescribed_doses: int | None = None
    is_dose_complete: bool | None = None
    anatomical_site: Code | None = None
    route: Code | None = None
    performer: Actor | None = None
    performer_org: OrgUnit | None = None
    prescriber_person: Actor | None = None
    prescriber_org: OrgUnit | None = None
    vaccination_program_name: Code | None = None
    patient_adverse_effect: list[Code] | None = None
    source_description: str | None = None
    comment_prescription: str | None = None
    comment_administration: str | None = None
    vaccination_unique_reference: Identifier | None = None


class VaccinationRegistration(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The registration (registrationRecord): the day, who answers for it, and the system it stands in.

    `date` is the day of the vaccination. `vaccination_unstructured_note` is for what is only known in words.
    """

    date: date
    care_giver_org: OrgUnit
    source_system_name: str
    source_system_contact: Actor
    care_giver_contact: Actor | None = None
    source_system_product_name: str | None = None
    source_system_product_version: str | None = None
    care_unit_smi_id: str | None = None
    patient_postal_code: str | None = None
    vaccination_unstructured_note: str | None = None
    risk_category: list[Code] | None = None
    patient_adverse_effect: list[Code] | None = None


class PatientInformation(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What the source knows of the person beside the identity."""

    date_of_birth: date
    gender: Code | None = None


class VaccinationBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a vaccination."""

    registration_record: VaccinationRegistration
    administration_record: list[Vaccine] | None = None
    additional_patient_information: PatientInformation | None = None


def vaccination(
    header: Header,
    *,
    registration: VaccinationRegistration,
    vaccines: Iterable[Vaccine] = (),
    patient: PatientInformation | None = None,
) -> Entry:
    """Return a registration of the *vaccines* that were given, or of a note in *registration* about them.

    The header says whether it is nullified: `header(…, nullified=False)` when it is not. Raise
    `EntryInvalidError` when the contract does not allow it, as when the numbers of a dose contradict each other.
    """
    body = VaccinationBody(
        registration_record=registration,
        administration_record=list(vaccines) or None,
        additional_patient_information=patient,
    )
    return Entry("vaccinations", header=header, body=body)
