"""SIG: unsigned is shown and marked; signed says by whom and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut_contracts import information_types

from anslut_conformance import facts, readings, writings
from anslut_conformance.checks import document_ids, require, some
from anslut_conformance.errors import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

PERSONS = ("anna-vuxen", "osignerad", "rattad", "labb-ovidimerad")


def _readings(exam: Exam) -> Iterator[Reading]:
    for persona in exam.personas(*PERSONS):
        for type_ in _signed_types(exam):
            yield readings.read(exam, type_, persona)


def _signed_types(exam: Exam) -> list[str]:
    found = [one for one in exam.types if "signature" not in information_types()[one].header_forbids]
    if not found:
        raise NotApplicableError("inga typer med signatur (no types that have signatures)")
    return found


@pytest.mark.rule("SIG-001")
@pytest.mark.lane("quick")
def test_unsigned_entries_are_delivered_without_signature(exam: Exam) -> None:
    """An unsigned entry is there, and does not look signed."""
    tried = 0
    for reading in _readings(exam):
        unsigned = [one for one in reading.expected if one.signature is None and one.fate == "shown"]
        tried += len(unsigned)
        lost = [one for one in unsigned if one in reading.comparison.missing]
        require(
            not lost,
            f"{reading.type}: {len(lost)} of {len(unsigned)} unsigned entries are not delivered",
            expected=some(f"{one.occurred_at.isoformat()} {one.unit.name}" for one in lost),
            patient=reading.persona.name,
        )
        marked = [
            entry["header"]["documentId"]
            for one in unsigned
            for entry in reading.met(one)
            if "signature" in entry["header"]
        ]
        require(
            not marked,
            f"{reading.type}: {len(marked)} unsigned entries carry a signature",
            expected="no signature",
            got=some(marked),
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "unsigned entries")


@pytest.mark.rule("SIG-002")
@pytest.mark.lane("quick")
def test_signed_entries_carry_a_signature(exam: Exam) -> None:
    """A signed entry does not look unsigned."""
    tried = 0
    for reading in _readings(exam):
        signed = [one for one in reading.expected if one.signature is not None]
        tried += len(signed)
        bare = [
            entry["header"]["documentId"]
            for one in signed
            for entry in reading.met(one)
            if not (entry["header"].get("signature") or {}).get("time")
        ]
        require(
            not bare,
            f"{reading.type}: {len(bare)} signed entries carry no signature with a time",
            expected="signature with time",
            got=some(bare),
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "signed entries")


@pytest.mark.rule("SIG-003")
def test_signing_changes_the_mark_and_nothing_else(exam: Exam) -> None:
    """An entry that is signed keeps its documentId, time and content."""
    somebody = exam.someone("SIG-003")
    for type_ in _signed_types(exam)[:1]:
        event = writings.write(exam, somebody, type_)
        before = readings.carriers(exam, somebody, event)
        writings.change(exam, somebody, event, "sign")
        after = readings.carriers(exam, somebody, event)
        if before:  # whether a new entry is there at all is another rule
            _same_but_signed(before, after)


def _same_but_signed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    require(after, "an entry went away when it was signed", expected=document_ids(before), got="nothing")
    require(
        set(document_ids(before)) == set(document_ids(after)),
        "an entry got another documentId when it was signed",
        expected=document_ids(before),
        got=document_ids(after),
    )
    old = {entry["header"]["documentId"]: entry for entry in before}
    for entry in after:
        earlier = old[entry["header"]["documentId"]]
        require(
            entry["header"].get("documentTime") == earlier["header"].get("documentTime")
            and entry.get("body") == earlier.get("body"),
            "an entry got another time or content when it was signed",
            expected=earlier["header"].get("documentTime"),
            got=entry["header"].get("documentTime"),
        )


@pytest.mark.rule("SIG-004")
def test_a_signature_is_the_one_in_the_source(exam: Exam) -> None:
    """Time and person are the source's: never before the entry, never in the future, never a guess."""
    now = exam.now()
    for reading in _readings(exam):
        for entry in reading.entries:
            signature = entry["header"].get("signature") or {}
            signed, written = (
                facts.instant(one.get("time")) for one in (signature, entry["header"]["author"])
            )
            if facts.ABSENT in (signed, written):
                continue
            require(
                written <= signed <= now,  # type: ignore[operator]  # instants, or the schema rule has failed
                f"{reading.type}: an entry is signed before it was written, or in the future",
                expected=f"between {written} and {now}",
                got=signature.get("time"),
                patient=reading.persona.name,
            )
        wrong = [
            fact
            for fact in reading.comparison.fields("header.signature")
            if fact.field != "header.signature"  # presence is judged elsewhere
        ]
        require(
            not wrong,
            f"{reading.type}: {len(wrong)} signatures say something else than the source",
            expected=some(f"{fact.field}: {fact.expected}" for fact in wrong),
            got=some(f"{fact.field}: {fact.got}" for fact in wrong),
            patient=reading.persona.name,
        )
