"""Mapping tables made into steps that write text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_contracts.rivta import write_steps
from anslut_contracts.rivta.codes import form_of
from anslut_contracts.rivta.tables import CORE, ITSELF, ONLY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anslut_contracts.rivta.forms import Form
    from anslut_contracts.rivta.tables import MappingTable, Row
    from anslut_contracts.rivta.write_steps import Path, Step

__all__ = ["Writer"]

_NOT_WRITTEN: Final = frozenset({"spare", "ignored"})


class Writer:
    """What writes by one table; elements in the namespace called *default* have no prefix."""

    def __init__(self, table: MappingTable, *, default: str) -> None:
        self.table = table
        self.default = default
        self.types: dict[str, Step] = {}

    def tag(self, row: Row, namespace: str) -> str:
        """Return the name of the row's element, with its prefix."""
        namespace = row.namespace or namespace
        return row.element if namespace == self.default else f"{namespace}:{row.element}"

    def value(self, rows: Sequence[Row], *, namespace: str, beside: Iterable[Path] = ()) -> Step:
        """Return the step that writes all of one value, but for the fields *beside*; others have no place."""
        step, paths = self.rows(rows, namespace=namespace, beside=beside), list(self.paths(rows))
        if ITSELF in paths:
            return step
        others = [path for path in beside if not any(path[: len(own)] == own for own in paths)]
        return write_steps.closed(step, [*paths, *others])

    def paths(self, rows: Iterable[Row]) -> Iterator[Path]:
        """Yield the path of every row that takes something out of the value itself."""
        for row in rows:
            if row.role in _NOT_WRITTEN:
                continue
            if row.path is not None:
                yield row.path
            elif row.constant is None:
                yield from self.paths(self.table.children(row))

    def rows(self, rows: Sequence[Row], *, namespace: str, beside: Iterable[Path] = ()) -> Step:
        """Return the step that writes *rows* in their order."""
        return write_steps.sequence(
            [
                (
                    self.only_field(row),
                    self.row(row, namespace, beside=beside),
                    None if self.is_always(row) or not row.required else row.element,
                )
                for row in rows
                if row.role not in _NOT_WRITTEN
            ]
        )

    def row(self, row: Row, namespace: str, *, beside: Iterable[Path]) -> Step:
        """Return the step of one row."""
        tag, form = self.tag(row, namespace), form_of(self.table, row)
        if row.constant is not None:
            return write_steps.constant(tag, row.constant)
        if row.path is None:
            inside = self.rows(self.table.children(row), namespace=CORE, beside=beside)
            return write_steps.group(tag, inside, always=self.is_always(row))
        if form is None:
            return _found(row.path, row, one=write_steps.element(tag, self.inside(row, beside)))
        step = _text(row.path, row, tag=tag, form=form)
        if row.required and form.absent is not None:
            return write_steps.or_absent(step, tag, absent=form.absent)
        return step

    def only_field(self, row: Row) -> str | None:
        """Return the one field of the value without which there is nothing of the row to write, if there is one."""
        if row.path is None or row.path == ITSELF or row.path[0].endswith(ONLY) or self.is_always(row):
            return None
        return row.path[0]

    def is_always(self, row: Row) -> bool:
        """Say whether the element stands there whatever the value: nobody misses it, and alone it is nothing."""
        if row.constant is not None:
            return True
        if not row.required:
            return False
        if row.path is None:
            needed = [inner for inner in self.table.children(row) if inner.required]
            return bool(needed) and all(map(self.is_always, needed))
        form = form_of(self.table, row)
        return form is not None and form.absent is not None

    def inside(self, row: Row, beside: Iterable[Path]) -> Step:
        """Return the step that writes what is in the element of a row."""
        if row.type:
            return self.of_type(row.type)
        path = row.path or ()
        inner = [place[len(path) :] for place in beside if place[: len(path)] == path]
        return self.value(row.children, namespace=CORE, beside=inner)

    def of_type(self, name: str) -> Step:
        """Return the step that writes a value of a shared type, which may hold others of its own kind."""
        if name not in self.types:

            def later(value: object, out: list[str]) -> bool:
                return self.types[name](value, out)

            self.types[name] = later
            self.types[name] = self.value(self.table.types[name], namespace=CORE)
        return self.types[name]


def _text(path: Path, row: Row, *, tag: str, form: Form) -> Step:
    """Return the step that writes what stands at *path* as the text of an element."""
    name = row.codes or row.form or ""
    if form.leaves:
        return _found(
            path, row, one=write_steps.unless(write_steps.leaf(tag, form.write, form=name), form.leaves)
        )
    if len(path) == 1 and path != ITSELF and not path[0].endswith(ONLY) and not row.many:
        step = write_steps.text_field if form.as_it_is else write_steps.leaf_field
        return step(path[0], tag, write_text=form.write, form=name)
    return _found(path, row, one=write_steps.leaf(tag, form.write, form=name))


def _found(path: Path, row: Row, *, one: Step) -> Step:
    """Return the step that does *one* with what stands at *path*, or with each of it."""
    if path == ITSELF:
        return one
    return write_steps.at(path, write_steps.many(one) if row.many else one, name=row.element)
