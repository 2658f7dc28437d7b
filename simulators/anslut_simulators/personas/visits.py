"""The visits of a persona's story as care contacts: what its entries say that they were written at."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.personas import DiagnosisStory, EventStory, NoteStory, Persona, Piece, Version
from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

CONTACTS: Final = "care-contacts"
_STAY: Final = frozenset({"ins", "sva", "slu"})
_PHONE: Final = "auf"
_HEADINGS: Final = frozenset({"Kontaktorsak", "Besöksorsak", "Inläggningsorsak", "Ålder"})
_HOME: Final = "hembesök"


@lru_cache(maxsize=64)
def contacts_of(persona: Persona) -> tuple[EventStory, ...]:
    """Return the contacts that nothing is said about but that entries of a record system were written at them."""
    told = {event.id for event in persona.events if event.type == CONTACTS}
    written: dict[tuple[str, str], list[NoteStory | DiagnosisStory]] = {}
    stories: tuple[NoteStory | DiagnosisStory, ...] = (*persona.notes, *persona.diagnoses)
    for story in stories:
        system = story.system or persona.system
        if story.contact is not None and story.contact not in told and _keeps(system):
            written.setdefault((system, story.contact), []).append(story)
    return tuple(_contact(contact, system, stories) for (system, contact), stories in written.items())


def _keeps(system: str) -> bool:
    described = described_systems().get(system.partition("-")[0])
    return described is not None and described.kind == "record"


def _contact(contact: str, system: str, stories: Sequence[NoteStory | DiagnosisStory]) -> EventStory:
    first = min(stories, key=lambda story: story.at.replace(tzinfo=None))
    notes = [story for story in stories if isinstance(story, NoteStory)]
    codes = {note.code for note in notes}
    kind = "phone" if codes == {_PHONE} else "stay" if codes & _STAY else "visit"
    end = max((story.at for story in stories), key=_wall) if kind == "stay" else first.at
    closed = end if kind == "stay" else max((story.entered or story.at for story in stories), key=_wall)
    if _wall(closed) <= _wall(first.at):
        closed = first.at + timedelta(minutes=1)
    content: dict[str, Any] = {"kind": kind, "status": "ongoing", "start": first.at}
    later = [Version(at=closed, content={"status": "ended", "end": end})]
    told = _headed(notes)
    if told is not None:
        note, piece = told
        content["reason"] = _reason(piece)
        if kind == "visit" and _HOME in piece.text.casefold():
            content["kind"] = "home-visit"
        later += [
            Version(at=correction.at, content={"reason": _reason(anew)})
            for correction in note.correction
            for anew in correction.text
            if anew.path == piece.path and anew.text != piece.text
        ]
    return EventStory(
        id=f"contact/{contact}",
        at=first.at,
        unit=first.unit,
        staff=first.staff,
        identity=first.identity,
        system=system,
        type=CONTACTS,
        content=content,
        later=tuple(sorted(later, key=lambda version: _wall(version.at))),
    )


def _wall(time: datetime) -> datetime:
    return time.replace(tzinfo=None)


def _headed(notes: Sequence[NoteStory]) -> tuple[NoteStory, Piece] | None:
    """Return the words that say why somebody came, where they may be shown, and the note that has them."""
    for note in notes:
        for piece in note.text:
            if piece.path[-1] in _HEADINGS and len(piece.path) == 1 and piece.reason is None:
                return note, piece
    return None


def _reason(piece: Piece) -> str:
    return piece.text.rstrip(".")
