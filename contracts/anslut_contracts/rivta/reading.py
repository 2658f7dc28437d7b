"""RIV-TA elements to JSON: in the table's order and spelling, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.places import PlaceError
from anslut_contracts.rivta.reader import Reader
from anslut_contracts.rivta.table_files import mapping_table
from anslut_contracts.rivta.tables import CORE, RESPONDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml import etree

    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = ["completed", "from_elements", "query_from_elements", "read_entry", "read_request", "reader"]


def from_elements(
    type_name: str,
    element: etree._Element,
    version: str | None = None,
    *,
    query: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the entry that *element*, one entry of the response of a *version*, by default the newest, stands for.

    Some contracts' answers do not say whom they are about: their entries are read together with the *query*.

    Prefixes, comments and extensions in namespaces that the table does not know are passed over, as the national
    schemas allow. Raise `CodecError`, naming the element's place, for anything else that the table does not
    expect there. The entry is not validated.
    """
    return read_entry(mapping_table(type_name, version), element, query=query)


def read_entry(
    table: MappingTable, element: etree._Element, *, query: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the entry that *element* stands for; see `from_elements`."""
    return completed(table, _entry_reader(table)(element), query=query)


def completed(
    table: MappingTable, entry: dict[str, Any], *, query: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return *entry* with the fields that the XML does not have: those equal to others, and the question's."""
    for path, source in table.derived.items():
        if (found := _get(entry, source)) is not None:
            _put(entry, path, found)
    for path, source in table.from_query.items():
        found = _get(query, source)
        if found is None:
            raise CodecError(f"{table.name} has no {path}: give the query that was asked")
        _put(entry, path, deepcopy(found))
    return entry


def query_from_elements(
    type_name: str, element: etree._Element, version: str | None = None
) -> dict[str, Any]:
    """Return the query that a request *element* stands for, not validated; raise as `from_elements` does."""
    return read_request(mapping_table(type_name, version), element)


def read_request(table: MappingTable, element: etree._Element) -> dict[str, Any]:
    """Return the query that a request *element* stands for; see `query_from_elements`."""
    query = _request_reader(table)(element)
    if isinstance(period := query.get("period"), dict):
        query["period"] = {**table.open_ends, **period}
    return query


@cache
def _entry_reader(table: MappingTable) -> Callable[[etree._Element], dict[str, Any]]:
    return reader(table, table.entry, namespace=CORE)


@cache
def _request_reader(table: MappingTable) -> Callable[[etree._Element], dict[str, Any]]:
    return reader(table, table.request, namespace=RESPONDER)


def reader(table: MappingTable, row: Row, *, namespace: str) -> Callable[[etree._Element], dict[str, Any]]:
    """Return what reads the element of *row*; elements in it that name no namespace are in *namespace*."""
    tag = table.tag(row, RESPONDER)
    fill = Reader(table).rows(table.children(row), namespace=namespace)

    def read(element: etree._Element) -> dict[str, Any]:
        if element.tag != tag:
            raise CodecError(f"{table.name} expects the element {row.element}")
        value: dict[str, Any] = {}
        try:
            fill(element, value)
        except PlaceError as error:
            raise CodecError(error.message(row.element)) from None
        except RecursionError:
            raise CodecError(f"{row.element} has elements too far inside others") from None
        return value

    return read


def _put(value: dict[str, Any], path: str, item: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        value = value.setdefault(name, {})
    value[last] = item


def _get(value: object, path: str) -> object:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
