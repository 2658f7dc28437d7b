"""The parts of Elevjournal: one schema for each part of the municipality, from when they were two of them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from anslut_simulators.country import CareUnit, Region
    from anslut_simulators.truth import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its *schema* name, its place, and whether it once measured in millimetres and grams, as text."""

    schema: str
    place: str
    in_millimetres: bool


@cache
def words() -> dict[str, Any]:
    """Return Elevjournal's own words and codes."""
    return _read("words.json")


@cache
def layout() -> dict[str, Any]:
    """Return the tables: `gemensam` stand once, `kommundel` once in every schema."""
    return _read("layout.json")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((files(__package__) / name).read_bytes())
    return found


def parts_of(region: Region) -> tuple[Part, ...]:
    """Return the region's parts: one for each place that has a school, the first of them modern from the start."""
    places = dict.fromkeys(_place(unit) for unit in schools_of(region))
    return tuple(
        Part(schema=_ascii(place), place=place, in_millimetres=number > 0)
        for number, place in enumerate(places)
    )


def schools_of(region: Region) -> tuple[CareUnit, ...]:
    """Return the region's school health units; where it has none, its first unit stands in."""
    found = tuple(unit for unit in region.units if unit.kind == "school-health")
    return found or tuple(region.units[:1])


def part_of_unit(region: Region, hsa_id: str) -> Part | None:
    """Return the part that the school health unit *hsa_id* belongs to; None for any other unit."""
    parts = {part.place: part for part in parts_of(region)}
    return next((parts[_place(unit)] for unit in schools_of(region) if unit.hsa_id == hsa_id), None)


def title_of(role: Code | None) -> str | None:
    """Return the local word for *role*; None when Elevjournal has none."""
    if role is None:
        return None
    known = words()["befattningar"].get(role.code or "")
    if known is not None:
        return str(known[0])
    others: dict[str, str] = words()["ovriga_befattningar"]
    return next((title for title, text in others.items() if text == role.original_text), None)


def _place(unit: CareUnit) -> str:
    return str(getattr(unit, "place", "")) or "skolan"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum()) or "skolan"
