"""The information types: what a connector can be asked for, read from schemas/v1/types."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from anslut_contracts.schema_files import schema_names, shared_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["InformationType", "SpanEnd", "information_types", "values_at"]

_FILTER_FIELDS = {
    "careUnitIds": "header.careUnitHsaId",
    "careProviderIds": "header.careProviderHsaId",
    "careContactIds": "header.careContactId",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEnd:
    """One end of the time an entry lasts: the `earliest`, `latest` or `first` present (*take*) *of* fields."""

    of: tuple[str, ...]
    take: str

    def day(self, entries: Sequence[Mapping[str, Any]]) -> str | None:
        """Return the day, YYYY-MM-DD in Stockholm, over all of *entries*; `None` when no field is there."""
        # The contract gives every time Stockholm's own offset, so its first ten characters are the day there.
        days = [str(value)[:10] for path in self.of for entry in entries for value in values_at(entry, path)]
        if not days:
            return None
        return days[0] if self.take == "first" else min(days) if self.take == "earliest" else max(days)


@dataclass(frozen=True, kw_only=True)
class InformationType:
    """One information type.

    *contract* and *contract_version* name the RIV-TA contract it maps to; *period_fields* are paths (see
    `values_at`) to the times a query's period is compared with; *filters* the optional fields its query has;
    *filter_fields* the path that each of them is compared with, but for the period; *reader* the method a
    connector's author writes; *checks* the names of checks beyond the schema; *unique_ids* the paths to ids
    that, beside documentId, stand once in an answer.

    Some contracts count every day that an entry lasts (*period_span*: its two ends), and some count entries
    that hang together as one (*period_group*: the path to what they have in common).
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
    period_span: tuple[SpanEnd, SpanEnd] | None
    period_group: str | None
    filters: frozenset[str]
    filter_fields: Mapping[str, str]
    checks: tuple[str, ...]
    unique_ids: tuple[str, ...]
    reader: str
    schema: Mapping[str, Any]

    @cached_property
    def header_forbids(self) -> frozenset[str]:
        """The header fields that entries of the type must not have, because their contract has no place for them.

        A part of a field is named after it: `signature.name`.
        """
        parts = self.schema["$defs"]["header"].get("allOf", ())
        return frozenset(name for part in parts for name in _forbidden(part))

    def period_times(self, entry: Mapping[str, Any]) -> list[str]:
        """Return the entry's times that count when a query has a period: one inside is enough."""
        times = [value for path in self.period_fields for value in values_at(entry, path)]
        if not times and self.period_fallback:
            times = list(values_at(entry, self.period_fallback))
        return times

    def in_period(self, entries: Sequence[Mapping[str, Any]], start: str, end: str) -> bool:
        """Say whether *entries* are a hit for the days *start* to *end* (YYYY-MM-DD), both included.

        *entries* is one entry, or all of a person's that hang together where the type has a `period_group`.
        """
        if self.period_span is None:
            return any(start <= time[:10] <= end for entry in entries for time in self.period_times(entry))
        first, last = (at.day(entries) for at in self.period_span)
        return (first is None or first <= end) and (last is None or last >= start)


def _forbidden(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        if inner is False:
            yield name
        elif isinstance(inner, dict):
            yield from (f"{name}.{below}" for below in _forbidden(inner))


def values_at(document: object, path: str) -> Iterator[Any]:
    """Yield what stands at *path* in *document*: nothing, one value or many.

    A path is field names with dots between; `name[]` is every item of a list, `**` any depth, also none.
    """
    steps, is_plain = _steps(path)
    if not is_plain:
        yield from _walk(document, steps)
        return
    node: Any = document
    for field in steps:
        node = node.get(field) if isinstance(node, dict) else None
        if node is None:
            return
    yield node


@cache
def _steps(path: str) -> tuple[list[str], bool]:
    """Return the steps of *path*, and whether each is the name of one field."""
    return path.split("."), "[]" not in path and "**" not in path


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
        period_span=_span(about["periodSpan"]) if "periodSpan" in about else None,
        period_group=about.get("periodGroup"),
        filters=frozenset(about["filters"]),
        filter_fields=_filter_fields(about),
        checks=tuple(about.get("checks", ())),
        unique_ids=tuple(about.get("uniqueIds", ())),
        reader=about["reader"],
        schema=schema,
    )


def _span(about: Mapping[str, Any]) -> tuple[SpanEnd, SpanEnd]:
    start, end = (SpanEnd(of=tuple(about[name]["of"]), take=about[name]["take"]) for name in ("start", "end"))
    return start, end


def _filter_fields(about: Mapping[str, Any]) -> Mapping[str, str]:
    fields = _FILTER_FIELDS | about.get("filterFields", {})
    return MappingProxyType({name: fields[name] for name in sorted(about["filters"]) if name in fields})


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
