"""EXC: what must not be shown is not shown, and nothing else is hidden. Every check has somebody tempting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anslut_contracts import information_types

from anslut_conformance import readings, writings
from anslut_conformance.checks import fail, gives_nothing, require, some
from anslut_conformance.errors import NotApplicableError
from anslut_conformance.exam_door import OTHER_CONSUMER
from anslut_conformance.text import entry_text, squeeze

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.compare import AtomFault
    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected, ExpectedAtom
    from anslut_conformance.readings import Reading

NOTES = "care-documentation"

#: Persons with text under excluded keywords, one for each reason.
KEYWORDS = ("valdsutsatt", "tidig-hypotes", "tredje-person", "forundersokning")

#: So many keywords above an excluded one make it nested.
_DEEP = 2


def _texts(reading: Reading) -> Iterator[tuple[Expected, ExpectedAtom]]:
    """Yield every text owed or withheld, with the entry it belongs to."""
    for one in reading.expected:
        for atom in one.atoms:
            yield one, atom


def _leaks(reading: Reading) -> dict[tuple[str, str], AtomFault]:
    return {(fault.event_id, fault.atom_id): fault for fault in reading.comparison.leaks}


def _by_keyword(atom: ExpectedAtom) -> bool:
    return atom.term is not None


def _nested(atom: ExpectedAtom) -> bool:
    """Whether the excluded keyword stands two levels down or more, or above the text's own keyword."""
    if atom.term is None:
        return False
    depth = [word.strip().casefold() for word in atom.atom.path].index(atom.term.strip().casefold())
    return depth >= _DEEP or depth + 1 < len(atom.atom.path)


def _say(fault: AtomFault) -> str:
    return f"text under {' / '.join(fault.path)} in {', '.join(fault.where)}"


@pytest.mark.rule("EXC-001")
@pytest.mark.lane("quick")
@pytest.mark.parametrize("name", KEYWORDS)
def test_text_under_an_excluded_keyword_is_in_no_approved_entry(exam: Exam, name: str) -> None:
    """What stands directly under an excluded keyword never reaches the patient."""
    reading = readings.read(exam, NOTES, exam.persona(name))
    excluded = [(one, atom) for one, atom in _texts(reading) if _by_keyword(atom)]
    direct = [
        (one, atom)
        for one, atom in readings.tempted(excluded, f"excluded text for {name}")
        if not _nested(atom)
    ]
    leaks = _leaks(reading)
    shown = [
        leaks[one.event_id, atom.atom.id] for one, atom in direct if (one.event_id, atom.atom.id) in leaks
    ]
    require(
        not shown,
        f"{len(shown)} texts under excluded keywords stand in entries with approvedForPatient true",
        expected="approvedForPatient false on an entry of its own",
        got=some(_say(fault) for fault in shown),
        patient=name,
    )


@pytest.mark.rule("EXC-002")
@pytest.mark.lane("quick")
def test_an_excluded_keyword_is_found_at_any_depth(exam: Exam) -> None:
    """An excluded keyword two levels down protects its text as one at the top does."""
    tried = 0
    for persona in exam.personas(*KEYWORDS):
        name = persona.name
        reading = readings.read(exam, NOTES, persona)
        nested = [(one, atom) for one, atom in _texts(reading) if _nested(atom)]
        tried += len(nested)
        leaks = _leaks(reading)
        shown = [
            leaks[one.event_id, atom.atom.id] for one, atom in nested if (one.event_id, atom.atom.id) in leaks
        ]
        require(
            not shown,
            f"{len(shown)} texts under a nested excluded keyword stand in approved entries",
            expected="approvedForPatient false, whatever the depth",
            got=some(_say(fault) for fault in shown),
            patient=name,
        )
    readings.tempted(range(tried), "text nested under an excluded keyword")


@pytest.mark.rule("EXC-002")
def test_an_excluded_keyword_takes_its_subtree_with_it(exam: Exam) -> None:
    """Text below an excluded keyword, under harmless ones of its own, is as protected."""
    somebody = exam.someone("EXC-002")
    keyword = exam.keyword("violence")
    texts = [
        (["Kontaktorsak"], "Återbesök efter provtagning."),
        (["Bedömning", keyword, "Planering"], "Ny tid utan kallelse, förvaringsskåp Lindormen."),
        (["Bedömning", keyword, "Planering", "Övrigt"], "Kod till skåpet: Skymningsljus."),
    ]
    writings.note(exam, somebody, texts)
    approved = [
        entry
        for entry in exam.entries(NOTES, somebody.patient_id)
        if entry["header"].get("approvedForPatient") is not False
    ]
    shown = [
        " / ".join(path)
        for path, text in texts[1:]
        if any(squeeze(text) in squeeze(entry_text(entry)) for entry in approved)
    ]
    require(
        not shown,
        "text below an excluded keyword stands in an entry with approvedForPatient true",
        expected="the exclusion is inherited",
        got=shown,
    )


