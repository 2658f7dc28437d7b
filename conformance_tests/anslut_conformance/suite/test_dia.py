"""DIA: the diagnosis, its kind, and what it belongs with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.diagnoses import Diagnosis

from anslut_conformance import facts, readings
from anslut_conformance.checks import document_ids, require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

DIAGNOSES = "diagnoses"


def _readings(exam: Exam) -> Iterator[Reading]:
    for persona in (exam.persona("anna-vuxen"), exam.persona("relaterade-diagnoser"), *exam.people()):
        yield readings.read(exam, DIAGNOSES, persona)


def _same(exam: Exam, what: str, *prefixes: str) -> None:
    for reading in _readings(exam):
        faults = reading.comparison.fields(*prefixes)
        require(
            not faults,
            f"{what} differs from the source in {len(faults)} diagnoses",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )


@pytest.mark.rule("DIA-001")
@pytest.mark.lane("quick")
def test_the_code_is_icd_10_se_without_a_dot(exam: Exam) -> None:
    """Code without a dot, the code system's OID, and its text."""
    _same(exam, "the diagnosis code", "body.diagnosisCode")
    dotted = [
        entry["body"]["diagnosisCode"]["code"]
        for reading in _readings(exam)
        for entry in reading.entries
        if "." in str((entry["body"].get("diagnosisCode") or {}).get("code"))
    ]
    require(not dotted, "diagnosis codes are written with a dot", expected="I109", got=some(dotted))


@pytest.mark.rule("DIA-002")
@pytest.mark.lane("quick")
def test_main_and_secondary_are_told_apart(exam: Exam) -> None:
    """Main and secondary diagnoses are those of the source."""
    kinds = {one.event.holding(Diagnosis).kind for reading in _readings(exam) for one in reading.expected}
    readings.tempted(sorted(kinds)[1:], "both main and secondary diagnoses")
    _same(exam, "the kind of diagnosis", "body.typeOfDiagnosis")


@pytest.mark.rule("DIA-003")
def test_chronic_and_related_are_those_of_the_source(exam: Exam) -> None:
    """Chronic as the source says; relations lead to diagnoses that are in the answer."""
    _same(exam, "chronicDiagnosis or relatedDiagnosis", "body.chronicDiagnosis", "body.relatedDiagnosis")
    reading = readings.read(exam, DIAGNOSES, exam.persona("relaterade-diagnoser"))
    readings.tempted(
        (one for one in reading.expected if one.event.holding(Diagnosis).related_event_ids),
        "related diagnoses",
    )
    there = set(document_ids(reading.entries))
    astray = [
        related["documentId"]
        for entry in reading.entries
        for related in entry["body"].get("relatedDiagnosis") or []
        if related["documentId"] not in there
    ]
    require(
        not astray,
        "relatedDiagnosis leads to entries that are not delivered",
        expected="a documentId in the answer",
        got=some(astray),
        patient="relaterade-diagnoser",
    )


@pytest.mark.rule("DIA-004")
@pytest.mark.lane("quick")
def test_block_comparison_time_is_the_authors_time(exam: Exam) -> None:
    """The time that blocks are compared with is when the diagnosis was entered."""
    for reading in _readings(exam):
        wrong = [
            entry["header"].get("blockComparisonTime")
            for entry in reading.entries
            if facts.instant(entry["header"].get("blockComparisonTime"))
            != facts.instant(entry["header"]["author"].get("time"))
        ]
        require(
            not wrong,
            f"{len(wrong)} diagnoses have another blockComparisonTime than author.time",
            expected="author.time",
            got=some(wrong),
            patient=reading.persona.name,
        )
