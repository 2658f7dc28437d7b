"""JSON to RIV-TA elements. Whatever the table has no place for is refused, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lxml import etree

from anslut_contracts.errors import CodecError, LocalTimeError
from anslut_contracts.rivta.forms import FORMS
from anslut_contracts.rivta.tables import CORE, ITSELF, RESPONDER, mapping_table

if TYPE_CHECKING:
    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = ["query_to_elements", "to_elements"]


def to_elements(type_name: str, entry: Mapping[str, Any]) -> etree._Element:
    """Return the element of one valid entry, as it stands in the contract's response.

    Fields that only the question has (`from_query`) are not written: the reader knows them. Raise
    `CodecError`, naming the place, for what the table cannot carry. Validate the entry first: whether a value
    has the right characters is the schema's matter.
    """
    table = mapping_table(type_name)
    writer = _Writer(table)
    for path, source in table.derived.items():
        if _at(entry, path.split(".")) != _at(entry, source.split(".")):
            raise CodecError(f"{table.contract} {table.version} has no {path}: it must equal {source}")
        writer.written.add("/" + path.replace(".", "/"))
    for path in table.from_query:
        writer.written.update(_leaves(_at(entry, path.split(".")), "/" + path.replace(".", "/")))
    return writer.document(table.entry, entry, inside=CORE)


def query_to_elements(type_name: str, query: Mapping[str, Any]) -> etree._Element:
    """Return the request element of one valid query; raise `CodecError` for a filter the contract lacks."""
    table = mapping_table(type_name)
    filters = {name: value for name, value in query.items() if value != []}
    return _Writer(table).document(table.request, filters, inside=RESPONDER)


class _Writer:
    """Writes one document and remembers which of its values have been written."""

    def __init__(self, table: MappingTable) -> None:
        self.table = table
        self.written: set[str] = set()

    def need(self, what: str, place: str) -> CodecError:
        """Return the error that says what is needed, and where."""
        return CodecError(f"{self.table.contract} {self.table.version} needs {what} in {place or '/'}")

    def document(self, row: Row, value: Mapping[str, Any], *, inside: str) -> etree._Element:
        prefixes: Any = {
            None if name == RESPONDER else name: uri for name, uri in self.table.namespaces.items()
        }
        root = etree.Element(self.table.tag(row, RESPONDER), nsmap=prefixes)
        if not self.rows(self.table.children(row), value, root, namespace=inside, place=""):
            raise self.need("a value", "")
        left = [place for place in _leaves(value, "") if place not in self.written]
        if left:
            where = left[0].rpartition("/")[0] or "/"
            raise CodecError(
                f"{self.table.contract} {self.table.version} has no place for a field in {where}"
            )
        return root

    def rows(
        self, rows: Iterable[Row], value: object, parent: etree._Element, *, namespace: str, place: str
    ) -> bool:
        """Write *rows* into *parent*; say whether anything but constants was written."""
        missing, count = [], 0
        for row in rows:
            if row.constant is not None:
                etree.SubElement(parent, self.table.tag(row, namespace)).text = row.constant
                continue
            before = len(parent)
            for item, where in _items(row, value, place):
                self.element(row, item, parent, namespace=namespace, place=where)
            count += len(parent) - before
            if row.required and len(parent) == before:
                missing.append(row.element)
        if missing and count:
            raise self.need(missing[0], place)
        return count > 0

    def element(self, row: Row, value: object, parent: etree._Element, *, namespace: str, place: str) -> None:
        """Write one element of *row*, unless it only groups others and none of them has a value."""
        child = etree.Element(self.table.tag(row, namespace))
        if row.form is not None:
            try:
                child.text = FORMS[row.form].write(value)
            except (ValueError, LocalTimeError):
                raise CodecError(f"{place} cannot be written as {row.form}") from None
            self.written.add(place)
        elif not self.rows(self.table.children(row), value, child, namespace=CORE, place=place):
            if row.required or row.path is not None:
                raise self.need("a value", place)
            return
        parent.append(child)


def _items(row: Row, value: object, place: str) -> Iterator[tuple[object, str]]:
    """Yield each value that *row* stands for, with its JSON Pointer."""
    if row.path is None or row.path == ITSELF:
        yield value, place
        return
    found, where = _at(value, row.path), "/".join((place, *row.path))
    if (row.many or row.listed) and isinstance(found, list):
        if row.listed and len(found) > 1:
            raise CodecError(f"{row.element} can carry one of the values in {where}")
        for number, item in enumerate(found):
            yield item, f"{where}/{number}"
    elif found is not None:
        yield found, where


def _at(value: object, path: Iterable[str]) -> object:
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _leaves(value: object, place: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _leaves(item, f"{place}/{name}")
    elif isinstance(value, list) and value:
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}/{number}")
    else:
        yield place
