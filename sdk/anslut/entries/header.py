"""An entry's header: what every entry says about itself, whatever its type."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

import msgspec

from anslut.entries.parts import Code, Part, Person, TimedPart

if TYPE_CHECKING:
    from anslut_contracts.identity import PersonId

    from anslut.query import Query


class OrgUnit(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The organisation unit where the author worked."""

    hsa_id: str | None = None
    name: str | None = None
    telecom: str | None = None
    email: str | None = None
    address: str | None = None
    location: str | None = None


class Author(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Who entered it, and when (`time`, aware)."""

    moments: ClassVar[tuple[str, ...]] = ("time",)

    time: datetime
    hsa_id: str | None = None
    name: str | None = None
    role: Code | None = None
    org_unit: OrgUnit | None = None


class Signature(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Who vouched for it, and when (`time`, aware). An entry without one is unsigned."""

    moments: ClassVar[tuple[str, ...]] = ("time",)

    time: datetime
    hsa_id: str | None = None
    name: str | None = None
    role: Code | None = None


class Header(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The header of an entry; make one with `header(query, …)`, which fills in what the query knows."""

    moments: ClassVar[tuple[str, ...]] = ("document_time", "block_comparison_time")

    document_id: str
    source_system_hsa_id: str
    patient_id: Person
    author: Author
    care_provider_hsa_id: str
    block_comparison_time: datetime
    approved_for_patient: bool
    original_patient_id: Person | None = None
    document_title: str | None = None
    document_time: datetime | None = None
    care_unit_hsa_id: str | None = None
    care_process_id: str | None = None
    care_contact_id: str | None = None
    signature: Signature | None = None
    nullified: bool | None = None
    nullified_reason: str | None = None


def header(  # noqa: PLR0913 - a header has this many fields; all are named at the call
    query: Query,
    *,
    document_id: str,
    author: Author,
    care_provider: str,
    care_unit: str | None = None,
    approved: bool,
    signature: Signature | None = None,
    document_time: datetime | None = None,
    document_title: str | None = None,
    care_contact_id: str | None = None,
    care_process_id: str | None = None,
    recorded_under: PersonId | None = None,
    block_comparison_time: datetime | None = None,
    nullified: bool | None = None,
    nullified_reason: str | None = None,
) -> Header:
    """Return the header of an entry about the person *query* asks for.

    *care_provider* (vårdgivare) and *care_unit* (vårdenhet) are HSA-ids. *recorded_under* is the identity
    the source keeps the entry under, where the type has room for it. *block_comparison_time* is the
    author's time unless given. Each type states which fields it requires and forbids; the entry's own
    constructor refuses the others.
    """
    original = None
    if recorded_under is not None and recorded_under != query.patient_id:
        original = Person.of(recorded_under)
    return Header(
        document_id=document_id,
        source_system_hsa_id=query.source_system_id,
        patient_id=query.person,
        original_patient_id=original,
        document_title=document_title,
        document_time=document_time,
        author=author,
        care_provider_hsa_id=care_provider,
        care_unit_hsa_id=care_unit,
        care_process_id=care_process_id,
        care_contact_id=care_contact_id,
        block_comparison_time=block_comparison_time or author.time,
        approved_for_patient=approved,
        signature=signature,
        nullified=nullified,
        nullified_reason=nullified_reason,
    )


def not_approved(original: Header) -> Header:
    """Return *original* with `approvedForPatient` false."""
    return msgspec.structs.replace(original, approved_for_patient=False)
