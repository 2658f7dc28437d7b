"""JSON to RIV-TA text. Whatever the table has no place for is refused, never dropped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.losses import reduced
from anslut_contracts.rivta.places import PlaceError
from anslut_contracts.rivta.table_files import mapping_table
from anslut_contracts.rivta.tables import CORE, RESPONDER
from anslut_contracts.rivta.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = [
    "declarations",
    "entry_writer",
    "query_to_elements",
    "to_elements",
    "write_entry",
    "write_request",
    "writer",
]


def write_entry(table: MappingTable, entry: Mapping[str, Any]) -> str:
    """Return the element of one valid entry as text, with its namespaces.

    Fields that only the question has (`from_query`) are not written: the reader knows them. Raise
    `CodecError`, naming the place, for what the table cannot carry. Validate the entry first: whether a value
    has the right characters is the schema's matter.
    """
    tag, inside = entry_writer(table)
    return f"<{tag}{declarations(table, default=CORE)}>{inside(entry)}</{tag}>"


def has_room(table: MappingTable, entry: Mapping[str, Any]) -> bool:
    """Say whether *table*'s version can tell *entry* at all: what it cannot is in the table, `refused`.

    Where nothing can say that the resident must not see an entry, there is no room for such a one.
    """
    if not table.approval_flag and not entry["header"]["approvedForPatient"]:
        return False
    try:
        write_entry(table, entry)
    except CodecError:
        return False
    return True


def write_request(table: MappingTable, query: Mapping[str, Any]) -> str:
    """Return the request element of one valid query as text; raise `CodecError` for a filter the contract lacks."""
    tag, inside = _request_writer(table)
    filters = {name: value for name, value in query.items() if value != []}
    return f"<{tag}{declarations(table, default=RESPONDER)}>{inside(filters)}</{tag}>"


def to_elements(type_name: str, entry: Mapping[str, Any], version: str | None = None) -> etree._Element:
    """Return the element that `write_entry` writes, of the contract's *version*, by default the newest."""
    return etree.fromstring(write_entry(mapping_table(type_name, version), entry))


def query_to_elements(type_name: str, query: Mapping[str, Any], version: str | None = None) -> etree._Element:
    """Return the element that `write_request` writes, of the contract's *version*, by default the newest."""
    return etree.fromstring(write_request(mapping_table(type_name, version), query))


def declarations(table: MappingTable, *, default: str) -> str:
    """Return the attributes that declare the table's namespaces, the one called *default* without a prefix."""
    return "".join(
        f' xmlns="{uri}"' if name == default else f' xmlns:{name}="{uri}"'
        for name, uri in table.namespaces.items()
    )


@cache
def entry_writer(table: MappingTable) -> tuple[str, Callable[[Mapping[str, Any]], str]]:
    """Return the name of an entry's element, whose default namespace is `core`, and what writes what is in it."""
    beside = [tuple(path.split(".")) for path in (*table.derived, *table.from_query)]
    tag, inside = writer(table, table.entry, default=CORE, namespace=CORE, beside=beside)
    derived = [(path.split("."), source.split(".")) for path, source in table.derived.items()]

    def write(entry: Mapping[str, Any]) -> str:
        if not table.approval_flag and _at(entry, ("header", "approvedForPatient")) is not True:
            raise CodecError(f"{table.name} cannot say that the patient must not see an entry")
        told = reduced(table, entry)
        for path, source in derived:
            if _at(told, path) != _at(told, source):
                raise CodecError(f"{table.name} has no {'.'.join(path)}: it must equal {'.'.join(source)}")
        return inside(told)

    return tag, write


@cache
def _request_writer(table: MappingTable) -> tuple[str, Callable[[Mapping[str, Any]], str]]:
    return writer(table, table.request, default=RESPONDER, namespace=RESPONDER)


def writer(
    table: MappingTable, row: Row, *, default: str, namespace: str, beside: Iterable[tuple[str, ...]] = ()
) -> tuple[str, Callable[[Mapping[str, Any]], str]]:
    """Return the name of the element of *row*, and what writes what is in it.

    Elements in the namespace *default* have no prefix; those that name none are in *namespace*. Fields at
    *beside* may be there and are not written.
    """
    steps = Writer(table, default=default)
    step = steps.value(table.children(row), namespace=namespace, beside=beside)

    def write(value: Mapping[str, Any]) -> str:
        out: list[str] = []
        try:
            step(value, out)
        except PlaceError as error:
            raise CodecError(f"{table.name} {error.message('')}") from None
        except RecursionError:
            raise CodecError(f"{table.name} has no place for values so far inside others") from None
        return "".join(out)

    return steps.tag(row, RESPONDER), write


def _at(value: object, path: Iterable[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
