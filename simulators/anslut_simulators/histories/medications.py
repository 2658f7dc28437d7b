"""Generated medications: what the notes say that somebody is to take, started, renewed, changed and stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from anslut_simulators.histories.calendar import DAY, wall_day, wall_time
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.medicines import Medicine, meant
from anslut_simulators.histories.notes import care_contact_id, said, values_of
from anslut_simulators.histories.staff import STAFF_PER_ROLE, staff_member
from anslut_simulators.population.draws import below
from anslut_simulators.truth import Event
from anslut_simulators.truth.medications import Dispensation, Given, Medication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record
    from anslut_simulators.histories.values import Values

_DOCTORS: Final = frozenset({"distriktslakare", "st-lakare", "specialistlakare", "overlakare"})
_ROLES: Final = ("plan", "atgard", "lakemedel")
_WRITTEN_ABOUT: Final = 4
_NEVER: Final = 1 << 62
_SIGNED_AFTER: Final = 45
_SLOWLY_SIGNED: Final = 40
_MISTAKEN: Final = 10
_PER_MILLE: Final = 1000
_WHY: Final = ("Otillräcklig effekt", "Biverkning", "Byte till annat läkemedel")


@dataclass(slots=True, kw_only=True)
class _Prescription:
    """One prescription; times in wall-clock seconds, *end* and *closed* far beyond time when there is none.

    *closed* is when a later prescription replaced or stopped it; *renewed* when, and at which visit, it was renewed.
    """

    id: str
    chain: str
    medicine: Medicine
    visit: Visit
    course: str
    at: int
    start: int
    first: int
    end: int = _NEVER
    stops: bool = False
    why: str | None = None
    preceding: str | None = None
    succeeding: str | None = None
    closed: int = _NEVER
    closing: Visit | None = None
    renewed: list[tuple[int, Visit]] = field(default_factory=list)

    def goes_on(self, at: int) -> bool:
        """Tell whether it was to be taken at *at*."""
        return not self.stops and at < min(self.end, self.closed)


class _Chart:
    """What somebody has been prescribed by *now*, visit by visit."""

    def __init__(self, record: Record, now: int) -> None:
        self._record = record
        self._now = now
        self._current: dict[str, _Prescription] = {}
        self.found: list[_Prescription] = []

    def read(self, visit: Visit) -> None:
        """Take in what the note of *visit* says; later visits must come later."""
        record = self._record
        doctor = record.role(visit) in _DOCTORS
        values = values_of(record, visit)
        roles = ("lakemedel",) if visit.control else _ROLES
        texts = [text for role in roles if (text := said(record, visit, role)) is not None]
        turn = 0
        for course in [course.code for course in visit.courses[:_WRITTEN_ABOUT]] or [""]:
            told = {medicine.key: medicine for text in texts for medicine in meant(course, text, values)}
            allowed = [medicine for medicine in told.values() if doctor or medicine.own]
            at = visit.start + 300 + 60 * turn + below(visit.words[13], 200)
            if at > self._now:
                return
            if visit.control and allowed:
                turn += self._stop_others(visit, course, allowed, at, turn)
            for medicine in allowed:
                self._prescribe(visit, course, medicine, at, turn)
                turn += 1

    def _prescribe(self, visit: Visit, course: str, medicine: Medicine, at: int, turn: int) -> None:
        name = f"{'ward ' if medicine.ward else ''}{medicine.atc}"
        old = self._current.get(name)
        if old is not None and not old.goes_on(at):
            old = None
        if old is not None and old.medicine is medicine and medicine.days is None:
            old.renewed.append((at, visit))
            return
        start = at if not medicine.after else (at // DAY + medicine.after) * DAY + 28_800
        length = medicine.length(values_of(self._record, visit))
        made = _Prescription(
            id=f"LM{visit.words[9]:08X}{visit.words[10] & 0xFFFF:04X}{turn:X}",
            chain=f"OK{visit.words[8]:08X}{visit.words[10] & 0xFFFF:04X}{turn:X}",
            medicine=medicine,
            visit=visit,
            course=course,
            at=at,
            start=start,
            first=start,
            end=_NEVER if length is None else start + length * DAY,
        )
        if medicine.ward:
            made.end = _NEVER if medicine.hours else at + 1500
            leaving = max(
                one.start
                for one in self._record.plan.visits
                if care_contact_id(one) == care_contact_id(visit)
            )
            if medicine.hours and leaving <= self._now:
                made.closed, made.closing = max(leaving, at + DAY), visit
        elif old is not None:
            made.chain, made.first, made.preceding = old.chain, old.first, old.id
            old.succeeding = made.id
            if not medicine.after:
                old.closed, old.closing = at, visit
        self._current[name] = made
        self.found.append(made)

    def _stop_others(self, visit: Visit, course: str, kept: list[Medicine], at: int, turn: int) -> int:
        """Stop what *course* was treated with, when the note names something new instead; return how many."""
        names = {medicine.atc for medicine in kept}
        if all((old := self._current.get(name)) is not None and old.goes_on(at) for name in names):
            return 0  # nothing new takes their place
        stopped = [
            old
            for old in self._current.values()
            if old.course == course
            and old.medicine.days is None
            and old.goes_on(at)
            and old.medicine.atc not in names
        ]
        for place, old in enumerate(stopped):
            made = _Prescription(
                id=f"LM{visit.words[9]:08X}{visit.words[10] & 0xFFFF:04X}{turn + place:X}U",
                chain=old.chain,
                medicine=old.medicine,
                visit=visit,
                course=course,
                at=at,
                start=old.start,
                first=old.first,
                end=at,
                stops=True,
                why=_WHY[below(visit.words[12], len(_WHY))],
                preceding=old.id,
            )
            old.closed, old.closing, old.succeeding = at, visit, made.id
            self.found.append(made)
        return len(stopped)


def medications(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001 - a Teller
    """Yield what was prescribed by *now*, as it stands then."""
    chart = _Chart(record, now)
    for visit in sorted(record.plan.visits, key=lambda visit: (visit.start, visit.place)):
        if visit.start <= now:
            chart.read(visit)
    for made in chart.found:
        event = _event(record, made, now)
        yield event
        if not made.stops and below(made.visit.words[7], _PER_MILLE) < _MISTAKEN:
            yield _mistake(event, made, now)


def _mistake(event: Event, made: _Prescription, now: int) -> Event:
    """Return the same prescription entered once more by mistake, and taken away half an hour later."""
    content = event.holding(Medication)
    return replace(
        event,
        id=f"{event.id}X",
        author=replace(event.author, time=wall_time(made.at)),
        revisions=(),
        signature=None,
        state="removed" if now >= made.at + 1800 else "entered",
        content=replace(
            content,
            chain=f"{content.chain}X",
            preceding=None,
            succeeding=None,
            active=now < made.end,
            dispensation=None,
            given=(),
            end=_end(made),
            remark="Dubbelregistrering",
        ),
    )


def _end(made: _Prescription) -> datetime | None:
    return None if made.end == _NEVER else wall_time(made.end)


def _event(record: Record, made: _Prescription, now: int) -> Event:
    medicine, visit = made.medicine, made.visit
    versions = [(made.at, visit), *made.renewed]
    closed = made.closed <= now
    if closed and made.closing is not None:
        versions.append((made.closed, made.closing))
    versions.sort(key=lambda version: version[0])
    written, writer = versions[-1]
    author = record.staff(writer)
    values = values_of(record, visit)
    signed = written + _SIGNED_AFTER
    if written == made.at and below(visit.words[6], _PER_MILLE) < _SLOWLY_SIGNED:
        signed = max(signed, life_cycle(visit.start, visit.words).signed)
    prescriber = None if medicine.own else record.staff(visit).at(wall_time(made.at))
    end = min(made.end, made.closed if closed else _NEVER)
    return Event(
        id=made.id,
        type="medications",
        system=record.system,
        patient=record.patient(visit),
        occurred_at=wall_time(made.at),
        author=author.at(wall_time(written)),
        unit=record.unit(visit),
        signature=author.at(wall_time(signed)) if now >= signed else None,
        care_contact_id=care_contact_id(visit),
        revisions=tuple(wall_time(time) for time, _ in versions[:-1]),
        content=Medication(
            drug=medicine.drug(),
            chain=made.chain,
            kind="U" if made.stops else "I",
            active=not made.stops and now < end,
            prescriber=prescriber,
            start=wall_time(made.start),
            end=None if end == _NEVER else wall_time(end),
            first_start=wall_time(made.first),
            end_reason=made.why,
            dosage=None if made.stops else medicine.dosage(values),
            purpose=medicine.purpose,
            preceding=made.preceding,
            succeeding=made.succeeding,
            dispensation=None
            if made.stops
            else _dispensation(
                made, len(made.renewed), ([made.at] + [t for t, _ in made.renewed])[-1], values
            ),
            given=_given(record, made, min(now, end)),
        ),
    )


def _dispensation(made: _Prescription, renewals: int, last: int, values: Values) -> Dispensation | None:
    """Return what a pharmacy may dispense on the prescription as it was last renewed."""
    if made.medicine.own or made.medicine.ward:
        return None
    amount = made.medicine.dispensed(values)
    return Dispensation(
        id=f"RE{made.id[2:]}{renewals + 1}",
        valid_until=wall_day(last) + timedelta(days=365),
        amount=None if amount is None else amount[0],
        unit=None if amount is None else amount[1],
    )


def _given(record: Record, made: _Prescription, until: int) -> tuple[Given, ...]:
    """Return each time that the ward gave it, by *until*."""
    medicine = made.medicine
    if not medicine.ward or made.stops:
        return ()
    first = made.at + 900
    times = [first] if not medicine.hours else range(first, until + 1, medicine.hours * 3600)
    words = made.visit.words
    return tuple(
        Given(
            id=f"AD{made.id[2:]}{place}",
            by=staff_member(
                record.world, made.visit.unit.hsa_id, "sjukskoterska", (words[11] + place) % STAFF_PER_ROLE
            ).at(wall_time(time)),
            dose=medicine.dose or "1",
            unit=medicine.of or "dos",
        )
        for place, time in enumerate(times)
        if time <= until
    )
