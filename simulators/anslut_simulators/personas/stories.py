"""From a persona's data to events, in the state they have at a given time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from msgspec import convert, to_builtins
from msgspec.structs import replace

from anslut_simulators.histories.codes import diagnosis_code, material_code, note_code
from anslut_simulators.histories.laboratories import analysis_row, laboratory_name
from anslut_simulators.histories.staff import staff_member
from anslut_simulators.personas import (
    Correction,
    DiagnosisStory,
    EventStory,
    LaboratoryStory,
    NoteStory,
    Panel,
    Persona,
    Piece,
    Row,
    Story,
    Version,
)
from anslut_simulators.personas.series import notes_of
from anslut_simulators.personas.visits import CONTACTS, contacts_of
from anslut_simulators.population.regions import Region, regions
from anslut_simulators.population.world import STOCKHOLM, World, default_world
from anslut_simulators.truth import (
    Actor,
    Atom,
    Code,
    Event,
    Identity,
    State,
    content_kind,
)
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.laboratory_results import (
    Analysis,
    AnalysisGroup,
    Laboratory,
    Quantity,
    Reference,
)


def story_events(
    persona: Persona,
    type: str,  # noqa: A002 - the contract's word
    *,
    system: str,
    until: datetime,
    world: World | None = None,
) -> list[Event]:
    """Return the persona's authored events of *type* entered by *until*, oldest first."""
    told = _tale(persona, type, world or default_world()).told(until)
    home = persona.told_in(system)
    found = [event for event in told if event.system == home]
    return found if home == system else [replace(event, system=system) for event in found]


@dataclass(frozen=True, slots=True)
class _Told:
    """A tale as it stands from the instant *since* until just before *before*."""

    events: tuple[Event, ...]
    since: float
    before: float


class _Tale:
    """One persona's story of one type. Pages of it are asked for while a clock goes on: it is told when it changes."""

    def __init__(self, persona: Persona, type_: str, world: World) -> None:
        self._persona = persona
        self._type = type_
        self._world = world
        self._last = _Told((), math.inf, -math.inf)

    def told(self, until: datetime) -> tuple[Event, ...]:
        """Return the events as they stood at *until*, oldest first."""
        moment, last = _instant(until), self._last
        if not last.since <= moment < last.before:
            last = self._last = self._tell(moment)
        return last.events

    def _tell(self, moment: float) -> _Told:
        persona, teller = self._persona, _Teller(self._persona, self._world, moment)
        if self._type == "care-documentation":
            written = [note for series in persona.series for note in notes_of(series, persona, self._world)]
            told = [teller.note(story) for story in (*persona.notes, *written) if teller.has_begun(story)]
        elif self._type == "diagnoses":
            told = [teller.diagnosis(story) for story in persona.diagnoses if teller.has_begun(story)]
        elif self._type == "laboratory-results":
            told = [teller.laboratory(story) for story in persona.laboratory if teller.has_begun(story)]
        elif self._type == CONTACTS:
            told = [teller.contact(story) for story in contacts_of(persona) if teller.has_begun(story)]
        else:
            told = []
        told += [
            teller.event(story)
            for story in persona.events
            if story.type == self._type and teller.has_begun(story)
        ]
        told.sort(key=lambda event: (event.occurred_at.timestamp(), event.id))
        return _Told(tuple(told), teller.since, teller.before)


#: One for each that may be asked for in turn, and not so many that the longest stories fill the memory.
_tale = lru_cache(maxsize=64)(_Tale)


def event_id(persona: str, story: str) -> str:
    """Return the id of a persona's authored entry: opaque, and the same for ever."""
    return blake2b(f"{persona}/{story}".encode(), digest_size=8).hexdigest().upper()


def local(time: datetime) -> datetime:
    """Return *time* in Stockholm: without an offset it is read there, and a repeated hour as its first."""
    return time.replace(tzinfo=STOCKHOLM) if time.tzinfo is None else time.astimezone(STOCKHOLM)


def _instant(time: datetime) -> float:
    return local(time).timestamp()


