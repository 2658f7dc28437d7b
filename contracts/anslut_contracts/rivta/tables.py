"""The mapping tables: which element, in which order and spelling, stands for which field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import read_json
from anslut_contracts.errors import UnknownSchemaError
from anslut_contracts.types import information_types

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CORE", "ITSELF", "RESPONDER", "MappingTable", "Row", "mapping_table"]

ITSELF = (".",)
"""The path of a row that stands for the value it is in, not for a field of it."""
CORE = "core"
"""The namespace of everything inside an entry that names no other."""
RESPONDER = "responder"
"""The namespace of a request, a response and their own elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One element of a table.

    *path* is the field, dotted, within the value that the row's parent stands for; None for an element
    that only groups others. *form* says how text is written; elements without one have *children*, given here
    or by the name of a shared *type*. *constant* is the text the element always has. A *listed* element carries
    the only item of a field that is a list.
    """

    element: str
    path: tuple[str, ...] | None
    form: str | None
    required: bool
    many: bool
    listed: bool
    namespace: str | None
    constant: str | None
    children: tuple[Row, ...]
    type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingTable:
    """One RIV-TA contract in one version, and how its elements map to one information type's JSON.

    *namespaces* are by short name (`responder`, `core`, …); *xsd* names the official schema's place in a copy
    of the national schemas; *derived* are fields that the XML does not have, each with the field it equals,
    and *from_query* those that only the question has.
    """

    contract: str
    version: str
    type: str
    namespaces: Mapping[str, str]
    xsd: str
    entry: Row
    request: Row
    unsupported_filters: frozenset[str]
    types: Mapping[str, tuple[Row, ...]]
    derived: Mapping[str, str]
    from_query: Mapping[str, str]
    losses: tuple[Mapping[str, str], ...]
    document: Mapping[str, Any]

    def tag(self, row: Row, default: str) -> str:
        """Return the row's qualified element name; *default* names the namespace of rows without one."""
        return f"{{{self.namespaces[row.namespace or default]}}}{row.element}"

    def children(self, row: Row) -> tuple[Row, ...]:
        """Return the rows inside *row*, its own or its type's."""
        return self.types[row.type] if row.type else row.children


@cache
def mapping_table(type_name: str) -> MappingTable:
    """Return the newest mapping table of an information type; `UnknownSchemaError` when there is none."""
    found = information_types().get(type_name)
    if found is None:
        raise UnknownSchemaError(f"no information type {type_name!r}")
    document = read_json(f"rivta/v1/{found.contract}-{found.contract_version}.json")
    request = {**document["request"], "occurs": "1..1"}
    return MappingTable(
        contract=document["contract"],
        version=document["version"],
        type=document["type"],
        namespaces=document["namespaces"],
        xsd=document["xsd"],
        entry=_row({**document["entry"], "occurs": "1..1"}),
        request=_row(request),
        unsupported_filters=frozenset(request["unsupported"]),
        types={name: tuple(map(_row, rows)) for name, rows in document["types"].items()},
        derived={item["path"]: item["from"] for item in document["derived"]},
        from_query={item["path"]: item["from"] for item in document.get("fromQuery", ())},
        losses=tuple(document["losses"]),
        document=document,
    )


def _row(item: Mapping[str, Any]) -> Row:
    lowest, highest = item["occurs"].split("..")
    path = item.get("path")
    return Row(
        element=item["element"],
        path=None if path is None else ITSELF if path == "." else tuple(path.split(".")),
        form=item.get("form"),
        required=lowest != "0",
        many=highest == "*",
        listed=item.get("list", False),
        namespace=item.get("namespace"),
        constant=item.get("constant"),
        children=tuple(_row(child) for child in item.get("children", ())),
        type=item.get("type"),
    )
