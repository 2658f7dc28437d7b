"""The figures that the country is held against (`tables/published_figures.toml`)."""

from __future__ import annotations

from typing import Any

import msgspec

from anslut_simulators.describing.figures import Published, Text
from anslut_simulators.population.tables import read_table


def published(topic: str, figure: str) -> Published | None:
    """Return the published value of *figure* in *topic*; None when there is none to compare with."""
    found = _table(topic).get("value", {}).get(figure)
    return None if found is None else msgspec.convert(found, Published)


def published_row(topic: str, row: str) -> dict[str, Published]:
    """Return a whole row of published values by label, such as shares by age."""
    found = _table(topic).get("row", {}).get(row)
    if found is None:
        return {}
    about = None if "about" not in found else Text(**found["about"])
    return {
        label: Published(value=value, basis=found["basis"], source=found["source"], about=about)
        for label, value in found["values"].items()
    }


def _table(topic: str) -> dict[str, Any]:
    table: dict[str, Any] = read_table("published_figures.toml").get(topic, {})
    return table
