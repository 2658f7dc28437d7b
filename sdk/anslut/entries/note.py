"""Notes: entries of the type care-documentation (anteckningar)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec looks a field's type up at run time
from typing import TYPE_CHECKING, ClassVar

from anslut.entries.entry import Entry
from anslut.entries.parts import Code, Identifier, Part, Person, TimedPart

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut.entries.header import Header


class Multimedia(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An attachment: *value* in base64 (at most 100 KiB when decoded), or a *reference*, never both."""

    media_type: str
    value: str | None = None
    reference: str | None = None


class DissentingOpinion(TimedPart, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A patient's dissenting opinion (avvikande mening) about a note."""

    moments: ClassVar[tuple[str, ...]] = ("author_time",)

    author_time: datetime
    opinion: str
    person_id: Person
    person_name: str
    opinion_id: Identifier | None = None


class NoteBody(Part, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a note."""

    clinical_document_note_code: Code
    clinical_document_note_title: str | None = None
    clinical_document_note_text: str | None = None
    multimedia_entry: Multimedia | None = None
    dissenting_opinion: list[DissentingOpinion] | None = None


def note(  # noqa: PLR0913 - the note's own fields, all named at the call
    header: Header,
    *,
    code: Code,
    text: str | None = None,
    title: str | None = None,
    multimedia: Multimedia | None = None,
    dissenting_opinions: Iterable[DissentingOpinion] = (),
) -> Entry:
    """Return a note: *code* from KV anteckningstyp, and exactly one of *text* and *multimedia*.

    The header needs `document_time`. Raise `EntryInvalidError` when the contract does not allow it.
    """
    body = NoteBody(
        clinical_document_note_code=code,
        clinical_document_note_title=title,
        clinical_document_note_text=text,
        multimedia_entry=multimedia,
        dissenting_opinion=list(dissenting_opinions) or None,
    )
    return Entry("care-documentation", header=header, body=body)
