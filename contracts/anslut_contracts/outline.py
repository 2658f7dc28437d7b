"""An information type as a tree of fields for people: name, cardinality, form, meaning; read from its schema."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from anslut_contracts.schema_files import shared_schema
from anslut_contracts.types import information_types

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Field", "form_description", "outline"]

Schema = dict[str, Any]

#: Where a schema that has been merged into another one stands, for its own references.
_HOME = "x-home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: *depth* is 0 for header and body; *cardinality* is `1..1`, `0..1`, `0..*` or `1..*`.

    *form* is the JSON type, or the name of a shared form such as `cv`, `time`, `hsaId` (schemas/v1/parts.json).
    """

    depth: int
    name: str
    cardinality: str
    form: str
    description: str


def outline(type_name: str) -> Iterator[Field]:
    """Yield every field of an entry of *type_name*, header first; raise `KeyError` for an unknown type."""
    home = f"types/{information_types()[type_name].name}"
    entry = shared_schema(home)["$defs"]["entry"]
    yield from _fields(entry, home, depth=0)


def form_description(form: str) -> str:
    """Return what a shared form is; empty for a plain JSON type."""
    return str(shared_schema("parts")["$defs"].get(form, {}).get("description", ""))


def _fields(schema: Schema, home: str, *, depth: int, above: tuple[str, ...] = ()) -> Iterator[Field]:
    required = set(schema.get("required", ()))
    for name, child in schema.get("properties", {}).items():
        if child is not False:
            yield from _field(name, child, home, depth=depth, must=name in required, above=above)


def _field(  # noqa: PLR0913 - where in the tree it stands
    name: str, schema: Schema, home: str, *, depth: int, must: bool, above: tuple[str, ...]
) -> Iterator[Field]:
    found = _resolved(schema, home)
    told, cardinality = found.description, "1..1" if must else "0..1"
    if found.schema.get("type") == "array":
        cardinality = f"{max(1, found.schema.get('minItems', 0)) if must else 0}..*"
        found = _resolved(found.schema.get("items") or {}, found.home)
        told = told or found.description
    again = found.name in above
    form = found.form or (f"object, as {found.name}" if again else _form(found.schema))
    yield Field(depth=depth, name=name, cardinality=cardinality, form=form, description=told)
    if not found.form and not again:
        deeper = (*above, found.name) if found.name else above
        yield from _fields(found.schema, found.home, depth=depth + 1, above=deeper)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resolved:
    """A schema with references followed; *home* is its file, *form* its name when it is a shared form."""

    schema: Schema
    home: str
    form: str = ""
    name: str = ""
    description: str = ""


def _resolved(schema: Schema, home: str) -> _Resolved:
    home = schema.get(_HOME, home)
    told = str(schema.get("description", ""))
    parts = [part for part in _parts(schema) if "$ref" in part or "properties" in part]
    if "$ref" in schema and not parts:
        where, _, pointer = schema["$ref"].partition("#")
        if where:
            home = posixpath.normpath(posixpath.join(posixpath.dirname(home), where.removesuffix(".json")))
        target, name = shared_schema(home), ""
        for step in pointer.strip("/").split("/") if pointer else ():
            target, name = target[step], step
        if home == "parts":
            return _Resolved(schema=target, home=home, form=name, name=name, description=told)
        found = _resolved(target, home)
        return replace(found, name=name or found.name, description=told or found.description)
    if not parts:
        return _Resolved(schema=schema, home=home, description=told)
    wholes = [_resolved(part, home) for part in parts]
    form = next((one.form for one in reversed(wholes) if one.form), "")
    own = {key: value for key, value in schema.items() if key in {"type", "required", "properties", "items"}}
    everything = [*wholes, _Resolved(schema=own, home=home)]
    name = next((one.name for one in wholes if one.name), "")
    told = told or next((one.description for one in wholes if one.description), "")
    return _Resolved(schema=_merged(everything), home=home, form=form, name=name, description=told)


def _parts(schema: Schema) -> list[Schema]:
    """Return what a schema is put together from, beside itself; of alternatives, nothing is demanded."""
    found = [part for part in schema.get("allOf", ()) if isinstance(part, dict)]
    for part in (
        part for key in ("oneOf", "anyOf") for part in schema.get(key, ()) if isinstance(part, dict)
    ):
        found += [{key: value for key, value in part.items() if key != "required"}]
    if "$ref" in schema and (found or "properties" in schema):
        found.insert(0, {"$ref": schema["$ref"]})
    return found


def _merged(wholes: list[_Resolved]) -> Schema:
    """Return *wholes* as one schema: fields and demands added up, forbidden fields kept as False."""
    merged: Schema = {"properties": {}, "required": []}
    for whole in wholes:
        for name, child in whole.schema.get("properties", {}).items():
            known = merged["properties"].get(name)
            mine = {_HOME: child.get(_HOME, whole.home), **child} if isinstance(child, dict) else child
            both = isinstance(known, dict) and isinstance(mine, dict)
            merged["properties"][name] = {"allOf": [known, mine]} if both else mine
        merged["required"] += whole.schema.get("required", ())
        merged |= {key: whole.schema[key] for key in ("type", "items") if key in whole.schema}
    return merged


def _form(schema: Schema) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    return str(schema.get("type", "object" if "properties" in schema else "any"))
