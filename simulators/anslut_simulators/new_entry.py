"""Completes what a tester left out of a new entry, so that writing one takes a type and a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.problems import invalid
from anslut_simulators.truth import Event, Identity, Unit
from anslut_simulators.writing import doctor, read_event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anslut_simulators.country import Region

_FIELDS: Final = frozenset(Event.__struct_fields__) | {"patientId"}
_ICD: Final = "1.2.752.116.1.1.1.1.3"
_NPU: Final = "1.2.752.108.1"
_NOTE_TYPES: Final = "1.2.752.129.2.2.2.11"


def completed(  # noqa: PLR0913 - everything a new entry depends on, named
    partial: Mapping[str, Any],
    *,
    patient: Identity,
    event_id: str,
    now: datetime,
    region: Region,
    system: str,
) -> Event:
    """Return *partial* as a whole event of *patient*: written now, unsigned, at the region's first unit."""
    if not partial.keys() <= _FIELDS:
        raise invalid(f"event: an unknown field; known are {', '.join(sorted(_FIELDS))}")
    unit = _first_unit(region)
    plain: dict[str, Any] = {
        "id": event_id,
        "system": system,
        "occurred_at": now.isoformat(),
        "unit": msgspec.to_builtins(unit),
        **{name: value for name, value in partial.items() if name != "patientId"},
        "patient": msgspec.to_builtins(patient),
    }
    plain.setdefault("author", msgspec.to_builtins(doctor(_unit_id(plain, unit), now)))
    if isinstance(plain["author"], dict):
        plain["author"].setdefault("time", now.isoformat())
    match plain.get("type"):
        case "care-documentation":
            _complete_note(plain, now)
        case "diagnoses":
            if "diagnosis" not in plain:
                code = {"code": "I109", "code_system": _ICD, "display_name": "Essentiell hypertoni"}
                plain["diagnosis"] = {"code": code, "kind": "Huvuddiagnos"}
        case "laboratory-results":
            plain.setdefault("laboratory", _answer(event_id, now))
    return read_event(plain)


def _complete_note(plain: dict[str, Any], now: datetime) -> None:
    plain.setdefault("template", "Läkarbesök primärvård")
    plain.setdefault(
        "note_code", {"code": "bes", "code_system": _NOTE_TYPES, "display_name": "Besöksanteckning"}
    )
    text = f"Ny anteckning skriven {now:%Y-%m-%d kl. %H:%M}."
    plain.setdefault("atoms", [{"id": "a1", "path": ["Bedömning"], "text": text}])


def _answer(event_id: str, now: datetime) -> dict[str, Any]:
    analysis = {
        "id": "1",
        "code": {"code": "NPU19748", "code_system": _NPU, "display_name": "P-CRP"},
        "status": "final",
        "quantity": {"value": "7", "unit": "mg/L"},
        "reference": {"high": "5"},
        "deviation": "H",
        "material": {"original_text": "Plasma"},
    }
    return {
        "referral_id": f"R-{event_id}",
        "laboratory_id": f"L-{event_id}",
        "laboratory_name": "Kemiska laboratoriet",
        "specimen_time": now.isoformat(),
        "status": "final",
        "groups": [{"name": "Inflammation", "analyses": [analysis]}],
    }


def _first_unit(region: Region) -> Unit:
    unit = region.units[0]
    return Unit(hsa_id=unit.hsa_id, name=unit.sv, care_provider_hsa_id=unit.care_provider)


def _unit_id(plain: Mapping[str, Any], unit: Unit) -> str:
    given = plain.get("unit")
    hsa_id = given.get("hsa_id") if isinstance(given, dict) else None
    return hsa_id if isinstance(hsa_id, str) else unit.hsa_id
