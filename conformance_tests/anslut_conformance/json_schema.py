"""A second opinion on the contract's schemas, by a validator that shares no code with the first."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts import schema, schema_names
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


@cache
def validator(type_: str) -> Validator:
    """Return a validator of one entry of the information type *type_*, formats checked."""
    entry = {"$ref": f"{schema(f'types/{type_}')['$id']}#/$defs/entry"}
    return Draft202012Validator(
        entry, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _registry() -> Registry[Any]:
    resources = (Resource.from_contents(schema(name)) for name in schema_names())
    return Registry[Any]().with_resources((one.id() or "", one) for one in resources)
