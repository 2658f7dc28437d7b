"""One person's stream: the lines, in order, and how they are cut into pieces on the way out."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from anslut_simulators.radgivning.render import Line, Renderer
    from anslut_simulators.truth import Event

CONTENT_TYPE: Final = "application/x-ndjson; charset=utf-8"
PARTS: Final = frozenset({"samtal", "anteckningar", "inspelningar"})
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


def record_lines(
    renderer: Renderer,
    person: str,
    *,
    contacts: Sequence[Event],
    notes: Sequence[Event],
    parts: frozenset[str],
) -> Iterator[Line]:
    """Yield a person's lines, call by call, oldest first: the call, drafts, the saved note, the recording.

    Notes of a call that is not there come last. *parts* says which kinds are asked for.
    """
    by_call: dict[str | None, list[Event]] = {}
    for note in sorted(notes, key=lambda event: (event.author.time, event.id)):
        by_call.setdefault(note.care_contact_id, []).append(note)
    for contact in sorted(contacts, key=lambda event: (event.occurred_at, event.id)):
        own = by_call.pop(contact.id, [])
        if "samtal" in parts:
            by_another = any(atom.reason == "third-person" for note in own for atom in note.atoms)
            yield renderer.call(contact, person, by_another=by_another)
        if "anteckningar" in parts:
            yield from _notes(renderer, person, own)
        if "inspelningar" in parts and contact.state != "removed":
            yield renderer.recording(contact, person)
    if "anteckningar" in parts:
        for rest in by_call.values():
            yield from _notes(renderer, person, rest)


def _notes(renderer: Renderer, person: str, notes: Iterable[Event]) -> Iterator[Line]:
    for note in notes:
        yield renderer.draft(note, person) if note.state == "draft" else renderer.note(note, person)
