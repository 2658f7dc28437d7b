"""Generated vaccinations: what was given, as the vaccination system's users registered it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from anslut_simulators.histories.calendar import (
    DAY,
    office_time,
    wall_day,
    wall_seconds,
    wall_time,
    year_start,
)
from anslut_simulators.histories.school import school_year
from anslut_simulators.histories.staff import STAFF_PER_ROLE, place_at_child_health, staff_member
from anslut_simulators.histories.vaccinations_adult import adult
from anslut_simulators.histories.vaccinations_childhood import Occasion, PlannedDose, childhood
from anslut_simulators.histories.vaccinations_codes import (
    batch_of,
    programme_code,
    route_code,
    site_code,
    vaccines,
)
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Event
from anslut_simulators.truth.vaccinations import Dose, Staff, Vaccination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.record import Record
    from anslut_simulators.histories.staff import StaffMember
    from anslut_simulators.population.draws import Section
    from anslut_simulators.population.people import Person
    from anslut_simulators.population.regions import CareUnit, Region
    from anslut_simulators.truth import Identity, Unit

_NEVER: Final = 1 << 62
_PER_MILLE: Final = 1000
_SMALL_CHILD_DAYS: Final = 900
_QUARTER: Final = 91
_SCHOOL_NURSES: Final = 3
_FALLBACKS: Final = {
    "school-health": ("school-health", "child-health"),
    "child-health": ("child-health",),
    "vaccination": ("vaccination",),
    "midwifery": ("midwifery",),
    "maternity-ward": ("maternity-ward", "delivery"),
    "primary-care": (),
}


class _Life(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When a registration was begun, finished, signed and nullified, as wall seconds; never is far off."""

    entered: int
    finished: int
    signed: int
    nullified: int


@lru_cache(maxsize=2048)
def _unit_of(region: Region, home: str, where: str) -> CareUnit:
    """Return the unit of a kind that is nearest home: in the same place, else the region's first."""
    own = region.unit(home)
    for kind in _FALLBACKS[where]:
        found = region.units_of(kind)
        if found:
            return next((unit for unit in found if unit.place == own.place), found[0])
    return own


@lru_cache(maxsize=1024)
def _truth_unit(unit: CareUnit) -> Unit:
    return unit.as_unit()


def _texts() -> Any:  # noqa: ANN401 - the TOML boundary
    return read_table("vaccination_programme.toml")["texts"]


