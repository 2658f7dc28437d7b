"""What a connector owes: a pure function of truth, region profile and clock, written without any of the SDK.

Nothing here knows how a connector splits a note or numbers its entries; it says which pieces of text must be
shown, which must be delivered flagged, and which must not leave the source at all.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from anslut_contracts import information_types

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from anslut_contracts.profile import RegionProfile
    from anslut_simulators.truth import Actor, Atom, Content, Event, Identity, Unit

#: shown: approved for the patient · flagged: delivered with approvedForPatient=false · withheld: not delivered.
Fate = Literal["shown", "flagged", "withheld"]

_WORSE: tuple[Fate, ...] = ("shown", "flagged", "withheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAtom:
    """A piece of text and its fate; *term* is the excluded keyword on its path, as the source spells it."""

    atom: Atom
    fate: Fate
    term: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One event as it must be met in the answer; *fate* is that of the whole entry (of its best atom, for a note).

    *times* are the event's own time and its author's; *signature* is None while unsigned. A note has *atoms*, any
    other type its *content*. *optional*: older than the region's introduction of its kind, so
    a connector may deliver it or leave it to the national service to hide.
    """

    event_id: str
    type: str
    asked: Identity
    recorded_under: Identity
    fate: Fate
    occurred_at: datetime
    author: Actor
    unit: Unit
    signature: Actor | None
    countersignature: Actor | None
    care_contact_id: str | None
    event: Event
    atoms: tuple[ExpectedAtom, ...] = ()
    content: Content | None = None
    optional: bool = False

    @property
    def approved(self) -> tuple[ExpectedAtom, ...]:
        """The texts the patient must see."""
        return tuple(atom for atom in self.atoms if atom.fate == "shown")

    @property
    def excluded(self) -> tuple[ExpectedAtom, ...]:
        """The texts that may stand in no approved entry."""
        return tuple(atom for atom in self.atoms if atom.fate != "shown")


def expected(
    events: Iterable[Event], profile: RegionProfile, *, asked: Identity, system: str, now: datetime
) -> list[Expected]:
    """Return what is owed for *asked* out of *events*, newest first; drafts, removed and future entries are not."""
    owed = [
        _expect(event, profile, asked=asked, system=system)
        for event in events
        if event.state == "entered"
        and event.author.time <= now
        and not _not_delivered(event, profile, system)
        if event.patient == asked or profile.deliver_linked_identities
    ]
    owed = [one for one in owed if one.fate != "withheld" and (one.fate == "shown" or _has_flag(one.type))]
    return sorted(owed, key=lambda one: (one.occurred_at, one.event_id), reverse=True)


def _has_flag(type_: str) -> bool:
    """Tell whether entries of *type_* can say that the patient must not see them; else they stay in the source."""
    return "approvedForPatient" not in information_types()[type_].header_forbids


def _expect(event: Event, profile: RegionProfile, *, asked: Identity, system: str) -> Expected:
    whole = _whole_fate(event, profile, system)
    atoms = tuple(_atom(atom, profile, system, whole) for atom in event.atoms)
    fate = whole
    if atoms:
        fate = min((atom.fate for atom in atoms), key=_WORSE.index)
    if event.content is not None:
        term = _excluded_term(event.content.keywords, profile, system)
        if term is not None:
            fate = _worst(whole, _effect(profile, _reason_of(term, profile, system)))
    return Expected(
        event_id=event.id,
        type=event.type,
        asked=asked,
        recorded_under=event.patient,
        fate=fate,
        occurred_at=event.occurred_at,
        author=event.author,
        unit=event.unit,
        signature=event.signature,
        countersignature=event.countersignature,
        care_contact_id=event.care_contact_id,
        event=event,
        atoms=atoms,
        content=event.content,
        optional=_before_introduction(event, profile, system),
    )


def _atom(atom: Atom, profile: RegionProfile, system: str, whole: Fate) -> ExpectedAtom:
    term = _excluded_term(atom.path, profile, system)
    fate: Fate = whole
    if term is not None:
        fate = _worst(whole, _effect(profile, _reason_of(term, profile, system)))
    return ExpectedAtom(atom=atom, fate=fate, term=term)


def _whole_fate(event: Event, profile: RegionProfile, system: str) -> Fate:
    """Return the fate an event has as a whole: by its template, its unit, or a decision about this very entry."""
    reasons: list[str] = [] if event.reason is None else [event.reason]
    reasons += [
        rule.reason
        for rule in profile.excluded_templates
        if _matches(rule.system, system)
        and event.template is not None
        and _same(rule.template, event.template)
    ]
    reasons += [rule.reason for rule in profile.excluded_units if rule.hsa_id == event.unit.hsa_id]
    fate: Fate = "shown"
    for reason in reasons:
        fate = _worst(fate, _effect(profile, reason))
    return fate


def _effect(profile: RegionProfile, reason: str) -> Fate:
    return "withheld" if profile.effects.get(reason, "flag") == "withhold" else "flagged"


def _worst(one: Fate, other: Fate) -> Fate:
    return max(one, other, key=_WORSE.index)


def _excluded_term(path: Iterable[str], profile: RegionProfile, system: str) -> str | None:
    """Return the outermost keyword of *path* that the profile excludes: it takes its whole subtree with it."""
    terms = {_fold(rule.term) for rule in profile.excluded_keywords if _matches(rule.system, system)}
    return next((word for word in path if _fold(word) in terms), None)


def _reason_of(term: str, profile: RegionProfile, system: str) -> str:
    return next(
        rule.reason
        for rule in profile.excluded_keywords
        if _matches(rule.system, system) and _same(rule.term, term)
    )


def _not_delivered(event: Event, profile: RegionProfile, system: str) -> bool:
    """Tell whether the region delivers nothing of this kind."""
    subtypes = {"*", event.template, event.note_code.code if event.note_code else None}
    return any(
        _matches(rule.system, system) and _matches(rule.type, event.type) and rule.subtype in subtypes
        for rule in profile.not_delivered
    )


def _before_introduction(event: Event, profile: RegionProfile, system: str) -> bool:
    """Tell whether the event is older than what its unit, system and type show: who leaves it out is not ruled."""
    day = event.occurred_at.date()
    too_old = any(
        _matches(rule.system, system) and _matches(rule.type, event.type) and day < rule.date
        for rule in profile.visible_from
    )
    rollouts = [rule for rule in profile.rollout if _matches(rule.type, event.type)]
    waits = bool(rollouts) and not any(
        _matches(rule.unit, event.unit.hsa_id) and rule.from_date <= day for rule in rollouts
    )
    return too_old or waits


def _matches(pattern: str, value: str) -> bool:
    return pattern in {"*", value}


def _same(one: str, other: str) -> bool:
    return _fold(one) == _fold(other)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
