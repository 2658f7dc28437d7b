"""Is a document what the contract says? The schema is chosen by kind, so every error has an exact place.

No error holds a value, or a field name that the contract does not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from anslut_contracts.errors import UnknownSchemaError
from anslut_contracts.schema_files import schema_names, shared_schema
from anslut_contracts.semantics import semantic_errors, type_errors
from anslut_contracts.types import information_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut_contracts.semantics import Breach

__all__ = ["SchemaError", "entry_errors", "errors", "kinds", "schema_errors"]

_TYPE_PARTS = ("answer", "body", "entry", "header", "query")
_MASK = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaError:
    """One breach: *path* is a JSON Pointer, *rule* the schema's keyword or a further check's name."""

    path: str
    rule: str
    message: str


def errors(kind: str, document: object) -> list[SchemaError]:
    """Return every breach in *document* (plain JSON values), sorted by place; empty when it is valid.

    *kind* is `entry:diagnoses`, `query:diagnoses`, `answer:diagnoses`, `header:…`, `body:…`, or a schema's
    name (`problem`, `manifest`, …). Checks beyond the schema run only when the schema holds.
    Raise `UnknownSchemaError` for a kind that does not exist.
    """
    return schema_errors(kind, document) or _in_order(semantic_errors(kind, document))


def entry_errors(type_name: str, entry: dict[str, Any]) -> list[SchemaError]:
    """Return what `errors` would, for an entry whose identities and times are right by how they were made.

    The schema is checked and the type's own checks are; whether an identity has its series' form and a time
    Stockholm's offset is not.
    """
    found = schema_errors(f"entry:{type_name}", entry)
    if found or not information_types()[type_name].checks:
        return found
    return _in_order(type_errors(type_name, entry))


def schema_errors(kind: str, document: object) -> list[SchemaError]:
    """Return what `errors` would by the schema alone."""
    validator = _validator(kind)
    try:
        if validator.is_valid(document):
            return []
        found = {_schema_error(error) for error in validator.iter_errors(document)}
    except (ValueError, TypeError, OverflowError):
        # Lone surrogates, numbers out of range, values that are not JSON.
        return [SchemaError(path="", rule="json", message="holds something that JSON cannot")]
    return sorted(found, key=_place)


def _in_order(breaches: Iterable[Breach]) -> list[SchemaError]:
    breaches = list(breaches)
    if not breaches:
        return []
    found = {SchemaError(path=one.path, rule=one.rule, message=one.message) for one in breaches}
    return sorted(found, key=_place)


def _place(error: SchemaError) -> tuple[str, str, str]:
    return error.path, error.rule, error.message


@cache
def kinds() -> tuple[str, ...]:
    """Return every kind that `errors` knows; schemas that only hold parts of others are none."""
    plain = [name for name in schema_names() if "/" not in name and "type" in shared_schema(name)]
    return tuple(plain + [f"{part}:{name}" for name in information_types() for part in _TYPE_PARTS])


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    if kind not in kinds():
        raise UnknownSchemaError(f"no kind of document {kind!r}")
    part, _, name = kind.partition(":")
    reference = f"types/{name}" if name else part
    pointer = f"#/$defs/{part}" if name else ""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": shared_schema(reference)["$id"] + pointer},
        registry=_registry(),
        offline=True,
        mask=_MASK,
        validate_formats=True,
    )


@cache
def _registry() -> jsonschema_rs.Registry:
    documents = (shared_schema(name) for name in schema_names())
    return jsonschema_rs.Registry([(document["$id"], document) for document in documents])


def _schema_error(error: jsonschema_rs.ValidationError) -> SchemaError:
    rule = error.kind.name
    return SchemaError(path=_pointer(error.instance_path), rule=rule, message=_message(rule, error.kind))


def _pointer(parts: Iterable[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _message(rule: str, kind: Any) -> str:  # noqa: ANN401 - one class per keyword, without a shared protocol
    """Say what the schema demands, from the schema's side alone."""
    template = _MESSAGES.get(rule)
    if template is None:
        return f"breaks the schema's {rule!r}"
    return template.format(**{key: value for key, value in kind.as_dict().items() if key in _FROM_THE_SCHEMA})


_FROM_THE_SCHEMA = frozenset({"property", "types", "limit", "options", "expected_value", "format", "pattern"})
_MESSAGES = {
    "required": "lacks the field {property!r}",
    "additionalProperties": "has a field that the contract does not know",
    "falseSchema": "must not be there",
    "type": "must be of type {types}",
    "enum": "must be one of {options}",
    "const": "must be {expected_value!r}",
    "format": "must be a {format}",
    "pattern": "must have the form {pattern}",
    "minLength": "must have at least {limit} characters",
    "maxLength": "must have at most {limit} characters",
    "minItems": "must have at least {limit} items",
    "maxItems": "must have at most {limit} items",
    "minProperties": "must not be empty",
    "maxProperties": "must have at most {limit} fields",
    "minimum": "must be at least {limit}",
    "maximum": "must be at most {limit}",
    "uniqueItems": "must not hold the same item twice",
    "oneOf": "must have exactly one of the fields that exclude each other",
    "anyOf": "must have at least one of the fields that it may choose between",
    "not": "holds a character that is not allowed",
}
