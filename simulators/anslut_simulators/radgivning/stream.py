"""One person's stream: the lines, in order, and how they are cut into pieces on the way out."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from anslut_simulators.radgivning.render import Line, Renderer
    from anslut_simulators.truth import Event

CONTENT_TYPE: Final = "application/x-ndjson; charset=utf-8"
PARTS: Final = frozenset({"samtal", "anteckningar", "inspelningar"})
_WHO: Final = frozenset({"Vem ringer", "Tredje person"})
"""Headings that tell who calls; below another heading third-person information is about something else."""

_CALLS_SELF_FROM_DAYS: Final = 13 * 365
_FIRST_PIECE: Final = 150
_PIECE: Final = 4000


def written(lines: Iterable[Line]) -> list[bytes]:
    """Return *lines* as JSON, each with its line feed."""
    return [orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines]


def pieces(lines: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return what *lines* are sent in: pieces that end wherever they end, in the middle of a line too."""
    body = b"".join(lines)
    cuts = [0, *range(_FIRST_PIECE, len(body), _PIECE), len(body)]
    return tuple(body[start:end] for start, end in itertools.pairwise(cuts) if start < end)


def record_lines(  # noqa: PLR0913 - what a stream is made from
    renderer: Renderer,
    person: str,
    *,
    contacts: Sequence[Event],
    notes: Sequence[Event],
    parts: frozenset[str],
    born: date | None,
) -> Iterator[Line]:
    """Yield a person's lines, call by call, oldest first: the call, drafts, the saved note, the recording.

    Notes of a call that is not there come last. *parts* says which kinds are asked for, *born* when the person was.
    """
    by_call: dict[str | None, list[Event]] = {}
    for note in sorted(notes, key=lambda event: (event.author.time, event.id)):
        by_call.setdefault(note.care_contact_id, []).append(note)
    for contact in sorted(contacts, key=lambda event: (event.occurred_at, event.id)):
        own = by_call.pop(contact.id, [])
        if "samtal" in parts:
            yield renderer.call(contact, person, by_another=_is_by_another(contact, own, born))
        if "anteckningar" in parts:
            yield from _notes(renderer, person, own)
        if "inspelningar" in parts and contact.state != "removed":
            yield renderer.recording(contact, person)
    if "anteckningar" in parts:
        for rest in by_call.values():
            yield from _notes(renderer, person, rest)


def _is_by_another(call: Event, notes: Iterable[Event], born: date | None) -> bool:
    """Tell whether another than the patient was on the line: by the notes, and where they are silent by the age."""
    callers = [atom for note in notes for atom in note.atoms if atom.path and atom.path[0] in _WHO]
    if callers:
        return any(atom.reason == "third-person" for atom in callers)
    return born is not None and (call.occurred_at.date() - born).days < _CALLS_SELF_FROM_DAYS


def _notes(renderer: Renderer, person: str, notes: Iterable[Event]) -> Iterator[Line]:
    for note in notes:
        yield renderer.draft(note, person) if note.state == "draft" else renderer.note(note, person)
