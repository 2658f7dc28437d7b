"""LAB: values, intervals and codes; who has vouched for them, and who has read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut_simulators.truth.laboratory_results import Laboratory

from anslut_conformance import facts, readings, writings
from anslut_conformance.checks import document_ids, doubles, require, some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_conformance.compare import Mismatch
    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

LABORATORY = "laboratory-results"
NPU = "1.2.752.108.1"


def _readings(exam: Exam) -> Iterator[Reading]:
    for persona in (exam.persona("labb-former"), exam.persona("anna-vuxen"), *exam.people()):
        yield readings.read(exam, LABORATORY, persona)


def _analysis_faults(reading: Reading, *parts: str) -> list[Mismatch]:
    return [
        fact
        for fact in reading.comparison.mismatches
        if fact.field.startswith("body.analysis.") and fact.field.endswith(parts)
    ]


def _same(exam: Exam, what: str, *parts: str) -> None:
    for reading in _readings(exam):
        faults = _analysis_faults(reading, *parts)
        require(
            not faults,
            f"{what} differs from the source in {len(faults)} analyses",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )


@pytest.mark.rule("LAB-001")
@pytest.mark.lane("quick")
def test_values_and_units_are_those_of_the_source(exam: Exam) -> None:
    """A comma becomes a point and nothing else changes; an answer in words stays words."""
    _same(exam, "value or unit", ".value", ".unit")


def _recipients(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return every verification in an answer: of the whole, or of single results."""
    found = [body["recipientSignature"]] if "recipientSignature" in body else []
    for group in body.get("groupOfAnalyses") or []:
        for analysis in group.get("analysis") or []:
            found += [
                one["recipientSignature"]
                for one in analysis.get("result") or []
                if "recipientSignature" in one
            ]
    return found


@pytest.mark.rule("LAB-002")
@pytest.mark.lane("quick")
def test_the_recipients_verification_is_not_the_laboratorys_signature(exam: Exam) -> None:
    """Verified is what the recipient has verified, whether or not the laboratory has signed."""
    seen: set[bool] = set()
    for name in ("labb-ovidimerad", "anna-vuxen"):
        reading = readings.read(exam, LABORATORY, exam.persona(name))
        for one in reading.expected:
            seen.add(one.countersignature is not None)
            due = None if one.countersignature is None else one.countersignature.time
            for entry in reading.met(one):
                times = {facts.instant(found.get("timestamp")) for found in _recipients(entry["body"])}
                require(
                    times == (set() if due is None else {due}),
                    "an answer looks verified by its recipient and is not, or the other way round",
                    expected=due or "no recipientSignature",
                    got=sorted(str(time) for time in times) or "no recipientSignature",
                    patient=name,
                )
    readings.tempted(sorted(seen)[1:], "both verified and unverified answers")


@pytest.mark.rule("LAB-003")
def test_preliminary_is_preliminary_and_final_is_final(exam: Exam) -> None:
    """An answer says whether it is final, and comes once: as it stands now."""
    for name in ("labb-preliminar", "anna-vuxen"):
        reading = readings.read(exam, LABORATORY, exam.persona(name))
        faults = reading.comparison.fields("body.type")
        require(
            not faults,
            "the status of an answer is not that of the source",
            expected=some(fact.expected for fact in faults),
            got=some(fact.got for fact in faults),
            patient=name,
        )


@pytest.mark.rule("LAB-003")
def test_a_preliminary_answer_becomes_final_in_its_place(exam: Exam) -> None:
    """When the final answer comes the preliminary one does not stay beside it."""
    somebody = exam.someone("LAB-003")
    event = writings.preliminary_answer(exam, somebody)
    before = exam.entries(LABORATORY, somebody.patient_id)
    writings.change(exam, somebody, event, "finalise")
    after = exam.entries(LABORATORY, somebody.patient_id)
    now = exam.compare(exam.expected(somebody.patient_id, LABORATORY), after, LABORATORY)
    twice = doubles(document_ids(after))
    require(
        not twice and len(after) == len(before) and not now.unexpected,
        "the preliminary answer stayed beside the final one",
        expected=f"{len(before)} answers",
        got=f"{len(after)} answers",
    )
    stale = [fact for fact in now.fields("body.type") if fact.event_id == event.id]
    require(
        not stale,
        "the answer is final in the source, and not in the answer",
        expected="final",
        got=some(f.got for f in stale),
    )


@pytest.mark.rule("LAB-004")
def test_reference_intervals_keep_their_open_ends(exam: Exam) -> None:
    """Below 5 has no lower end, and above 80 no upper."""
    owed = [
        analysis.reference
        for reading in _readings(exam)
        for one in reading.expected
        for group in one.event.holding(Laboratory).groups
        for analysis in group.analyses
        if analysis.reference is not None
    ]
    readings.tempted((one for one in owed if one.low is None or one.high is None), "open reference interval")
    _same(exam, "the reference interval", ".reference.low", ".reference.high")


@pytest.mark.rule("LAB-005")
@pytest.mark.lane("quick")
def test_analyses_have_an_npu_code_or_the_original_text(exam: Exam) -> None:
    """A local code is translated, or told as text; it never poses as an NPU code."""
    for reading in _readings(exam):
        faults = [
            fact
            for fact in reading.comparison.mismatches
            if fact.field.startswith("body.analysis.")
            and (".code." in fact.field or "(absent)" in {str(fact.expected), str(fact.got)})
            and not fact.field.endswith((".value", ".unit", ".low", ".high"))
        ]
        require(
            not faults,
            f"{len(faults)} analyses are not named by their NPU code or, without one, their original text",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )
        local = [
            code["code"]
            for entry in reading.entries
            for group in entry["body"].get("groupOfAnalyses") or []
            for code in (analysis.get("code") or {} for analysis in group["analysis"])
            if code.get("codeSystem") == NPU and not str(code.get("code")).startswith("NPU")
        ]
        require(
            not local,
            "a local code stands under the OID of NPU",
            got=some(local),
            patient=reading.persona.name,
        )
