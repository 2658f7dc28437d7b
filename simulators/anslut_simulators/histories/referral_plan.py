"""Which visits bring a referral, to whom, and how it goes: the plan that its steps and its visit are told from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, office_time, wall_seconds
from anslut_simulators.histories.notes import said, values_of
from anslut_simulators.histories.plan import Visit
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.regions import CareUnit
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.referral_status import Kind, Medium, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.draws import Section

_DOCTORS: Final = frozenset({"distriktslakare", "st-lakare", "specialistlakare", "overlakare"})
_ROLES: Final = ("plan", "atgard")
_HOUR: Final = 3600
_PER_MILLE: Final = 1000
_LOST, _REJECTED, _STRUCK_OUT = 30, 60, 30
_LONG_WAIT: Final = 25
_UNHURRIED: Final = 7
"""Days to a planned visit from which its referral is read on the next working day, not at once."""

_PAPER: Final = 30


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One step: when it happened and was recorded, in wall-clock seconds, and whether the receiver recorded it."""

    status: Status
    time: int
    recorded: int
    by_receiver: bool


class ReferralPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One referral of *visit*; *unit* is None where the receiver keeps no record here.

    *seen* is when the patient comes, in wall-clock seconds, and *follow* the planned visit that this is, if it is one.
    """

    id: str
    visit: Visit
    receiver: str
    unit: CareUnit | None
    question: str
    kind: Kind
    medium: Medium
    steps: tuple[Step, ...]
    words: tuple[int, ...]
    seen: int | None = None
    follow: Visit | None = None

    def booked(self) -> int | None:
        """Return when the visit was booked; None when it never was."""
        return next((step.recorded for step in self.steps if step.status == "booked"), None)


def referrals_of(record: Record, now: int) -> Iterator[ReferralPlan]:
    """Yield the referrals written by *now*, with all that will come of them."""
    visits = record.plan.visits
    follows = {visit.origin: visit for visit in visits if visit.follow and not visit.stay}
    died = record.person.deceased_at
    until = None if died is None else wall_seconds(died) - DAY
    for visit in visits:
        if visit.start > now or record.role(visit) not in _DOCTORS:
            continue
        found = _asked(record, visit, follows.get(visit.start) if not visit.follow else None)
        if found is not None:
            made = _made(record, visit, *found)
            if until is not None:
                steps = tuple(step for step in made.steps if step.recorded < until)
                made = msgspec.structs.replace(made, steps=steps)
            yield made


def _asked(
    record: Record, visit: Visit, follow: Visit | None
) -> tuple[Mapping[str, Any], Visit | None] | None:
    """Return what the visit's note asks for, and the visit that it leads to where that is planned."""
    table = read_table("referrals.toml")
    if follow is not None and follow.unit is not visit.unit and follow.block.where in table["follow"]:
        return {"to": follow.block.where, "question": table["follow"][follow.block.where]}, follow
    codes = {course.code for course in visit.courses}
    rows = [row for row in table["said"] if codes & set(row["courses"])]
    if not rows:
        return None
    text = " ".join(told for role in _ROLES if (told := said(record, visit, role)) is not None)
    return next(((row, None) for row in rows if row["text"] in text), None)


def _made(record: Record, visit: Visit, row: Mapping[str, Any], follow: Visit | None) -> ReferralPlan:
    words = record.draws.section(label("referral", visit.year, visit.place))
    units = record.region.units_of(row["to"]) if "to" in row else ()
    unit = follow.unit if follow is not None else units[0] if units else None
    name = unit.sv if unit is not None else row.get("name", "Specialistmottagningen")
    steps, seen = _course(visit, words, row, follow, known=unit is not None)
    return ReferralPlan(
        id=f"RM{visit.words[8]:08X}{visit.words[11] & 0xFFFF:04X}",
        visit=visit,
        receiver=name,
        unit=unit,
        question=row["question"].format_map(values_of(record, visit)),
        kind=row.get("kind", "general"),
        medium="paper" if below(words[15], _PER_MILLE) < _PAPER else "electronic",
        steps=steps,
        words=words,
        seen=seen,
        follow=follow,
    )


def _course(
    visit: Visit, words: Section, row: Mapping[str, Any], follow: Visit | None, *, known: bool
) -> tuple[tuple[Step, ...], int | None]:
    """Return the referral's steps, and when the patient comes."""
    fate = below(words[0], _PER_MILLE)
    sent = visit.start + 1500 + below(words[1], 1800)
    day = sent // DAY
    steps: list[tuple[Status, int, bool]] = [("sent", sent, False)]
    if follow is None and fate < _STRUCK_OUT:
        steps.append(("struck-out", sent + 600 + below(words[2], 5 * _HOUR), False))
        return _recorded(steps, words), None
    if follow is None and fate < _STRUCK_OUT + _LOST:
        return _recorded(steps, words), None
    if follow is not None:
        seen = follow.start
        received, assessed, booked = sent + 600, sent + 1500, sent + 2400
        if (seen - sent) // DAY >= _UNHURRIED:
            received = office_time(day + 1, words[5])
            assessed, booked = received + 1200, received + 2400
    else:
        received = office_time(day + 1, words[3])
        assessed = office_time(received // DAY + 1 + below(words[4], 5), words[4])
        low, high = row["days"]
        seen = office_time(assessed // DAY + low + below(words[6], high - low + 1), words[7])
        booked = assessed + 1800 + below(words[8], 2 * _HOUR)
    if known:
        steps.append(("received", received, True))
        if follow is None and fate >= _PER_MILLE - _REJECTED:
            steps.append(("rejected", assessed, True))
            return _recorded(steps, words), None
        steps.append(("assessed", assessed, True))
        if follow is None and seen - assessed > _LONG_WAIT * DAY:
            steps.append(("waiting", assessed + 300, True))
            booked = office_time(seen // DAY - 14 - below(words[9], 7), words[8])
        steps += [("booked", min(booked, seen - _HOUR), True), ("done", seen + 2 * _HOUR, True)]
        answered = office_time(seen // DAY + 1 + below(words[10], 6), words[11])
        steps.append(("answered", answered, True))
    else:
        answered = office_time(seen // DAY + 1 + below(words[10], 6), words[11])
    steps.append(("answer-received", answered + 1200 + below(words[12], 4 * _HOUR), False))
    return _recorded(steps, words), seen if known else None


def _recorded(steps: list[tuple[Status, int, bool]], words: Section) -> tuple[Step, ...]:
    """Return *steps* with when each was written down: at once, or some minutes after."""
    told: list[Step] = []
    for place, (status, time, by_receiver) in enumerate(steps):
        delay = (60 + below(words[13] * (place + 7) & 0xFFFFFFFF, 840)) * (words[14] >> place & 1)
        recorded = max(time + delay, told[-1].recorded + 30 if told else time)
        told.append(Step(status=status, time=time, recorded=recorded, by_receiver=by_receiver))
    return tuple(told)
