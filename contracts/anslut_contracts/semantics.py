"""What a JSON Schema cannot say: checks that compare fields, and forms that need a calendar.

Which checks a type has beyond those for all is named in its schema's `x-anslut` (`checks`).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from anslut_contracts import identity, time_form
from anslut_contracts.breach import Breach
from anslut_contracts.engagements import engagement_errors
from anslut_contracts.errors import IdentityError
from anslut_contracts.types import information_types, values_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CHECKS", "Breach", "is_time_field", "semantic_errors", "type_errors"]

_DATE_CHARACTERS = len("YYYY-MM-DD")
_DEEPEST = 100
_TIME_NAMES = frozenset(
    {"time", "timestamp", "start", "end", "startOfFirstTreatment", "startOfTreatment", "endOfTreatment"}
)


def semantic_errors(kind: str, document: Any) -> Iterator[Breach]:  # noqa: ANN401 - JSON that its schema accepts
    """Yield what is wrong in *document*, of *kind*, beyond its schema; the schema must hold already."""
    part, _, name = kind.partition(":")
    if kind == "engagements":
        yield from engagement_errors(document)
    elif part == "query" and name:
        yield from _query(document)
    elif part == "answer" and name:
        yield from _unique_document_ids(document)
        yield from _unique_ids(document, name)
        for place, entry in enumerate(document["entries"]):
            yield from _entry(entry, f"/entries/{place}", name)
    elif part == "entry" and name:
        yield from _entry(document, "", name)
    elif part == "header" and name:
        yield from _identities(document, "")
        yield from _offsets(document, "")


@cache  # the names that reach it stand in a schema: there are few
def is_time_field(name: str) -> bool:
    """Say whether a field of this name holds a time: the contract's naming rule."""
    return name in _TIME_NAMES or name.endswith("Time")


def _entry(entry: dict[str, Any], path: str, name: str) -> Iterator[Breach]:
    yield from _identities(entry["header"], f"{path}/header")
    yield from _offsets(entry, path)
    yield from type_errors(name, entry, path=path)


def type_errors(name: str, entry: dict[str, Any], *, path: str = "") -> Iterator[Breach]:
    """Yield what breaks the checks that the type itself names; *path* is where the entry stands."""
    for check in information_types()[name].checks:
        yield from CHECKS[check](entry, path)


def _query(query: dict[str, Any]) -> Iterator[Breach]:
    yield from _identities(query, "")
    period = query.get("period")
    if period and period["start"] > period["end"]:
        yield Breach(path="/period", rule="period-order", message="must not end before it starts")


def _identities(holder: dict[str, Any], path: str) -> Iterator[Breach]:
    for field in ("patientId", "originalPatientId"):
        if found := holder.get(field):
            try:
                identity.parse(found["root"], found["extension"])
            except IdentityError as error:
                yield Breach(
                    path=f"{path}/{field}/extension",
                    rule=f"identity-{error.rule}",
                    message="does not have the form of its series",
                )


def _offsets(document: object, path: str) -> Iterator[Breach]:
    """Every time carries the offset that Stockholm has at that moment."""
    if _offsets_hold(document):
        return
    waiting = [(document, path, 0)]  # not by recursion: depth is the sender's choice
    while waiting:
        node, where, depth = waiting.pop()
        if depth > _DEEPEST:
            yield Breach(path=path, rule="depth", message=f"must not nest more than {_DEEPEST} levels")
            return
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            if not isinstance(value, str):
                waiting.append((value, f"{where}/{key}", depth + 1))
            elif is_time_field(str(key)) and not _has_stockholm_offset(value):
                yield Breach(
                    path=f"{where}/{key}", rule="stockholm-offset", message="must have Stockholm's own offset"
                )


def _offsets_hold(document: object) -> bool:
    """Say whether there is nothing to find: the usual case, without a path for every field."""
    level = [document]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                for name, value in node.items():
                    if not isinstance(value, str):
                        below.append(value)
                    elif is_time_field(name) and not _has_stockholm_offset(value):
                        return False
            elif isinstance(node, list):
                below.extend(node)
        if not below:
            return True
        level = below
    return False


