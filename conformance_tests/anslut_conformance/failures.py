"""What the connector answers when its source fails in every way, asked once per run and all at the same time.

A connector may try a failing source again for a while, so one after the other these would take most of a run.
Each case strikes one person only, so the cases do not meet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from anslut_conformance.checks import OK
from anslut_conformance.exam import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

#: What the source gets of calls about one person's entries, of any type.
RECORD: Final = r"/(anteckningar|diagnoser|labbsvar)"

_NOTES: Final = r"/anteckningar"

#: Fewer than the ten that every connector must bear, which is a rule of its own.
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to fail: to whom (*persona*, or somebody of its own), when asked for the type at *place*.

    *before* asks once while all is well; *linked* strikes the record under the persona's other identity;
    *fault* is the control plane's word, *details* its fields.
    """

    fault: str
    details: Mapping[str, Any] = field(default_factory=dict)
    persona: str | None = None
    place: int = 0
    before: bool = False
    linked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What came of a case: who was asked about, which type, the reply, and the call's correlation id."""

    persona: Persona
    type: str
    reply: Reply
    correlation: str


CASES: Final[Mapping[str, Case]] = {
    "status 500": Case(fault="status", details={"status": 500, "path": RECORD}),
    "status 503": Case(fault="status", details={"status": 503, "path": RECORD}, place=1),
    "truncate": Case(fault="truncate", details={"path": RECORD}, persona="flera-vardgivare"),
    "malformed": Case(fault="malformed", details={"path": RECORD}, persona="rattad"),
    "reset": Case(fault="reset", details={"path": RECORD}, persona="osignerad"),
    "third page": Case(
        fault="status",
        details={"status": 500, "path": _NOTES, "nth": 3, "times": 1000},
        persona="manga-poster",
    ),
    "linked record": Case(
        fault="status",
        details={"status": 500, "path": _NOTES},
        persona="reservnummer",
        linked=True,
    ),
    "pause of a second": Case(
        fault="status", details={"status": 429, "retry_after": 1, "path": RECORD, "nth": 1}
    ),
    "pause of ten minutes": Case(fault="status", details={"status": 429, "retry_after": 600, "path": RECORD}),
    "after a good call": Case(
        fault="status", details={"status": 500, "path": RECORD}, persona="anna-vuxen", before=True
    ),
}


def failed(exam: Exam, case: str) -> Failure:
    """Return what the connector answered in *case*, asking for all cases the first time."""
    known = exam.memory.get("failures")
    if not isinstance(known, dict):
        known = exam.memory["failures"] = _ask_all(exam)
    failure: Failure = known[case]
    body = orjson.dumps(exam.query(failure.persona.patient_id))
    exam.door.exchanges.append(
        Exchange(method="POST", path=failure.reply.path, headers={}, body=body, reply=failure.reply)
    )
    return failure


def _ask_all(exam: Exam) -> dict[str, Failure]:
    types = exam.manifest["types"]
    somebody = {
        name: exam.someone(f"failure {name}") if case.persona is None else exam.persona(case.persona)
        for name, case in CASES.items()
    }
    for name, case in CASES.items():
        if case.before:
            exam.ask(types[case.place % len(types)], somebody[name].patient_id)
        exam.control.fault(
            case.fault, system=exam.system, patient_id=somebody[name].patient_id, **case.details
        )

    def ask(numbered: tuple[int, str]) -> Failure:
        number, name = numbered
        correlation = f"44444444-0000-4000-8000-{number:012d}"
        type_ = types[CASES[name].place % len(types)]
        body = exam.query(somebody[name].patient_id)
        reply = exam.door.search(type_, body, headers={"x-skltp-correlation-id": correlation})
        return Failure(persona=somebody[name], type=type_, reply=reply, correlation=correlation)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            failures = list(pool.map(ask, enumerate(CASES)))
    finally:
        exam.control.clear_faults()
    _let_recover(exam, types[0])
    return dict(zip(CASES, failures, strict=True))


def _let_recover(exam: Exam, type_: str) -> None:
    """Wait until a connector that spares a failing source for a moment asks it again."""
    anybody = exam.persona("anna-vuxen").patient_id
    exam.eventually(lambda: exam.ask(type_, anybody).status == OK, seconds=5.0, every=0.1)