def vaccinations(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001 - a Teller
    """Yield the registrations that stood in the system by *now*, nullified ones too, in no order."""
    teller = _Teller(record, now)
    for occasion in teller.occasions():
        yield from teller.tell(occasion)


class _Teller:
    def __init__(self, record: Record, now: int) -> None:
        self._record = record
        self._person: Person = record.person
        self._now = now
        self._mind = record.draws.section(label("vaccine-mind"))
        self._born = wall_seconds_of(record.person)
        end = now
        if record.person.deceased_at is not None:
            end = min(end, wall_seconds(record.person.deceased_at) - DAY)
        self._end = end

    def occasions(self) -> Iterator[Occasion]:
        """Yield what was given, and what somebody registered by mistake."""
        draws, cards = self._record.draws, below(self._mind[6], 100) < 15  # noqa: PLR2004 - percent
        noted = False
        for occasion in childhood(self._person, draws, self._mind):
            if occasion.imported is not None and cards:
                if not noted:
                    yield self._card(occasion)
                noted = True
            elif occasion.start <= self._end:
                yield occasion
        for occasion in adult(self._person, draws, self._mind, last_day=self._end // DAY):
            if occasion.start <= self._end:
                yield occasion
        if below(self._mind[7], _PER_MILLE) < 4:  # noqa: PLR2004 - per mille
            yield from self._somebody_elses()

    def _card(self, occasion: Occasion) -> Occasion:
        """Return a card that was only described in words, on the day when somebody did."""
        typed = self._typed(occasion.start)
        return msgspec.structs.replace(occasion, key="kort", doses=(), programme=None, start=typed)

    def _typed(self, start: int) -> int:
        """Return when somebody sat down and typed in what had been given before."""
        year = max(2003 + below(self._mind[11], 10), wall_day(start).year + 1)
        return office_time(year_start(year) + below(self._mind[12], 350), self._mind[13])

    def _somebody_elses(self) -> Iterator[Occasion]:
        """Yield an influenza dose that was registered on the wrong person: it is nullified when it is seen."""
        year = 2012 + below(self._mind[8], 11)
        start = office_time(year_start(year) + 290 + below(self._mind[9], 50), self._mind[10])
        if self._born < start - 20 * 365 * DAY and start <= self._end:
            dose = PlannedDose(vaccine="vaxigrip" if year < 2017 else "vaxigrip-tetra")  # noqa: PLR2004 - a year
            yield Occasion(
                key="fel-person", start=start, where="vaccination", staff="sjukskoterska", doses=(dose,)
            )

    def tell(self, occasion: Occasion) -> Iterator[Event]:
        """Yield the registration of *occasion*, and a second one where somebody registered it twice."""
        words = self._record.draws.section(label("vaccination", occasion.key))
        life = self._life(occasion, words)
        if life.entered > self._now or occasion.declined == "":
            return
        if occasion.declined is not None and occasion.declined not in _texts()["declined"]:
            return
        event = self._event(occasion, words, life)
        yield event
        if occasion.imported is None and occasion.doses and below(words[6], _PER_MILLE) < 5:  # noqa: PLR2004
            again = self._record.draws.section(label("vaccination", occasion.key, 2))
            entered = life.entered + 300 + below(again[0], 20) * 60
            found = entered + (1 + below(again[1], 20)) * DAY
            double = _Life(entered=entered, finished=entered, signed=entered + 60, nullified=found)
            if entered <= self._now:
                yield self._event(occasion, again, double, reason="twice")

    def _life(self, occasion: Occasion, words: Section) -> _Life:
        if occasion.imported is not None:
            typed = occasion.start if occasion.key == "kort" else self._typed(occasion.start)
            typed += below(words[0], 40) * 60
            return _Life(entered=typed, finished=typed, signed=typed + 600, nullified=_NEVER)
        entered = occasion.start + 120 + below(words[0], 25) * 60
        if occasion.key == "fel-person":
            found = entered + (1 + below(words[1], 30)) * DAY
            return _Life(entered=entered, finished=entered, signed=entered + 60, nullified=found)
        odd = below(words[2], _PER_MILLE)
        signed = entered + 20 + below(words[3], 600)
        if odd < 3:  # noqa: PLR2004 - per mille, never finished
            return _Life(entered=entered, finished=_NEVER, signed=_NEVER, nullified=_NEVER)
        if odd < 28:  # noqa: PLR2004 - per mille, never signed
            signed = _NEVER
        elif odd < 120:  # noqa: PLR2004 - per mille, signed the next days
            signed = office_time(entered // DAY + 1 + below(words[4], 4), words[5])
        return _Life(entered=entered, finished=entered, signed=signed, nullified=_NEVER)

    def _event(
        self, occasion: Occasion, words: Section, life: _Life, *, reason: str = "wrong-person"
    ) -> Event:
        record = self._record
        own = occasion.imported is None
        where, role = (occasion.where, occasion.staff) if own else ("primary-care", "distriktsskoterska")
        unit = _unit_of(record.region, self._person.home_unit, where)
        which = below(words[7] if own else self._mind[14], STAFF_PER_ROLE)
        if own and where == "child-health":
            which = place_at_child_health(record.draws, (occasion.start - self._born) // DAY)
        elif own and where == "school-health":  # a school keeps its nurse for some years
            which = school_year(wall_day(occasion.start)) // 4 % _SCHOOL_NURSES
        member = staff_member(record.world, unit.hsa_id, role, which)
        nullified = self._now >= life.nullified
        written = life.nullified if nullified else life.entered
        signed = life.nullified + 30 if nullified else life.signed
        event_id = f"{words[8]:08X}{words[9]:08X}"
        return Event(
            id=event_id,
            type="vaccinations",
            system=record.system,
            patient=self._patient(occasion),
            occurred_at=wall_time(occasion.start if own else occasion.start // DAY * DAY),
            author=member.at(wall_time(written)),
            unit=_truth_unit(unit),
            state="entered" if self._now >= life.finished else "draft",
            signature=member.at(wall_time(signed)) if self._now >= signed else None,
            revisions=(wall_time(life.entered),) if nullified else (),
            content=self._content(occasion, words, event_id, member, _texts()[reason] if nullified else None),
        )

    def _patient(self, occasion: Occasion) -> Identity:
        renumbered = self._person.renumbered_at
        if renumbered is not None and occasion.start < wall_seconds(renumbered):
            return self._person.linked[0]
        return self._person.identity

    def _content(
        self, occasion: Occasion, words: Section, event_id: str, member: StaffMember, nullified: str | None
    ) -> Vaccination:
        note = None
        if occasion.declined:
            note = _texts()["declined"][occasion.declined]
        elif not occasion.doses:
            note = _texts()["card"]
        return Vaccination(
            doses=tuple(
                self._dose(occasion, place, dose, words, event_id, member)
                for place, dose in enumerate(occasion.doses)
            ),
            status="given" if nullified is None else "nullified",
            nullified_reason=nullified,
            origin="own" if occasion.imported is None else "imported",
            source=occasion.imported,
            time_known=occasion.imported is None,
            programme=programme_code(occasion.programme) if occasion.programme else None,
            risk_groups=(programme_code(occasion.risk),) if occasion.risk else (),
            note=note,
        )

    def _dose(  # noqa: PLR0913, PLR0917 - a dose's parts
        self,
        occasion: Occasion,
        place: int,
        planned: PlannedDose,
        words: Section,
        event_id: str,
        member: StaffMember,
    ) -> Dose:
        vaccine = vaccines()[planned.vaccine]
        own = occasion.imported is None
        site = None
        if own and vaccine.route not in {"oral", None}:
            small = occasion.start - self._born < _SMALL_CHILD_DAYS * DAY
            limb = "l" if small and vaccine.route == "im" else "a"
            left = vaccine.route == "ic" or (place + below(words[10], 10) // 8) % 2 == 0
            site = site_code(f"{'v' if left else 'h'}{limb}")
        return Dose(
            id=f"{event_id}-{place + 1}",
            vaccine=vaccine.kind,
            product=vaccine.name,
            manufacturer=vaccine.manufacturer,
            batch=batch_of(
                self._record.world, vaccine, occasion.start // DAY // _QUARTER, below(words[11], 3)
            )
            if own
            else None,
            diseases=vaccine.diseases,
            number=planned.number,
            of=planned.of,
            complete=planned.number == planned.of if planned.number and planned.of else None,
            amount=(planned.amount or vaccine.amount) if own else None,
            unit=vaccine.unit if own else None,
            site=site,
            route=route_code(vaccine.route) if own and vaccine.route else None,
            given_by=Staff(hsa_id=member.hsa_id, name=member.name) if own else None,
            comment=planned.comment,
        )


def wall_seconds_of(person: Person) -> int:
    """Return the midnight at which *person*'s birthday began, as wall seconds."""
    born = person.birth_date
    return (born - wall_day(0)).days * DAY
