"""Care contacts: entries of the type care-contacts (vårdkontakter)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

from anslut.entries.entry import Entry
from anslut.entries.header import OrgUnit  # noqa: TC001 - msgspec looks a field's type up at run time
from anslut.entries.parts import Code, Part, TimedPart

if TYPE_CHECKING:
    from anslut.entries.header import Header

_FORMATS = {4: "YYYY", 6: "YYYYMM", 8: "YYYYMMDD"}


class TimePeriod(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """From and to, both aware; at least one of them."""

    moments: ClassVar[tuple[str, ...]] = ("start", "end")

    start: datetime | None = None
    end: datetime | None = None


class PartialDate(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A year, a month or a day, without hyphens; *format* says which."""

    format: str
    value: str

    @classmethod
    def of(cls, written: str) -> PartialDate:
        """Return `1990`, `1990-01` or `1990-01-02`, with or without hyphens; raise `ValueError` for others."""
        digits = written.strip().replace("-", "")
        if len(digits) not in _FORMATS:
            raise ValueError("a partial date is a year, a month or a day")
        return cls(format=_FORMATS[len(digits)], value=digits)


class AdditionalPatientInformation(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What the source knows of the person beside the identity; *gender* is from the code list `sexes`."""

    date_of_birth: PartialDate | None = None
    gender: Code | None = None


class CareContactBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a care contact."""

    care_contact_code: Code | None = None
    care_contact_reason: str | None = None
    care_contact_org_unit: OrgUnit | None = None
    care_contact_time_period: TimePeriod | None = None
    care_contact_status: Code | None = None
    additional_patient_information: AdditionalPatientInformation | None = None


def care_contact(  # noqa: PLR0913 - the contact's own fields, all named at the call
    header: Header,
    *,
    kind: Code | None = None,
    status: Code | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    reason: str | None = None,
    unit: OrgUnit | None = None,
    patient_information: AdditionalPatientInformation | None = None,
) -> Entry:
    """Return a care contact; its documentId is the id that other entries give as their care contact.

    *kind* is from the code list `care-contact-types`, *status* from `care-contact-statuses`, which is also where
    a contact is called off or struck out. *start* and *end* are both the visit's beginning for an out-patient
    visit. The header has no document time and no signature. Raise `EntryInvalidError` when the contract does
    not allow it.
    """
    period = TimePeriod(start=start, end=end) if start is not None or end is not None else None
    body = CareContactBody(
        care_contact_code=kind,
        care_contact_reason=reason,
        care_contact_org_unit=unit,
        care_contact_time_period=period,
        care_contact_status=status,
        additional_patient_information=patient_information,
    )
    return Entry("care-contacts", header=header, body=body)
