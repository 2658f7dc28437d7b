"""LOG: every read can be followed up, without the log becoming a register of persons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from anslut_contracts.clock import SystemClock

from anslut_conformance import checks, facts, readings
from anslut_conformance.checks import OK, holds_number, require
from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.failures import failed

if TYPE_CHECKING:
    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

_ONE_DAY = timedelta(days=1)


def _line(exam: Exam, correlation: str) -> dict[str, Any] | None:
    """Return the log line of one call, waiting a moment for a log that is written after the reply."""
    mark = correlation.encode()

    def look() -> dict[str, Any] | None:
        found = next((one for one in exam.access_log_text().encode().splitlines() if mark in one), None)
        return None if found is None else orjson.loads(found)

    line: dict[str, Any] | None = exam.eventually(look, seconds=2.0)
    return line


def _ask(exam: Exam, type_: str, persona: Persona, correlation: str, **filters: str) -> Reply:
    body = exam.query(persona.patient_id, **filters)
    return exam.door.search(type_, body, headers={"x-skltp-correlation-id": correlation})


@pytest.mark.rule("LOG-001")
@pytest.mark.lane("quick")
@pytest.mark.observes("access-log")
def test_every_read_leaves_a_line(exam: Exam) -> None:
    """Who asked, when, which type, which units' entries, how many."""
    persona = exam.persona("anna-vuxen")
    for number, type_ in enumerate(exam.types):
        correlation = f"11111111-0000-4000-8000-{number:012d}"
        reply = _ask(exam, type_, persona, correlation)
        if reply.status != OK:
            continue  # judged elsewhere
        entries = reply.json()["entries"]
        line = _line(exam, correlation)
        if line is None:
            checks.fail(
                f"{type_}: an answered search left no line in the access log", expected="one line per read"
            )
        due = {
            "consumerHsaId": CONSUMER,
            "type": type_,
            "count": len(entries),
            "outcome": "ok",
            "careUnits": sorted({entry["header"].get("careUnitHsaId") or "" for entry in entries} - {""}),
        }
        got = {key: sorted(value) if isinstance(value := line.get(key), list) else value for key in due}
        require(
            got == due,
            f"{type_}: the access log says something else than what was read",
            expected=due,
            got=got,
        )
        broken = [one for one in checks.schema_errors("access-log", line) if not one.startswith("/subject")]
        require(not broken, f"{type_}: the line does not follow its schema", got=broken)
        time = facts.instant(line.get("time"))
        now = SystemClock().now()
        require(
            isinstance(time, datetime) and (abs(time - now) < _ONE_DAY or abs(time - exam.now()) < _ONE_DAY),
            f"{type_}: the line's time is not when the read happened",
            got=line.get("time"),
        )


@pytest.mark.rule("LOG-002")
@pytest.mark.observes("access-log")
def test_logs_know_persons_only_by_pseudonym(exam: Exam) -> None:
    """The same person is the same pseudonym, another is another; no number stands in any log."""
    people = [exam.persona("anna-vuxen"), exam.someone("LOG-002")]
    subjects: list[object] = []
    for number, persona in enumerate((people[0], people[1], people[0])):
        correlation = f"22222222-0000-4000-8000-{number:012d}"
        _ask(exam, exam.types[0], persona, correlation)
        line = _line(exam, correlation)
        subjects.append((line or {}).get("subject"))
    exam.door.search(
        exam.types[0], {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": _mistyped(people[0])}}
    )
    failed(exam, "after a good call")
    known = [subject for subject in subjects if subject is not None]
    if len(known) == len(subjects):  # whether every read leaves a line is another rule
        require(
            subjects[0] == subjects[2], "the same person has two pseudonyms", got=[subjects[0], subjects[2]]
        )
        require(subjects[0] != subjects[1], "two persons have the same pseudonym", got=subjects[0])
    numbers = [one for persona in people for one in persona.identities]
    mistyped = _mistyped(people[0])
    for what, text in (
        ("the access log", exam.access_log_text()),
        ("the connector's output", exam.process_output()),
    ):
        require(not holds_number(text, numbers) and mistyped not in text, f"{what} holds a person's number")


def _mistyped(persona: Persona) -> str:
    number = persona.patient_id.extension
    return number[:-1] + str((int(number[-1]) + 1) % 10)


@pytest.mark.rule("LOG-003")
@pytest.mark.observes("access-log")
def test_refused_and_failed_calls_leave_a_line(exam: Exam) -> None:
    """Whoever tries what they may not, or asks when the source is down, can be seen afterwards."""
    persona = exam.persona("anna-vuxen")
    type_ = exam.types[0]
    cases: dict[str, int] = {}
    cases["33333333-0000-4000-8000-000000000001"] = _ask(
        exam, type_, persona, "33333333-0000-4000-8000-000000000001", source_system_id="SE2321000999-X999"
    ).status
    failure = failed(exam, "status 500")
    cases[failure.correlation] = failure.reply.status
    if exam.observes("authentication"):
        correlation = "33333333-0000-4000-8000-000000000003"
        cases[correlation] = exam.door.search(
            type_, exam.query(persona.patient_id), token=None, headers={"x-skltp-correlation-id": correlation}
        ).status
    refused = {correlation: status for correlation, status in cases.items() if status != OK}
    readings.tempted(refused, "refused call")
    for correlation, status in refused.items():
        line = _line(exam, correlation)
        if line is None:
            checks.fail(
                f"a call that was answered {status} left no line in the access log",
                expected="one line per call",
            )
        require(
            line.get("outcome") not in {None, "ok"},
            f"the line of a call that was answered {status} does not say so",
            expected="the problem's name as outcome",
            got=line.get("outcome"),
        )
