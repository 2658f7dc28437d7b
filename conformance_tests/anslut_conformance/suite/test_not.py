"""NOT: notes say what was written, of which kind, by whom, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anslut_conformance import readings
from anslut_conformance.checks import require, some
from anslut_conformance.text import entry_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.compare import Mismatch
    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

NOTES = "care-documentation"


def _notes(exam: Exam, *names: str) -> Iterator[Reading]:
    for persona in [*exam.personas(*names), *exam.people()]:
        yield readings.read(exam, NOTES, persona)


def differ(reading: Reading, faults: list[Mismatch], what: str) -> None:
    """Report the fields that say something else than the source."""
    require(
        not faults,
        f"{reading.type}: {what} differs from the source in {len(faults)} places",
        expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
        got=some(f"{fact.field}: {fact.got}" for fact in faults),
        patient=reading.persona.name,
    )


@pytest.mark.rule("NOT-001")
@pytest.mark.lane("quick")
def test_the_note_type_is_the_national_code(exam: Exam) -> None:
    """The source's local code becomes the code of the national list that it corresponds to."""
    for reading in _notes(exam, "anna-vuxen", "flera-vardgivare"):
        differ(reading, reading.comparison.fields("body.clinicalDocumentNoteCode"), "the kind of note")


@pytest.mark.rule("NOT-002")
def test_a_note_is_text_or_attachment_and_never_empty(exam: Exam) -> None:
    """Exactly one of text and attachment, and something in it."""
    for reading in _notes(exam, "anna-vuxen", "valdsutsatt", "orosanmalan"):
        odd = [
            entry["header"]["documentId"]
            for entry in reading.entries
            if len({"clinicalDocumentNoteText", "multimediaEntry"} & entry["body"].keys()) != 1
            or ("clinicalDocumentNoteText" in entry["body"] and not entry_text(entry).strip())
        ]
        require(
            not odd,
            f"{len(odd)} notes have both or neither of text and attachment, or nothing in it",
            expected="exactly one of clinicalDocumentNoteText and multimediaEntry",
            got=some(odd),
            patient=reading.persona.name,
        )


@pytest.mark.rule("NOT-003")
@pytest.mark.lane("quick")
def test_the_text_is_whole_and_unchanged(exam: Exam) -> None:
    """Every word and every character, also those that look like markup."""
    for reading in _notes(exam, "tecken", "anna-vuxen", "rattad"):
        plain = {
            one.event_id
            for one in reading.expected
            if not one.excluded and one.event.staff_sensitivity is None
        }
        lost = [fault for fault in reading.comparison.lost if fault.event_id in plain]
        require(
            not lost,
            f"{len(lost)} texts of the source are not in the answer as they were written",
            expected=some(f"{' / '.join(fault.path)}: {fault.text[:80]}" for fault in lost),
            patient=reading.persona.name,
        )


@pytest.mark.rule("NOT-004")
@pytest.mark.lane("quick")
def test_author_unit_and_provider_are_those_of_the_source(exam: Exam) -> None:
    """Who wrote what the patient reads, and where: also what blocks and logs stand on."""
    where = ("header.author.hsaId", "header.author.name", "header.author.role")
    several = [one for who in exam.personas("flera-vardgivare") for one in readings.of(exam, who)]
    for reading in (*readings.ordinary(exam), *several):
        faults = reading.comparison.fields(*where, "header.careUnitHsaId", "header.careProviderHsaId")
        differ(reading, faults, "author, unit or provider")
