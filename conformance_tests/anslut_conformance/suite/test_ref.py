"""REF: referrals, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.referral_status import Referral

from anslut_conformance import readings
from anslut_conformance.checks import require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading

REFERRALS = "referral-status"
_ANSWERED = "answer-received"


def _readings(exam: Exam) -> Iterator[Reading]:
    made = exam.personas("anna-vuxen", "remiss-vagar", "flera-vardgivare", "rattad")
    for persona in (*made, *exam.people()):
        yield readings.read(exam, REFERRALS, persona)


def _said(one: Expected) -> Referral:
    return one.event.holding(Referral)


def _same(exam: Exam, what: str, *prefixes: str) -> None:
    readings.tempted((one for reading in _readings(exam) for one in reading.expected), "referrals")
    for reading in _readings(exam):
        faults = reading.comparison.fields(*prefixes)
        require(
            not faults,
            f"{what} differs from the source in {len(faults)} steps of referrals",
            expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
            got=some(f"{fact.field}: {fact.got}" for fact in faults),
            patient=reading.persona.name,
        )


def _all_there(reading: Reading, steps: list[Expected], what: str) -> None:
    missing = [one for one in steps if not reading.met(one)]
    require(
        not missing,
        f"{what}: {len(missing)} steps are not delivered",
        expected=some(f"{_said(one).referral} {_said(one).status}" for one in missing),
        got="no such entry",
        patient=reading.persona.name,
    )


@pytest.mark.rule("REF-001")
@pytest.mark.lane("quick")
def test_every_step_of_a_referral_holds_together(exam: Exam) -> None:
    """All steps are there, with the number of the referral they belong to."""
    for reading in _readings(exam):
        _all_there(reading, reading.expected, "a referral")
    _same(exam, "the referral's id", "body.request.id")


@pytest.mark.rule("REF-002")
@pytest.mark.lane("quick")
def test_the_status_is_the_sources(exam: Exam) -> None:
    """Code, OID and text, of codes that nobody knows too."""
    statuses = {_said(one).status for reading in _readings(exam) for one in reading.expected}
    readings.tempted(
        statuses - {"sent", _ANSWERED, "struck-out"}, "steps with other codes than the public ones"
    )
    _same(exam, "the status", "body.statusCode")


@pytest.mark.rule("REF-003")
@pytest.mark.lane("quick")
def test_when_it_happened_is_not_when_it_was_recorded(exam: Exam) -> None:
    """Both times to the second."""
    readings.tempted(
        (
            one
            for reading in _readings(exam)
            for one in reading.expected
            if _said(one).time != one.occurred_at
        ),
        "steps that were recorded later",
    )
    _same(exam, "the time", "body.eventTime", "header.documentTime")


@pytest.mark.rule("REF-004")
def test_from_whom_and_to_whom(exam: Exam) -> None:
    """Who referred and who has it, by name, and by HSA-id where the unit has one."""
    steps = [one for reading in _readings(exam) for one in reading.expected]
    readings.tempted(
        (one for one in steps if _said(one).receiver.hsa_id is None), "receivers outside the record"
    )
    _same(exam, "sender or receiver", "body.request.author", "body.request.receivingOrganization")


@pytest.mark.rule("REF-005")
def test_what_came_to_nothing_is_told_too(exam: Exam) -> None:
    """Referrals that were struck out, rejected or never answered."""
    found = []
    for reading in _readings(exam):
        answered = {_said(one).referral for one in reading.expected if _said(one).status == _ANSWERED}
        steps = [one for one in reading.expected if _said(one).referral not in answered]
        _all_there(reading, steps, "a referral without an answer")
        found += steps
    statuses = {_said(one).status for one in found}
    readings.tempted(statuses & {"struck-out"}, "referrals that were struck out")
    readings.tempted(statuses & {"rejected"}, "referrals that were rejected")
