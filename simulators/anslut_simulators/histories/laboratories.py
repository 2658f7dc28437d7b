"""Analyses, reference intervals and laboratories, from `tables/analyses.json`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from anslut_simulators.histories.codes import NPU
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Code

if TYPE_CHECKING:
    from anslut_simulators.population.regions import Region


@lru_cache(maxsize=128)
def analysis_code(analysis: str) -> Code:
    """Return the analysis as NPU code, or as its name alone where no code is known."""
    row = read_table("analyses.json")["analyses"][analysis]
    if row["npu"] is None:
        return Code(original_text=row["name"])
    return Code(code=row["npu"], code_system=NPU, display_name=row["name"])


@lru_cache(maxsize=128)
def analysis_row(analysis: str) -> tuple[Code, str, str | None, str | None, str]:
    """Return (code, unit, low, high, material) of *analysis*; the women's interval where the sexes differ."""
    row = read_table("analyses.json")["analyses"][analysis]
    interval = row.get("F", {})
    return analysis_code(analysis), row["unit"], interval.get("low"), interval.get("high"), row["material"]


def laboratory_name(region: Region) -> str:
    """Return the name of the region's laboratory."""
    return region.units_of("laboratory")[0].sv
