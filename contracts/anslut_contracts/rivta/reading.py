"""RIV-TA elements to JSON: in the table's order and spelling, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import CodecError, LocalTimeError
from anslut_contracts.rivta.forms import FORMS
from anslut_contracts.rivta.tables import CORE, ITSELF, RESPONDER, mapping_table

if TYPE_CHECKING:
    from lxml import etree

    from anslut_contracts.rivta.forms import Form
    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = ["from_elements", "query_from_elements"]

_SELF = "."


def from_elements(
    type_name: str, element: etree._Element, *, query: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the entry that *element*, one entry of the contract's response, stands for.

    Some contracts' answers do not say whom they are about: their entries are read together with the *query*.

    Extensions in namespaces that the table does not know are passed over, as the national schemas allow.
    Raise `CodecError`, naming the element's place, for anything else that the table does not expect there.
    The entry is not validated.
    """
    table = mapping_table(type_name)
    entry = _document(table, table.entry, element, inside=CORE)
    for path, source in table.derived.items():
        _put(entry, tuple(path.split(".")), _get(entry, source.split(".")))
    for path, source in table.from_query.items():
        found = _get(query, source.split("."))
        if found is None:
            raise CodecError(f"{table.contract} {table.version} has no {path}: give the query that was asked")
        _put(entry, tuple(path.split(".")), deepcopy(found))
    return entry


def query_from_elements(type_name: str, element: etree._Element) -> dict[str, Any]:
    """Return the query that a request *element* stands for, not validated; raise as `from_elements` does."""
    table = mapping_table(type_name)
    return _document(table, table.request, element, inside=RESPONDER)


def _document(table: MappingTable, row: Row, element: etree._Element, *, inside: str) -> dict[str, Any]:
    if element.tag != table.tag(row, RESPONDER):
        raise CodecError(f"{table.contract} {table.version} expects the element {row.element}")
    value: dict[str, Any] = {}
    reader = _Reader(table)
    reader.rows(table.children(row), element, value, namespace=inside, place=row.element)
    reader.check_descriptions()
    return value


class _Reader:
    """Reads one document."""

    def __init__(self, table: MappingTable) -> None:
        self.table = table
        self.known = tuple(f"{{{uri}}}" for uri in table.namespaces.values())
        self.described: list[tuple[Form, object, dict[str, Any], tuple[str, ...], str]] = []

    def rows(
        self,
        rows: Iterable[Row],
        element: etree._Element,
        value: dict[str, Any],
        *,
        namespace: str,
        place: str,
    ) -> None:
        """Read the children of *element* into *value*."""
        if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
            raise CodecError(f"{place} has text beside its elements")
        children = [child for child in element if isinstance(child.tag, str)]
        position = 0
        for row in rows:
            tag, where = self.table.tag(row, namespace), f"{place}/{row.element}"
            found = []
            while position < len(children) and children[position].tag == tag:
                found.append(self.element(row, children[position], value, where))
                position += 1
            if row.required and not found:
                raise CodecError(f"{where} is missing")
            if len(found) > 1 and not row.many:
                raise CodecError(f"{where} stands more than once")
            if found and row.path is not None:
                self.put(row, row.path, found, value=value, place=where)
        if any(str(child.tag).startswith(self.known) for child in children[position:]):
            raise CodecError(f"{place} has an element that is unknown or out of order")

    def put(
        self, row: Row, path: tuple[str, ...], found: list[object], *, value: dict[str, Any], place: str
    ) -> None:
        """Put what the elements of *row* stand for into *value*; what stands twice must be the same."""
        if row.form is not None and FORMS[row.form].describes:
            self.described.append((FORMS[row.form], found[0], value, path, place))
            return
        item = found if row.many or row.listed else found[0]
        before = _at(value, path)
        if before is not None and before != item:
            raise CodecError(f"{place} is not what another element says")
        _put(value, path, item)

    def check_descriptions(self) -> None:
        """Raise `CodecError` when an element that describes another one does not fit it."""
        for form, said, value, path, place in self.described:
            if said != form.write(_at(value, path)):
                raise CodecError(f"{place} does not fit what it describes")

    def element(self, row: Row, element: etree._Element, value: dict[str, Any], place: str) -> object:
        """Return what one element stands for; one that only groups others is read into *value*."""
        if row.constant is not None:
            if _text(element, place).strip() != row.constant:
                raise CodecError(f"{place} must be {row.constant}")
            return row.constant
        if row.form is not None:
            form, text = FORMS[row.form], _text(element, place)
            if not text and not form.may_be_empty:
                raise CodecError(f"{place} is empty")
            try:
                return form.read(text)
            except (ValueError, LocalTimeError):
                raise CodecError(f"{place} cannot be read as {row.form}") from None
        inner = value if row.path is None else {}
        self.rows(self.table.children(row), element, inner, namespace=CORE, place=place)
        return inner.get(_SELF, inner)


def _text(element: etree._Element, place: str) -> str:
    if any(isinstance(child.tag, str) for child in element):
        raise CodecError(f"{place} must hold text only")
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _put(value: dict[str, Any], path: tuple[str, ...], item: object) -> None:
    for name in path[:-1]:
        value = value.setdefault(name, {})
    value[_SELF if path == ITSELF else path[-1]] = item


def _at(value: dict[str, Any], path: tuple[str, ...]) -> object:
    return value.get(_SELF) if path == ITSELF else _get(value, path)


def _get(value: object, path: Iterable[str]) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
