"""FLT: connectors that filter too much, too little, or by something else."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from anslut_contracts import information_types

from anslut_conformance.mutants.wrapping import on_answer, on_query

if TYPE_CHECKING:
    from anslut_conformance.mutants.wrapping import Call

    Query = dict[str, Any]
    Entry = dict[str, Any]


_FEW = 1000


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _end_of_day(document: dict[str, Any], call: Call) -> None:
    """Take the end of a period for one minute before midnight."""
    period = (call.query or {}).get("period")
    if period is None or call.type is None:
        return
    about = information_types()[call.type]
    last = date.fromisoformat(period["end"])

    def is_late(entry: Entry) -> bool:
        inside = [time for time in about.period_times(entry) if period["start"] <= time[:10] <= period["end"]]
        # What has no time of its own inside is there for what it hangs together with.
        return bool(inside) and all(_day(time) == last and time[11:19] >= "23:59:00" for time in inside)

    document["entries"] = [entry for entry in document["entries"] if not is_late(entry)]


#: A period ends at 23:59.
end_of_day = on_answer(_end_of_day)


def _event_time(document: dict[str, Any], call: Call) -> None:
    """Let the source's own filter decide, which sees the event's time only."""
    period = (call.query or {}).get("period")
    if period is None or call.type == "laboratory-results":
        return
    document["entries"] = [
        entry
        for entry in document["entries"]
        if period["start"]
        <= (entry["header"].get("documentTime") or entry["body"].get("diagnosisTime", ""))[:10]
        <= period["end"]
    ]


#: A period is compared with the event's time only.
event_time_only = on_answer(_event_time)


def _first_unit(query: Query, call: Call) -> Query:
    del call
    if 1 < len(query.get("careUnitIds", ())) <= _FEW:
        query["careUnitIds"] = query["careUnitIds"][:1]
    return query


#: Only the first unit of a list counts.
first_unit_only = on_query(_first_unit)


def _no_provider_alone(query: Query, call: Call) -> Query:
    del call
    if not query.get("careUnitIds"):
        query.pop("careProviderIds", None)
    return query


#: The provider filter counts only beside a unit filter.
provider_ignored = on_query(_no_provider_alone)


def _first_filter(query: Query, call: Call) -> Query:
    del call
    if query.get("careUnitIds"):
        query.pop("period", None)
        query.pop("careProviderIds", None)
    return query


#: A unit filter makes the others void.
first_filter_wins = on_query(_first_filter)


def _not_too_old(document: dict[str, Any], call: Call) -> None:
    if "period" in (call.query or {}) and call.type == "care-documentation":
        document["entries"] = [
            entry for entry in document["entries"] if entry["header"]["documentTime"] >= "2020"
        ]


#: Entries from before 2020 cannot be reached by period.
old_out_of_reach = on_answer(_not_too_old)


def _known_fields(query: Query, call: Call) -> Query:
    about = information_types().get(call.type or "")
    return {
        name: value for name, value in query.items() if about is None or name in {"patientId", *about.filters}
    }


#: Fields that are not known are ignored.
unknown_ignored = on_query(_known_fields)


def _no_contact(query: Query, call: Call) -> Query:
    if call.type == "diagnoses":
        query.pop("careContactIds", None)
    return query


#: The care contact filter is ignored.
contact_ignored = on_query(_no_contact)


def _any_system(query: Query, call: Call) -> Query:
    del call
    query["sourceSystemId"] = "SE2321000999-K001"
    return query


#: Answers whatever source system was asked for.
any_system = on_query(_any_system)
