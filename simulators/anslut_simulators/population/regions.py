"""The made-up regions: their units, care providers and source systems (`tables/regions.toml`)."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping


class CareProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A care provider (vårdgivare)."""

    hsa_id: str
    sv: str


class CareUnit(msgspec.Struct, frozen=True, kw_only=True):
    """A care unit (vårdenhet); *kind* says what it does, *place* where it is."""

    hsa_id: str
    sv: str
    kind: str
    care_provider: str
    place: str

    def __hash__(self) -> int:
        return hash(self.hsa_id)

    def as_unit(self) -> Unit:
        """Return the unit as events name it."""
        return Unit(hsa_id=self.hsa_id, name=self.sv, care_provider_hsa_id=self.care_provider)


class SourceSystem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source system that the region runs, and its HSA id.

    *system* is its name in the region, *software* the system it is an installation of, when it is not the only one. An
    installation may be used at some kinds of unit only (*units*), and from (*since*) or until (*before*) a day.
    """

    system: str
    hsa_id: str
    software: str = ""
    units: tuple[str, ...] = ()
    since: date | None = None
    before: date | None = None

    def __hash__(self) -> int:
        return hash(self.hsa_id)

    @property
    def program(self) -> str:
        """The name of the folder with its `system.json`."""
        return self.software or self.system

    def spans(self, day: date) -> bool:
        """Tell whether what happened on *day* was recorded here."""
        return (self.since is None or day >= self.since) and (self.before is None or day < self.before)


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """A region; *share* is its part of the population in thousands, *profile* its region profile's name."""

    name: str
    sv: str
    share: int
    profile: str
    care_providers: tuple[CareProvider, ...] = msgspec.field(name="care_provider")
    units: tuple[CareUnit, ...] = msgspec.field(name="unit")
    systems: tuple[SourceSystem, ...] = msgspec.field(name="system")

    def __hash__(self) -> int:
        return hash(self.name)

    def installation(self, system: str) -> SourceSystem | None:
        """Return the installation called *system*, or None when the region has none."""
        return next((one for one in self.systems if one.system == system), None)

    def alone(self, installation: SourceSystem) -> bool:
        """Tell whether *installation* keeps everything that its program keeps in the region."""
        return _alone(self, installation)

    def holds(self, system: str, unit: str, day: date) -> bool:
        """Tell whether what happened at *unit* (HSA id) on *day* is kept in the installation *system*."""
        mine = self.installation(system)
        if mine is None or not mine.spans(day):
            return False
        kind = next((one.kind for one in self.units if one.hsa_id == unit), "")
        if mine.units:
            return kind in mine.units
        others = (one for one in self.systems if one.program == mine.program and one is not mine)
        return not any(kind in other.units for other in others)

    @property
    def population_share(self) -> int:
        """The region's part of the population, in thousands of people."""
        return self.share

    def units_of(self, kind: str) -> tuple[CareUnit, ...]:
        """Return the units that do *kind*, possibly none."""
        return _units_of(self, kind)

    def unit(self, hsa_id: str) -> CareUnit:
        """Return the unit *hsa_id*; raise `KeyError` when the region has no such unit."""
        for unit in self.units:
            if unit.hsa_id == hsa_id:
                return unit
        raise KeyError(hsa_id)


@lru_cache(maxsize=1024)
def _units_of(region: Region, kind: str) -> tuple[CareUnit, ...]:
    return tuple(unit for unit in region.units if unit.kind == kind)


@lru_cache(maxsize=256)
def _alone(region: Region, installation: SourceSystem) -> bool:
    limited = installation.units or installation.since or installation.before
    return not limited and sum(one.program == installation.program for one in region.systems) == 1


@lru_cache(maxsize=1)
def regions() -> tuple[Region, ...]:
    """Return all regions in the order that decides who lives where."""
    table = read_table("regions.toml")
    return tuple(msgspec.convert([_whole(row, table) for row in table["region"]], list[Region]))


def _whole(row: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a region's row with the standard units and systems, where it says that it has them."""
    plain = dict(row)
    standard, only = plain.pop("standard", None), plain.pop("only", None)
    if standard is None:
        return plain
    region, municipality = f"{standard['organisation']}-0001", f"{standard['municipality']}-0001"
    plain["care_provider"] = [
        {"hsa_id": region, "sv": row["sv"]},
        {"hsa_id": municipality, "sv": f"{standard['stem']}s kommun"},
    ]
    plain["unit"] = [_unit(one, standard) for one in table["standard_unit"]]
    own = {one["system"]: one for one in plain.get("system", ())}
    systems = [own.pop(one["system"], None) or _system(one, standard) for one in table["standard_system"]]
    plain["system"] = [one for one in (*systems, *own.values()) if only is None or one["system"] in only]
    return plain


def _owner(one: Mapping[str, Any], standard: Mapping[str, str]) -> str:
    return standard["municipality" if one.get("municipal") else "organisation"]


def _unit(one: Mapping[str, Any], standard: Mapping[str, str]) -> dict[str, Any]:
    owner = _owner(one, standard)
    letter = "E" if one.get("municipal") else standard["letter"]
    return {
        "hsa_id": f"{owner}-{letter}{one['hsa_id']}",
        "sv": f"{standard['stem']} {one['sv']}",
        "kind": one["kind"],
        "care_provider": f"{owner}-0001",
        "place": standard["place"],
    }


def _system(one: Mapping[str, Any], standard: Mapping[str, str]) -> dict[str, Any]:
    return {"system": one["system"], "hsa_id": f"{_owner(one, standard)}-{one['hsa_id']}"}
