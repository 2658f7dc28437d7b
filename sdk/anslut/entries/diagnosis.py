"""Diagnoses: entries of the type diagnoses (diagnoser)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar, Literal

from anslut.entries.entry import Entry
from anslut.entries.parts import Code, Part, TimedPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut.entries.header import Header

DiagnosisKind = Literal["Huvuddiagnos", "Bidiagnos"]


class RelatedDiagnosis(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The documentId of a diagnosis that belongs together with this one."""

    document_id: str


class DiagnosisBody(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a diagnosis."""

    moments: ClassVar[tuple[str, ...]] = ("diagnosis_time",)

    type_of_diagnosis: DiagnosisKind
    chronic_diagnosis: bool | None = None
    diagnosis_time: datetime | None = None
    diagnosis_code: Code | None = None
    related_diagnosis: list[RelatedDiagnosis] | None = None


def diagnosis(  # noqa: PLR0913 - the diagnosis's own fields, all named at the call
    header: Header,
    *,
    kind: DiagnosisKind,
    code: Code | None = None,
    time: datetime | None = None,
    chronic: bool | None = None,
    related: Iterable[str] = (),
) -> Entry:
    """Return a diagnosis: main (`Huvuddiagnos`) or secondary (`Bidiagnos`), *code* from ICD-10-SE.

    *time* is when it was made; *related* are documentIds of other diagnoses. The header's author needs an
    `org_unit` with HSA-id and name, if any. Raise `EntryInvalidError` when the contract does not allow it.
    """
    body = DiagnosisBody(
        type_of_diagnosis=kind,
        chronic_diagnosis=chronic,
        diagnosis_time=time,
        diagnosis_code=code,
        related_diagnosis=[RelatedDiagnosis(document_id=other) for other in related] or None,
    )
    return Entry("diagnoses", header=header, body=body)
