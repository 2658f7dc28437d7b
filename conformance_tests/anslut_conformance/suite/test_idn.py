"""IDN: only the asked person, all of the asked person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from anslut_conformance import facts, readings
from anslut_conformance.checks import OK, document_ids, fail, holds_number, problem, require, some

if TYPE_CHECKING:
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona
    from anslut_conformance.readings import Reading

PERSONNUMMER = "1.2.752.129.2.1.3.1"
COORDINATION_NUMBER = "1.2.752.129.2.1.3.3"

_CALLS_AT_ONCE = 12


def _traces(reading: Reading) -> set[tuple[object, object]]:
    """What a person's events are recognised by, wherever they turn up."""
    return {(event.author.time, event.unit.hsa_id) for event in reading.events}


@pytest.mark.rule("IDN-001")
@pytest.mark.lane("quick")
def test_twins_get_their_own_entries(exam: Exam) -> None:
    """Two persons born the same day with almost the same name never see each other's entries."""
    for type_ in exam.types:
        one = readings.read(exam, type_, exam.persona("tvilling-1"))
        other = readings.read(exam, type_, exam.persona("tvilling-2"))
        shared = set(document_ids(one.entries)) & set(document_ids(other.entries))
        require(
            not shared,
            f"{type_}: the same documentId was delivered for two persons",
            got=some(sorted(shared)),
        )
        for mine, theirs in ((one, other), (other, one)):
            foreign = _traces(theirs) - _traces(mine)
            strangers = [
                entry["header"]["documentId"]
                for entry in mine.entries
                if (
                    facts.instant(entry["header"]["author"].get("time")),
                    entry["header"].get("careUnitHsaId"),
                )
                in foreign
            ]
            require(
                not strangers,
                f"{type_}: the answer holds entries that belong to somebody else, born the same day",
                got=some(strangers),
                patient=mine.persona.name,
            )


@pytest.mark.rule("IDN-002")
@pytest.mark.lane("quick")
def test_entries_under_linked_identities_are_there(exam: Exam) -> None:
    """What was recorded under the reserve number is delivered when the personal number is asked for."""
    linked = 0
    for reading in readings.of(exam, "reservnummer"):
        owed = [one for one in reading.expected if one.recorded_under != one.asked]
        linked += len(owed)
        lost = [one for one in owed if one in reading.comparison.missing]
        require(
            not lost,
            f"{reading.type}: {len(lost)} of {len(owed)} entries under a linked identity are missing",
            expected=some(f"{one.occurred_at.isoformat()} {one.unit.name}" for one in lost),
            patient="reservnummer",
        )
    readings.tempted(range(linked), "entries under linked identities")


@pytest.mark.rule("IDN-003")
@pytest.mark.lane("quick")
def test_every_entry_carries_the_identity_asked_for(exam: Exam) -> None:
    """`patientId` is the identity of the question, in entries from linked records too."""
    persons = exam.personas("reservnummer", "anna-vuxen")
    for persona in persons:
        asked = {"root": persona.patient_id.root, "extension": persona.patient_id.extension}
        for type_ in exam.types:
            wrong = [
                entry["header"]["documentId"]
                for entry in readings.read(exam, type_, persona).entries
                if entry["header"].get("patientId") != asked
            ]
            require(
                not wrong,
                f"{type_}: {len(wrong)} entries carry another patientId than the one asked for",
                expected="the identity of the question",
                got=some(wrong),
                patient=persona.name,
            )


@pytest.mark.rule("IDN-004")
@pytest.mark.lane("quick")
def test_every_form_of_identity_is_accepted(exam: Exam) -> None:
    """Personal number, coordination number and reserve identity are all answered."""
    cases = [("personnummer", exam.persona("anna-vuxen").patient_id)]
    cases += [("samordningsnummer", one.patient_id) for one in exam.personas("samordningsnummer")]
    cases += [
        ("reservnummer", one)
        for reserve in exam.personas("reservnummer")
        for one in reserve.identities
        if one.root not in {PERSONNUMMER, COORDINATION_NUMBER}
    ]
    tried = 0
    for kind, identity in cases:
        for type_ in exam.types:
            reply = exam.ask(type_, identity)
            owed = [one for one in exam.expected(identity, type_) if one.recorded_under == identity]
            tried += kind == "reservnummer" and bool(owed)
            require(
                reply.status == OK and (reply.json().get("entries") or not owed),
                f"{type_}: a question by {kind} was not answered with the person's entries",
                expected=f"200 with {len(owed)} entries",
                got=f"{reply.status} {reply.text()[:120]}",
                patient=kind,
            )
    readings.tempted(range(tried), "entries to ask for by reserve number")


def _malformed(persona: Persona) -> list[tuple[str, str, str]]:
    number = persona.patient_id.extension
    digit = str((int(number[-1]) + 1) % 10)
    return [
        ("a wrong check digit", PERSONNUMMER, number[:-1] + digit),
        ("a month that does not exist", PERSONNUMMER, f"{number[:4]}13{number[6:]}"),
        ("ten digits", PERSONNUMMER, number[2:]),
        ("a separator", PERSONNUMMER, f"{number[:8]}-{number[8:]}"),
        ("a line feed at the end", PERSONNUMMER, f"{number}\n"),
        ("letters", PERSONNUMMER, f"{number[:8]}ABCD"),
        ("a personal number under the OID of coordination numbers", COORDINATION_NUMBER, number),
        ("nothing", PERSONNUMMER, ""),
    ]


@pytest.mark.rule("IDN-005")
def test_malformed_identities_are_refused_without_being_repeated(exam: Exam) -> None:
    """A mistyped number is a mistake to be told about, never an empty record."""
    persona = exam.persona("anna-vuxen")
    for what, root, extension in _malformed(persona):
        reply = exam.door.try_search(exam.types[0], {"patientId": {"root": root, "extension": extension}})
        if reply is None:
            continue
        problem(reply, {422}, f"an identity with {what} was not refused", patient=persona.name)
        seen = reply.text() + "".join(f"{key}: {value}\n" for key, value in reply.headers.items())
        if (len(extension) > 8 and extension.strip() in seen) or holds_number(seen, [persona.patient_id]):  # noqa: PLR2004
            fail(
                f"the refusal of an identity with {what} repeats it",
                expected="which field is wrong",
                got="the value",
            )


@pytest.mark.rule("IDN-006")
def test_parallel_questions_get_their_own_answers(exam: Exam) -> None:
    """Twelve who ask at the same moment each get what they get when asking alone."""
    type_ = exam.types[0]
    alone = [readings.read(exam, type_, persona) for persona in (exam.persona("anna-vuxen"), *exam.people())]
    filled = readings.tempted((one for one in alone if one.entries), "persons with entries")
    asked = [filled[number % len(filled)] for number in range(_CALLS_AT_ONCE)]
    for _ in range(2):
        with ThreadPoolExecutor(_CALLS_AT_ONCE) as pool:
            replies = list(pool.map(lambda one: exam.ask(type_, one.persona.patient_id), asked))
        for one, reply in zip(asked, replies, strict=True):
            if reply.status != OK:
                continue  # whether ten can be served at once is another rule
            own = set(document_ids(one.entries))
            got = set(document_ids(reply.json()["entries"]))
            require(
                got <= own,
                f"{type_}: an answer held other entries when {_CALLS_AT_ONCE} asked at the same time",
                expected="the entries of the person asked for",
                got=some(sorted(got - own)),
                patient=one.persona.name,
            )
