"""Which entries a query's filters let through, and when an entry happened.

The rules are data of the information type: which times a period is compared with, and which field each
filter. Filters combine with AND. Dates are days in Stockholm, both ends included.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types, values_at
from anslut_contracts.time_form import start_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from anslut.query import Query

_DATE_CHARACTERS = len("YYYY-MM-DD")


def event_time(type_name: str, entry: dict[str, Any]) -> int:
    """Return when the entry (plain JSON) happened, in seconds since 1970.

    That is its document time; else the first of the times in its body that count for periods; else when it was
    entered. A date is its first second. Signing does not move it.
    """
    header = entry["header"]
    moment = header.get("documentTime")
    if moment is None:
        times = (time for path in _times_in_body(type_name) for time in values_at(entry, path))
        moment = next(times, header["author"]["time"])
    if len(moment) == _DATE_CHARACTERS:
        return int(start_of(moment).timestamp())
    return int(datetime.fromisoformat(moment).timestamp())


@cache
def _times_in_body(type_name: str) -> tuple[str, ...]:
    return tuple(path for path in information_types()[type_name].period_fields if path.startswith("body."))


def select(query: Query, entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of a person's *entries* (plain JSON, all there are) that every filter lets through."""
    found = information_types()[query.type]
    asked = [(path, value) for name, path in found.filter_fields.items() if (value := _asked(query, name))]
    kept = [
        entry for entry in entries if all(_matches(values_at(entry, path), value) for path, value in asked)
    ]
    if query.period is None:
        return kept
    start, end = query.period.start.isoformat(), query.period.end.isoformat()
    if found.period_group is None:
        return [entry for entry in kept if found.in_period([entry], start, end)]
    groups: dict[object, list[dict[str, Any]]] = defaultdict(list)
    for entry in entries:
        groups[next(values_at(entry, found.period_group), None)].append(entry)
    hits = {common for common, group in groups.items() if found.in_period(group, start, end)}
    return [entry for entry in kept if next(values_at(entry, found.period_group), None) in hits]


def _asked(query: Query, name: str) -> object:
    """Return what the query asks of the filter *name*; empty when it asks for nothing."""
    common = {
        "careUnitIds": query.care_unit_ids,
        "careProviderIds": query.care_provider_ids,
        "careContactIds": query.care_contact_ids,
    }
    return common[name] if name in common else query.own_filters.get(name)


def _matches(found: Iterable[object], asked: object) -> bool:
    """Say whether one of the values *found* is, or is among, what was *asked*."""
    if isinstance(asked, frozenset):
        return any(value in asked for value in found)
    wanted = [_key(item) for item in asked] if isinstance(asked, list) else [_key(asked)]
    return any(_key(value) in wanted for value in found)


def _key(value: object) -> object:
    """Return what tells a value from others: of a code or an identifier, the series and the code or id."""
    if not isinstance(value, dict):
        return value
    names = ("codeSystem", "code") if "code" in value else ("root", "extension")
    return tuple(value.get(name) for name in names)
