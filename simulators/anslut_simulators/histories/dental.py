"""Generated dental visits: check-ups, kept where dental care has an installation of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from anslut_simulators.histories.calendar import DAY, day_number, office_time, wall_seconds, wall_time
from anslut_simulators.histories.codes import note_code
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.notes import notes as ordinary_notes
from anslut_simulators.histories.staff import STAFF_PER_ROLE, staff_member
from anslut_simulators.histories.texts import pick
from anslut_simulators.histories.visit_contacts import contacts as ordinary_contacts
from anslut_simulators.histories.wordings import suiting
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Atom, Event
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.draws import Section

_FIRST_YEAR: Final = 2014
_DENTAL: Final = "dental"
_PER_MILLE: Final = 1000
_AFTER_STAY: Final = 28
_LASTS: Final = 1500
_HEADINGS: Final = ("Kontaktorsak", "Anamnes", "Status")


def notes(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the notes of the record, or those of dental care where the installation is dental care's."""
    return _notes(record, now) if _is_dental(record) else ordinary_notes(record, now, newest)


def contacts(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the care contacts of the record, or those of dental care where the installation is dental care's."""
    return _contacts(record, now) if _is_dental(record) else ordinary_contacts(record, now, newest)


def _is_dental(record: Record) -> bool:
    installed = record.region.installation(record.system)
    return installed is not None and installed.units == (_DENTAL,)


def _visits(record: Record, now: int) -> Iterator[tuple[int, Section]]:
    """Yield when somebody was examined by *now*, with the visit's draws."""
    table = read_table("dental.toml")
    low, high = table["every_months"]
    born, died = day_number(record.person.birth_date), record.person.deceased_at
    end = now if died is None else min(now, wall_seconds(died) - DAY)
    first = day_number(record.person.birth_date.replace(year=_FIRST_YEAR, month=1, day=1))
    day, place = max(born + table["from_age"] * 365, first), 0
    while True:
        words = record.draws.section(label(_DENTAL, place))
        day += (low * 30 if place else 30) + below(words[0], (high - low) * 30)
        start = office_time(day, words[1])
        if _at_hospital(record, start):
            day += _AFTER_STAY
            start = office_time(day, words[1])
        if start > end:
            return
        yield start, words
        place += 1


def _at_hospital(record: Record, moment: int) -> bool:
    """Tell whether somebody lies at a hospital on the day of *moment*."""
    stays = [visit for visit in record.plan.visits if visit.stay]
    came = {visit.start for visit in stays if not visit.follow and visit.start // DAY <= moment // DAY}
    return any(visit.origin in came and visit.start // DAY >= moment // DAY for visit in stays)


def _event(  # noqa: PLR0913, PLR0917 - an entry's parts
    record: Record, start: int, words: Section, written: int, type_: str, mark: str
) -> Event:
    unit = record.region.units_of(_DENTAL)[0].as_unit()
    dentist = staff_member(record.world, unit.hsa_id, "tandlakare", words[2] % STAFF_PER_ROLE)
    return Event(
        id=f"{mark}{words[8]:08X}{words[9] & 0xFFFF:04X}",
        type=type_,
        system=record.system,
        patient=record.person.identity,
        occurred_at=wall_time(start),
        author=dentist.at(wall_time(written)),
        unit=unit,
        content=None,
    )


def _notes(record: Record, now: int) -> Iterator[Event]:
    table = read_table("dental.toml")
    for start, words in _visits(record, now):
        life = life_cycle(start, words)
        if life.entered > now:
            continue
        event = _event(record, start, words, life.entered, "care-documentation", "TA")
        age = (start // DAY - day_number(record.person.birth_date)) * 100 // 36525
        found = table["found"][below(words[5], _PER_MILLE) >= table["found"][0]["per_mille"]]
        said = [(name, table["check"][name]) for name in _HEADINGS]
        said += [(name, texts) for name, texts in found.items() if name != "per_mille"]
        yield replace(
            event,
            state=life.state(now),
            signature=replace(event.author, time=wall_time(life.signed)) if life.signed <= now else None,
            template=table["check"]["template"],
            note_code=note_code("bes"),
            care_contact_id=f"TK{event.id[2:]}",
            atoms=tuple(
                Atom(
                    id=f"{event.id}-{place}",
                    path=(name,),
                    text=pick(suiting(texts, age, record.person.sex), words[10 + place]),
                )
                for place, (name, texts) in enumerate(said)
            ),
        )


def _contacts(record: Record, now: int) -> Iterator[Event]:
    for start, words in _visits(record, now):
        ended = start + _LASTS
        over = ended <= now
        event = _event(record, start, words, ended if over else start, "care-contacts", "TK")
        moment = wall_time(start)
        yield replace(
            event,
            revisions=(moment,) if over else (),
            content=CareContact(
                kind="visit",
                status="ended" if over else "ongoing",
                start=moment,
                end=wall_time(ended) if over else None,
                reason="Undersökning",
            ),
        )
