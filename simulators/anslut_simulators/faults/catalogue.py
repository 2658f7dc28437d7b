"""The faults that can be asked for: `catalogue.json`, read once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Argument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a fault may be told: a number from *min* to *max*, one of *values*, or a text when there are neither."""

    default: float | int | str | None
    min: float | int | None = None
    max: float | int | None = None
    values: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue: *by* says who carries the fault out, the gate or the system itself."""

    fault: str
    by: Literal["gate", "system"]
    sv: str
    en: str
    arguments: dict[str, Argument] = {}


@cache
def rows() -> Mapping[str, Row]:
    """Return the catalogue by the fault's name, in the order in which faults are carried out."""
    text = resources.files(__package__).joinpath("catalogue.json").read_bytes()
    found: list[Row] = msgspec.json.decode(text, type=dict[str, list[Row]])["faults"]
    return {row.fault: row for row in found}


def catalogue() -> list[dict[str, Any]]:
    """Return every fault with its Swedish and English description and its arguments."""
    return [msgspec.to_builtins(row) for row in rows().values()]
