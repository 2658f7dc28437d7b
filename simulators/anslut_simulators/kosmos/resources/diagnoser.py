"""Diagnoses: codes with a dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.truth.diagnoses import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Event

TYPE: Final = "diagnoses"
NAME: Final = "diagnos"


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add the code, its kind, whether it lasts, the keyword it stands under and what it belongs with."""
    del codes
    diagnosis = event.holding(Diagnosis)
    entry["kod"] = dotted(diagnosis.code.code or diagnosis.code.original_text or "")
    entry["slag"] = diagnosis.kind[0]
    if diagnosis.chronic is not None:
        entry["kronisk"] = diagnosis.chronic
    entry["sokord"] = diagnosis.path[-1] if diagnosis.path else None
    entry["relaterade"] = list(diagnosis.related_event_ids)


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield the diagnosis code's place when it is not on the list."""
    if codes.lacks("diagnoser", event.holding(Diagnosis).code):
        yield "content.code"


def dotted(code: str) -> str:
    """Return an ICD-10-SE code as Kosmos writes it: a dot after the third character."""
    return code if len(code) <= 3 or "." in code else f"{code[:3]}.{code[3:]}"  # noqa: PLR2004 - ICD-10's own form
