"""Diagnoses: code, kind, time, and which others they belong with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anslut_simulators.truth.diagnoses import Diagnosis

from anslut_conformance.facts import Fact, code_facts, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.oracle import Expected


def owed_identifier(one: Expected) -> object:
    """Return the code, or the words where there is none."""
    code = one.event.holding(Diagnosis).code
    return code.code or code.original_text


def identifier(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return the code, or the words where there is none."""
    del header
    code = body.get("diagnosisCode") or {}
    return code.get("code") or code.get("originalText")


def occurred(header: Mapping[str, Any], body: Mapping[str, Any]) -> object:
    """Return when the diagnosis was made."""
    del header
    return body.get("diagnosisTime")


def facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    """Yield times, kind, code and related diagnoses."""
    diagnosis = one.event.holding(Diagnosis)
    yield "header.blockComparisonTime", one.author.time, instant(header.get("blockComparisonTime"))
    yield "body.diagnosisTime", one.occurred_at, instant(body.get("diagnosisTime"))
    yield "body.typeOfDiagnosis", diagnosis.kind, body.get("typeOfDiagnosis")
    yield "body.chronicDiagnosis", diagnosis.chronic or False, body.get("chronicDiagnosis") or False
    yield from code_facts("body.diagnosisCode", diagnosis.code, body)
    got = {item.get("documentId") for item in body.get("relatedDiagnosis") or []}
    known = {event: ids for event, ids in related.items() if event in diagnosis.related_event_ids}
    for event, ids in known.items():
        yield "body.relatedDiagnosis", True, bool(ids & got) or f"nothing that leads to {event}"
    surplus = got - {document for ids in known.values() for document in ids}
    if not set(diagnosis.related_event_ids) - set(known):
        yield "body.relatedDiagnosis", set(), surplus