@pytest.mark.rule("EXC-003")
@pytest.mark.lane("quick")
def test_the_rest_of_the_note_is_shown(exam: Exam) -> None:
    """One excluded keyword does not hide the harmless text beside it."""
    tried = 0
    for persona in exam.personas(*KEYWORDS):
        name = persona.name
        reading = readings.read(exam, NOTES, persona)
        mixed = {one.event_id for one in reading.expected if one.approved and one.excluded}
        tried += len(mixed)
        lost = [fault for fault in reading.comparison.lost if fault.event_id in mixed]
        require(
            not lost,
            f"{len(lost)} texts without any reason for exclusion are hidden with their neighbours",
            expected="an approved entry with the harmless text",
            got=some(" / ".join(fault.path) for fault in lost),
            patient=name,
        )
    readings.tempted(range(tried), "note with both harmless and excluded text")


@pytest.mark.rule("EXC-004")
def test_an_excluded_template_is_excluded_whole(exam: Exam) -> None:
    """Nothing of a note in an excluded template reaches the patient, whatever its keywords."""
    reading = readings.read(exam, NOTES, exam.persona("orosanmalan"))
    names = {rule.template.casefold() for rule in exam.profile.excluded_templates}
    owed = [one for one in reading.expected if (one.event.template or "").casefold() in names]
    events = {one.event_id for one in readings.tempted(owed, "note in an excluded template")}
    shown = [fault for fault in reading.comparison.leaks if fault.event_id in events]
    require(
        not shown,
        "text of a note in an excluded template stands in an approved entry",
        expected="approvedForPatient false",
        got=some(_say(fault) for fault in shown),
        patient="orosanmalan",
    )


@pytest.mark.rule("EXC-005")
def test_an_excluded_unit_is_excluded_whole(exam: Exam) -> None:
    """Nothing from an excluded unit is approved, of any type."""
    units = {rule.hsa_id for rule in exam.profile.excluded_units}
    tried = 0
    for reading in readings.of(exam, "utesluten-enhet"):
        events = {one.event_id for one in reading.expected if one.unit.hsa_id in units}
        tried += len(events)
        approved = [
            entry["header"]["documentId"]
            for entry in reading.entries
            if entry["header"].get("careUnitHsaId") in units
            and entry["header"].get("approvedForPatient") is True
        ]
        approved += [
            name for fault in reading.comparison.leaks if fault.event_id in events for name in fault.where
        ]
        require(
            not approved,
            f"{reading.type}: entries from an excluded unit are approved for the patient",
            expected="approvedForPatient false",
            got=some(dict.fromkeys(approved)),
            patient="utesluten-enhet",
        )
    readings.tempted(range(tried), "entry from an excluded unit")


@pytest.mark.rule("EXC-006")
@pytest.mark.parametrize("name", [*KEYWORDS, "orosanmalan", "utesluten-enhet"])
def test_excluded_text_is_delivered_flagged(exam: Exam, name: str) -> None:
    """Other caregivers still get what the patient must not see: in an entry with approvedForPatient false."""
    for reading in readings.of(exam, name):
        flagged = {one.event_id for one in reading.expected if one.excluded or one.fate == "flagged"}
        leaked = _leaks(reading)  # what reaches the patient is delivered, and another rule's matter
        gone = [
            fault
            for fault in reading.comparison.undelivered
            if fault.event_id in flagged and (fault.event_id, fault.atom_id) not in leaked
        ]
        lost = [one for one in reading.comparison.missing if one.fate == "flagged"]
        if gone or lost:
            fail(
                f"{reading.type}: excluded information is not delivered at all",
                expected="an entry with approvedForPatient false",
                got=some([*(" / ".join(fault.path) for fault in gone), *(one.unit.name for one in lost)]),
                patient=name,
            )


@pytest.mark.rule("EXC-007")
def test_what_is_sensitive_to_staff_is_shown_to_the_patient(exam: Exam) -> None:
    """The source's own protection levels hide from staff; they are no reason to hide from the patient."""
    tried = 0
    for reading in readings.of(exam, "kanslig-mall"):
        events = {
            one.event_id for one in reading.expected if one.event.staff_sensitivity and one.fate == "shown"
        }
        tried += len(events)
        hidden = [fault.event_id for fault in reading.comparison.lost if fault.event_id in events]
        hidden += [
            m.event_id for m in reading.comparison.wrongly_flagged if m.event_id in events and m.got is False
        ]
        hidden += [one.event_id for one in reading.comparison.missing if one.event_id in events]
        require(
            not hidden,
            f"{reading.type}: {len(set(hidden))} entries sensitive to staff are hidden from the patient",
            expected="approvedForPatient true",
            patient="kanslig-mall",
        )
    readings.tempted(range(tried), "entry that is sensitive to staff")


