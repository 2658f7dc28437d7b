"""Truth in Kosmos' dialect: Swedish words, local codes, naive local times, keyword trees.

A connector has to undo exactly this. Every function returns plain values ready for JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.codes import CodeLists, dotted, keywords
from anslut_simulators.scenario import STOCKHOLM
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.laboratory_results import Laboratory

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from anslut_simulators.truth import Actor, Atom, Event
    from anslut_simulators.truth.laboratory_results import Analysis, Reference

_STATUS: Final = {"entered": "klar", "draft": "utkast", "removed": "borttagen"}
_ANSWER: Final = {"preliminary": "P", "partial": "D", "final": "S"}
RESOURCES: Final = {
    "anteckningar": "care-documentation",
    "diagnoser": "diagnoses",
    "labbsvar": "laboratory-results",
}
NAMES: Final = {"care-documentation": "anteckning", "diagnoses": "diagnos", "laboratory-results": "labbsvar"}


def local_time(instant: datetime) -> str:
    """Return *instant* on a Swedish wall clock, without saying so: `2023-03-04 09:50:00`."""
    if instant.tzinfo is not STOCKHOLM:
        instant = instant.astimezone(STOCKHOLM)
    return str(instant.replace(tzinfo=None))[:19]


class Renderer:
    """Writes events as the Kosmos of one region."""

    def __init__(self, codes: CodeLists) -> None:
        self._codes = codes
        self._writers: dict[str, Callable[[Event, dict[str, Any]], None]] = {
            "care-documentation": self._note,
            "diagnoses": self._diagnosis,
            "laboratory-results": self._laboratory,
        }

    def entry(self, event: Event, patient_key: str) -> dict[str, Any]:
        """Return *event* as a Kosmos entry kept under *patient_key*."""
        entry = {
            "id": event.id,
            "version": 1
            + len(event.revisions)
            + (event.signature is not None)
            + (event.countersignature is not None),
            "patientnyckel": patient_key,
            "status": _STATUS[event.state],
            "handelsetid": local_time(event.occurred_at),
            "enhet": self._codes.unit(event.unit.hsa_id),
            "vardkontakt": event.care_contact_id,
            "skyddsniva": event.staff_sensitivity,
            "mall": event.template,
        }
        self._writers[event.type](event, entry)
        entry["handelser"] = self._acts(event)
        return entry

    def _note(self, event: Event, entry: dict[str, Any]) -> None:
        entry["typ"] = self._codes.local("anteckningstyper", event.note_code)
        if event.title is not None:
            entry["rubrik"] = event.title
        entry["sokord"] = keyword_tree(event.atoms)
        entry["bilagor"] = []

    def _diagnosis(self, event: Event, entry: dict[str, Any]) -> None:
        diagnosis = event.holding(Diagnosis)
        entry["kod"] = dotted(diagnosis.code.code or diagnosis.code.original_text or "")
        entry["slag"] = diagnosis.kind[0]
        if diagnosis.chronic is not None:
            entry["kronisk"] = diagnosis.chronic
        entry["sokord"] = diagnosis.path[-1] if diagnosis.path else None
        entry["relaterade"] = list(diagnosis.related_event_ids)

    def _laboratory(self, event: Event, entry: dict[str, Any]) -> None:
        laboratory = event.holding(Laboratory)
        entry["remissnr"] = laboratory.referral_id
        entry["labbnr"] = laboratory.laboratory_id
        entry["provtid"] = local_time(laboratory.specimen_time)
        entry["lab"] = {"namn": laboratory.laboratory_name}
        entry["svarsstatus"] = _ANSWER[laboratory.status]
        if laboratory.question is not None:
            entry["fragestallning"] = laboratory.question
        entry["grupper"] = self._groups(laboratory)
        entry["sokord"] = keywords()[event.reason] if event.reason is not None else None

    def _groups(self, laboratory: Laboratory) -> list[dict[str, Any]]:
        return [
            {"namn": group.name, "analyser": [self._analysis(analysis) for analysis in group.analyses]}
            for group in laboratory.groups
        ]

    def _analysis(self, analysis: Analysis) -> dict[str, Any]:
        quantity = analysis.quantity
        value: str | None = None
        if quantity is not None:
            value = quantity.text if quantity.value is None else quantity.value.replace(".", ",")
        row: dict[str, Any] = {
            "id": analysis.id,
            "kod": self._codes.local("analyser", analysis.code),
            "varde": value,
            "enhet": (quantity.unit or None) if quantity is not None else None,
            "ref": _interval(analysis.reference),
            "avvikande": analysis.deviation,
            "status": _ANSWER[analysis.status],
            "material": self._codes.local("material", analysis.material),
        }
        if row["kod"] is None:
            row["benamning"] = analysis.code.display_name or analysis.code.original_text
        if analysis.comment is not None:
            row["kommentar"] = analysis.comment
        return row

    def _acts(self, event: Event) -> list[dict[str, Any]]:
        author = self._actor(event.author)
        times = [*event.revisions, event.author.time]
        acts = [
            {"typ": "andrad" if place else "skapad", "tid": local_time(time), "av": author}
            for place, time in enumerate(times)
        ]
        for kind, actor in (("signerad", event.signature), ("vidimerad", event.countersignature)):
            if actor is not None:
                acts.append({"typ": kind, "tid": local_time(actor.time), "av": self._actor(actor)})
        return acts

    def _actor(self, actor: Actor) -> dict[str, Any]:
        return {"id": actor.hsa_id, "namn": actor.name, "roll": self._codes.local("roller", actor.role)}


def keyword_tree(atoms: tuple[Atom, ...]) -> list[dict[str, Any]]:
    """Return *atoms* as Kosmos' tree of keywords: `{"term", "text"?, "barn"}`, in the atoms' order.

    Neighbours share the keywords they have in common; a keyword that already has its text is opened anew.
    """
    roots: list[dict[str, Any]] = []
    branch: list[dict[str, Any]] = []
    for atom in atoms:
        path = atom.path or ("Anteckning",)
        shared = 0
        while shared < min(len(branch), len(path) - 1) and branch[shared]["term"] == path[shared]:
            shared += 1
        del branch[shared:]
        for term in path[shared:]:
            node = {"term": term, "barn": []}
            (branch[-1]["barn"] if branch else roots).append(node)
            branch.append(node)
        branch[-1]["text"] = atom.text
    return roots


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
