"""The information types: what a connector can be asked for, read from schemas/v1/types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from anslut_contracts.schema_files import schema_names, shared_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["InformationType", "information_types", "values_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationType:
    """One information type.

    *contract* and *contract_version* name the RIV-TA contract it maps to; *period_fields* are paths (see
    `values_at`) to the times a query's period is compared with; *filters* the optional fields its query has;
    *reader* the method a connector's author writes; *checks* the names of checks beyond the schema.
    """

    name: str
    sv: str
    en: str
    contract: str
    contract_version: str
    index_category: str
    service_domain: str
    period_fields: tuple[str, ...]
    period_fallback: str | None
    filters: frozenset[str]
    checks: tuple[str, ...]
    reader: str
    schema: Mapping[str, Any]

    def period_times(self, entry: Mapping[str, Any]) -> list[str]:
        """Return the entry's times that count when a query has a period: one inside is enough."""
        times = [value for path in self.period_fields for value in values_at(entry, path)]
        if not times and self.period_fallback:
            times = list(values_at(entry, self.period_fallback))
        return times


def values_at(document: object, path: str) -> Iterator[Any]:
    """Yield what stands at *path* in *document*: nothing, one value or many.

    A path is field names with dots between; `name[]` is every item of a list, `**` any depth, also none.
    """
    yield from _walk(document, path.split("."))


@cache
def information_types() -> Mapping[str, InformationType]:
    """Return every information type by name, read-only, in alphabetical order."""
    return MappingProxyType(
        {
            name.removeprefix("types/"): _information_type(shared_schema(name))
            for name in schema_names()
            if name.startswith("types/")
        }
    )


def _information_type(schema: Mapping[str, Any]) -> InformationType:
    about = schema["x-anslut"]
    return InformationType(
        name=about["type"],
        sv=about["sv"],
        en=about["en"],
        contract=about["contract"]["name"],
        contract_version=about["contract"]["version"],
        index_category=about["indexCategory"],
        service_domain=about["serviceDomain"],
        period_fields=tuple(about["periodFields"]),
        period_fallback=about.get("periodFallback"),
        filters=frozenset(about["filters"]),
        checks=tuple(about.get("checks", ())),
        reader=about["reader"],
        schema=schema,
    )


def _walk(node: object, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield node
    elif steps[0] == "**":
        yield from _walk(node, steps[1:])
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        for child in children:
            yield from _walk(child, steps)
    elif isinstance(node, dict):
        field = steps[0].removesuffix("[]")
        child = node.get(field)
        if steps[0] == field:
            if child is not None:
                yield from _walk(child, steps[1:])
        elif isinstance(child, list):
            for item in child:
                yield from _walk(item, steps[1:])
