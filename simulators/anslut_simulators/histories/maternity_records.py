"""Generated maternity records: what was asked, measured and found at each meeting of a pregnancy."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from anslut_simulators.histories.calendar import DAY, office_time, wall_day, wall_time
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.maternity_delivery import FEEDS, STILL_FEEDS, apgar, delivery_of
from anslut_simulators.histories.maternity_measures import Mother, tenths
from anslut_simulators.histories.maternity_plan import Meeting, as_unit, meetings, ultrasound_at
from anslut_simulators.population.draws import below
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Event
from anslut_simulators.truth.maternity_records import (
    After,
    Checkup,
    Delivery,
    Earlier,
    MaternityRecord,
    Measure,
    Medicine,
    Newborn,
    Registration,
    Sample,
    weeks_and_days,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from anslut_simulators.histories.maternity_pregnancies import Child, Pregnancy
    from anslut_simulators.histories.record import Record
    from anslut_simulators.truth import Reason

_PER_MILLE: Final = 1000
_SIGNED_ANEW: Final = 300
_FULL_BLADDER: Final = (
    "Uterus palperas en tvärhand ovan naveln, full blåsa. Palperas på nytt efter tömning. Avslag ordinärt."
)
_SAMPLES: Final = ("HIV", "hepatit B", "syfilis")


def maternity_records(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the maternity records entered by *now*; with *newest*, of so many meetings at least, the latest ones."""
    filled_in = [meeting for meeting in meetings(record, now) if meeting.record]
    filled_in.sort(key=attrgetter("start"), reverse=True)
    told, last = 0, now
    for meeting in filled_in:
        if newest is not None and told >= newest and meeting.start < last:
            return
        if life_cycle(meeting.start, meeting.words).entered <= now:
            told, last = told + 1, meeting.start
            yield _event(record, meeting, now)


def _event(record: Record, meeting: Meeting, now: int) -> Event:
    life = life_cycle(meeting.start, meeting.words)
    mother = Mother(record, meeting.pregnancy)
    member, author, signed = meeting.staff(record), life.entered, life.signed
    revisions: tuple[datetime, ...] = ()
    if meeting.record == "registration":
        dated = _dated(record, meeting)
        said = MaternityRecord(
            pregnancy=meeting.pregnancy.id, registration=_registration(meeting, mother, dated=dated <= now)
        )
        if dated <= now:
            author, revisions = dated, (wall_time(life.entered),)
            signed = max(dated + _SIGNED_ANEW, life.finished)
    elif meeting.record == "checkup":
        said = MaternityRecord(pregnancy=meeting.pregnancy.id, checkup=_checkup(meeting, mother))
    else:
        said = MaternityRecord(pregnancy=meeting.pregnancy.id, after=_after(meeting, mother))
    reason, said = _exempted(meeting, said)
    return Event(
        id=meeting.entry_id,
        type="maternity-records",
        system=record.system,
        patient=record.person.identity,
        occurred_at=wall_time(meeting.start),
        author=member.at(wall_time(author)),
        unit=as_unit(meeting.unit),
        state=life.state(now),
        signature=member.at(wall_time(signed)) if now >= max(signed, life.finished) else None,
        care_contact_id=meeting.contact_id,
        revisions=revisions,
        reason=reason,
        content=said,
    )


def _exempted(meeting: Meeting, said: MaternityRecord) -> tuple[Reason | None, MaternityRecord]:
    """Exempt a few entries from e-services, as midwives do when somebody reads over her shoulder."""
    share: int = read_table("maternity.json")["exempt_per_mille"]
    if meeting.record != "checkup" or below(meeting.words[13], _PER_MILLE) >= share:
        return None, said
    return "violence", said.under("Våldsutsatthet")


def _dated(record: Record, meeting: Meeting) -> int:
    """Return when the ultrasound's date was written into the enrolment: some days after it."""
    pregnancy = meeting.pregnancy
    day = ultrasound_at(record, pregnancy) // DAY + 1 + below(pregnancy.own[4], 4)
    at = office_time(day, pregnancy.own[5])
    return at if at // DAY < pregnancy.born else 1 << 60


