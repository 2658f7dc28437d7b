"""Generated growth: what a nurse reads off the scale, the rod and the tape, as the school health record keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.birth import birth_measures
from anslut_simulators.histories.calendar import day_number, wall_time
from anslut_simulators.histories.growth_channel import channel_of
from anslut_simulators.histories.growth_reference import MILLI, normal
from anslut_simulators.histories.lifecycle import LifeCycle, life_cycle
from anslut_simulators.histories.maternity_plan import birth_meetings
from anslut_simulators.histories.school import SchoolVisit, child_health_visit, school_plan, unit_of
from anslut_simulators.histories.staff import place_at_child_health, role_code, staff_member
from anslut_simulators.population.draws import below, label
from anslut_simulators.truth import Event
from anslut_simulators.truth.growth_observations import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.maternity_plan import Meeting
    from anslut_simulators.histories.record import Record
    from anslut_simulators.histories.staff import StaffMember
    from anslut_simulators.truth import Identity

TYPE: Final = "growth-observations"
PER_UNIT: Final = 3
_RENUMBERED_AFTER_DAYS: Final = 9
_LYING_UNTIL: Final = 730
_GRAMS_UNTIL: Final = 548
_BMI_FROM_YEAR: Final = 2014
_DAYS_KNOWN_UNTIL_YEAR: Final = 2015
_AT_SCHOOL: Final = frozenset({"programme", "control", "between"})
_SUFFIX: Final = {"height": "L", "weight": "V", "head": "H", "pregnancy": "G", "bmi": "B"}


def visit_id(visit: SchoolVisit) -> str:
    """Return the id of the visit: what was measured and written then hangs together by it."""
    return f"B{visit.words[8]:08X}{visit.words[9] & 0xFFFF:04X}"


def measured(record: Record, visit: SchoolVisit) -> dict[str, str]:
    """Return what was read off at *visit*: measure → decimal string (cm, kg, d or kg/m2)."""
    if visit.kind == "birth":
        born = birth_measures(record.world, record.person)
        return {
            "pregnancy": str(born.pregnancy_days),
            "height": _decimal(born.length, 10),
            "weight": _decimal(born.weight, 1000),
            "head": _decimal(born.head, 10),
        }
    channel = channel_of(record.world, record.person)
    noise = record.draws.section(label("school", "measure", visit.year, visit.place))
    exactness = below(noise[12], 10)
    found: dict[str, str] = {}
    weight = channel.weight(visit.days)
    if visit.days < _GRAMS_UNTIL:
        weight = _nearest(weight + normal(*noise[:6]) * weight // 200_000, 5)
        found["weight"] = _decimal(weight, 1000)
    else:
        step = 100 if exactness < 8 else 500  # noqa: PLR2004 - tenths
        weight = _nearest(weight + normal(*noise[:6]) * 150 // MILLI, step)
        found["weight"] = _decimal(weight // 100, 10)
    if not _reads(visit, "langd"):
        return found
    error = min(max(normal(*noise[6:12]), -2 * MILLI), 2 * MILLI) * 2 // MILLI
    lying = visit.days < _LYING_UNTIL
    step = 5 if lying or exactness >= 7 else 10 if exactness == 6 else 1  # noqa: PLR2004 - tenths
    height = _nearest(channel.height(visit.days) // 10 + error, step)
    found["height"] = _decimal(height, 10)
    if _reads(visit, "huvud"):
        found["head"] = _decimal(_nearest(channel.head(visit.days) // 10, 5 if exactness < 5 else 1), 10)  # noqa: PLR2004 - tenths
    if visit.kind in {"programme", "control"} and visit.year >= _BMI_FROM_YEAR:
        found["bmi"] = _decimal((weight * 20_000 + height * height) // (2 * height * height), 10)
    return found


def read_off(record: Record, start: int, place: int) -> dict[str, str]:
    """Return what texts call the measurements of child health's visit number *place*, at *start* (wall seconds)."""
    born = day_number(record.person.birth_date)
    unit = record.region.units[0]  # where it was does not change what was read off
    read = measured(record, child_health_visit(record.draws, unit, start, place=place, born=born))
    grams = round(float(read["weight"]) * 1000)
    told = {"vikt": str(grams), "viktkg": read["weight"].replace(".", ",")}
    for measure, name in (("height", "langd"), ("head", "huvud")):
        if measure in read:
            told[name] = read[measure].replace(".", ",")
    return told


