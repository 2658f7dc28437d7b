"""Which facts an entry is recognised by, and what each of its fields must say: one table per information type.

Times are compared as instants; codes by code, OID and text; a field the truth does not know must be absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from anslut_conformance import laboratory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from anslut_simulators.truth import Actor, Code

    from anslut_conformance.compare import Mismatch
    from anslut_conformance.oracle import Expected

    Entry = Mapping[str, Any]
    Key = tuple[object, ...]

Fact = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class Absent:
    """What an absent field is compared as."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent()


def expected_key(one: Expected) -> Key:
    """Return what the entry of *one* is recognised by."""
    return (
        one.type,
        one.unit.hsa_id,
        one.occurred_at,
        one.author.time,
        _expected_identifier(one),
        one.author.hsa_id,
    )


def entry_key(entry: Entry) -> Key:
    """Return what *entry* is recognised by; its type is told by its body."""
    header, body = entry["header"], entry.get("body") or {}
    author = header.get("author") or {}
    type_ = type_of(entry)
    return (
        type_,
        header.get("careUnitHsaId"),
        instant(body.get("diagnosisTime") if type_ == "diagnoses" else header.get("documentTime")),
        instant(author.get("time")),
        _entry_identifier(type_, body),
        author.get("hsaId"),
    )


def looser_keys() -> list[Callable[[Key], Key]]:
    """Return ways to recognise an entry by fewer facts, the strictest first."""
    return [
        lambda key: key[:5],  # another author
        lambda key: (key[0], *key[2:5]),  # another unit
        lambda key: (*key[:3], key[4]),  # another time of entry
        lambda key: (*key[:2], *key[3:5]),  # another time of the event
        lambda key: key[:4],  # another code
    ]


def type_of(entry: Entry) -> str:
    """Return the information type of an entry, by what its body holds."""
    body = entry.get("body") or {}
    if "typeOfDiagnosis" in body:
        return "diagnoses"
    if "groupOfAnalyses" in body or "recipientUnit" in body:
        return "laboratory-results"
    return "care-documentation"


def _expected_identifier(one: Expected) -> object:
    if one.diagnosis is not None:
        return one.diagnosis.code.code or one.diagnosis.code.original_text
    if one.laboratory is not None:
        return laboratory.expected_codes(one.laboratory)
    return None


def _entry_identifier(type_: str, body: Mapping[str, Any]) -> object:
    if type_ == "diagnoses":
        code = body.get("diagnosisCode") or {}
        return code.get("code") or code.get("originalText")
    if type_ == "laboratory-results":
        return laboratory.entry_codes(body)
    return None


def differences(one: Expected, entry: Entry, related: Mapping[str, set[str]]) -> Iterator[Mismatch]:
    """Yield every field of *entry* that says something else than *one*; *related*: event id to its documentIds."""
    from anslut_conformance.compare import Mismatch  # noqa: PLC0415 - compare uses this module

    for field, wanted, got in _facts(one, entry, related):
        if wanted != got:
            yield Mismatch(
                field=field,
                expected=wanted,
                got=got,
                event_id=one.event_id,
                document_id=str(entry["header"].get("documentId")),
            )


def _facts(one: Expected, entry: Entry, related: Mapping[str, set[str]]) -> Iterator[Fact]:
    header, body = entry["header"], entry.get("body") or {}
    yield from _header_facts(one, header)
    if one.diagnosis is not None:
        yield from _diagnosis_facts(one, header, body, related)
    elif one.laboratory is not None:
        yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
        yield from laboratory.facts(one.laboratory, body)
    else:
        yield "header.documentTime", one.occurred_at, instant(header.get("documentTime"))
        if one.event.note_code is not None:
            yield from code_facts("body.clinicalDocumentNoteCode", one.event.note_code, body)


def _header_facts(one: Expected, header: Mapping[str, Any]) -> Iterator[Fact]:
    patient = header.get("patientId") or {}
    yield (
        "header.patientId",
        (one.asked.root, one.asked.extension),
        (patient.get("root"), patient.get("extension")),
    )
    yield "header.careUnitHsaId", one.unit.hsa_id, header.get("careUnitHsaId")
    yield "header.careProviderHsaId", one.unit.care_provider_hsa_id, header.get("careProviderHsaId")
    author = header.get("author") or {}
    yield from actor_facts("header.author", one.author, author)
    signature = header.get("signature")
    if one.signature is None:
        yield "header.signature", ABSENT, ABSENT if signature is None else signature
    elif signature is None:
        yield "header.signature", one.signature.time, ABSENT
    else:
        yield from actor_facts("header.signature", one.signature, signature)


def _diagnosis_facts(
    one: Expected, header: Mapping[str, Any], body: Mapping[str, Any], related: Mapping[str, set[str]]
) -> Iterator[Fact]:
    diagnosis = one.diagnosis
    assert diagnosis is not None  # noqa: S101 - the caller has looked
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


def actor_facts(field: str, actor: Actor, got: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield time, HSA-id, name and role of somebody who wrote or signed, for what the truth knows of them."""
    yield f"{field}.time", actor.time, instant(got.get("time"))
    if actor.hsa_id is not None:
        yield f"{field}.hsaId", actor.hsa_id, got.get("hsaId")
    if actor.name is not None:
        yield f"{field}.name", actor.name, got.get("name")
    if actor.role is not None and actor.role.code is not None and got.get("role") is not None:
        yield f"{field}.role", actor.role.code, got["role"].get("code")


def code_facts(field: str, code: Code, holder: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield code, OID and text of a coded field, or its original text where there is no code."""
    got = holder.get(field.rsplit(".", 1)[-1]) or {}
    if code.code is None:
        yield f"{field}.code", ABSENT, got.get("code", ABSENT)
        yield f"{field}.originalText", code.original_text, got.get("originalText")
        return
    yield f"{field}.code", code.code, got.get("code")
    yield f"{field}.codeSystem", code.code_system, got.get("codeSystem")
    if code.display_name is not None:
        yield f"{field}.displayName", code.display_name, got.get("displayName")


def instant(value: object) -> object:
    """Return an RFC 3339 time as an aware datetime; anything else as it is, so that it differs and is shown."""
    if not isinstance(value, str):
        return ABSENT if value is None else value
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return value
