"""Kosmos' local codes: what its entries say instead of national codes, and the lists that translate them."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.kosmos.resources import resource_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.country import Region
    from anslut_simulators.truth import Code, Event, Reason

_FOLDER: Final = resources.files(__package__)


class CodeLists:
    """The code lists of one region's Kosmos, both ways."""

    def __init__(self, region: Region) -> None:
        lists: dict[str, Any] = msgspec.json.decode(_FOLDER.joinpath("codes.json").read_bytes())
        self.lists: dict[str, list[dict[str, Any]]] = {
            name: rows for name, rows in lists.items() if name != "kalla"
        }
        self.lists["enheter"] = _units(region)
        self._local = {name: _by_meaning(rows) for name, rows in self.lists.items() if name != "enheter"}
        self._units = {row["hsaid"]: row["lokal"] for row in self.lists["enheter"]}

    def local(self, name: str, code: Code | None) -> str | None:
        """Return the local code for *code* in list *name*, or None when the list lacks it."""
        if code is None:
            return None
        known = self._local[name]
        if code.code is not None:
            return known.get(code.code)
        return known.get(code.original_text or code.display_name or "")

    def unit(self, hsa_id: str) -> str | None:
        """Return the local code of the unit with *hsa_id*, or None when the region lacks it."""
        return self._units.get(hsa_id)

    def missing(self, event: Event) -> list[str]:
        """Return the places in *event* whose codes Kosmos cannot write; empty when it can keep the event."""
        wanted: list[tuple[str, object]] = [
            ("unit", event.unit.hsa_id if self.unit(event.unit.hsa_id) is None else None),
            ("note_code", self.lacks("anteckningstyper", event.note_code)),
        ]
        for name, actor in (
            ("author", event.author),
            ("signature", event.signature),
            ("countersignature", event.countersignature),
        ):
            wanted.append((f"{name}.role", self.lacks("roller", actor.role if actor else None)))
        resource = resource_of(event.type)
        if resource is not None and event.content is not None:
            wanted += [(place, True) for place in resource.lacking(event, self)]
        return sorted({place for place, lack in wanted if lack})

    def lacks(self, name: str, code: Code | None) -> bool:
        """Tell whether there is a *code* that list *name* lacks."""
        return code is not None and self.local(name, code) is None


@lru_cache(maxsize=1)
def keywords() -> Mapping[Reason, str]:
    """Return the keyword under which Kosmos' users write what the resident must not see, by reason."""
    words: dict[Reason, str] = msgspec.json.decode(_FOLDER.joinpath("words.json").read_bytes())["nyckelord"]
    return words


def _by_meaning(rows: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in rows:
        found.setdefault(row["kod"] or row["text"], row["lokal"])
    return found


def _units(region: Region) -> list[dict[str, Any]]:
    prefixes: dict[str, str] = msgspec.json.decode(_FOLDER.joinpath("words.json").read_bytes())[
        "enhetsprefix"
    ]
    rows = []
    for place, unit in enumerate(region.units, start=1):
        prefix = prefixes.get(unit.kind, "ENH")
        rows.append(
            {
                "lokal": f"{prefix}{place + 10}",
                "hsaid": unit.hsa_id,
                "namn": unit.sv,
                "vardgivare": unit.care_provider,
                "telefon": f"000-{place:03d} 00",
            }
        )
    return rows
