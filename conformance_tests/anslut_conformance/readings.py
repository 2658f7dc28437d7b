"""Answers, truth and their comparison, read once per run and shared by the checks that change nothing.

A check that writes works with somebody of its own (`Exam.someone`), so that what is remembered stays true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from anslut_conformance.errors import ExaminerError, NotApplicableError
from anslut_conformance.exam_door import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from anslut_simulators.truth import Event

    from anslut_conformance.compare import Comparison
    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.persons import Persona

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One person's entries of one type as answered, with what was owed and how the two compare."""

    type: str
    persona: Persona
    entries: list[dict[str, Any]]
    expected: list[Expected]
    events: list[Event]
    comparison: Comparison
    replies: tuple[Reply, ...]

    def owed(self, event_id: str) -> Expected | None:
        """Return what was owed for an event, or None when it was not to be delivered."""
        return next((one for one in self.expected if one.event_id == event_id), None)

    def met(self, one: Expected) -> list[Mapping[str, Any]]:
        """Return the entries that carry *one*; none when it is missing."""
        return next((list(entries) for owed, entries in self.comparison.pairs if owed is one), [])


def read(exam: Exam, type_: str, persona: Persona) -> Reading:
    """Return the reading of *type_* for *persona*, remembered for the rest of the run."""
    key = ("reading", type_, persona.patient_id)
    known = exam.memory.get(key)
    if isinstance(known, Reading):
        exam.door.exchanges.append(_shown(exam, known))
        return known
    entries: list[dict[str, Any]] = []
    replies: list[Reply] = []
    for page in exam.pages(type_, persona.patient_id):
        entries += page["entries"]
        last = exam.door.exchanges[-1].reply
        if last is not None:
            replies.append(last)
    events = exam.truth(persona.patient_id, type_)
    expected = exam.owed(persona.patient_id, events)
    reading = Reading(
        type=type_,
        persona=persona,
        entries=entries,
        expected=expected,
        events=events,
        comparison=exam.compare(expected, entries, type_),
        replies=tuple(replies),
    )
    exam.memory[key] = reading
    return reading


def _shown(exam: Exam, reading: Reading) -> Exchange:
    """Return the last exchange of a reading, as evidence for a check that uses it again."""
    reply = reading.replies[-1]
    body = orjson.dumps(exam.query(reading.persona.patient_id))
    return Exchange(method="POST", path=reply.path, headers={}, body=body, reply=reply)


def carriers(exam: Exam, somebody: Persona, event: Event) -> list[dict[str, Any]]:
    """Return the entries that carry *event* just now; nothing is remembered."""
    entries = exam.entries(event.type, somebody.patient_id)
    comparison = exam.compare(exam.expected(somebody.patient_id, event.type), entries, event.type)
    carrying = set(comparison.document_ids(event.id))
    return [entry for entry in entries if entry["header"]["documentId"] in carrying]


def many(exam: Exam, *, more_than: int) -> Reading:
    """Return the reading of somebody with very many entries of the leading type.

    Where nobody in such a system can have so many, the check is not applicable.
    """
    reading = read(exam, exam.lead, exam.persona("manga-poster"))
    if len(reading.expected) <= more_than:
        raise NotApplicableError(
            f"ingen har över {more_than} poster i ett sådant system (nobody has so many entries there)"
        )
    return reading


def ordinary(exam: Exam) -> Iterator[Reading]:
    """Yield readings of everything, for persons without anything out of the ordinary."""
    for persona in [exam.persona("anna-vuxen"), *exam.people()]:
        for type_ in exam.types:
            yield read(exam, type_, persona)


def of(exam: Exam, who: str | Persona) -> Iterator[Reading]:
    """Yield the readings of *who* (a persona, or the part one plays), one for each type."""
    persona = exam.persona(who) if isinstance(who, str) else who
    for type_ in exam.types:
        yield read(exam, type_, persona)


def tempted(things: Iterable[_Thing], what: str) -> list[_Thing]:
    """Return *things* as a list; with nothing to be tempted by, the check would pass on air: our fault."""
    found = list(things)
    if not found:
        raise ExaminerError(f"the world holds no {what}, so the rule was not tried")
    return found
