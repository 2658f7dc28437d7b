"""The visits of a persona's story as care contacts: what its entries say that they were written at."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.personas import DiagnosisStory, EventStory, NoteStory, Persona, Version
from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTACTS: Final = "care-contacts"
_STAY: Final = frozenset({"ins", "sva", "slu"})
_PHONE: Final = "auf"
_HEADINGS: Final = frozenset({"Kontaktorsak", "Besöksorsak", "Inläggningsorsak"})


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
    end = max(story.at.replace(tzinfo=None) for story in stories) if kind == "stay" else first.at
    closed = end if kind == "stay" else first.entered or first.at
    if closed.replace(tzinfo=None) <= first.at.replace(tzinfo=None):
        closed = first.at + timedelta(minutes=1)
    content: dict[str, Any] = {"kind": kind, "status": "ongoing", "start": first.at}
    reason = _reason(notes)
    if reason is not None:
        content["reason"] = reason
    return EventStory(
        id=f"contact/{contact}",
        at=first.at,
        unit=first.unit,
        staff=first.staff,
        identity=first.identity,
        system=system,
        type=CONTACTS,
        content=content,
        later=(Version(at=closed, content={"status": "ended", "end": end}),),
    )


def _reason(notes: Sequence[NoteStory]) -> str | None:
    """Return why somebody came, in the words of the note, where they may be shown."""
    for note in notes:
        for piece in note.text:
            if piece.path[-1] in _HEADINGS and len(piece.path) == 1 and piece.reason is None:
                return piece.text.rstrip(".")
    return None
