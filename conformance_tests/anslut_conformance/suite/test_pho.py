"""PHO: advice on the phone: one call is one note, who calls is not always the patient, and a stream has an end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from anslut_conformance import readings
from anslut_conformance.checks import OK, problem, require, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from anslut_simulators.truth import Event

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

NOTES, CONTACTS = "care-documentation", "care-contacts"
_BROKEN = ("no-end-line", "wrong-count", "cut-line")
_SOURCE_FAILED = (502, 503)
#: How a source's recordings can be told, in an address or in an entry.
_RECORDING = ("inspelning", "recording", ".opus")


def _readings(exam: Exam, type_: str) -> Iterator[Reading]:
    parts = exam.personas("utkast", "tredje-person", "reservnummer", "hundraaring", "anna-vuxen")
    for persona in (*parts, *exam.people()):
        yield readings.read(exam, type_, persona)


def _text(entries: Iterable[Mapping[str, Any]]) -> str:
    return json.dumps([*entries], ensure_ascii=False)


def _tokens(events: Iterable[Event], *, drafts: bool) -> list[str]:
    """Return the tokens of drafts, or of what saved notes must not show."""
    return [
        atom.canary
        for event in events
        if (event.state == "draft") is drafts
        for atom in event.atoms
        if atom.canary is not None and (drafts or atom.reason is not None)
    ]


@pytest.mark.rule("PHO-001")
@pytest.mark.lane("quick")
def test_of_a_call_only_the_saved_note_is_delivered(exam: Exam) -> None:
    """No draft's own words stand anywhere, and no call has two notes."""
    tried = 0
    for reading in _readings(exam, NOTES):
        tokens = _tokens(reading.events, drafts=True)
        tried += len(tokens)
        told = [token for token in tokens if token in _text(reading.entries)]
        require(
            not told,
            f"{len(told)} drafts are delivered",
            expected="the saved note of each call, and nothing of what was kept before it",
            got=some(told),
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "drafts of calls")


@pytest.mark.rule("PHO-002")
@pytest.mark.lane("quick")
def test_who_called_for_somebody_else_stands_in_no_approved_note(exam: Exam) -> None:
    """And what the patient was advised does."""
    tried = 0
    for reading in _readings(exam, NOTES):
        approved = _text(entry for entry in reading.entries if entry["header"]["approvedForPatient"])
        tokens = _tokens(reading.events, drafts=False)
        tried += len(tokens)
        shown = [token for token in tokens if token in approved]
        require(
            not shown,
            f"who called, or what they told in confidence, stands in {len(shown)} approved notes",
            expected="only in entries that are not approved",
            got=some(shown),
            patient=reading.persona.name,
        )
        lost = reading.comparison.lost
        require(
            not lost,
            f"{len(lost)} pieces of advice stand in no approved note",
            expected=some(fault.text for fault in lost),
            got="nothing",
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "calls by somebody else than the patient")


@pytest.mark.rule("PHO-003")
def test_a_contact_tells_nothing_of_who_called(exam: Exam) -> None:
    """Nothing that is excluded in a call's note stands in its care contact."""
    tried = 0
    for reading in _readings(exam, CONTACTS):
        tokens = _tokens(exam.truth(reading.persona.patient_id, NOTES), drafts=False)
        tried += len(tokens)
        text = _text(reading.entries)
        told = [token for token in tokens if token in text]
        require(
            not told,
            "a care contact tells what is excluded in the call's note",
            expected="the source's reason and nothing of the note",
            got=some(told),
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "calls by somebody else than the patient")


@pytest.mark.rule("PHO-004")
@pytest.mark.lane("quick")
def test_recordings_are_neither_fetched_nor_handed_out(exam: Exam) -> None:
    """The source's own journal tells what was asked for."""
    persona = exam.persona("anna-vuxen")
    entries = [entry for type_ in exam.types for entry in exam.entries(type_, persona.patient_id)]
    readings.tempted(entries, "calls")
    text = _text(entries).lower()
    told = [word for word in _RECORDING if word in text]
    require(
        not told, "an entry refers to a recording", expected="no reference", got=told, patient=persona.name
    )
    fetched = [
        call["path"]
        for call in exam.control.journal()
        if any(word in str(call["path"]).lower() for word in _RECORDING)
    ]
    require(
        not fetched,
        f"{len(fetched)} recordings were fetched",
        expected="none",
        got=some(fetched),
        patient=persona.name,
    )


@pytest.mark.rule("PHO-005")
@pytest.mark.lane("quick")
def test_a_stream_that_broke_off_is_an_error(exam: Exam) -> None:
    """Whichever way it broke; and it is answered again when the source is whole again."""
    persona = exam.persona("anna-vuxen")
    for fault in _BROKEN:
        for type_ in exam.types:
            with exam.fault(fault, path=exam.record_calls):
                reply = exam.ask(type_, persona.patient_id)
            told = problem(
                reply,
                _SOURCE_FAILED,
                f"{type_}: a stream that broke off ({fault}) gave an answer",
                patient=persona.name,
            )
            require(
                told.get("source") == exam.source_system_id,
                f"{type_}: the error does not name the source that failed",
                expected=exam.source_system_id,
                got=told.get("source"),
                patient=persona.name,
            )
    for type_ in exam.types:
        require(
            exam.ask(type_, persona.patient_id).status == OK,
            f"{type_}: still an error when the source is whole again",
            patient=persona.name,
        )
