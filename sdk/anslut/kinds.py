"""Kinds of source systems, and the information types each one owes: `kinds.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import anslut_contracts

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source system; `readers` maps each information type it owes to the method that reads it."""

    name: str
    sv: str
    en: str
    readers: Mapping[str, str]


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by name, in the file's order."""
    text = resources.files("anslut").joinpath("kinds.json").read_text(encoding="utf-8")
    types = anslut_contracts.information_types()
    return {
        name: Kind(
            name=name,
            sv=row["sv"],
            en=row["en"],
            readers={owed: types[owed].reader for owed in row["owes"]},
        )
        for name, row in json.loads(text).items()
    }
