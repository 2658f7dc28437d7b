"""LIM: many at once, too much at once, very much in all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import orjson
import pytest

from anslut_conformance import readings
from anslut_conformance.checks import OK, problem, require, some

if TYPE_CHECKING:
    from anslut_conformance.exam import Exam

_AT_ONCE = 10
_LONGEST_SECONDS = 27.0
_VERY_MANY = 1000
_LARGEST_BYTES = 15 * 1024 * 1024


@pytest.mark.rule("LIM-001")
@pytest.mark.lane("quick")
def test_ten_can_ask_at_the_same_time(exam: Exam) -> None:
    """Ten simultaneous searches are all answered."""
    people = [exam.persona("anna-vuxen"), *exam.people()]
    asked = [people[number % len(people)] for number in range(_AT_ONCE)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        replies = list(pool.map(lambda one: exam.ask(exam.types[0], one.patient_id), asked))
    refused = [f"{reply.status} after {reply.seconds:.1f} s" for reply in replies if reply.status != OK]
    require(
        not refused,
        f"{len(refused)} of {_AT_ONCE} simultaneous searches were not answered",
        got=some(refused),
    )
    slow = [f"{reply.seconds:.1f} s" for reply in replies if reply.seconds > _LONGEST_SECONDS]
    require(not slow, "simultaneous searches took longer than 27 s", got=some(slow))


@pytest.mark.rule("LIM-002")
def test_too_large_and_too_deep_requests_are_refused(exam: Exam) -> None:
    """Ten megabytes, or a hundred thousand brackets, are refused without harm."""
    body = exam.query(exam.persona("anna-vuxen").patient_id)
    large = orjson.dumps({**body, "careUnitIds": ["SE2321000999-A1001" * 4] * 150_000})
    deep = b'{"patientId":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for what, payload in (
        ("a request of ten megabytes", large),
        ("a request nested a hundred thousand deep", deep),
    ):
        reply = exam.door.search(exam.types[0], payload)
        problem(reply, {400, 413}, f"{what} was not refused as malformed or too large")


@pytest.mark.rule("LIM-003")
def test_a_large_record_is_answered(exam: Exam) -> None:
    """Somebody with more than a thousand notes gets the oldest too, within time and size."""
    reading = readings.many(exam, more_than=_VERY_MANY)
    persona = reading.persona
    oldest = reading.expected[_VERY_MANY:][-20:]
    lost = [one for one in oldest if one in reading.comparison.missing]
    require(
        len(lost) < len(oldest),
        f"of {len(reading.expected)} notes {len(reading.entries)} were delivered, and none of the oldest",
        expected=f"notes back to {oldest[-1].occurred_at.date()}",
        got=f"{len(reading.entries)} notes",
        patient=persona.name,
    )
    reply = exam.ask(exam.lead, persona.patient_id)
    require(
        reply.seconds <= _LONGEST_SECONDS,
        "a large record took longer than 27 s",
        got=f"{reply.seconds:.1f} s",
    )
    require(len(reply.body) <= _LARGEST_BYTES, "an answer weighs more than 15 MB", got=len(reply.body))


@pytest.mark.rule("LIM-004")
@pytest.mark.lane("long")
@pytest.mark.seconds(90)
def test_a_slow_source_is_answered_in_time(exam: Exam) -> None:
    """Every page of the source takes four seconds: the limit is for the whole, not for each page."""
    persona = exam.persona("manga-poster")
    with exam.fault("latency", seconds=4, path=exam.record_calls):
        reply = exam.ask(exam.lead, persona.patient_id)
    require(
        reply.seconds <= _LONGEST_SECONDS,
        "a slow source made the answer late",
        expected="an answer, a partial answer or a problem within 27 s",
        got=f"{reply.seconds:.1f} s",
        patient=persona.name,
    )