class _Teller:
    """Tells one persona's stories as they stood at the instant *until*.

    Whatever it told stands from *since* until just before *before*: no time that it looked at is in between.
    """

    def __init__(self, persona: Persona, world: World, until: float) -> None:
        self.since, self.before = -math.inf, math.inf
        self._persona = persona
        self._world = world
        self._until = until
        self._region: Region = next(region for region in regions() if region.name == persona.region)

    def _past(self, time: datetime | None) -> bool:
        if time is None:
            return False
        instant = _instant(time)
        if instant <= self._until:
            self.since = max(self.since, instant)
            return True
        self.before = min(self.before, instant)
        return False

    def has_begun(self, story: Story) -> bool:
        """Tell whether the entry was in the system."""
        return self._past(story.entered or story.at)

    def _actor(self, unit: str, staff: str, time: datetime) -> Actor:
        role, _, place = staff.rpartition(" ")
        return staff_member(self._world, unit, role, int(place) - 1).at(local(time))

    def _signature(self, story: Story) -> Actor | None:
        if story.signed is None or not self._past(story.signed):
            return None
        return self._actor(story.unit, story.signed_by or story.staff, story.signed)

    def _signature_anew(self, story: Story, change: Correction | Version) -> Actor | None:
        """Return who signed what was changed: a signature is of the text it was put below, not of a later one."""
        if change.signed is None or not self._past(change.signed):
            return None
        return self._actor(story.unit, change.staff or story.staff, change.signed)

    def _patient(self, story: Story) -> Identity:
        return self._persona.identities[story.identity]

    def _state(self, story: Story) -> State:
        if self._past(story.removed):
            return "removed"
        if isinstance(story, NoteStory) and story.draft:
            return "draft"
        if isinstance(story, NoteStory | EventStory) and story.draft_until is not None:
            return "entered" if self._past(story.draft_until) else "draft"
        return "entered"

    def _contact(self, story: Story) -> str | None:
        if story.contact is None:
            return None
        if any(one.id == story.contact and one.type == "care-contacts" for one in self._persona.events):
            return event_id(self._persona.name, story.contact)
        return f"VK{event_id(self._persona.name, 'contact/' + story.contact)}"

    def _event(self, story: Story, type_: str) -> Event:
        return Event(
            id=event_id(self._persona.name, story.id),
            type=type_,
            system=story.system or self._persona.system,
            patient=self._patient(story),
            occurred_at=local(story.at),
            author=self._actor(story.unit, story.staff, story.entered or story.at),
            unit=self._region.unit(story.unit).as_unit(),
            state=self._state(story),
            signature=self._signature(story),
            template=story.template,
            staff_sensitivity=story.sensitivity,
            care_contact_id=self._contact(story),
            reason=story.reason,
        )

    def note(self, story: NoteStory) -> Event:
        """Return a note as its latest version by then."""
        event, pieces = self._event(story, "care-documentation"), story.text
        author, signature = event.author, event.signature
        revisions: list[datetime] = []
        for correction in story.correction:
            if self._past(correction.at):
                revisions.append(author.time)
                author = self._actor(story.unit, correction.staff or story.staff, correction.at)
                pieces, signature = correction.text, self._signature_anew(story, correction)
        return replace(
            event,
            author=author,
            signature=signature,
            revisions=tuple(revisions),
            title=story.title,
            note_code=note_code(story.code),
            atoms=tuple(_atom(event.id, place, piece) for place, piece in enumerate(pieces)),
        )

    def diagnosis(self, story: DiagnosisStory) -> Event:
        """Return a diagnosis."""
        said = Diagnosis(
            code=diagnosis_code(story.code),
            kind=story.kind,
            chronic=story.chronic,
            path=story.path,
            related_event_ids=tuple(event_id(self._persona.name, other) for other in story.related),
        )
        return replace(self._event(story, "diagnoses"), content=said)

    def laboratory(self, story: LaboratoryStory) -> Event:
        """Return a laboratory answer as its latest version by then; the laboratory writes and signs it."""
        event = self._event(story, "laboratory-results")
        lab = self._region.units_of("laboratory")[0].hsa_id
        status, panels, answered, signed = story.status, story.panels, story.entered or story.at, story.signed
        revisions: list[datetime] = []
        for answer in story.later:
            if self._past(answer.at):
                revisions.append(local(answered))
                status, panels, answered, signed = answer.status, answer.panels, answer.at, answer.signed
        signature = None
        if signed is not None and self._past(signed):
            signature = self._actor(lab, "laboratorielakare 1", signed)
        countersignature = None
        if story.countersigned is not None and self._past(story.countersigned):
            countersignature = self._actor(story.unit, story.signed_by or story.staff, story.countersigned)
        said = Laboratory(
            referral_id=f"R{event.id[:10]}",
            laboratory_id=f"L{event.id[6:]}",
            laboratory_name=laboratory_name(self._region),
            specimen_time=local(story.specimen),
            status=status,
            groups=tuple(_group(event.id, place, panel, status) for place, panel in enumerate(panels)),
            question=story.question,
        )
        return replace(
            event,
            author=self._actor(lab, "biomedicinsk-analytiker 1", answered),
            signature=signature,
            countersignature=countersignature,
            revisions=tuple(revisions),
            content=said,
        )

    def event(self, story: EventStory) -> Event:
        """Return an entry of any type as its latest version by then."""
        event = self._event(story, story.type)
        author, signature, said = event.author, event.signature, dict(story.content)
        revisions: list[datetime] = []
        for version in story.later:
            if self._past(version.at):
                revisions.append(author.time)
                author = self._actor(story.unit, version.staff or story.staff, version.at)
                said |= version.content
                signature = self._signature_anew(story, version)
        countersignature = None
        if story.countersigned is not None and self._past(story.countersigned):
            countersignature = self._actor(story.unit, story.signed_by or story.staff, story.countersigned)
        kind = content_kind(story.type)
        if kind is None:
            raise ValueError(f"{self._persona.name}/{story.id}: no events of {story.type} have content")
        return replace(
            event,
            author=author,
            signature=signature,
            countersignature=countersignature,
            revisions=tuple(revisions),
            content=convert(self._plain(said, story.unit), kind, strict=False),
        )

    def contact(self, story: EventStory) -> Event:
        """Return a care contact that entries were written at, under the id that they name it by."""
        event = self.event(story)
        return replace(event, id=f"VK{event.id}")

    def _plain(self, value: Any, unit: str) -> Any:  # noqa: ANN401 - TOML values of any shape
        if isinstance(value, datetime):
            return local(value)
        if isinstance(value, str) and value.startswith("@"):
            return event_id(self._persona.name, value[1:])
        if isinstance(value, list):
            return [self._plain(one, unit) for one in value]
        if isinstance(value, dict) and value.keys() == {"staff", "at"}:
            return to_builtins(self._actor(unit, value["staff"], value["at"]))
        if isinstance(value, dict):
            return {name: self._plain(one, unit) for name, one in value.items()}
        return value