def _has_stockholm_offset(value: str) -> bool:
    """Say whether a time has Stockholm's offset; a date, where the schema allows one, needs none."""
    return len(value) == _DATE_CHARACTERS or time_form.has_stockholm_offset(value)


def _unique_document_ids(answer: dict[str, Any]) -> Iterator[Breach]:
    seen: set[str] = set()
    for place, entry in enumerate(answer["entries"]):
        document_id = entry["header"]["documentId"]
        if document_id in seen:
            yield Breach(
                path=f"/entries/{place}/header/documentId",
                rule="unique-document-id",
                message="must stand only once",
            )
        seen.add(document_id)


def _unique_ids(answer: dict[str, Any], name: str) -> Iterator[Breach]:
    for path in information_types()[name].unique_ids:
        seen: set[object] = set()
        for place, entry in enumerate(answer["entries"]):
            for found in values_at(entry, path):
                known = tuple(sorted(found.items())) if isinstance(found, dict) else found
                if known in seen:
                    where = path.partition("[]")[0].replace(".", "/")
                    yield Breach(
                        path=f"/entries/{place}/{where}", rule="unique-id", message="must stand only once"
                    )
                seen.add(known)


def _block_comparison_time(entry: dict[str, Any], path: str) -> Iterator[Breach]:
    header = entry["header"]
    if header["blockComparisonTime"] != header["author"]["time"]:
        yield Breach(
            path=f"{path}/header/blockComparisonTime",
            rule="block-comparison-time-is-author-time",
            message="must be the same as author.time",
        )


def _time_period_order(entry: dict[str, Any], path: str) -> Iterator[Breach]:
    """Hold the ends of every time period in the body: a field named `...TimePeriod`, with start and end."""
    for name, period in entry["body"].items():
        if not name.endswith("TimePeriod"):
            continue
        start, end = period.get("start"), period.get("end")
        if start and end and time_form.from_json(end) < time_form.from_json(start):
            yield Breach(
                path=f"{path}/body/{name}",
                rule="time-period-order",
                message="must not end before it starts",
            )


def _dose_numbers(entry: dict[str, Any], path: str) -> Iterator[Breach]:
    """Which dose it is, how many there are and whether they are complete must not contradict each other."""
    for place, given in enumerate(entry["body"].get("administrationRecord", ())):
        number, of = given.get("doseOrdinalNumber"), given.get("numberOfPrescribedDoses")
        complete = given.get("isDoseComplete")
        if not _doses_agree(number, of, complete):
            yield Breach(
                path=f"{path}/body/administrationRecord/{place}",
                rule="dose-numbers-agree",
                message="must not contradict itself about which dose it is, of how many, and whether it is the last",
            )


def _doses_agree(number: int | None, of: int | None, complete: bool | None) -> bool:  # noqa: FBT001 - a value
    if number is not None and of is not None:
        return number <= of and (complete is None or complete == (number == of))
    if complete:
        return number in {None, 1}  # of one dose it may be left unsaid that there is only one
    return complete is None or of is None or of > 1


def _children_in_order(entry: dict[str, Any], path: str) -> Iterator[Breach]:
    """Children of one delivery are numbered in the order they were born: none twice, none before the other."""
    children = entry["body"].get("postDeliveryRecord", {}).get("childPostDeliveryRecord", ())
    numbers = [child["ordinalNumber"] for child in children]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        yield Breach(
            path=f"{path}/body/postDeliveryRecord/childPostDeliveryRecord",
            rule="children-in-order",
            message="must number each child once, in order of birth",
        )


CHECKS: dict[str, Callable[[dict[str, Any], str], Iterator[Breach]]] = {
    "block-comparison-time-is-author-time": _block_comparison_time,
    "children-in-order": _children_in_order,
    "dose-numbers-agree": _dose_numbers,
    "time-period-order": _time_period_order,
}
"""The checks that a type may name in its schema: each gets an entry and its path, and yields breaches."""
