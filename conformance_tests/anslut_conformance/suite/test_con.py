"""CON: care contacts, whatever system keeps them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.care_contacts import CareContact

from anslut_conformance import readings, writings
from anslut_conformance.checks import document_ids, require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

CONTACTS = "care-contacts"


def _readings(exam: Exam) -> Iterator[Reading]:
    for persona in (*exam.personas("anna-vuxen", "utkast", "sommartid"), *exam.people()):
        yield readings.read(exam, CONTACTS, persona)


def _same(exam: Exam, what: str, *prefixes: str) -> None:
    readings.tempted((one for reading in _readings(exam) for one in reading.expected), "care contacts")
    for reading in _readings(exam):
        faults = reading.comparison.fields(*prefixes)
        require(
            not faults,
            f"{what} differs from the source in {len(faults)} care contacts",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )


@pytest.mark.rule("CON-001")
@pytest.mark.lane("quick")
def test_kind_and_status_are_the_sources_in_national_codes(exam: Exam) -> None:
    """Code, OID and text of both lists."""
    _same(exam, "the kind or the status", "body.careContactCode", "body.careContactStatus")


@pytest.mark.rule("CON-002")
@pytest.mark.lane("quick")
def test_from_and_to_are_the_contacts_own(exam: Exam) -> None:
    """To the second; and no end where there is none yet."""
    _same(exam, "the time period", "body.careContactTimePeriod")


@pytest.mark.rule("CON-003")
def test_the_reason_is_the_sources(exam: Exam) -> None:
    """In words."""
    _same(exam, "the reason", "body.careContactReason")


@pytest.mark.rule("CON-004")
def test_a_contact_that_goes_on_is_the_same_when_it_has_ended(exam: Exam) -> None:
    """Written as ongoing, seen without an end; ended, and seen under the same documentId."""
    somebody = exam.someone("CON-004")
    # It began a while ago, so that it can end without moving the clock under the other checks.
    now = exam.now()
    begun = (now - timedelta(minutes=10)).isoformat()
    going_on = {"kind": "phone", "status": "ongoing", "start": begun, "reason": "Huvudvärk"}
    event = writings.write(exam, somebody, CONTACTS, content=going_on)
    first = readings.carriers(exam, somebody, event)
    require(
        len(first) == 1,
        "a care contact that goes on is not delivered",
        expected="one entry with the status ongoing",
        got=document_ids(first),
    )
    period = first[0]["body"].get("careContactTimePeriod") or {}
    require(
        "end" not in period,
        "a care contact that goes on has an end",
        expected="no end",
        got=period.get("end"),
    )
    ended = {"status": "ended", "end": now.isoformat()}
    event = writings.change(exam, somebody, event, "edit", content=ended)
    last = readings.carriers(exam, somebody, event)
    status = event.holding(CareContact).status_code.code
    require(
        [(entry["body"].get("careContactStatus") or {}).get("code") for entry in last] == [status],
        "a care contact that has ended does not say so",
        expected=status,
        got=some(entry["body"].get("careContactStatus") for entry in last),
    )
    require(
        document_ids(last) == document_ids(first),
        "a care contact has another documentId when it has ended",
        expected=document_ids(first),
        got=document_ids(last),
    )
