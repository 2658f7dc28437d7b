"""What really happened to a made-up person: the truth that every source system renders in its own dialect.

Truth is richer than the contract: it knows drafts, staff sensitivity and *why* a piece of text must not
be shown. The examiner holds a connector's answer against it; no connector ever sees it.
All times are aware datetimes, whole seconds. Codes are standard codes; local codes belong to a dialect.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

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


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a `diagnoses` event says; *path* is the keyword path it was registered under, if any."""

    code: Code
    kind: Literal["Huvuddiagnos", "Bidiagnos"]
    chronic: bool | None = None
    path: tuple[str, ...] = ()
    related_event_ids: tuple[str, ...] = ()


class Quantity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A laboratory value: a decimal string with a point (*value*), or *text*; *unit* may be empty."""

    value: str | None = None
    unit: str = ""
    text: str | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A reference interval: decimal strings, either end may be open."""

    low: str | None = None
    high: str | None = None


class Analysis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One analysis with one result, or none while it is awaited."""

    id: str
    code: Code
    status: Literal["preliminary", "partial", "final"] = "final"
    quantity: Quantity | None = None
    reference: Reference | None = None
    deviation: Literal["H", "L"] | None = None
    comment: str | None = None
    material: Code | None = None


class AnalysisGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Analyses ordered and answered together (a panel), under a Swedish name."""

    name: str
    analyses: tuple[Analysis, ...]


class Laboratory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a `laboratory-results` event says; `Event.occurred_at` is when the answer came."""

    referral_id: str
    laboratory_id: str
    laboratory_name: str
    specimen_time: datetime
    status: Literal["preliminary", "partial", "final"]
    groups: tuple[AnalysisGroup, ...]
    question: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened and was recorded, in one source system, under one identity.

    *occurred_at* is the event's own time (a visit, a diagnosis, a laboratory answer); *author.time* when it was
    entered; *signature* who vouched for it, absent while unsigned; *countersignature* the recipient's
    verification (vidimering) of a laboratory answer. Exactly one of *atoms*, *diagnosis*, *laboratory* is set.
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
    diagnosis: Diagnosis | None = None
    laboratory: Laboratory | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values (snake_case keys, RFC 3339 times)."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, document: object) -> Event:
        """Read what `to_json` wrote; raise `msgspec.ValidationError` naming the path when it does not fit."""
        return msgspec.convert(document, cls, strict=False)
