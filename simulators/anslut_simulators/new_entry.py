"""Completes what a tester left out of a new entry, so that writing one takes a type and a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.problems import invalid
from anslut_simulators.systems import described_systems
from anslut_simulators.truth import Event, Identity, Unit, content_kind
from anslut_simulators.writing import doctor, read_event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from anslut_simulators.country import Region

_FIELDS: Final = frozenset(Event.__struct_fields__) | {"patientId"}
NOTE: Final = "care-documentation"
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
    unit = _first_unit(region, str(partial.get("system", system)))
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
    kind = content_kind(str(plain.get("type")))
    if kind is not None and "content" not in plain:
        plain["content"] = msgspec.to_builtins(kind.sample(event_id, now))
    elif plain.get("type") == NOTE:
        _complete_note(plain, now)
    return read_event(plain)


def _complete_note(plain: dict[str, Any], now: datetime) -> None:
    plain.setdefault("template", "Läkarbesök primärvård")
    plain.setdefault(
        "note_code", {"code": "bes", "code_system": _NOTE_TYPES, "display_name": "Besöksanteckning"}
    )
    text = f"Ny anteckning skriven {now:%Y-%m-%d kl. %H:%M}."
    plain.setdefault("atoms", [{"id": "a1", "path": ["Bedömning"], "text": text}])


def _first_unit(region: Region, system: str) -> Unit:
    """Return the first unit that *system* is used at, or the region's first."""
    described = described_systems().get(system)
    kinds = described.units if described is not None else ()
    unit = next((unit for kind in kinds for unit in region.units if unit.kind == kind), region.units[0])
    return Unit(hsa_id=unit.hsa_id, name=unit.sv, care_provider_hsa_id=unit.care_provider)


def _unit_id(plain: Mapping[str, Any], unit: Unit) -> str:
    given = plain.get("unit")
    hsa_id = given.get("hsa_id") if isinstance(given, dict) else None
    return hsa_id if isinstance(hsa_id, str) else unit.hsa_id
