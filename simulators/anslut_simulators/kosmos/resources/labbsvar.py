"""Laboratory answers: decimal comma, intervals in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.codes import keywords
from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.truth.laboratory_results import Laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Event
    from anslut_simulators.truth.laboratory_results import Analysis, Reference

TYPE: Final = "laboratory-results"
NAME: Final = "labbsvar"
_ANSWER: Final = {"preliminary": "P", "partial": "D", "final": "S"}


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add the order, the specimen, the answer's status and its analyses in groups."""
    laboratory = event.holding(Laboratory)
    entry["remissnr"] = laboratory.referral_id
    entry["labbnr"] = laboratory.laboratory_id
    entry["provtid"] = local_time(laboratory.specimen_time)
    entry["lab"] = {"namn": laboratory.laboratory_name}
    entry["svarsstatus"] = _ANSWER[laboratory.status]
    if laboratory.question is not None:
        entry["fragestallning"] = laboratory.question
    entry["grupper"] = [
        {"namn": group.name, "analyser": [_analysis(analysis, codes) for analysis in group.analyses]}
        for group in laboratory.groups
    ]
    entry["sokord"] = keywords()[event.reason] if event.reason is not None else None


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield the places of analyses and materials that are on no list; an analysis without a code has its name."""
    for group in event.holding(Laboratory).groups:
        for analysis in group.analyses:
            if analysis.code.code is not None and codes.lacks("analyser", analysis.code):
                yield "content.groups.analyses.code"
            if codes.lacks("material", analysis.material):
                yield "content.groups.analyses.material"


def _analysis(analysis: Analysis, codes: CodeLists) -> dict[str, Any]:
    quantity = analysis.quantity
    value: str | None = None
    if quantity is not None:
        value = quantity.text if quantity.value is None else quantity.value.replace(".", ",")
    row: dict[str, Any] = {
        "id": analysis.id,
        "kod": codes.local("analyser", analysis.code),
        "varde": value,
        "enhet": (quantity.unit or None) if quantity is not None else None,
        "ref": _interval(analysis.reference),
        "avvikande": analysis.deviation,
        "status": _ANSWER[analysis.status],
        "material": codes.local("material", analysis.material),
    }
    if row["kod"] is None:
        row["benamning"] = analysis.code.display_name or analysis.code.original_text
    if analysis.comment is not None:
        row["kommentar"] = analysis.comment
    return row


def _interval(reference: Reference | None) -> str | None:
    if reference is None:
        return None
    low = reference.low.replace(".", ",") if reference.low is not None else None
    high = reference.high.replace(".", ",") if reference.high is not None else None
    if low is not None and high is not None:
        return f"{low}-{high}"
    if high is not None:
        return f"<{high}"
    return f">{low}" if low is not None else None
