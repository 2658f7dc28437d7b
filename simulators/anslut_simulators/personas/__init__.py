"""Personas: people made for a rule, each a data file (`personas/<name>.toml`), reachable by name.

The files' form is described by `anslut_contracts/schemas/v1/personas.json`.
"""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from anslut_simulators.population.identities import birth_date_of, official_index, sex_of
from anslut_simulators.population.people import Address, Person
from anslut_simulators.population.regions import regions
from anslut_simulators.systems import described_systems
from anslut_simulators.truth import Identity, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping


class Piece(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One atom of a note: the keywords above and its own (*path*), and the text under it."""

    path: tuple[str, ...]
    text: str = ""
    reason: Reason | None = None
    canary: str | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A later version of an entry: who did not sign it again leaves the old signature away."""

    at: datetime
    text: tuple[Piece, ...]
    staff: str | None = None
    signed: datetime | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every authored entry has: *at* is the event's own time, *entered* when it was written.

    *system* is where, when not in the persona's own; *identity* which of the persona's identities it is under.
    """

    id: str
    at: datetime
    unit: str
    staff: str
    entered: datetime | None = None
    signed: datetime | None = None
    signed_by: str | None = None
    removed: datetime | None = None
    contact: str | None = None
    template: str | None = None
    sensitivity: str | None = None
    reason: Reason | None = None
    identity: int = 0
    system: str | None = None


class NoteStory(Story, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A note; *draft_until* is when a draft was finished, *draft* says that it never was."""

    code: str
    text: tuple[Piece, ...]
    title: str | None = None
    draft: bool = False
    draft_until: datetime | None = None
    correction: tuple[Correction, ...] = ()


class Series(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many notes after one pattern: one every *every_minutes* from *first* on; with *school_days* none on a free day.

    *text* are the variants, taken in turn; `{datum}` stands for the day, and `{glukos}`, `{sida}`, `{sar}`,
    `{sys}`, `{dia}`, `{puls}` and `{vikt}` for drawn values. Every *unsigned_every*th note is never signed.
    """

    id: str
    count: int
    first: datetime
    every_minutes: int
    unit: str
    staff: tuple[str, ...]
    template: str
    code: str
    entered_after_minutes: int
    signed_after_minutes: int
    unsigned_every: int
    text: tuple[tuple[Piece, ...], ...]
    school_days: bool = False


class DiagnosisStory(Story, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A diagnosis: *code* as ICD-10-SE without dot."""

    code: str
    kind: Literal["Huvuddiagnos", "Bidiagnos"] = "Huvuddiagnos"
    chronic: bool | None = None
    path: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One analysis: *analysis* names a row of `analyses.json`, or is free text when *free* is set."""

    analysis: str
    free: bool = False
    value: str | None = None
    text: str | None = None
    unit: str | None = None
    low: str | None = None
    high: str | None = None
    deviation: Literal["H", "L"] | None = None
    status: Literal["preliminary", "partial", "final"] | None = None
    comment: str | None = None
    material: str | None = None


class Panel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Analyses answered together."""

    name: str
    rows: tuple[Row, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A later answer to the same order, which replaces the one before."""

    at: datetime
    status: Literal["preliminary", "partial", "final"]
    panels: tuple[Panel, ...]
    signed: datetime | None = None


class LaboratoryStory(Story, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A laboratory answer: *at* is when it came, *signed* the laboratory's, *countersigned* the orderer's."""

    specimen: datetime
    panels: tuple[Panel, ...]
    question: str | None = None
    status: Literal["preliminary", "partial", "final"] = "final"
    countersigned: datetime | None = None
    later: tuple[Answer, ...] = ()


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A later version of an event: what it says from *at* on, over what it said before."""

    at: datetime
    content: dict[str, Any]
    staff: str | None = None
    signed: datetime | None = None


class EventStory(Story, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of any type that has content: *content* in the truth's own field names.

    A time without offset is read in Stockholm; a text `@id` stands for the id of the persona's entry *id*, and
    `{staff = "distriktslakare 1", at = …}` for who did something at the entry's unit, and when.
    """

    type: str
    content: dict[str, Any]
    draft_until: datetime | None = None
    countersigned: datetime | None = None
    later: tuple[Version, ...] = ()


class Household(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the persona is, beside what the number tells."""

    identity: Identity
    given_name: str
    surname: str
    home_unit: str
    address: Address | None = None
    linked: tuple[Identity, ...] = ()
    protected_identity: bool = False
    deceased_at: datetime | None = None
    guardians: tuple[str, ...] = ()
    unknown_to: tuple[str, ...] = ()


class Persona(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person made for a rule: *sv* says who, *why* what the persona shows, *rules* which rules it is for.

    *story* says where the entries come from: written by hand, generated, or both; *generated_in* names systems that
    hold a generated history besides. *role* is the name of the persona whose part this one plays in *system*.
    *clock* is when the persona is most telling, when that is not the world date. *faults* are faults that calls about
    the persona meet in every scenario: `fault`, `system`, perhaps `path`, and the fault's arguments.
    """

    name: str
    sv: str
    why: str
    story: Literal["authored", "generated", "both"]
    about: Household = msgspec.field(name="person")
    rules: tuple[str, ...] = ()
    region: str = "fjallmark"
    system: str = "kosmos"
    role: str = ""
    generated_in: tuple[str, ...] = ()
    clock: datetime | None = None
    notes: tuple[NoteStory, ...] = ()
    series: tuple[Series, ...] = ()
    diagnoses: tuple[DiagnosisStory, ...] = ()
    laboratory: tuple[LaboratoryStory, ...] = ()
    events: tuple[EventStory, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def identity(self) -> Identity:
        """The identity the persona has today."""
        return self.about.identity

    @property
    def identities(self) -> tuple[Identity, ...]:
        """The identity of today and the linked ones."""
        return (self.about.identity, *self.about.linked)

    def told_in(self, system: str) -> str:
        """Return the system whose authored entries *system* tells: its own, or those of another like it."""
        region = next(region for region in regions() if region.name == self.region)
        installed = region.installation(system)
        described = described_systems().get(installed.program if installed is not None else system)
        return (described.personas if described is not None else "") or system

    def plays_in(self, system: str) -> bool:
        """Tell whether the persona shows anything in *system*: entries there, or that there are none anywhere."""
        home = self.told_in(system)
        if home == self.system or system in self.generated_in:
            return True
        told = (*self.notes, *self.diagnoses, *self.laboratory, *self.events)
        if self.story == "authored" and not told and not self.series:
            return True
        return self.story != "authored" or any(story.system == home for story in told)

    @property
    def birth_date(self) -> date:
        """The birth date that the number tells."""
        return birth_date_of(self.about.identity.extension)

    @property
    def person(self) -> Person:
        """The persona as a person of the population."""
        return _people()[self.name]


@lru_cache(maxsize=1)
def load_personas() -> Mapping[str, Persona]:
    """Return every persona by name, in the order of the names."""
    folder = files("anslut_simulators") / "personas"
    read = [
        msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Persona)
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if file.name.endswith(".toml")
    ]
    return {persona.name: persona for persona in sorted(read, key=lambda persona: persona.name)}


@lru_cache(maxsize=1)
def _people() -> Mapping[str, Person]:
    personas = load_personas()
    people: dict[str, Person] = {}
    for persona in personas.values():
        about = persona.about
        extension = about.identity.extension
        number = official_index(extension)
        if number is None:
            raise ValueError(f"the persona {persona.name} has no official number")
        wards = tuple(other.identity for other in personas.values() if persona.name in other.about.guardians)
        region = next(region for region in regions() if region.name == persona.region)
        people[persona.name] = Person(
            number=number,
            identity=about.identity,
            birth_date=persona.birth_date,
            sex=sex_of(extension),
            given_name=about.given_name,
            surname=about.surname,
            region=persona.region,
            home_unit=about.home_unit,
            stratum="official",
            linked=about.linked,
            address=None if about.protected_identity else about.address,
            deceased_at=about.deceased_at,
            protected_identity=about.protected_identity,
            parents=tuple(personas[name].identity for name in about.guardians),
            guardians=tuple(personas[name].identity for name in about.guardians),
            children=wards,
            wards=wards,
            born_with=tuple(
                other.identity
                for other in personas.values()
                if other is not persona
                and other.birth_date == persona.birth_date
                and other.about.address is not None
                and other.about.address == about.address
            ),
            systems=tuple(s.system for s in region.systems if not {s.system, "*"} & {*about.unknown_to}),
            persona=persona.name,
        )
    return people
