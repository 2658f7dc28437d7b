"""Whole responses: entries, what the contract says of the result, and whether there is more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import CodecError
from anslut_contracts.rivta.reading import completed, reader
from anslut_contracts.rivta.tables import CORE, RESPONDER
from anslut_contracts.rivta.writing import declarations, entry_writer, writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lxml import etree

    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = ["More", "Response", "Result", "read_response", "write_response"]


@dataclass(frozen=True, slots=True)
class Result:
    """How it went: *code* is OK, INFO or ERROR. Each contract has some of the rest, none has more."""

    code: str
    log_id: str | None
    message: str | None = None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class More:
    """That there is more: ask *logical_address* with this *reference*."""

    logical_address: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a response holds: *entries* in the contract's JSON, not validated, in its order."""

    entries: list[dict[str, Any]]
    result: Result | None
    more: More | None


def write_response(
    table: MappingTable,
    entries: Iterable[Mapping[str, Any]],
    *,
    result: Result | None = None,
    more: More | None = None,
) -> Iterator[str]:
    """Return the response element in pieces of text, an entry each: *entries* are asked for as they are written.

    A contract without a result leaves *result* out. Raise `CodecError` at once when it demands one that is not
    given, or cannot say that there is *more*; and on the way, for an entry that the table cannot carry.
    """
    shape = table.response
    if shape.result and shape.result.required and result is None:
        raise CodecError(f"{table.name} needs a result")
    if shape.result and result and "logId" in _fields(shape.result) and not result.log_id:
        raise CodecError(f"{table.name} needs a log id in its result")
    if more and not shape.has_more:
        raise CodecError(f"{table.name} cannot say that there is more")
    return _pieces(
        table,
        entries,
        {
            "result": _part(table, "result", _result(result) if result else None),
            "hasMore": _part(table, "has_more", _more(more) if more else None),
        },
    )


def read_response(
    table: MappingTable, element: etree._Element, *, query: Mapping[str, Any] | None = None
) -> Response:
    """Return what a whole response *element* holds; *query* as for `from_elements`.

    Raise `CodecError`, naming the place, for what the table does not expect there.
    """
    found = _reader(table)(element)
    entries = [completed(table, entry, query=query) for entry in found.get("entries", ())]
    said, where = found.get("result"), found.get("hasMore")
    return Response(
        entries=entries,
        result=said
        and Result(
            code=said["code"],
            log_id=said.get("logId"),
            message=said.get("message"),
            error_code=said.get("errorCode"),
        ),
        more=where and More(logical_address=where["logicalAddress"], reference=where["reference"]),
    )


def _result(result: Result) -> dict[str, str | None]:
    return {
        "code": result.code,
        "errorCode": result.error_code,
        "logId": result.log_id,
        "message": result.message,
    }


def _more(more: More) -> dict[str, str | None]:
    return {"logicalAddress": more.logical_address, "reference": more.reference}


def _pieces(
    table: MappingTable, entries: Iterable[Mapping[str, Any]], parts: Mapping[str, str]
) -> Iterator[str]:
    tag = f"{RESPONDER}:{table.response.element}"
    yield f"<{tag}{declarations(table, default=CORE)}>"
    for name in table.response.order:
        if name == "entries":
            entry, write = entry_writer(table)
            for found in entries:
                yield f"<{entry}>{write(found)}</{entry}>"
        elif parts[name]:
            yield parts[name]
    yield f"</{tag}>"


def _part(table: MappingTable, name: str, value: Mapping[str, str | None] | None) -> str:
    """Return the text of a part of the response, with as much of *value* as the contract has a place for."""
    made = _part_writer(table, name)
    if made is None or value is None:
        return ""
    fields, tag, write = made
    known = {field: text for field, text in value.items() if field in fields and text}
    return f"<{tag}>{write(known)}</{tag}>"


@cache
def _part_writer(
    table: MappingTable, name: str
) -> tuple[set[str], str, Callable[[Mapping[str, Any]], str]] | None:
    row: Row | None = getattr(table.response, name)
    if row is None:
        return None
    tag, write = writer(table, row, default=CORE, namespace=CORE)
    return _fields(row), tag, write


def _fields(row: Row) -> set[str]:
    return {child.path[0] for child in row.children if child.path}


@cache
def _reader(table: MappingTable) -> Callable[[etree._Element], dict[str, Any]]:
    shape = table.response
    rows = {
        "entries": replace(table.entry, path=("entries",), required=False, many=True),
        "result": shape.result and replace(shape.result, path=("result",)),
        "hasMore": shape.has_more and replace(shape.has_more, path=("hasMore",)),
    }
    whole = replace(
        table.entry, element=shape.element, children=tuple(row for name in shape.order if (row := rows[name]))
    )
    return reader(table, whole, namespace=RESPONDER)