@pytest.mark.rule("EXC-008")
def test_a_diagnosis_under_an_excluded_keyword_is_not_approved(exam: Exam) -> None:
    """A diagnosis may say what the note was not allowed to."""
    tried = 0
    units = {rule.hsa_id for rule in exam.profile.excluded_units}
    for persona in exam.personas(*KEYWORDS, "orosanmalan"):
        name = persona.name
        reading = readings.read(exam, "diagnoses", persona)
        owed = {
            one.event_id for one in reading.expected if one.fate == "flagged" and one.unit.hsa_id not in units
        }
        tried += len(owed)
        approved = [fact for fact in reading.comparison.wrongly_approved if fact.event_id in owed]
        require(
            not approved,
            "a diagnosis registered under an excluded keyword or template is approved for the patient",
            expected="approvedForPatient false",
            got=some(fact.document_id for fact in approved),
            patient=name,
        )
    readings.tempted(range(tried), "diagnosis under an excluded keyword")


@pytest.mark.rule("EXC-009")
def test_no_heading_gives_an_exclusion_away(exam: Exam) -> None:
    """That a protected keyword or template was used is itself protected."""
    templates = {rule.template.casefold() for rule in exam.profile.excluded_templates}
    for persona in exam.personas(*KEYWORDS, "orosanmalan"):
        name = persona.name
        reading = readings.read(exam, NOTES, persona)
        leaked = _leaks(reading)  # a heading goes where its text goes: judged there
        faults = [
            fault
            for fault in reading.comparison.heading_leaks
            if (fault.event_id, fault.atom_id) not in leaked
        ]
        require(
            not faults,
            "an approved entry carries the name of an excluded keyword",
            expected="no trace of the keyword",
            got=some(_say(fault) for fault in faults),
            patient=name,
        )
        told = [
            entry["header"]["documentId"]
            for entry in reading.entries
            if entry["header"].get("approvedForPatient") is not False
            and any(
                name_ in str(entry["body"].get("clinicalDocumentNoteTitle", "")).casefold()
                for name_ in templates
            )
        ]
        require(
            not told,
            "an approved entry carries the name of an excluded template",
            got=some(told),
            patient=name,
        )


@pytest.mark.rule("EXC-010")
@pytest.mark.lane("quick")
def test_every_entry_says_whether_it_may_be_shown(exam: Exam) -> None:
    """`approvedForPatient` is true or false in every entry: what is left out is read as somebody pleases."""
    for persona in exam.personas("anna-vuxen", *KEYWORDS):
        name = persona.name
        for reading in readings.of(exam, persona):
            if "approvedForPatient" in information_types()[reading.type].header_forbids:
                continue
            vague = [
                (entry["header"]["documentId"], entry["header"].get("approvedForPatient", "(absent)"))
                for entry in reading.entries
                if not isinstance(entry["header"].get("approvedForPatient"), bool)
            ]
            require(
                not vague,
                f"{reading.type}: {len(vague)} entries do not say true or false",
                expected="a JSON boolean",
                got=some(vague),
                patient=name,
            )


@pytest.mark.rule("EXC-011")
@pytest.mark.lane("quick")
def test_an_excluded_consumer_gets_nothing(exam: Exam) -> None:
    """A consumer that the profile excludes gets no entry: the answer is empty, or a refusal."""
    excluded = exam.profile.excluded_consumers
    if not excluded:
        raise NotApplicableError("profilen undantar ingen konsument (the profile excludes no consumer)")
    tried = 0
    for reading in readings.of(exam, "anna-vuxen"):
        tried += len(reading.entries)
        for consumer in excluded:
            reply = exam.ask(reading.type, reading.persona.patient_id, consumer=consumer.hsa_id)
            require(
                gives_nothing(reply, form=exam.door.form),
                f"{reading.type}: a consumer that the profile excludes is neither refused nor given an empty answer",
                expected="no entries, or a refusal (403, a SOAP fault)",
                got=f"{reply.status}",
                patient="anna-vuxen",
            )
    readings.tempted(range(tried), "entry for a consumer that is not excluded")


@pytest.mark.rule("EXC-012")
@pytest.mark.lane("quick")
def test_who_asks_changes_nothing_else(exam: Exam) -> None:
    """Two consumers, neither excluded, get the same: what is flagged too, and after an excluded one has asked."""
    excluded = [consumer.hsa_id for consumer in exam.profile.excluded_consumers]
    tried = 0
    for persona in exam.personas("anna-vuxen", "valdsutsatt", "utesluten-enhet"):
        for type_ in exam.types:
            usual = exam.entries(type_, persona.patient_id)
            for consumer in excluded:
                exam.ask(type_, persona.patient_id, consumer=consumer)
            other = exam.entries(type_, persona.patient_id, consumer=OTHER_CONSUMER)
            tried += len(usual)
            require(
                other == usual,
                f"{type_}: another consumer gets another answer",
                expected=_count(usual),
                got=_count(other),
                patient=persona.name,
            )
    readings.tempted(range(tried), "entry for two consumers")


def _count(entries: list[dict[str, Any]]) -> str:
    flagged = sum(entry["header"].get("approvedForPatient") is False for entry in entries)
    return f"{len(entries)} entries, {flagged} of them not approved for the patient"
