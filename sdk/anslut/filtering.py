"""Which entries a query's filters let through, and when an entry happened.

The rules are data of the information type: `periodFields` says which times count, one inside is enough;
filters combine with AND. Dates are days in Stockholm, both ends included.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types, values_at

if TYPE_CHECKING:
    from anslut.query import Query


def event_time(type_name: str, entry: dict[str, Any]) -> int:
    """Return when the entry (plain JSON) happened, in seconds since 1970.

    That is its document time; else the time in its body that counts for periods; else when it was entered.
    Signing does not move it.
    """
    header = entry["header"]
    moment = header.get("documentTime")
    if moment is None:
        moment = header["author"]["time"]
        for path in _times_in_body(type_name):
            moment = next(values_at(entry, path), moment)
    return int(datetime.fromisoformat(moment).timestamp())


@cache
def _times_in_body(type_name: str) -> tuple[str, ...]:
    return tuple(path for path in information_types()[type_name].period_fields if path.startswith("body."))


def passes(query: Query, entry: dict[str, Any]) -> bool:
    """Return whether every filter of *query* lets *entry* (plain JSON) through."""
    header = entry["header"]
    if query.care_unit_ids and header.get("careUnitHsaId") not in query.care_unit_ids:
        return False
    if query.care_provider_ids and header.get("careProviderHsaId") not in query.care_provider_ids:
        return False
    if query.care_contact_ids and header.get("careContactId") not in query.care_contact_ids:
        return False
    if query.period is None:
        return True
    start, end = query.period.start.isoformat(), query.period.end.isoformat()
    # The contract gives every time Stockholm's own offset, so its first ten characters are the day there.
    return any(start <= value[:10] <= end for value in information_types()[query.type].period_times(entry))
