"""The files of rivta/v1: one contract in one version each."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts.documents import folder, read_json
from anslut_contracts.errors import UnknownSchemaError
from anslut_contracts.rivta.tables import (
    CORE,
    ITSELF,
    RESPONDER,
    Coded,
    MappingTable,
    ResponseShape,
    Row,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["mapping_table", "mapping_tables", "table_of"]

_PLACE: Final = "rivta/v1"
_SAME: Final = (
    "element",
    "form",
    "codes",
    "open",
    "shares",
    "namespace",
    "constant",
    "type",
    "role",
    "beside",
)
_PARTS: Final = (
    ("code", "1..1", "text"),
    ("errorCode", "0..1", "textOrNothing"),
    ("logId", "0..1", "textOrNothing"),
    ("subCode", "0..1", "textOrNothing"),
    ("message", "0..1", "textOrNothing"),
    ("logicalAddress", "1..1", "text"),
    ("reference", "1..1", "text"),
)


def mapping_tables(type_name: str) -> tuple[MappingTable, ...]:
    """Return the table of every version of the contract that an information type maps to, newest first.

    Raise `UnknownSchemaError` when there is no such type.
    """
    found = _by_type().get(type_name)
    if found is None:
        raise UnknownSchemaError(f"no information type {type_name!r}")
    return found


def mapping_table(type_name: str, version: str | None = None) -> MappingTable:
    """Return an information type's table in *version*, by default the newest.

    Raise `UnknownSchemaError` when there is no such type or version.
    """
    tables = mapping_tables(type_name)
    if version is None:
        return tables[0]
    for table in tables:
        if table.version == version:
            return table
    raise UnknownSchemaError(f"no version {version!r} of {tables[0].contract}")


def table_of(namespace: str) -> MappingTable | None:
    """Return the table whose requests and responses are in *namespace* (`…Responder:3`), if there is one."""
    return _by_namespace().get(namespace)


@cache
def _by_type() -> Mapping[str, tuple[MappingTable, ...]]:
    names = sorted(child.name for child in folder(_PLACE).iterdir() if child.name.endswith(".json"))
    tables = sorted((_table(read_json(f"{_PLACE}/{name}")) for name in names), key=_age, reverse=True)
    types = dict.fromkeys(table.type for table in tables)
    return MappingProxyType({name: tuple(table for table in tables if table.type == name) for name in types})


@cache
def _by_namespace() -> Mapping[str, MappingTable]:
    tables = (table for found in _by_type().values() for table in found)
    return MappingProxyType({table.namespaces[RESPONDER]: table for table in tables})


def _age(table: MappingTable) -> tuple[int, ...]:
    return tuple(map(int, table.version.split(".")))


def _table(document: Mapping[str, Any]) -> MappingTable:
    return MappingTable(
        contract=document["contract"],
        version=document["version"],
        type=document["type"],
        namespaces=document["namespaces"],
        xsd=document["xsd"],
        soap_action=document["soapAction"],
        approval_flag=document["approvalFlag"],
        entry=_row({**document["entry"], "occurs": "1..1"}),
        request=_row({**document["request"], "occurs": "1..1"}),
        response=_response(document["response"]),
        outcomes={name: outcome for name, outcome in document["outcomes"].items() if name != "source"},
        unsupported_filters=frozenset(document["request"]["unsupported"]),
        open_ends=document["request"].get("openEnds", {}),
        types={name: tuple(map(_row, rows)) for name, rows in document["types"].items()},
        codes={name: tuple(map(_coded, codes)) for name, codes in document.get("codes", {}).items()},
        derived={item["path"]: item["from"] for item in document["derived"]},
        from_query={item["path"]: item["from"] for item in document.get("fromQuery", ())},
        losses=tuple(document["losses"]),
        refused=tuple(document.get("refused", ())),
        document=document,
    )


def _response(about: Mapping[str, Any]) -> ResponseShape:
    result, more = about["result"], about["hasMore"]
    return ResponseShape(
        element=about["element"],
        order=tuple(about["order"]),
        result=result and _part("result", result, inside=result.get("partNamespace", CORE)),
        has_more=more and _part(more["element"], {**more, "namespace": RESPONDER}, inside=RESPONDER),
    )


def _part(element: str, about: Mapping[str, Any], *, inside: str) -> Row:
    """Return the row of a part of the response, whose fields stand in the contract's order."""
    rows = [
        {"element": about[name], "path": name, "occurs": occurs, "form": form, "namespace": inside}
        for name, occurs, form in _PARTS
        if about.get(name) is not None
    ]
    part = {"element": element, "path": ".", "namespace": about["namespace"], "children": rows}
    return _row({**part, "occurs": about.get("occurs", "0..1")})


def _coded(item: Mapping[str, Any]) -> Coded:
    return Coded(text=item["text"], value=item.get("value"), of=tuple(item.get("of", ())))


def _row(item: Mapping[str, Any]) -> Row:
    lowest, highest = item["occurs"].split("..")
    path = item.get("path")
    same = {name: item[name] for name in _SAME if name in item}
    return Row(
        path=None if path is None else ITSELF if path == "." else tuple(path.split(".")),
        required=lowest != "0",
        many=highest == "*",
        children=tuple(_row(child) for child in item.get("children", ())),
        **same,
    )
