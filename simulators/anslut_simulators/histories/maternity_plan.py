"""When and where a pregnancy is followed: the antenatal programme, the delivery, the ward and the check-up after."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, office_time, year_of
from anslut_simulators.histories.maternity_delivery import after_birth, delivery_of
from anslut_simulators.histories.maternity_pregnancies import (
    FIRST_YEAR,
    Pregnancy,
    birth_of,
    pregnancies_of,
)
from anslut_simulators.histories.staff import STAFF_PER_ROLE, StaffMember, staff_member
from anslut_simulators.population.draws import Section, below, label
from anslut_simulators.population.identities import official_index
from anslut_simulators.population.regions import CareUnit
from anslut_simulators.population.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.record import Record
    from anslut_simulators.truth import Unit

_HOUR: Final = 3600
_SHARE: Final = 1000
_FIRST_HOURS: Final = 100
"""What is written of a birth tells of the first hours: so many minutes later."""


class Meeting(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One meeting of a pregnancy; *record* is the part of the record it fills in, *template* its note's.

    *day* counts from the beginning of the pregnancy; *place* and *year* name it among the woman's meetings.
    """

    name: str
    start: int
    day: int
    unit: CareUnit
    role: str
    pregnancy: Pregnancy
    words: Section
    place: int
    record: str = ""
    template: str = ""

    @property
    def year(self) -> int:
        """The year it was in."""
        return year_of(self.start // DAY)

    @property
    def is_dated(self) -> bool:
        """Whether the ultrasound has been: before it nobody knows the expected day, or how many children there are."""
        low, _ = _ultrasound()["days"]
        return bool(self.day >= low)

    @property
    def entry_id(self) -> str:
        """The id of what the meeting filled in: drawn, so it says nothing and never changes."""
        return f"{self.words[8]:08X}{self.words[9]:08X}M"

    @property
    def note_id(self) -> str:
        """The id of its note."""
        return f"{self.words[8]:08X}{self.words[9]:08X}A"

    @property
    def contact_id(self) -> str:
        """The id that ties together what was recorded at it."""
        return f"VK{self.words[10]:08X}{self.words[11] & 0xFFFF:04X}"

    def staff(self, record: Record) -> StaffMember:
        """Return who met her: mostly the same midwife all through a pregnancy."""
        own = self.pregnancy.own[12] if self.words[12] % 5 else self.words[13]
        place = (own if self.role == "barnmorska" else self.words[13]) % STAFF_PER_ROLE
        return staff_member(record.world, self.unit.hsa_id, self.role, place)


def midwives(record: Record, pregnancy: Pregnancy) -> CareUnit:
    """Return the midwives' unit she goes to: one where she lives, if there is one."""
    home = record.region.unit(record.person.home_unit)
    units = record.region.units_of("midwifery") or (home,)
    near = tuple(unit for unit in units if unit.place == home.place) or units
    return near[below(pregnancy.own[13], len(near))]


def unit_of(record: Record, kind: str) -> CareUnit:
    """Return the region's unit that does *kind*, or the nearest thing to it."""
    for other in (kind, "delivery", "maternity-ward", "gynaecology", "midwifery"):
        if found := record.region.units_of(other):
            return found[0]
    return record.region.unit(record.person.home_unit)


@lru_cache(maxsize=512)
def as_unit(unit: CareUnit) -> Unit:
    """Return *unit* as events name it."""
    return unit.as_unit()


@lru_cache(maxsize=1)
def _programme() -> tuple[dict[str, Any], ...]:
    return tuple(read_table("maternity.json")["programme"])


@lru_cache(maxsize=1)
def _ultrasound() -> dict[str, Any]:
    return next(row for row in _programme() if row["name"] == "ultraljud")


def _planned(record: Record, pregnancy: Pregnancy, row: dict[str, Any]) -> int:
    """Return when *row* of the programme is, in wall seconds, if she has not given birth before it."""
    words = record.world.draws.of(_key(record, pregnancy)).section(label("maternity", "meeting", row["name"]))
    low, high = row["days"]
    return office_time(pregnancy.start + low + below(words[0], high - low + 1), words[1])


def _rows(pregnancy: Pregnancy) -> Iterator[dict[str, Any]]:
    """Yield the programme of *pregnancy*: women who have given birth before come more seldom."""
    group = "forst" if pregnancy.first_time else "om"
    yield from (row for row in _programme() if row["for"] in {"alla", group})


def ultrasound_at(record: Record, pregnancy: Pregnancy) -> int:
    """Return when the ultrasound that dates *pregnancy* is, in wall seconds."""
    return _planned(record, pregnancy, _ultrasound())


def next_checkup(record: Record, meeting: Meeting) -> int | None:
    """Return when the check-up after *meeting* is planned, in wall seconds; None when there is none."""
    planned = (
        _planned(record, meeting.pregnancy, row)
        for row in _rows(meeting.pregnancy)
        if row.get("record") == "checkup"
    )
    return min((start for start in planned if start > meeting.start), default=None)


def last_checkup(record: Record, meeting: Meeting) -> Meeting | None:
    """Return the latest check-up before *meeting*."""
    before = [
        one
        for one in _meetings(record, meeting.pregnancy)
        if one.record == "checkup" and one.start < meeting.start
    ]
    return before[-1] if before else None


def meetings(record: Record, now: int) -> Iterator[Meeting]:
    """Yield the meetings of *record*'s person as a mother that had begun by *now*."""
    for pregnancy in pregnancies_of(record.world, record.person, now):
        if year_of(pregnancy.born) >= FIRST_YEAR and pregnancy.start * DAY <= now:
            yield from (one for one in _meetings(record, pregnancy) if one.start <= now)


def birth_meetings(record: Record, now: int) -> Iterator[Meeting]:
    """Yield the meetings at which *record*'s person, a child, was born and first looked at, by *now*."""
    pregnancy = birth_of(record.world, record.person)
    if pregnancy is None:
        return
    turn = next(c.ordinal for c in pregnancy.children if _number(c) == record.person.number)
    at = delivery_of(pregnancy).children_at[turn - 1]
    unit = unit_of(record, "maternity-ward")
    morning = (at // DAY + 1) * DAY + 9 * _HOUR
    first_hours = after_birth(at, _FIRST_HOURS)
    for place, (name, start, role) in enumerate(
        (
            ("nyfodd", first_hours, "barnmorska"),
            ("barnlakare", morning + below(pregnancy.went[10], 36) * 300, "specialistlakare"),
        )
    ):
        if start <= now:
            yield Meeting(
                name=name,
                start=start,
                day=pregnancy.days,
                unit=unit_of(record, "delivery") if name == "nyfodd" else unit,
                role=role,
                pregnancy=pregnancy,
                words=record.draws.section(label("maternity", "newborn", name)),
                place=96 + place,
                template="Nyfödd" if name == "nyfodd" else "Barnläkarundersökning BB",
            )


def _number(child: Any) -> int:  # noqa: ANN401 - a child
    return -1 if child.identity is None else (official_index(child.identity.extension) or 0)


def _meetings(record: Record, pregnancy: Pregnancy) -> Iterator[Meeting]:
    draws = record.world.draws.of(_key(record, pregnancy))
    midwife, delivery = midwives(record, pregnancy), delivery_of(pregnancy)
    gynaecology = unit_of(record, "gynaecology")

    def meeting(name: str, start: int, unit: CareUnit, place: int, **more: Any) -> Meeting:  # noqa: ANN401
        return Meeting(
            name=name,
            start=start,
            day=start // DAY - pregnancy.start,
            unit=unit,
            pregnancy=pregnancy,
            words=draws.section(label("maternity", "meeting", name)),
            place=place,
            **{"role": "barnmorska", **more},
        )

    for row in _rows(pregnancy):
        words = draws.section(label("maternity", "meeting", row["name"]))
        start = _planned(record, pregnancy, row)
        if start < delivery.began - 2 * _HOUR:
            doctor = row["template"] == "Överburenhetskontroll"
            noted = below(words[15], _SHARE) < row.get("share", _SHARE)
            yield meeting(
                row["name"],
                start,
                gynaecology if doctor else midwife,
                _programme().index(row),
                role="specialistlakare" if doctor else "barnmorska",
                record=row.get("record", ""),
                template=row["template"] if noted else "",
            )
    summary = (pregnancy.start + read_table("maternity.json")["summary_day"]) * DAY + 6 * _HOUR
    if summary < delivery.began:
        yield meeting("sammanfattning", summary, midwife, 20, template="Graviditetssammanfattning")
    ward = unit_of(record, "delivery")
    yield meeting("inkomst", delivery.began, ward, 21, template="Inskrivning förlossning")
    doctor = "specialistlakare" if delivery.is_section else "barnmorska"
    written = after_birth(delivery.children_at[-1], _FIRST_HOURS)
    yield meeting("partus", written, ward, 22, role=doctor, template="Förlossningsanteckning")
    nights = 1 + below(pregnancy.went[11], 3) + delivery.is_section + 2 * (pregnancy.days < 252)  # noqa: PLR2004
    home = (pregnancy.born + nights) * DAY + 10 * _HOUR + below(pregnancy.went[12], 48) * 300
    yield meeting(
        "hemgang", home, unit_of(record, "maternity-ward"), 23, record="ward", template="Epikris BB"
    )
    low, high = read_table("maternity.json")["after_days"]
    words = draws.section(label("maternity", "meeting", "efterkontroll"))
    if below(words[15], 100) < 84:  # noqa: PLR2004 - percent
        start = office_time(pregnancy.born + low + below(words[0], high - low + 1), words[1])
        yield meeting("efterkontroll", start, midwife, 24, record="after", template="Efterkontroll")


def _key(record: Record, pregnancy: Pregnancy) -> int:
    """Return the number that the meetings' draws belong to: the mother's, told apart by the day."""
    return (1 << 45) + (record.person.number << 16) + pregnancy.born
