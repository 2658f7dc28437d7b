"""The code lists that this product uses, by name, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from anslut_contracts.documents import folder, read_json
from anslut_contracts.errors import UnknownSchemaError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CodeList", "code_list", "code_list_names"]

_ROOT = "codes/v1"
_NOT_A_LIST = "identity-types"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """One code list: *texts* by code, in the file's order, *units* for codes that have one.

    *code_system* is the OID, or None where the codes are not of one code system. *basis* says how sure
    the list is (`published`, `sourced`, `partial`, …) and *source* where it comes from.
    """

    name: str
    sv: str
    en: str
    code_system: str | None
    basis: str
    source: str
    texts: Mapping[str, str]
    units: Mapping[str, str]


def code_list_names() -> tuple[str, ...]:
    """Return the names of all code lists, sorted."""
    found = (child.name.removesuffix(".json") for child in folder(_ROOT).iterdir())
    return tuple(sorted(name for name in found if name != _NOT_A_LIST))


@cache
def code_list(name: str) -> CodeList:
    """Return the code list *name*; raise `UnknownSchemaError` when there is none."""
    if name not in code_list_names():
        raise UnknownSchemaError(f"no code list {name!r}; there are: {', '.join(code_list_names())}")
    document = read_json(f"{_ROOT}/{name}.json")
    codes = document["codes"]
    return CodeList(
        name=document["name"],
        sv=document["sv"],
        en=document["en"],
        code_system=document.get("codeSystem"),
        basis=document["provenance"]["basis"],
        source=document["provenance"]["source"],
        texts=MappingProxyType({item["code"]: item["displayName"] for item in codes}),
        units=MappingProxyType({item["code"]: item["unit"] for item in codes if "unit" in item}),
    )