def growth(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the measurements that the record held by *now*; with *newest* the older ones may be left out."""
    del newest
    plan = school_plan(record.world, record.region, record.person, record.last_year)
    for visit in plan.visits:
        early = visit.kind in {"birth", "child-health"}
        if visit.kind == "between" or (early and not _was_there(record, visit)):
            continue
        if early and (plan.copied is None or plan.copied > now):
            continue
        yield from _events(record, visit, now, early=early)


def _was_there(record: Record, visit: SchoolVisit) -> bool:
    """Tell whether the child was at home: who is born very early stays at the hospital until term."""
    if visit.kind == "birth":
        return True
    early = 280 - channel_of(record.world, record.person).pregnancy_days
    return visit.days - early > -21  # noqa: PLR2004 - three weeks before the day they were due


def _birth(record: Record, now: int) -> Meeting | None:
    """Return the meeting at which the newborn was looked at, when it is known how it was born."""
    return next((one for one in birth_meetings(record, now) if one.name == "nyfodd"), None)


def _events(record: Record, visit: SchoolVisit, now: int, *, early: bool) -> Iterator[Event]:
    born = _birth(record, now) if visit.kind == "birth" else None
    if born is not None:
        visit = msgspec.structs.replace(visit, start=born.start, unit=born.unit)
    life = life_cycle(visit.start, visit.words)
    if life.entered > now:
        return
    if early:  # a copy holds what child health had signed, and nothing that was removed
        life = LifeCycle(
            entered=life.entered,
            finished=life.entered,
            signed=min(life.signed, life.entered + 3600),
            corrected=1 << 62,
            removed=1 << 62,
        )
    member = nurse(record, visit) if born is None else born.staff(record)
    corrected = now >= life.corrected
    author = member.at(wall_time(life.corrected if corrected else life.entered))
    signed = life.corrected + 120 if corrected else life.signed
    signature = member.at(wall_time(signed)) if now >= signed else None
    identifier = f"{visit.words[10]:08X}{visit.words[11]:08X}"
    for measure, value in measured(record, visit).items():
        shown = value
        if life.corrected < 1 << 62 and not corrected and measure == "height":
            shown = _mistyped(value)
        yield Event(
            id=f"{identifier}{_SUFFIX[measure]}",
            type=TYPE,
            system=record.system,
            patient=patient(record, visit),
            occurred_at=wall_time(visit.start),
            author=author,
            unit=unit_of(visit.unit),
            state=life.state(now),
            signature=signature,
            care_contact_id=visit_id(visit),
            revisions=(wall_time(life.entered),) if corrected else (),
            content=Growth(
                measure=measure,  # type: ignore[arg-type]  # the keys are measures
                value=shown,
                method=_method(measure, visit),
                day_only=not early and visit.year < _DAYS_KNOWN_UNTIL_YEAR,
            ),
        )


def patient(record: Record, visit: SchoolVisit) -> Identity:
    """Return the identity the visit was recorded under: a newborn's first one until it is renumbered."""
    if record.person.linked and visit.days < _RENUMBERED_AFTER_DAYS:
        return record.person.linked[0]
    return record.person.identity


def nurse(record: Record, visit: SchoolVisit) -> StaffMember:
    """Return who was there: a school keeps its nurse for some years.

    Growth needs a role with a code; a nurse of child health has the general one.
    """
    if visit.kind == "child-health":
        place = place_at_child_health(record.draws, visit.days)
    else:
        place = (visit.year // 4 if visit.kind in _AT_SCHOOL else visit.words[7]) % PER_UNIT
    member = staff_member(record.world, visit.unit.hsa_id, visit.staff, place)
    if member.role.code is None:
        return msgspec.structs.replace(member, role=role_code("skolskoterska"))
    return member


def _reads(visit: SchoolVisit, value: str) -> bool:
    """Tell whether *value* is read off at the visit: all at school, at child health what its programme says."""
    if visit.kind == "child-health":
        return f"{{{value}}}" in str(visit.story["status"])
    return value != "huvud"


def _method(measure: str, visit: SchoolVisit) -> str | None:
    if measure == "height":
        return "liggande" if visit.days < _LYING_UNTIL else "stående"
    if measure == "bmi":
        return "beräknat"
    return None


def _mistyped(value: str) -> str:
    """Return *value* as it was entered at first, ten centimetres too much."""
    whole, _, rest = value.partition(".")
    return f"{int(whole) + 10}.{rest}" if rest else str(int(whole) + 10)


def _nearest(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _decimal(value: int, parts: int) -> str:
    """Return *value*, counted in *parts* of a whole, as a decimal string without needless zeros."""
    whole, rest = divmod(value, parts)
    if not rest:
        return str(whole)
    return f"{whole}.{rest:0{len(str(parts)) - 1}}".rstrip("0")
