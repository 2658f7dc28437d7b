"""Generated diagnoses: what the doctor registered at a visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import wall_time
from anslut_simulators.histories.codes import diagnosis_code
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.notes import care_contact_id
from anslut_simulators.truth import Event
from anslut_simulators.truth.diagnoses import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record

_DOCTORS: Final = frozenset({"distriktslakare", "st-lakare", "specialistlakare", "overlakare"})
_MOST: Final = 4


def diagnoses(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001 - a Teller
    """Yield the diagnoses registered by *now*."""
    for visit in record.plan.visits:
        if visit.start <= now and not visit.follow and record.role(visit) in _DOCTORS:
            yield from _diagnoses(record, visit, now)


def _identifier(visit: Visit, place: int) -> str:
    return f"{visit.words[9]:08X}{visit.words[10]:08X}D{place}"


def _diagnoses(record: Record, visit: Visit, now: int) -> Iterator[Event]:
    life = life_cycle(visit.start, visit.words)
    if visit.diagnosis is not None:
        found: list[tuple[str, bool | None]] = [(visit.diagnosis, None)]
    else:
        found = [(course.code, True if course.name else None) for course in visit.courses[:_MOST]]
    member = record.staff(visit)
    for place, (code, chronic) in enumerate(found):
        entered = life.entered + 60 * place
        if entered > now:
            return
        yield Event(
            id=_identifier(visit, place),
            type="diagnoses",
            system=record.system,
            patient=record.patient(visit),
            occurred_at=wall_time(visit.start),
            author=member.at(wall_time(entered)),
            unit=record.unit(visit),
            state=life.state(now),
            signature=member.at(wall_time(life.signed + 60 * place))
            if now >= life.signed + 60 * place
            else None,
            template=visit.block.template,
            care_contact_id=care_contact_id(visit),
            content=Diagnosis(
                code=diagnosis_code(code),
                kind="Bidiagnos" if place else "Huvuddiagnos",
                chronic=chronic,
                related_event_ids=(_identifier(visit, 0),) if place else (),
            ),
        )