def _registration(meeting: Meeting, mother: Mother, *, dated: bool) -> Registration:
    pregnancy = meeting.pregnancy
    period = pregnancy.last_period
    transfer = pregnancy.assisted
    stopped = not transfer and below(pregnancy.own[6], 100) < 45  # noqa: PLR2004 - percent
    endocrine, diabetes = mother.has("endocrine_disease"), mother.has("diabetes")
    thrombosis = mother.has("thrombosis")
    takes = {"alla": True, "endocrine_disease": endocrine, "diabetes": diabetes}
    blood = ("A positiv", "0 positiv", "B positiv", "A negativ", "0 negativ", "AB positiv")
    group = blood[(0, 0, 0, 0, 1, 1, 1, 1, 2, 3, 4, 5)[mother.height * 7 % 12]]
    return Registration(
        last_period=period,
        confirmed=period + timedelta(days=30 + below(pregnancy.own[8], 12)),
        contraceptive_stopped=period - timedelta(days=40 + below(pregnancy.own[9], 400)) if stopped else None,
        due_by_last_period=period + timedelta(days=280),
        due_by_ultrasound=pregnancy.due if dated and not transfer else None,
        due_by_transfer=pregnancy.due if transfer else None,
        length=Measure(value=str(mother.height), unit="cm"),
        weight=Measure(value=tenths(mother.weight), unit="kg"),
        body_mass_index=mother.body_mass_index,
        infertility_years=("2", "1.5", "3", "4")[below(pregnancy.own[7], 100)] if transfer else "0",
        earlier=tuple(_earlier(one, child) for one in pregnancy.earlier for child in one.children),
        thrombosis=thrombosis,
        endocrine_disease=endocrine,
        urinary_infections=mother.has("urinary_infections"),
        diabetes=diabetes,
        medicines=tuple(one for why, holds in takes.items() if holds for one in _medicines(why)),
        standard_care=not (
            endocrine
            or diabetes
            or thrombosis
            or pregnancy.after_early_birth
            or (dated and len(pregnancy.children) > 1)
        ),
        samples=(
            Sample(name="blodgrupp", result=group),
            *(Sample(name=name, result="negativ") for name in _SAMPLES),
            Sample(name="rubella", result="immun"),
        )
        if dated  # the answers come later than the visit
        else (),
    )


def _medicines(why: str) -> tuple[Medicine, ...]:
    return tuple(Medicine(**one) for one in read_table("maternity.json")["medicines"][why])


def _earlier(pregnancy: Pregnancy, child: Child) -> Earlier:
    day = wall_day(pregnancy.born * DAY)
    size = child.size
    mode = delivery_of(pregnancy).mode
    return Earlier(
        year=day.year,
        month=day.month,
        outcome="live",
        course="normal förlossning" if mode == "spontan" else mode,
        sex=child.sex,
        weight=Measure(value=str(size.weight), unit="g"),
        weeks=size.weeks,
    )


def _checkup(meeting: Meeting, mother: Mother) -> Checkup:
    late = meeting.name in {"v25", "v29", "v35"}
    upper, lower = mother.pressure(meeting)
    haemoglobin = mother.haemoglobin(meeting) if late else None
    low = haemoglobin is not None and int(haemoglobin.value) < 110  # noqa: PLR2004 - g/L, when iron is given
    return Checkup(
        gestation=weeks_and_days(meeting.day),
        weight=mother.weight_at(meeting) if late or meeting.words[1] & 1 else None,
        fundal_height=mother.fundal_height(meeting),
        haemoglobin=haemoglobin,
        systolic=upper,
        diastolic=lower,
        proteinuria=mother.proteinuria(meeting),
        glycosuria=mother.glycosuria(meeting),
        fetuses=mother.fetuses(meeting),
        leave=(0,) if meeting.day > 200 and below(meeting.words[11], 100) < 9 else (),  # noqa: PLR2004 - percent
        medicines=_medicines("low_haemoglobin") if low else (),
    )


def _after(meeting: Meeting, mother: Mother) -> After:
    pregnancy, went = meeting.pregnancy, delivery_of(meeting.pregnancy)
    upper, lower = mother.pressure(meeting)
    feeds = below(pregnancy.went[13], 100)
    if meeting.record == "after":
        stitched = bool(went.tear) or went.is_section
        return After(
            children=tuple(
                Newborn(ordinal=child.ordinal, born=wall_time(at), sex=child.sex, identity=child.identity)
                for child, at in zip(pregnancy.children, went.children_at, strict=True)
            ),
            systolic=upper,
            diastolic=lower,
            haemoglobin=mother.haemoglobin(meeting),
            scars_ok=True if stitched else None,
            perineum_comfortable=None if went.is_section else below(meeting.words[3], 100) < 94,  # noqa: PLR2004
            genitals_ok=True,
            uterus_contracted=True,
            breastfeeding=feeds < STILL_FEEDS,
        )
    contracted = below(meeting.words[2], 100) < 95  # noqa: PLR2004 - percent
    return After(
        children=tuple(
            Newborn(
                ordinal=child.ordinal,
                born=wall_time(at),
                sex=child.sex,
                identity=child.identity,
                weight=Measure(value=str(child.size.weight), unit="g"),
                length=Measure(value=tenths(child.size.length), unit="cm"),
                head=Measure(value=tenths(child.size.head), unit="cm"),
                apgar=apgar(child),
            )
            for child, at in zip(pregnancy.children, went.children_at, strict=True)
        ),
        delivery=Delivery(
            gestation=weeks_and_days(pregnancy.days),
            mode=went.mode,
            minutes=went.minutes or None,
            blood_loss=Measure(value=str(went.blood_loss), unit="ml"),
            tear=went.tear,
            analgesia=went.analgesia,
            induced=went.induced,
        ),
        systolic=upper,
        diastolic=lower,
        haemoglobin=mother.haemoglobin(meeting),
        temperature=tenths(366 + below(meeting.words[3], 9)),
        sutures_removed=False if went.is_section else None,
        perineum_comfortable=None if went.is_section else below(meeting.words[4], 100) < 82,  # noqa: PLR2004
        uterus_contracted=contracted,
        uterus_note=None if contracted else _FULL_BLADDER,
        breastfeeding=feeds < FEEDS,
    )
