"""What a laboratory answer must say, analysis by analysis: values, units, intervals, and who vouches for them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.laboratory_results import Analysis, Laboratory

from anslut_conformance.facts import Fact, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected

#: HL7 report status (2.16.840.1.113883.4.642.3.235) for each status of the truth.
_STATUS = {"preliminary": "preliminary", "partial": "partial", "final": "final"}


def owed_identifier(one: Expected) -> object:
    """Return the names of all analyses, sorted: what an answer is recognised by."""
    laboratory = one.event.holding(Laboratory)
    return tuple(sorted(_name(one) for group in laboratory.groups for one in group.analyses))


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the names of all analyses in an entry, sorted."""
    del header
    return tuple(sorted(_entry_name(one) for one in _analyses(body)))


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when the answer came."""
    del body
    return header.get("documentTime")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield what a laboratory answer must say, the order of analyses aside."""
    del related
    laboratory = one.event.holding(Laboratory)
    yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
    yield "body.type.code", _STATUS[laboratory.status], (body.get("type") or {}).get("code")
    got: dict[str, list[Mapping[str, Any]]] = {}
    for analysis_said in _analyses(body):
        got.setdefault(_entry_name(analysis_said), []).append(analysis_said)
    for group in laboratory.groups:
        for analysis in group.analyses:
            name = _name(analysis)
            candidates = got.get(name) or []
            if not candidates:
                yield f"body.analysis.{name}", "present", "(absent)"
                continue
            yield from _analysis_facts(f"body.analysis.{name}", analysis, candidates.pop(0))
    for name, rest in got.items():
        for _ in rest:
            yield f"body.analysis.{name}", "(absent)", "present"


def _analysis_facts(field: str, analysis: Analysis, got: Mapping[str, Any]) -> Iterator[Fact]:
    code = got.get("code") or {}
    if analysis.code.code is None:
        yield f"{field}.code.originalText", analysis.code.original_text, code.get("originalText")
        yield f"{field}.code.code", None, code.get("code")
    else:
        yield f"{field}.code.codeSystem", analysis.code.code_system, code.get("codeSystem")
    results = got.get("result") or []
    result = results[0] if results else {}
    value = result.get("value") or {}
    quantity = analysis.quantity
    if quantity is None:
        # An awaited value may be left out; a made-up one may not stand there.
        yield f"{field}.value", None, (value.get("pq") or {}).get("value")
    elif quantity.value is not None:
        shown = value.get("pq") or {}
        yield f"{field}.value", _number(quantity.value), _number(shown.get("value"))
        yield f"{field}.unit", quantity.unit, shown.get("unit")
    else:
        yield f"{field}.value", quantity.text, _bare(value.get("st"), quantity.unit)
    if analysis.reference is not None:
        interval = (result.get("reference") or {}).get("interval") or {}
        yield f"{field}.reference.low", _number(analysis.reference.low), _number(_end(interval, "low"))
        yield f"{field}.reference.high", _number(analysis.reference.high), _number(_end(interval, "high"))
    if analysis.comment is not None:
        yield f"{field}.comment", True, analysis.comment in f"{result.get('comment')} {got.get('comment')}"


def _end(interval: Mapping[str, Any], name: str) -> object:
    end = interval.get(name)
    return end.get("value") if isinstance(end, dict) else end


def _bare(text: object, unit: str) -> object:
    """Return a value in words without its unit at the end: text has no field for one, so both ways are right."""
    if isinstance(text, str) and unit:
        return text.removesuffix(unit).rstrip()
    return text


def _number(text: object) -> object:
    """Return a decimal string as a number, so that 5.0 and 5.00 are equal; anything else as it stands."""
    if not isinstance(text, str):
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _analyses(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in body.get("groupOfAnalyses") or []:
        yield from group.get("analysis") or []


def _name(analysis: Analysis) -> str:
    return analysis.code.code or analysis.code.original_text or ""


def _entry_name(analysis: Mapping[str, Any]) -> str:
    code = analysis.get("code") or {}
    return str(code.get("code") or code.get("originalText") or "")
