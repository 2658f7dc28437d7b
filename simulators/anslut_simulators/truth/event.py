"""What every event of a made-up person has, whatever its information type.

Truth is richer than the contract: it knows drafts, staff sensitivity and *why* a piece of text must not
be shown. The examiner holds a connector's answer against it; no connector ever sees it.
All times are aware datetimes, whole seconds. Codes are standard codes; local codes belong to a dialect.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from anslut_simulators.truth.content import Content, content_kind

if TYPE_CHECKING:
    import builtins

    AnyContent = Content | None
else:
    AnyContent = Any
    """What msgspec lets through until the event's type has told which content it is."""

_Held = TypeVar("_Held", bound=Content)
Reason = Literal["third-person", "violence", "ongoing-care", "investigation"]
State = Literal["draft", "entered", "removed"]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The identity an event was recorded under: *root* is an OID, *extension* follows its form."""

    root: str
    extension: str


class Code(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code in RIV-TA's CV terms: *code* with its OID and text, or *original_text* alone."""

    code: str | None = None
    code_system: str | None = None
    display_name: str | None = None
    original_text: str | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member of staff who wrote, signed or countersigned, and when."""

    time: datetime
    hsa_id: str | None = None
    name: str | None = None
    role: Code | None = None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """The care unit (vårdenhet) an event belongs to, with its care provider (vårdgivare)."""

    hsa_id: str
    name: str
    care_provider_hsa_id: str


class Atom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of text under one keyword (sökord); *path* is the keywords above it and its own, outermost first.

    *reason* says why the resident must not see it, by the truth; a region profile decides which keywords count.
    *canary* is a token that stands in *text* and nowhere else in the world; every atom with a reason has one.
    """

    id: str
    path: tuple[str, ...]
    text: str
    reason: Reason | None = None
    canary: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened and was recorded, in one source system, under one identity.

    *occurred_at* is the event's own time (a visit, a diagnosis, a laboratory answer); *author.time* when it was
    entered; *signature* who vouched for it, absent while unsigned; *countersignature* the recipient's
    verification (vidimering) of a laboratory answer. A note has *atoms*; every other information type has a
    *content* of its own kind (`anslut_simulators.truth.<type>`).
    *revisions* are earlier authors' times: a corrected entry keeps its id and *occurred_at*.
    """

    id: str
    type: str
    system: str
    patient: Identity
    occurred_at: datetime
    author: Actor
    unit: Unit
    state: State = "entered"
    signature: Actor | None = None
    countersignature: Actor | None = None
    template: str | None = None
    title: str | None = None
    note_code: Code | None = None
    staff_sensitivity: str | None = None
    care_contact_id: str | None = None
    reason: Reason | None = None
    revisions: tuple[datetime, ...] = ()
    atoms: tuple[Atom, ...] = ()
    content: AnyContent = None

    def holding(self, kind: builtins.type[_Held]) -> _Held:
        """Return the content, which must be a *kind*; raise `TypeError` when the event holds something else."""
        if not isinstance(self.content, kind):
            raise TypeError(f"an event of {self.type} does not hold a {kind.__name__}")
        return self.content

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values (snake_case keys, RFC 3339 times)."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, document: object) -> Event:
        """Read what `to_json` wrote; raise `msgspec.ValidationError` naming the path when it does not fit."""
        return _with_content(msgspec.convert(document, cls, strict=False))

    @classmethod
    def decode(cls, body: bytes) -> Event:
        """Read an event from JSON bytes, as `from_json`."""
        return _with_content(_DECODER.decode(body))


_DECODER = msgspec.json.Decoder(Event)


def _with_content(event: Event) -> Event:
    """Return *event* with its content read as what its type holds."""
    if event.content is None:
        return event
    kind = content_kind(event.type)
    if kind is None:
        raise msgspec.ValidationError("An event of this type has no content - at `$.content`")
    try:
        content = msgspec.convert(event.content, kind, strict=False)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise msgspec.ValidationError(f"{reason} - at `$.content{place or '`'}") from None
    return msgspec.structs.replace(event, content=content)
