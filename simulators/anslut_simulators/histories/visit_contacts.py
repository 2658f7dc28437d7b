"""Generated care contacts: every visit of the plan, from its booking to its end; a stay at hospital is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from anslut_simulators.histories.calendar import DAY, day_number, office_time, wall_seconds, wall_time
from anslut_simulators.histories.notes import care_contact_id, said
from anslut_simulators.histories.plan import CHILD_HEALTH_PLACE, Visit, plan_of
from anslut_simulators.histories.referrals import referred_visits
from anslut_simulators.population.draws import Section, below, label
from anslut_simulators.truth import Event
from anslut_simulators.truth.care_contacts import CareContact, Kind, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anslut_simulators.histories.record import Record

AHEAD: Final = 42
"""How many days ahead a visit is booked at most."""

_HOUR: Final = 3600
_NEVER: Final = 1 << 62
_PER_MILLE: Final = 1000
_MOVED: Final = 50
_MISTAKEN: Final = 8
_KINDS: Final[dict[str, Kind]] = {"Telefonrådgivning": "phone"}
_AT_HOME: Final = frozenset({"home-care"})


class Contact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One care contact of *visit*, in wall-clock seconds: *booked* is far beyond time for who comes unannounced.

    *ended* is when it was closed in the system; a contact that was called off or struck out ends as *last*.
    """

    id: str
    visit: Visit
    kind: Kind
    booked: int
    start: int
    end: int
    ended: int
    last: Status = "ended"

    def steps(self) -> Iterator[tuple[int, Status]]:
        """Yield when the contact got each of its statuses."""
        if self.booked < self.start:
            yield self.booked, "booked"
        if self.last != "cancelled":
            yield self.start, "ongoing"
        yield self.ended, self.last


def contacts(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:  # noqa: ARG001 - a Teller
    """Yield the care contacts known by *now*, those that are only booked too."""
    for contact in _planned(record, now):
        steps = [(time, status) for time, status in contact.steps() if time <= now]
        if steps:
            yield _event(record, contact, steps)
    yield from referred_visits(record, now)


def _planned(record: Record, now: int) -> Iterator[Contact]:
    year = wall_time(now + AHEAD * DAY).year
    plan = (
        record.plan if year <= record.last_year else plan_of(record.world, record.region, record.person, year)
    )
    stays: dict[str, list[Visit]] = {}
    for visit in plan.visits:
        if visit.start > now + AHEAD * DAY:
            continue
        if visit.stay:
            stays.setdefault(care_contact_id(visit), []).append(visit)
        else:
            yield from visit_contacts(record, visit)
    for visits in stays.values():
        yield _stay(record, visits)


def visit_contacts(record: Record, visit: Visit, *, booked_ahead: bool | None = None) -> Iterable[Contact]:
    """Return the contact of *visit*, and those that were called off before it or made by mistake."""
    words = record.draws.section(label("contact", visit.year, visit.place))
    planned = visit.follow or visit.control or not visit.courses if booked_ahead is None else booked_ahead
    booked = max(_booked(visit, words, planned=planned), _known(record))
    at_home = visit.block.where in _AT_HOME or (not visit.courses and visit.place == CHILD_HEALTH_PLACE)
    kind = "home-visit" if at_home else _KINDS.get(visit.block.template, "visit")
    long = 5 * _HOUR if visit.block.where == "emergency" else _HOUR // 2
    ended = visit.start + 600 + below(words[2], long)
    contact = Contact(
        id=care_contact_id(visit),
        visit=visit,
        kind=kind,
        booked=booked,
        start=visit.start,
        end=ended,
        ended=ended,
    )
    found = [contact]
    odd = below(words[3], _PER_MILLE)
    if planned and odd < _MOVED:
        found += _moved(contact, words)
    elif odd >= _PER_MILLE - _MISTAKEN:
        found.append(
            msgspec.structs.replace(
                contact,
                id=f"{contact.id}M",
                booked=_NEVER,
                end=visit.start,
                ended=visit.start + 120 + below(words[4], 600),
                last="struck-out",
            )
        )
    return found


def _booked(visit: Visit, words: Section, *, planned: bool) -> int:
    """Return when the visit was booked: weeks ahead, the same morning, or never."""
    if visit.block.where == "emergency":
        return _NEVER
    if not planned:
        opened = visit.start // DAY * DAY + 8 * _HOUR
        the_day_before = _open_before(visit.start // DAY - 1) * DAY + 13 * _HOUR + below(words[0], 3 * _HOUR)
        return the_day_before if words[1] & 1 else opened - 900
    ahead = _open_before(visit.start // DAY - 7 - below(words[0], AHEAD - 7))
    booked = ahead * DAY + 10 * _HOUR + below(words[1], _HOUR)
    return max(booked, visit.origin + 2 * _HOUR) if visit.follow else booked


def _open_before(day: int) -> int:
    """Return *day*, or the last one before it on which somebody is at work."""
    while office_time(day, 0) // DAY != day:
        day -= 1
    return day


def _known(record: Record) -> int:
    """Return when anything can be booked for the person at the earliest: the morning after birth."""
    return (day_number(record.person.birth_date) + 1) * DAY + 8 * _HOUR


def _moved(contact: Contact, words: Section) -> Iterator[Contact]:
    """Yield the earlier appointment that somebody called off."""
    start = office_time(contact.start // DAY - 3 - below(words[5], 9), words[6])
    called_off = start - 2 * _HOUR - below(words[7], DAY)
    if contact.booked < called_off:
        yield msgspec.structs.replace(
            contact, id=f"{contact.id}A", start=start, end=start, ended=called_off, last="cancelled"
        )


def _stay(record: Record, visits: list[Visit]) -> Contact:
    """Return the stay of *visits*: from the admission to the discharge, or to the end of life."""
    visits.sort(key=lambda visit: visit.start)
    first, last = visits[0], visits[-1]
    died = record.person.deceased_at
    gone = _NEVER if died is None else wall_seconds(died)
    end = last.start + _HOUR // 2 if last.place >= 100 else min(gone, last.start + 2 * DAY)  # noqa: PLR2004 - discharges have places above
    return Contact(
        id=care_contact_id(first),
        visit=first,
        kind="stay",
        booked=_NEVER,
        start=first.start,
        end=end,
        ended=end,
    )


def _event(record: Record, contact: Contact, steps: list[tuple[int, Status]]) -> Event:
    visit, status = contact.visit, steps[-1][1]
    reason = said(record, visit, "orsak")
    over = status in {"ended", "struck-out"}
    return Event(
        id=contact.id,
        type="care-contacts",
        system=record.system,
        patient=record.patient(visit),
        occurred_at=wall_time(contact.start),
        author=record.staff(visit).at(wall_time(steps[-1][0])),
        unit=record.unit(visit),
        revisions=tuple(wall_time(time) for time, _ in steps[:-1]),
        content=CareContact(
            kind=contact.kind,
            status=status,
            start=wall_time(contact.start),
            end=wall_time(contact.end) if over else None,
            reason=None if reason is None else reason.rstrip("."),
        ),
    )
