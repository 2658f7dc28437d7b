"""Generated referrals: each step as an event of its own, and the visit that a referral leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from anslut_simulators.histories.calendar import wall_day, wall_time
from anslut_simulators.histories.notes import care_contact_id
from anslut_simulators.histories.referral_plan import ReferralPlan, Step, referrals_of
from anslut_simulators.histories.staff import STAFF_PER_ROLE, StaffMember, staff_member
from anslut_simulators.truth import Event
from anslut_simulators.truth.care_contacts import CareContact
from anslut_simulators.truth.referral_status import Place, Referral

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.record import Record
    from anslut_simulators.truth.care_contacts import Status

_SEES: Final = {"rehabilitation": "fysioterapeut"}


def referrals(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001 - a Teller
    """Yield each step that a referral has passed by *now*."""
    for plan in referrals_of(record, now):
        sender = record.unit(plan.visit)
        said = Referral(
            referral=plan.id,
            status="sent",
            time=wall_time(plan.visit.start),
            receiver=Place(name=plan.receiver, hsa_id=None if plan.unit is None else plan.unit.hsa_id),
            referrer=record.staff(plan.visit).name,
            sender=Place(name=sender.name, hsa_id=sender.hsa_id),
            kind=plan.kind,
            medium=plan.medium,
            question=plan.question,
        )
        for place, step in enumerate(plan.steps, start=1):
            if step.recorded <= now:
                yield Event(
                    id=f"{plan.id}S{place}",
                    type="referral-status",
                    system=record.system,
                    patient=record.patient(plan.visit),
                    occurred_at=wall_time(step.recorded),
                    author=_writer(record, plan, step).at(wall_time(step.recorded)),
                    unit=plan.unit.as_unit() if step.by_receiver and plan.unit else sender,
                    care_contact_id=care_contact_id(plan.visit) if step.status == "sent" else None,
                    content=replace(said, status=step.status, time=wall_time(step.time)),
                )


def referred_visits(record: Record, now: int) -> Iterator[Event]:
    """Yield the care contacts that referrals of *now* have led to, beside the visits of the plan."""
    for plan in referrals_of(record, now):
        booked = plan.booked()
        if (
            plan.follow is not None
            or plan.seen is None
            or plan.unit is None
            or booked is None
            or booked > now
        ):
            continue
        over = next((step.recorded for step in plan.steps if step.status == "done"), None)
        steps: list[tuple[int, Status]] = [(booked, "booked")]
        steps += [(plan.seen, "ongoing")] if plan.seen <= now else []
        steps += [(over, "ended")] if over is not None and over <= now else []
        written, status = steps[-1]
        yield Event(
            id=f"VK{plan.id[2:]}R",
            type="care-contacts",
            system=record.system,
            patient=record.person.identity,
            occurred_at=wall_time(plan.seen),
            author=_receiver(record, plan).at(wall_time(written)),
            unit=plan.unit.as_unit(),
            revisions=tuple(wall_time(time) for time, _ in steps[:-1]),
            content=CareContact(
                kind="visit",
                status=status,
                start=wall_time(plan.seen),
                end=wall_time(plan.seen) if status == "ended" else None,
                reason=f"Remiss {wall_day(plan.visit.start)}: {plan.question.partition('.')[0]}",
            ),
        )


def _writer(record: Record, plan: ReferralPlan, step: Step) -> StaffMember:
    return _receiver(record, plan) if step.by_receiver and plan.unit else record.staff(plan.visit)


def _receiver(record: Record, plan: ReferralPlan) -> StaffMember:
    unit = plan.unit
    if unit is None:
        return record.staff(plan.visit)
    role = _SEES.get(unit.kind, "specialistlakare")
    return staff_member(record.world, unit.hsa_id, role, plan.words[2] % STAFF_PER_ROLE)
