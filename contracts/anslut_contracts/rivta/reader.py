"""Mapping tables made into steps that read elements: in the table's order and spelling, or not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from anslut_contracts.rivta import read_steps
from anslut_contracts.rivta.codes import form_of
from anslut_contracts.rivta.tables import CORE, ITSELF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

    from anslut_contracts.rivta.read_steps import Fill, Read
    from anslut_contracts.rivta.tables import MappingTable, Row

__all__ = ["Reader"]


class Reader:
    """What reads by one table."""

    def __init__(self, table: MappingTable) -> None:
        self.table = table
        self.known = tuple(f"{{{uri}}}" for uri in table.namespaces.values())
        self.types: dict[str, Read] = {}

    def rows(self, rows: Sequence[Row], *, namespace: str) -> Fill:
        """Return the step that reads the children of an element, which *rows* say."""
        by_tag: dict[str, list[Row]] = {}
        for row in rows:
            by_tag.setdefault(self.table.tag(row, namespace), []).append(row)
        fill = read_steps.sequence(
            [(tag, of[0].element, self.either(of, namespace)) for tag, of in by_tag.items()],
            required={tag for tag, of in by_tag.items() if of[0].required},
            many={tag for tag, of in by_tag.items() if of[0].many},
            known=self.known,
        )
        for tag, (row, *_) in by_tag.items():
            form = form_of(self.table, row)
            if form and form.describes:
                path = row.path or ITSELF
                fill = read_steps.description(fill, tag, form=form, path=path)
        return fill

    def either(self, rows: Sequence[Row], namespace: str) -> Fill:
        """Return the step that reads an element of one or two rows."""
        if len(rows) == 1:
            return self.row(rows[0])
        first, second = rows
        tag = self.table.tag(replace(first, element=first.beside or ""), namespace)
        return read_steps.either(tag, first=self.row(first), second=self.row(second))

    def row(self, row: Row) -> Fill:
        """Return the step that reads one element of *row* into the value that the row's parent stands for."""
        form = form_of(self.table, row)
        if row.role == "ignored" or (form and form.describes) or (row.constant and row.role):
            return read_steps.nothing
        if row.constant is not None:
            return read_steps.constant(row.constant)
        if row.path is None:
            return self.rows(self.table.children(row), namespace=CORE)
        read = read_steps.leaf(form, row.codes or row.form or "") if form else self.inside(row)
        return read_steps.into(row.path, read, many=row.many, weak=row.role is not None)

    def inside(self, row: Row) -> Read:
        """Return the step that reads what is in an element with others in it."""
        if row.type:
            return self.of_type(row.type)
        return read_steps.value(self.rows(row.children, namespace=CORE))

    def of_type(self, name: str) -> Read:
        """Return the step that reads a value of a shared type, which may hold others of its own kind."""
        if name not in self.types:

            def later(element: Element) -> object:
                return self.types[name](element)

            self.types[name] = later
            self.types[name] = read_steps.value(self.rows(self.table.types[name], namespace=CORE))
        return self.types[name]
