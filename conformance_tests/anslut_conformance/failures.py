"""What the connector answers when its source fails in every way, asked once per run and all at the same time.

A connector may try a failing source again for a while, so one after the other these would take most of a run.
Each case strikes one person only, so the cases do not meet.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
from anslut_simulators.client import ControlError

from anslut_conformance.checks import OK
from anslut_conformance.errors import NotApplicableError
from anslut_conformance.exam import IMPOSSIBLE_FAULT
from anslut_conformance.exam_door import Exchange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

#: Fewer than the ten that every connector must bear, which is a rule of its own.
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to fail: to whom (*persona*, or somebody of its own), when asked for the type at *place*.

    *before* asks once while all is well; *linked* strikes the record under the persona's other identity;
    *fault* is the control plane's word, *details* its fields; *instead* is what a source has that cannot fail so.
    """

    fault: str
    details: Mapping[str, Any] = field(default_factory=dict)
    instead: tuple[str, Mapping[str, Any]] | None = None
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
    "status 500": Case(fault="status", details={"status": 500}, instead=("gone", {})),
    "status 503": Case(fault="status", details={"status": 503}, instead=("locked", {}), place=1),
    "truncate": Case(fault="truncate", instead=("dropped", {}), persona="flera-vardgivare"),
    "malformed": Case(fault="malformed", instead=("half-written", {}), persona="rattad"),
    "reset": Case(fault="reset", instead=("renamed-column", {}), persona="osignerad"),
    "third page": Case(
        fault="status", details={"status": 500, "nth": 3, "times": 1000}, persona="manga-poster"
    ),
    "linked record": Case(fault="status", details={"status": 500}, persona="reservnummer", linked=True),
    "pause of a second": Case(fault="status", details={"status": 429, "retry_after": 1, "nth": 1}),
    "pause of ten minutes": Case(fault="status", details={"status": 429, "retry_after": 600}),
    "after a good call": Case(
        fault="status", details={"status": 500}, instead=("gone", {}), persona="anna-vuxen", before=True
    ),
}


def failed(exam: Exam, case: str) -> Failure:
    """Return what the connector answered in *case*, asking for all cases the first time.

    A source that cannot fail so, or has nobody to fail for, makes the check not applicable.
    """
    known = exam.memory.get("failures")
    if not isinstance(known, dict):
        known = exam.memory["failures"] = _ask_all(exam)
    if case not in known:
        raise NotApplicableError(f"{exam.system} kan inte fela så (cannot fail like that): {case}")
    failure: Failure = known[case]
    body = orjson.dumps(exam.query(failure.persona.patient_id))
    exam.door.exchanges.append(
        Exchange(method="POST", path=failure.reply.path, headers={}, body=body, reply=failure.reply)
    )
    return failure


def _ask_all(exam: Exam) -> dict[str, Failure]:
    types = [exam.lead, *(one for one in exam.manifest["types"] if one != exam.lead)]
    somebody: dict[str, Persona] = {}
    for name, case in CASES.items():
        persona = _whom(exam, name, case)
        if persona is None:
            continue
        if case.before:
            exam.ask(types[case.place % len(types)], persona.patient_id)
        if _strike(exam, case, persona):
            somebody[name] = persona

    def ask(numbered: tuple[int, str]) -> Failure:
        number, name = numbered
        correlation = f"44444444-0000-4000-8000-{number:012d}"
        type_ = types[CASES[name].place % len(types)]
        body = exam.query(somebody[name].patient_id)
        reply = exam.door.search(type_, body, headers={"x-skltp-correlation-id": correlation})
        return Failure(persona=somebody[name], type=type_, reply=reply, correlation=correlation)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            failures = list(pool.map(ask, enumerate(somebody)))
    finally:
        exam.control.clear_faults()
    _let_recover(exam, exam.lead)
    return dict(zip(somebody, failures, strict=True))


def _whom(exam: Exam, name: str, case: Case) -> Persona | None:
    """Return whom *case* strikes: a persona's part, when somebody plays it here, or somebody of its own."""
    if case.persona is None:
        return exam.someone(f"failure {name}")
    return next(iter(exam.personas(case.persona)), None)


def _strike(exam: Exam, case: Case, persona: Persona) -> bool:
    """Ask the source to fail for *persona*; False when it can neither fail so nor in the other way."""
    whose = persona.identities[-1] if case.linked else persona.patient_id
    for fault, details in ((case.fault, case.details), *((case.instead,) if case.instead else ())):
        try:
            where = {"path": exam.record_calls} if exam.record_calls else {}
            exam.control.fault(fault, system=exam.system, patient_id=whose, **where, **details)
        except ControlError as error:
            if error.status != IMPOSSIBLE_FAULT:
                raise
        else:
            return True
    return False


def _let_recover(exam: Exam, type_: str) -> None:
    """Wait until a connector that spares a failing source for a moment asks it again."""
    anybody = exam.persona("anna-vuxen").patient_id
    exam.eventually(lambda: exam.ask(type_, anybody).status == OK, seconds=5.0, every=0.1)
