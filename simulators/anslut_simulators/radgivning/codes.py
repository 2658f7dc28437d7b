"""Rådgivningsstödet's local codes, and the lists that translate them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.country import Region
    from anslut_simulators.truth import Code, Event, Reason
    from anslut_simulators.truth.care_contacts import CareContact, Kind

_FOLDER: Final = resources.files(__package__)
_KINDS: Final[Mapping[Kind, str]] = {
    "visit": "BES",
    "home-visit": "HEM",
    "phone": "TEL",
    "stay": "VTF",
    "day-care": "DAG",
    "other": "ANN",
}


@cache
def _read(name: str) -> Mapping[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(_FOLDER.joinpath(name).read_bytes())
    return found


def keywords() -> Mapping[Reason, str]:
    """Return the heading under which its users write what the resident must not see, by reason."""
    found: dict[Reason, str] = _read("words.json")["nyckelord"]
    return found


class CodeLists:
    """The code lists of one region's Rådgivningsstödet, both ways."""

    def __init__(self, region: Region) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: rows for name, rows in _read("codes.json").items() if name != "kalla"
        }
        self.lists["enheter"] = _units(region)
        self._local = {
            name: {row["kod"] or row["text"]: row["lokal"] for row in reversed(rows)}
            for name, rows in self.lists.items()
            if name != "enheter"
        }
        self._units = {row["hsaid"]: row["lokal"] for row in self.lists["enheter"]}

    def local(self, name: str, code: Code | None) -> str | None:
        """Return the local code for *code* in list *name*, or None when the list lacks it."""
        if code is None:
            return None
        return self._local[name].get(code.code or code.original_text or code.display_name or "")

    def worded(self, name: str, text: str) -> str | None:
        """Return the local code for *text* in a list of words alone, or None when the list lacks it."""
        return self._local[name].get(text)

    def kind(self, contact: CareContact) -> str:
        """Return the local code for how the contact was had."""
        return _KINDS[contact.kind]

    def unit(self, hsa_id: str) -> str | None:
        """Return the local code of the unit with *hsa_id*, or None when the region lacks it."""
        return self._units.get(hsa_id)

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* whose codes the system cannot write; empty when it can keep the event."""
        wanted = [("unit", self.unit(event.unit.hsa_id) is None)]
        for name, actor in (("author", event.author), ("signature", event.signature)):
            role = actor.role if actor is not None else None
            wanted.append((f"{name}.role", role is not None and self.local("roller", role) is None))
        note = event.note_code
        wanted.append(("note_code", note is not None and self.local("anteckningstyper", note) is None))
        return sorted(place for place, lacks in wanted if lacks)


def _units(region: Region) -> list[dict[str, Any]]:
    prefixes: dict[str, str] = _read("words.json")["enhetsprefix"]
    return [
        {
            "lokal": f"{prefixes.get(unit.kind, 'EX')}{place + 100}",
            "hsaid": unit.hsa_id,
            "namn": unit.sv,
            "vardgivare": unit.care_provider,
        }
        for place, unit in enumerate(region.units, start=1)
    ]
