"""Kinds of source systems, and the information types that each one owes or may have: `kinds.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import anslut_contracts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of source system: each information type it *owes* or *may* have, with the method that reads it.

    A connector of the kind must write the readers of what it owes, or set one to `None`: its source has never
    had that type. By writing one of the others it declares that its source has that type too.
    """

    name: str
    sv: str
    en: str
    owes: Mapping[str, str]
    may: Mapping[str, str]


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by name, in the file's order."""
    text = resources.files("anslut").joinpath("kinds.json").read_text(encoding="utf-8")
    return {
        name: Kind(
            name=name,
            sv=row["sv"],
            en=row["en"],
            owes=_readers(row["owes"]),
            may=_readers(row["may"]),
        )
        for name, row in json.loads(text).items()
    }


def _readers(type_names: Iterable[str]) -> Mapping[str, str]:
    types = anslut_contracts.information_types()
    return {name: types[name].reader for name in type_names}
