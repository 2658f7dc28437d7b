"""NOW: visible at once, and the index told: data first, index second, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from anslut_contracts import information_types

from anslut_conformance import facts, writings
from anslut_conformance.checks import document_ids, fail, require
from anslut_conformance.errors import ExaminerError
from anslut_conformance.text import entry_text, squeeze
from anslut_conformance.writings import NOTES

if TYPE_CHECKING:
    from datetime import datetime

    from anslut_simulators.truth import Event, Identity

    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_TRIES = 5


def _is_met(exam: Exam, somebody: Persona, event: Event) -> bool:
    entries = exam.entries(event.type, somebody.patient_id)
    comparison = exam.compare(exam.expected(somebody.patient_id, event.type), entries, event.type)
    return event.id not in {one.event_id for one in comparison.missing}


@pytest.mark.rule("NOW-001")
@pytest.mark.lane("quick")
def test_a_new_entry_is_there_at_the_next_call(exam: Exam) -> None:
    """Entered now, unsigned, and asked for now."""
    somebody = exam.someone("NOW-001")
    for type_ in exam.types:
        exam.entries(type_, somebody.patient_id)
        event = writings.write(exam, somebody, type_)
        require(
            _is_met(exam, somebody, event),
            f"{type_}: an entry that was just entered is not in the answer",
            expected="visible at the next call",
            got="not there",
        )


@pytest.mark.rule("NOW-002")
def test_a_changed_entry_shows_the_latest_text_once(exam: Exam) -> None:
    """Corrected text replaces the old: one entry, same documentId, same time."""
    somebody = exam.someone("NOW-002")
    old, new = "Vänster knä är svullet sedan i går.", "Höger knä är svullet sedan i går, ej vänster."
    event = writings.note(exam, somebody, [(["Status"], old)])
    before = _showing(exam, somebody, old)
    writings.change(exam, somebody, event, "edit", atoms=writings.atoms([(["Status"], new)]))
    after = _showing(exam, somebody, new)
    stale = _showing(exam, somebody, old)
    require(not stale, "the text from before the correction is still shown", expected=new, got=old)
    require(
        len(after) == 1, "the corrected text does not stand in exactly one entry", expected=1, got=len(after)
    )
    if not before:
        return  # whether a new note is there at all is another rule
    require(
        document_ids(before) == document_ids(after),
        "a correction gave the entry another documentId",
        expected=document_ids(before),
        got=document_ids(after),
    )
    times = [facts.instant(entry["header"].get("documentTime")) for entry in (*before, *after)]
    require(times[0] == times[-1], "a correction moved the entry in time", expected=times[0], got=times[-1])


def _showing(exam: Exam, somebody: Persona, text: str) -> list[dict[str, Any]]:
    entries = exam.entries(NOTES, somebody.patient_id)
    return [entry for entry in entries if squeeze(text) in squeeze(entry_text(entry))]


def transactions(exam: Exam, identity: Identity, type_: str) -> list[dict[str, Any]]:
    """Return what the index has received about a person and type, in the order it came."""
    category = information_types()[type_].index_category
    return [
        one
        for one in exam.control.index()["transactions"]
        if one["engagement"]["registeredResidentIdentification"] == identity.extension
        and one["engagement"]["categorization"] == category
    ]


def told(exam: Exam, identity: Identity, type_: str, *, more_than: int = 0) -> list[dict[str, Any]]:
    """Return the transactions once there are more of them, or what there is when time is up."""

    def look() -> list[dict[str, Any]]:
        found = transactions(exam, identity, type_)
        return found if len(found) > more_than else []

    return exam.eventually(look, seconds=8.0) or transactions(exam, identity, type_)


def _caught_up(exam: Exam, label: str) -> None:
    """Wait until the index has heard of something written after everything else: the feed has an order."""
    witness = exam.someone(f"{label} witness")
    before = len(transactions(exam, witness.patient_id, exam.lead))
    writings.write(exam, witness, exam.lead)
    heard = told(exam, witness.patient_id, exam.lead, more_than=before)
    require(
        len(heard) > before, "the index was not told of a new entry", expected="a transaction", got="silence"
    )


@pytest.mark.rule("NOW-003")
@pytest.mark.observes("index")
@pytest.mark.capability("index-updates")
def test_the_index_is_told_of_a_new_entry(exam: Exam) -> None:
    """Right person, category, source system and time."""
    somebody = exam.someone("NOW-003")
    for type_ in exam.types:
        about = information_types()[type_]
        before = len(transactions(exam, somebody.patient_id, type_))
        event = writings.write(exam, somebody, type_)
        heard = told(exam, somebody.patient_id, type_, more_than=before)
        if len(heard) <= before:
            fail(f"{type_}: the index was not told of a new entry", expected="a transaction", got="silence")
        latest = heard[-1]
        engagement = latest["engagement"]
        due = {
            "deleteFlag": False,
            "serviceDomain": about.service_domain,
            "sourceSystem": exam.source_system_id,
            "logicalAddress": exam.source_system_id,
            "mostRecentContent": _stamp(event.occurred_at),
        }
        got = {**{key: engagement.get(key) for key in due}, "deleteFlag": latest["deleteFlag"]}
        # Something that is booked lies ahead of what was written now.
        booked = max(_stamp(one.occurred_at) for one in exam.expected(somebody.patient_id, type_))
        require(
            got in (due, {**due, "mostRecentContent": booked}),
            f"{type_}: the index was told something else than what happened",
            expected=due,
            got=got,
        )


def _stamp(time: datetime) -> str:
    """Return *time* as the index has times."""
    return time.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S")


@pytest.mark.rule("NOW-004")
@pytest.mark.observes("index")
@pytest.mark.capability("index-updates")
def test_the_index_hears_of_nothing_that_cannot_be_fetched(exam: Exam) -> None:
    """A draft cannot be fetched, so the index may not point at it; once it is entered, it must."""
    somebody = exam.someone("NOW-004")
    draft = writings.write(exam, somebody, exam.lead, state="draft")
    _caught_up(exam, "NOW-004")
    if any(_showing(exam, somebody, atom.text) for atom in draft.atoms):
        return  # a connector that delivers drafts breaks another rule, and may point at them
    time = _stamp(draft.occurred_at)
    early = [
        one
        for one in transactions(exam, somebody.patient_id, exam.lead)
        if one["engagement"].get("mostRecentContent") == time
    ]
    require(
        not early,
        "the index was told of an entry that cannot be fetched yet",
        expected="data first, index second",
        got=f"{len(early)} transactions about a draft",
    )
    before = len(transactions(exam, somebody.patient_id, exam.lead))
    writings.change(exam, somebody, draft, "finalise")
    heard = told(exam, somebody.patient_id, exam.lead, more_than=before)
    require(
        len(heard) > before and heard[-1]["engagement"].get("mostRecentContent") == time,
        "the index was not told when a draft was entered",
        expected=f"a transaction with mostRecentContent {time}",
        got=heard[-1:] or "silence",
    )


def _empty_handed(exam: Exam, label: str) -> tuple[Persona, str]:
    """Return somebody and a type of which nothing is recorded about them.

    Where everybody has something, that is the person about whom nothing is recorded at all: what is written then is
    removed again by the check.
    """
    for type_ in sorted(exam.types, key=lambda one: one != writings.DIAGNOSES):
        for number in range(40):
            somebody = exam.someone(f"{label} {number}")
            if not exam.truth(somebody.patient_id, type_):
                return somebody, type_
    nobody = exam.persona("tom")
    if exam.truth(nobody.patient_id, exam.lead):
        raise ExaminerError("found nobody who lacks any type of entry")
    return nobody, exam.lead


@pytest.mark.rule("NOW-005")
@pytest.mark.observes("index")
@pytest.mark.capability("index-updates")
def test_an_engagement_is_deleted_when_nothing_is_left_and_not_before(exam: Exam) -> None:
    """Of two entries the first removed leaves the person in the index, the second takes them out."""
    somebody, type_ = _empty_handed(exam, "NOW-005")
    first, second = writings.write(exam, somebody, type_), writings.write(exam, somebody, type_)
    writings.change(exam, somebody, first, "remove")
    _caught_up(exam, "NOW-005")
    heard = transactions(exam, somebody.patient_id, type_)
    require(
        not [one for one in heard if one["deleteFlag"]],
        "the person was taken out of the index while an entry was left",
        expected="deleteFlag only when nothing is left",
        got=f"{len(heard)} transactions, a deletion among them",
    )
    writings.change(exam, somebody, second, "remove")
    after = told(exam, somebody.patient_id, type_, more_than=len(heard))
    require(
        after and after[-1]["deleteFlag"],
        "the person stays in the index although nothing is left",
        expected="deleteFlag true",
        got=after[-1:] or "silence",
    )


@pytest.mark.rule("NOW-005")
@pytest.mark.observes("index")
@pytest.mark.capability("index-updates")
def test_reserve_numbers_are_never_indexed(exam: Exam) -> None:
    """Somebody known by a reserve number only stays out of the national index."""
    somebody = exam.someone("NOW-005 reserve", stratum="scale")
    writings.write(exam, somebody, exam.lead)
    _caught_up(exam, "NOW-005 reserve")
    sent = [
        one for one in exam.control.index()["refusals"] if "registeredResidentIdentification" in one["detail"]
    ]
    require(
        not sent and not transactions(exam, somebody.patient_id, exam.lead),
        "a reserve number was sent to the index",
        expected="nothing about reserve numbers",
        got=f"{len(sent)} refused updates",
    )


@pytest.mark.rule("NOW-006")
@pytest.mark.observes("index")
@pytest.mark.capability("index-updates")
def test_nothing_is_lost_while_the_index_is_down(exam: Exam) -> None:
    """What happens while the index does not answer reaches it when it is back."""
    somebody = exam.someone("NOW-006")
    before = len(transactions(exam, somebody.patient_id, exam.lead))
    tried = _index_failures(exam)
    with exam.fault("status", status=503, system="index"):
        writings.write(exam, somebody, exam.lead)
        # So many that a client's own few tries are over: what comes after them is the connector's doing.
        exam.eventually(lambda: _index_failures(exam) > tried + _TRIES, seconds=4.0)
    heard = told(exam, somebody.patient_id, exam.lead, more_than=before)
    require(
        len(heard) > before,
        "a change that happened while the index was down never reached it",
        expected="a transaction when the index is back",
        got="silence",
    )


def _index_failures(exam: Exam) -> int:
    return sum("/index" in call["path"] and call["status"] >= 500 for call in exam.control.journal())  # noqa: PLR2004
