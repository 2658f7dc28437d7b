"""The made-up regions: their units, care providers and source systems (`tables/regions.toml`)."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Unit


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


class SourceSystem(msgspec.Struct, frozen=True, kw_only=True):
    """A source system that the region runs, and its HSA id."""

    system: str
    hsa_id: str


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


@lru_cache(maxsize=1)
def regions() -> tuple[Region, ...]:
    """Return all regions in the order that decides who lives where."""
    return tuple(msgspec.convert(read_table("regions.toml")["region"], list[Region]))
