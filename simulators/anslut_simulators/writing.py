"""What a tester may do to a record: write an entry, and sign, edit, remove, exclude, move or finalise one.

Pure functions from an event to an event, so that they can be read beside the truth they make.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from anslut_simulators.problems import ProblemError, invalid
from anslut_simulators.truth import Actor, Atom, Code, Event, Identity, Reason, content_kind, content_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

ChangeName = Literal["sign", "countersign", "edit", "remove", "exclude", "unexclude", "move", "finalise"]
_DOCTOR: Final = Code(
    code="201011",
    code_system="1.2.752.129.2.2.1.4",
    display_name="Distriktsläkare/Specialist allmänmedicin",
)
KINDS: Final[Mapping[str, str]] = {
    "sign": "signerad",
    "countersign": "vidimerad",
    "edit": "andrad",
    "remove": "borttagen",
    "exclude": "undantagen",
    "unexclude": "andrad",
    "finalise": "andrad",
}


class Author(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who makes a change; the time is the scenario's own."""

    hsa_id: str | None = None
    name: str | None = None
    role: Code | None = None

    def at(self, time: datetime) -> Actor:
        """Return the actor at *time*."""
        return Actor(time=time, hsa_id=self.hsa_id, name=self.name, role=self.role)


class ChangeOrder(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a tester asks for.

    *atoms* replaces (edit) atoms with the same id and adds the others; for an exclusion *atom_ids* says which
    texts (all when not given), *reason* why and *keyword* under which word they are written.
    """

    patient_id: Identity
    event_id: str
    change: ChangeName
    by: Author | None = None
    atoms: tuple[Atom, ...] = ()
    atom_ids: tuple[str, ...] | None = None
    content: dict[str, Any] | None = None
    title: str | None = None
    template: str | None = None
    reason: Reason | None = None
    keyword: str | None = None
    to_patient_id: Identity | None = None


def changed(event: Event, order: ChangeOrder, *, now: datetime, keyword: Callable[[Reason], str]) -> Event:
    """Return *event* after *order* at *now*; raise a problem (409 or 422) when it cannot be done to it."""
    if event.state == "removed":
        raise ProblemError(
            409, "event-removed", "The event is removed", detail="Nothing more can be done to it."
        )
    match order.change:
        case "sign" | "countersign":
            return _vouched(event, order, now=now)
        case "remove":
            return msgspec.structs.replace(event, state="removed")
        case "edit":
            return _edited(event, order, now=now)
        case "finalise":
            return _finalised(event, order, now=now)
        case "exclude" | "unexclude":
            return _excluded(event, order, now=now, keyword=keyword)
        case "move":
            raise invalid("toPatientId: whom to move the event to")


def _vouched(event: Event, order: ChangeOrder, *, now: datetime) -> Event:
    by = order.by.at(now) if order.by is not None else None
    if order.change == "countersign":
        if event.content is None or not event.content.countersigned:
            raise invalid("change: only a laboratory answer is countersigned")
        return msgspec.structs.replace(event, countersignature=by or doctor(event.unit.hsa_id, now))
    if event.signature is not None:
        raise ProblemError(409, "already-signed", "The event is signed already")
    return msgspec.structs.replace(event, state="entered", signature=by or _again(event.author, now))


def doctor(unit_hsa_id: str, now: datetime) -> Actor:
    """Return the made-up doctor who does what nobody else is named for."""
    organisation = unit_hsa_id.partition("-")[0]
    return Actor(time=now, hsa_id=f"{organisation}-P1001", name="Prov Provsson", role=_DOCTOR)


def _again(actor: Actor, now: datetime) -> Actor:
    return msgspec.structs.replace(actor, time=now)


def _revised(event: Event, order: ChangeOrder, now: datetime) -> Event:
    author = order.by.at(now) if order.by is not None else _again(event.author, now)
    return msgspec.structs.replace(
        event,
        author=author,
        revisions=(*event.revisions, event.author.time),
        signature=None,
        countersignature=None,
    )


def _edited(event: Event, order: ChangeOrder, *, now: datetime) -> Event:
    if order.atoms and not event.atoms:
        raise invalid("atoms: only a note has them")
    new = {atom.id: atom for atom in order.atoms}
    atoms = tuple(new.pop(atom.id, atom) for atom in event.atoms) + tuple(new.values())
    plain = {**_revised(event, order, now).to_json()}
    plain["atoms"] = msgspec.to_builtins(atoms)
    for name in ("title", "template"):
        if getattr(order, name) is not None:
            plain[name] = getattr(order, name)
    if order.content is not None:
        if event.content is None:
            raise invalid("content: an event keeps its type, and a note has none")
        plain["content"] = {**plain["content"], **order.content}
    return read_event(plain)


def _finalised(event: Event, order: ChangeOrder, *, now: datetime) -> Event:
    if event.state == "draft":
        return msgspec.structs.replace(event, state="entered", author=_again(event.author, now))
    if event.content is None or event.content.is_final is None:
        raise invalid("change: only drafts and what is preliminary are finalised")
    if event.content.is_final:
        raise ProblemError(409, "already-final", "It is final already")
    event = _edited(event, order, now=now) if order.content is not None else _revised(event, order, now)
    final = event.content.finalised() if event.content is not None else None
    return msgspec.structs.replace(event, content=final, signature=event.author)


def _excluded(event: Event, order: ChangeOrder, *, now: datetime, keyword: Callable[[Reason], str]) -> Event:
    if order.change == "unexclude":
        return _unexcluded(event)
    reason: Reason = order.reason or "violence"
    term = order.keyword or keyword(reason)
    if event.content is not None:
        if not event.content.hides:
            raise invalid("change: entries of this type are not excluded one by one")
        return msgspec.structs.replace(event, content=event.content.under(term), reason=reason)
    wanted = {atom.id for atom in event.atoms} if order.atom_ids is None else set(order.atom_ids)
    if not wanted or not wanted <= {atom.id for atom in event.atoms}:
        raise invalid("atomIds: the event has no such text")
    return msgspec.structs.replace(
        event,
        atoms=tuple(
            _hidden(atom, event, reason=reason, keyword=term, now=now) if atom.id in wanted else atom
            for atom in event.atoms
        ),
    )


def _hidden(atom: Atom, event: Event, *, reason: Reason, keyword: str, now: datetime) -> Atom:
    if atom.reason is not None:
        return atom
    digest = blake2b(f"{event.id}|{atom.id}|{now.isoformat()}".encode(), digest_size=6, key=b"anslut-canary")
    canary = f"KANARIE-{digest.hexdigest()}"
    return Atom(
        id=atom.id, path=(keyword, *atom.path), text=f"{atom.text} {canary}", reason=reason, canary=canary
    )


def _unexcluded(event: Event) -> Event:
    atoms = tuple(
        msgspec.structs.replace(atom, path=atom.path[1:] or ("Anteckning",), reason=None, canary=None)
        if atom.reason is not None
        else atom
        for atom in event.atoms
    )
    content = event.content.under() if event.content is not None else None
    return msgspec.structs.replace(event, atoms=atoms, content=content, reason=None)


def read_event(plain: Mapping[str, Any]) -> Event:
    """Read an event from JSON values; check its one body and its times, which its type alone cannot."""
    try:
        event = Event.from_json(plain)
    except msgspec.ValidationError as error:
        raise invalid(_place(error)) from None
    if event.type not in content_types():
        raise invalid(f"event.type: one of {', '.join(content_types())}")
    if content_kind(event.type) is None:
        if not event.atoms or event.content is not None:
            raise invalid("event: a note has atoms, and no content")
    elif event.content is None or event.atoms:
        raise invalid("event: this type has content, and no atoms")
    actors = [
        actor.time for actor in (event.author, event.signature, event.countersignature) if actor is not None
    ]
    named = event.content.times() if event.content is not None else ()
    for time in (event.occurred_at, *actors, *named, *event.revisions):
        if time.tzinfo is None or time.microsecond:
            raise invalid("event: times have an offset and whole seconds")
    return event


def _place(error: msgspec.ValidationError) -> str:
    message = str(error)
    reason, _, place = message.rpartition(" - at `")
    if not reason:
        reason, place = message, "$"
    if "Invalid enum" in reason or "Invalid value" in reason:
        reason = "not one of the allowed values"
    return f"event{place.rstrip('`').removeprefix('$')}: {reason}"