def _atom(event: str, place: int, piece: Piece) -> Atom:
    return Atom(
        id=f"{event}-{place + 1}", path=piece.path, text=piece.text, reason=piece.reason, canary=piece.canary
    )


def _group(event: str, place: int, panel: Panel, status: str) -> AnalysisGroup:
    return AnalysisGroup(
        name=panel.name,
        analyses=tuple(
            _analysis(f"{event}-{place + 1}-{number + 1}", row, status)
            for number, row in enumerate(panel.rows)
        ),
    )


def _analysis(key: str, row: Row, status: str) -> Analysis:
    if row.free:
        code, unit, low, high, material = Code(original_text=row.analysis), "", None, None, None
    else:
        code, unit, low, high, material = analysis_row(row.analysis)
    quantity = None
    if row.value is not None or row.text is not None:
        quantity = Quantity(value=row.value, unit=unit if row.unit is None else row.unit, text=row.text)
    low, high = (row.low, row.high) if row.low is not None or row.high is not None else (low, high)
    chosen = row.material or material
    return Analysis(
        id=key,
        code=code,
        status=row.status or status,  # type: ignore[arg-type]  # the schema admits the three words only
        quantity=quantity,
        reference=None if low is None and high is None else Reference(low=low, high=high),
        deviation=row.deviation,
        comment=row.comment,
        material=None if chosen is None else material_code(chosen),
    )
