"""NUL: removed is gone, moved has moved, drafts are not entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_contracts import information_types

from anslut_conformance import facts, readings, writings
from anslut_conformance.checks import document_ids, require, some

if TYPE_CHECKING:
    from anslut_conformance.exam import Exam


@pytest.mark.rule("NUL-003")
@pytest.mark.lane("quick")
def test_drafts_are_never_delivered(exam: Exam) -> None:
    """What somebody has begun to write and not entered is not in the record yet."""
    tried = 0
    for persona in exam.personas("utkast", "anna-vuxen"):
        for reading in readings.of(exam, persona):
            drafts = {
                (event.author.time, event.unit.hsa_id) for event in reading.events if event.state == "draft"
            } - {(one.author.time, one.unit.hsa_id) for one in reading.expected}
            tried += len(drafts)
            shown = [
                entry["header"]["documentId"]
                for entry in reading.entries
                if (
                    facts.instant(entry["header"]["author"].get("time")),
                    entry["header"].get("careUnitHsaId"),
                )
                in drafts
            ]
            require(
                not shown,
                f"{reading.type}: {len(shown)} drafts are delivered",
                expected="entered entries only",
                got=some(shown),
                patient=persona.name,
            )
    readings.tempted(range(tried), "drafts")


@pytest.mark.rule("NUL-004")
def test_no_nullified_field_where_the_contract_has_none(exam: Exam) -> None:
    """Entries of these types disappear; they are never delivered as nullified."""
    without = [one for one in exam.types if "nullified" in information_types()[one].header_forbids]
    for persona in exam.personas("borttagen", "relaterade-diagnoser", "anna-vuxen"):
        for type_ in without:
            reading = readings.read(exam, type_, persona)
            marked = [
                entry["header"]["documentId"]
                for entry in reading.entries
                if {"nullified", "nullifiedReason"} & entry["header"].keys()
            ]
            require(
                not marked,
                f"{type_}: entries carry nullified, which {type_} does not have",
                expected="neither nullified nor nullifiedReason",
                got=some(marked),
                patient=persona.name,
            )


@pytest.mark.rule("NUL-001")
@pytest.mark.lane("quick")
def test_a_removed_entry_is_gone_at_the_next_call(exam: Exam) -> None:
    """Entered, seen, removed in the source, and not seen again."""
    somebody = exam.someone("NUL-001")
    for type_ in exam.types:
        event = writings.write(exam, somebody, type_)
        before = set(document_ids(exam.entries(type_, somebody.patient_id)))
        writings.change(exam, somebody, event, "remove")
        entries = exam.entries(type_, somebody.patient_id)
        comparison = exam.compare(exam.expected(somebody.patient_id, type_), entries, type_)
        stale = [entry for entry in comparison.unexpected if entry["header"]["documentId"] in before]
        require(
            not stale,
            f"{type_}: an entry that was removed in the source is still delivered",
            expected="gone at the next call",
            got=document_ids(stale),
        )


@pytest.mark.rule("NUL-002")
def test_a_moved_entry_is_with_the_right_person_only(exam: Exam) -> None:
    """Written in the wrong record and moved: gone from one, present for the other."""
    wrong, right = exam.someone("NUL-002 wrong"), exam.someone("NUL-002 right")
    event = writings.write(exam, wrong, exam.lead)
    before = set(document_ids(readings.carriers(exam, wrong, event)))
    writings.change(exam, wrong, event, "move", to_patient_id=right.patient_id)
    left = [one for one in document_ids(exam.entries(exam.lead, wrong.patient_id)) if one in before]
    require(not left, "an entry that was moved is still shown to the wrong person", got=left)
    moved = next((one for one in exam.truth(right.patient_id, exam.lead) if one.id == event.id), event)
    there = document_ids(readings.carriers(exam, right, moved))
    require(len(there) == 1, "a moved entry is not with the right person", expected="one entry", got=there)
