"""Medications: a strength in words, a dosage in pieces, and an end far off for what goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.kosmos.resources.vardkontakter import NEVER
from anslut_simulators.kosmos.wall_clock import local_time
from anslut_simulators.truth import Code
from anslut_simulators.truth.medications import Medication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Actor, Event
    from anslut_simulators.truth.medications import Dispensation, Dosage, Drug, Given

TYPE: Final = "medications"
NAME: Final = "lakemedel"
_UNITS: Final = "doseringsenheter"


def write(event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
    """Add what was started or stopped, by whom, from when to when, how it is taken, and what came of it."""
    said = event.holding(Medication)
    entry["atgard"] = "UTS" if said.kind == "U" else "INS"
    entry["gallande"] = said.active
    entry["kedja"] = said.chain
    entry["ersatter"] = said.preceding
    entry["ersatts_av"] = said.succeeding
    entry["egenmedicinering"] = said.self_medication
    entry["ordinator"] = _professional(said.prescriber, codes)
    entry["preparat"] = _drug(said.drug)
    entry["dosering"] = None if said.dosage is None else _dosage(said.dosage, codes)
    entry["insatt"] = _time(said.start)
    entry["forst_insatt"] = _time(said.first_start)
    entry["utsatt"] = _time(said.end)
    entry["utsattningsorsak"] = said.end_reason
    entry["andamal"] = said.purpose
    if said.remark is not None:
        entry["anmarkning"] = said.remark
    entry["recept"] = None if said.dispensation is None else _dispensation(said.dispensation, codes)
    entry["givna"] = [_given(one, codes) for one in said.given]
    entry["sokord"] = said.path[-1] if said.path else None


def lacking(event: Event, codes: CodeLists) -> Iterator[str]:
    """Yield the places of roles and units that are on no list."""
    said = event.holding(Medication)
    if said.prescriber is not None and codes.lacks("roller", said.prescriber.role):
        yield "content.prescriber.role"
    for place, unit in (
        ("dosage.unit", said.dosage.unit if said.dosage else None),
        ("dispensation.unit", said.dispensation.unit if said.dispensation else None),
        *(("given.unit", one.unit) for one in said.given),
    ):
        if unit is not None and codes.lacks(_UNITS, Code(original_text=unit)):
            yield f"content.{place}"


def _time(time: datetime | None) -> str:
    return NEVER if time is None else local_time(time)


def _comma(number: str | None) -> str | None:
    return None if number is None else number.replace(".", ",")


def _unit(unit: str | None, codes: CodeLists) -> str | None:
    return None if unit is None else codes.local(_UNITS, Code(original_text=unit))


def _professional(actor: Actor | None, codes: CodeLists) -> dict[str, Any] | None:
    if actor is None:
        return None
    role = codes.local("roller", actor.role)
    return {"tid": local_time(actor.time), "id": actor.hsa_id, "namn": actor.name, "roll": role}


def _drug(drug: Drug) -> dict[str, Any]:
    strength = [part for part in (_comma(drug.strength), drug.strength_unit) if part]
    return {
        "namn": drug.name,
        "atc": drug.substance.code if drug.substance else None,
        "substans": drug.substance.display_name if drug.substance else None,
        "form": drug.form,
        "styrka": " ".join(strength) or None,
        "vag": drug.route,
    }


def _dosage(dosage: Dosage, codes: CodeLists) -> dict[str, Any]:
    often = f"{dosage.times}/{dosage.per.removeprefix('per ')}" if dosage.times and dosage.per else None
    return {
        "text": dosage.text,
        "dos": _comma(dosage.dose),
        "dosenhet": _unit(dosage.unit, codes),
        "ggr": often,
        "vb": dosage.condition,
        "max": _comma(dosage.most),
    }


def _dispensation(dispensation: Dispensation, codes: CodeLists) -> dict[str, Any]:
    return {
        "nr": dispensation.id,
        "tom": dispensation.valid_until.isoformat(),
        "mangd": _comma(dispensation.amount),
        "mangdenhet": _unit(dispensation.unit, codes),
    }


def _given(given: Given, codes: CodeLists) -> dict[str, Any]:
    return {
        "nr": given.id,
        "av": _professional(given.by, codes),
        "dos": _comma(given.dose),
        "dosenhet": _unit(given.unit, codes),
    }
