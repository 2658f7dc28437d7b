"""Generated calls to 1177 on the phone: each is a care contact, with its note and the drafts before it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from anslut_simulators.histories.calendar import wall_time
from anslut_simulators.histories.call_plan import Call, calls_of
from anslut_simulators.histories.call_texts import addition, atoms_of, draft_atoms
from anslut_simulators.histories.codes import note_code
from anslut_simulators.histories.staff import STAFF_PER_ROLE, StaffMember, staff_member
from anslut_simulators.population.draws import label
from anslut_simulators.truth import Atom, Event, Unit
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.regions import Region
    from anslut_simulators.truth import Identity

TEMPLATE: Final = "Rådgivningssamtal"
UNIT_KIND: Final = "phone-advice"
_NOTE_CODE: Final = "auf"
_NURSES: Final = ("sjukskoterska", "distriktsskoterska")
_RENUMBERED_AFTER_DAYS: Final = 14
_CORRECTION_SIGNED_AFTER: Final = 60


def call_contacts(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the calls that began by *now*; with *newest*, the latest so many."""
    for call in _begun(record, now, newest):
        ended = call.end <= now
        yield Event(
            id=contact_id(call),
            type="care-contacts",
            system=record.system,
            patient=_patient(record, call),
            occurred_at=wall_time(call.start),
            author=_nurse(record, call).at(wall_time(call.start)),
            unit=_unit(record.region),
            state="removed" if now >= call.removed else "entered",
            content=CareContact(
                kind="phone",
                status="ongoing" if not ended else "ended" if call.is_saved else "broken-off",
                start=wall_time(call.start),
                end=wall_time(call.end) if ended else None,
                reason=call.reason.name,
            ),
        )


def call_notes(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the notes and drafts written by *now*; with *newest*, those of the latest so many calls."""
    for call in _begun(record, now, newest):
        words = record.draws.section(label("call-texts", call.year, call.place))
        atoms = atoms_of(record, call, words, note_id(call))
        for number in range(call.drafts):
            written = call.start + 30 + (call.end - call.start - 30) * number // call.drafts
            if written <= now:
                yield _event(
                    record,
                    call,
                    f"{note_id(call)}U{number + 1}",
                    written=written,
                    atoms=draft_atoms(record, call, words, f"{note_id(call)}U{number + 1}", number, atoms),
                    draft=True,
                )
        if call.saved <= now:
            yield _note(record, call, atoms, now)


def contact_id(call: Call) -> str:
    """Return the id of the call: drawn, so it says nothing and never changes."""
    return f"RS{call.words[13]:08X}{call.words[14] & 0xFFFF:04X}"


def note_id(call: Call) -> str:
    """Return the id of the call's note."""
    return f"RA{call.words[14]:08X}{call.words[15] & 0xFFFF:04X}"


def _begun(record: Record, now: int, newest: int | None) -> tuple[Call, ...]:
    planned = calls_of(record.world, record.region, record.person, wall_time(now).year)
    begun = tuple(call for call in planned if call.start <= now)
    return begun if newest is None else begun[max(0, len(begun) - newest) :]


def _note(record: Record, call: Call, atoms: tuple[Atom, ...], now: int) -> Event:
    written, signed = call.saved, call.signed
    revisions: tuple[int, ...] = ()
    if now >= call.corrected:
        written, revisions = call.corrected, (call.saved,)
        signed = call.corrected + _CORRECTION_SIGNED_AFTER
        atoms = (*atoms[:-1], replace(atoms[-1], text=f"{atoms[-1].text} {addition(call)}"))
        if now < signed:
            signed = call.signed
    event = _event(record, call, note_id(call), written=written, atoms=atoms)
    return replace(
        event,
        state="removed" if now >= call.removed else "entered",
        signature=_nurse(record, call).at(wall_time(signed)) if signed <= now else None,
        revisions=tuple(wall_time(time) for time in revisions),
    )


def _event(  # noqa: PLR0913 - a note's parts
    record: Record,
    call: Call,
    identifier: str,
    *,
    written: int,
    atoms: tuple[Atom, ...],
    draft: bool = False,
) -> Event:
    return Event(
        id=identifier,
        type="care-documentation",
        system=record.system,
        patient=_patient(record, call),
        occurred_at=wall_time(call.start),
        author=_nurse(record, call).at(wall_time(written)),
        unit=_unit(record.region),
        state="draft" if draft else "entered",
        template=TEMPLATE,
        note_code=note_code(_NOTE_CODE),
        care_contact_id=contact_id(call),
        atoms=atoms,
    )


def _patient(record: Record, call: Call) -> Identity:
    """Return the identity the call was recorded under: a newborn's first one until it is renumbered."""
    if record.person.linked and call.days < _RENUMBERED_AFTER_DAYS:
        return record.person.linked[0]
    return record.person.identity


def _nurse(record: Record, call: Call) -> StaffMember:
    role = _NURSES[call.words[15] & 1]
    return staff_member(record.world, _unit(record.region).hsa_id, role, call.words[15] % STAFF_PER_ROLE)


@lru_cache(maxsize=32)
def _unit(region: Region) -> Unit:
    found = region.units_of(UNIT_KIND)
    return (found[0] if found else region.units[0]).as_unit()
