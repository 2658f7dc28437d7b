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
    from collections.abc import Callable, Mapping

    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.persons import Persona

#: Fewer than the ten that every connector must bear, which is a rule of its own.
_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to fail: to whom (*persona*, or somebody of its own), when asked for the type at *place*.

    *before* asks once while all is well; *linked* strikes the record under the persona's other identity;
    *fault* is the control plane's word, *details* its fields; *instead* is how a source fails
    that is read past its calls (a database): as a whole, for everybody, so one case at a time.
    """

    fault: str
    details: Mapping[str, Any] = field(default_factory=dict)
    instead: str | None = None
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
    "status 500": Case(fault="status", details={"status": 500}, instead="replica-missing"),
    "status 503": Case(fault="status", details={"status": 503}, instead="replica-locked", place=1),
    "truncate": Case(fault="truncate", instead="half-written", persona="flera-vardgivare"),
    "malformed": Case(fault="malformed", instead="types-that-lie", persona="rattad"),
    "reset": Case(fault="reset", instead="renamed-column", persona="osignerad", place=1),
    "third page": Case(
        fault="status", details={"status": 500, "nth": 3, "times": 1000}, persona="manga-poster"
    ),
    "linked record": Case(fault="status", details={"status": 500}, persona="reservnummer", linked=True),
    "pause of a second": Case(fault="status", details={"status": 429, "retry_after": 1, "nth": 1}),
    "pause of ten minutes": Case(fault="status", details={"status": 429, "retry_after": 600}),
    "after a good call": Case(
        fault="status", details={"status": 500}, instead="replica-missing", persona="anna-vuxen", before=True
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


def while_failing(exam: Exam, ask: Callable[[Persona], Reply]) -> tuple[Persona, Reply]:
    """Return somebody of its own, and what *ask* gets about them while the source fails."""
    persona, case = exam.someone("failure of the whole"), CASES["status 500"]
    try:
        if not (_strike(exam, case, persona) if exam.sees_calls else _break_whole(exam, case)):
            raise NotApplicableError(f"{exam.system} kan inte fela så (cannot fail like that)")
        return persona, ask(persona)
    finally:
        exam.control.clear_faults()
        _let_recover(exam, exam.lead)


def _ask_all(exam: Exam) -> dict[str, Failure]:
    wanted = {name: _whom(exam, name, case) for name, case in CASES.items()}
    somebody = {name: persona for name, persona in wanted.items() if persona is not None}
    types: list[str] = [exam.lead, *(one for one in exam.manifest["types"] if one != exam.lead)]

    def type_of(name: str) -> str:
        return types[CASES[name].place % len(types)]

    def ask(name: str) -> Failure:
        correlation = f"44444444-0000-4000-8000-{list(CASES).index(name):012d}"
        body = exam.query(somebody[name].patient_id)
        reply = exam.door.search(type_of(name), body, headers={"x-skltp-correlation-id": correlation})
        return Failure(persona=somebody[name], type=type_of(name), reply=reply, correlation=correlation)

    for name, persona in somebody.items():
        if CASES[name].before:
            exam.ask(type_of(name), persona.patient_id)
    try:
        if exam.sees_calls:
            struck = [name for name, persona in somebody.items() if _strike(exam, CASES[name], persona)]
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                failures = dict(zip(struck, pool.map(ask, struck), strict=True))
        else:
            failures = {name: ask(name) for name in somebody if _break_whole(exam, CASES[name])}
    finally:
        exam.control.clear_faults()
    _let_recover(exam, exam.lead)
    return failures


def _whom(exam: Exam, name: str, case: Case) -> Persona | None:
    """Return whom *case* strikes: a persona's part, when somebody plays it here, or somebody of its own."""
    if case.persona is None:
        return exam.someone(f"failure {name}")
    return next(iter(exam.personas(case.persona)), None)


def _strike(exam: Exam, case: Case, persona: Persona) -> bool:
    """Ask the source to fail for *persona*; False when it cannot fail so."""
    whose = persona.identities[-1] if case.linked else persona.patient_id
    where = {"path": exam.record_calls} if exam.record_calls else {}
    return _fault(exam, case.fault, patient_id=whose, **where, **case.details)


def _break_whole(exam: Exam, case: Case) -> bool:
    """Make the source fail as a whole, instead of as in the case before; False when it cannot fail so."""
    exam.control.clear_faults()
    return case.instead is not None and _fault(exam, case.instead)


def _fault(exam: Exam, name: str, **details: Any) -> bool:
    try:
        exam.control.fault(name, system=exam.system, **details)
    except ControlError as error:
        if error.status != IMPOSSIBLE_FAULT:
            raise
        return False
    return True


def _let_recover(exam: Exam, type_: str) -> None:
    """Wait until a connector that spares a failing source for a moment asks it again."""
    anybody = exam.persona("anna-vuxen").patient_id
    exam.eventually(lambda: exam.ask(type_, anybody).status == OK, seconds=5.0, every=0.1)
