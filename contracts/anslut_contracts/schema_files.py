"""The JSON Schemas of version 1, by name."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts.documents import folder, read_json
from anslut_contracts.errors import UnknownSchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["schema", "schema_names", "shared_schema"]

_ROOT = "schemas/v1"


@cache
def schema_names() -> tuple[str, ...]:
    """Return every schema's name (`header`, `types/diagnoses`, …), sorted."""
    return tuple(sorted(_names(folder(_ROOT), "")))


def schema(name: str) -> dict[str, Any]:
    """Return a copy of the schema *name*; raise `UnknownSchemaError` when there is none."""
    return copy.deepcopy(shared_schema(name))


def shared_schema(name: str) -> dict[str, Any]:
    """Return the schema *name* itself: faster than `schema`, and not to be changed."""
    if name not in schema_names():
        raise UnknownSchemaError(f"no schema {name!r}")
    document: dict[str, Any] = read_json(f"{_ROOT}/{name}.json")
    return document


def _names(place: Traversable, prefix: str) -> Iterator[str]:
    for child in place.iterdir():
        if child.is_dir():
            yield from _names(child, f"{prefix}{child.name}/")
        elif child.name.endswith(".json"):
            yield prefix + child.name.removesuffix(".json")
