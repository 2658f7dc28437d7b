"""Medications: entries of the type medications (läkemedel, ordinationer)."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar, Literal

from anslut.entries.care_contact import TimePeriod  # noqa: TC001 - as above
from anslut.entries.drug import Drug  # noqa: TC001 - as above
from anslut.entries.entry import Entry
from anslut.entries.header import Author  # noqa: TC001 - as above
from anslut.entries.laboratory import Quantity  # noqa: TC001 - as above
from anslut.entries.parts import Code, Identifier, Part, TimedPart
from anslut.entries.vaccination import PatientInformation  # noqa: TC001 - as above

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut.entries.header import Header

PrescriptionKind = Literal["I", "U"]
PrescriptionStatus = Literal["Active", "Inactive"]


class PrescriptionReason(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Why it is prescribed: a code with its text, and words where the code says another reason."""

    reason: Code
    other_reason: str | None = None


class DispensationAuthorization(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a pharmacy may dispense; *total_amount* (a decimal number as text) and *package_unit* go together."""

    dispensation_authorization_id: Identifier
    dispensation_authorizer: Author
    prescription_signatura: str
    valid_until: date | None = None
    receiving_pharmacy: Identifier | None = None
    minimum_dispensation_interval: Quantity | None = None
    total_amount: str | None = None
    package_unit: str | None = None
    distribution_method: str | None = None
    dispensation_authorizer_comment: str | None = None
    first_dispensation_before: date | None = None
    non_replaceable: Literal["Prescriber", "Patient"] | None = None
    drug: Drug | None = None


class Administration(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One time that the drug was given."""

    administration_id: Identifier
    administration_time: TimePeriod
    administering_healthcare_professional: Author
    administration_comment: str | None = None
    route_of_administration: Code | None = None
    drug: Drug | None = None


class InformationOwner(Part, frozen=True, kw_only=True, rename="camel"):
    """Whose the referred information is."""

    id: Identifier


class ReferredInformation(Part, frozen=True, kw_only=True, rename="camel"):
    """Information that a prescription refers to."""

    id: Identifier
    type: Code
    information_owner: InformationOwner


class Relation(Part, frozen=True, kw_only=True, rename="camel"):
    """How the prescription belongs with other information."""

    code: Code
    referred_information: list[ReferredInformation]


class MedicationPrescription(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One prescription."""

    moments: ClassVar[tuple[str, ...]] = (
        "evaluation_time",
        "start_of_first_treatment",
        "start_of_treatment",
        "end_of_treatment",
    )

    prescription_id: Identifier
    type_of_prescription: PrescriptionKind
    prescription_status: PrescriptionStatus
    self_medication: bool
    prescription_note: str | None = None
    principal_prescription_reason: list[PrescriptionReason] | None = None
    additional_prescription_reason: list[PrescriptionReason] | None = None
    evaluation_time: datetime | None = None
    treatment_purpose: str | None = None
    prescription_chain_id: Identifier | None = None
    preceding_prescription_id: Identifier | None = None
    succeeding_prescription_id: Identifier | None = None
    prescriber: Author | None = None
    evaluator: Author | None = None
    start_of_first_treatment: datetime | None = None
    start_of_treatment: datetime | None = None
    end_of_treatment: datetime | None = None
    end_of_treatment_reason: Code | None = None
    drug: Drug | None = None
    dispensation_authorization: DispensationAuthorization | None = None
    administration: list[Administration] | None = None
    relation: list[Relation] | None = None


class MedicationBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a medication."""

    medication_prescription: MedicationPrescription
    additional_patient_information: PatientInformation | None = None


def medication(  # noqa: PLR0913 - the prescription's own fields, all named at the call
    header: Header,
    *,
    prescription_id: Identifier,
    kind: PrescriptionKind,
    status: PrescriptionStatus,
    drug: Drug | None = None,
    prescriber: Author | None = None,
    self_medication: bool = False,
    start: datetime | None = None,
    end: datetime | None = None,
    end_reason: Code | None = None,
    first_start: datetime | None = None,
    purpose: str | None = None,
    remark: str | None = None,
    reasons: Iterable[PrescriptionReason] = (),
    additional_reasons: Iterable[PrescriptionReason] = (),
    evaluation_time: datetime | None = None,
    evaluator: Author | None = None,
    chain: Identifier | None = None,
    preceding: Identifier | None = None,
    succeeding: Identifier | None = None,
    dispensation: DispensationAuthorization | None = None,
    administrations: Iterable[Administration] = (),
    relations: Iterable[Relation] = (),
    patient_information: PatientInformation | None = None,
) -> Entry:
    """Return a prescription: a drug that is started (*kind* `I`) or stopped (`U`).

    *start* is required for `I`, *prescriber* unless the patient prescribed (*self_medication*); a drug that is
    stopped has no dosage. Without *end* the treatment goes on until further notice. *chain* is what prescriptions
    that replace each other have in common. The header has no document time. Raise `EntryInvalidError` when the
    contract does not allow it.
    """
    prescription = MedicationPrescription(
        prescription_id=prescription_id,
        type_of_prescription=kind,
        prescription_status=status,
        self_medication=self_medication,
        prescription_note=remark,
        principal_prescription_reason=list(reasons) or None,
        additional_prescription_reason=list(additional_reasons) or None,
        evaluation_time=evaluation_time,
        treatment_purpose=purpose,
        prescription_chain_id=chain,
        preceding_prescription_id=preceding,
        succeeding_prescription_id=succeeding,
        prescriber=prescriber,
        evaluator=evaluator,
        start_of_first_treatment=first_start,
        start_of_treatment=start,
        end_of_treatment=end,
        end_of_treatment_reason=end_reason,
        drug=drug,
        dispensation_authorization=dispensation,
        administration=list(administrations) or None,
        relation=list(relations) or None,
    )
    body = MedicationBody(
        medication_prescription=prescription, additional_patient_information=patient_information
    )
    return Entry("medications", header=header, body=body)
