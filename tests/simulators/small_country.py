"""A country of five people, for tests that must not depend on the generated one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anslut_simulators.truth import Actor, Atom, Code, Event, Identity, Unit
from anslut_simulators.truth.diagnoses import Diagnosis
from anslut_simulators.truth.laboratory_results import (
    Analysis,
    AnalysisGroup,
    Laboratory,
    Quantity,
    Reference,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
START = datetime(2023, 11, 15, 8, tzinfo=STOCKHOLM)
PERSONNUMMER = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER = "1.2.752.129.2.1.3.3"
RESERVE = "1.2.752.74.9.1"

ANNA = Identity(root=PERSONNUMMER, extension="199001022384")
BO = Identity(root=PERSONNUMMER, extension="199401022398")
CARIN = Identity(root=PERSONNUMMER, extension="192001011564")
BABY = Identity(root=PERSONNUMMER, extension="202309052393")
BABY_RESERVE = Identity(root=RESERVE, extension="98230905AA49")
ELSEWHERE = Identity(root=PERSONNUMMER, extension="198001162398")
STRANGER = Identity(root=PERSONNUMMER, extension="197503309176")

UNIT = Unit(hsa_id="SE2321000999-A1001", name="Aspens vårdcentral", care_provider_hsa_id="SE2321000999-0001")
DOCTOR = Code(
    code="201011", code_system="1.2.752.129.2.2.1.4", display_name="Distriktsläkare/Specialist allmänmedicin"
)


@dataclass(frozen=True, kw_only=True)
class SmallUnit:
    """A unit as regions have them."""

    hsa_id: str
    sv: str
    kind: str
    care_provider: str


@dataclass(frozen=True, kw_only=True)
class SmallSystem:
    """A source system of a region."""

    system: str
    hsa_id: str

    @property
    def program(self) -> str:
        """What it is an installation of."""
        return self.system


@dataclass(frozen=True, kw_only=True)
class SmallRegion:
    """A region of two units."""

    name: str = "fjallmark"
    sv: str = "Region Fjällmark"
    profile: str = "fjallmark"
    units: tuple[SmallUnit, ...] = (
        SmallUnit(
            hsa_id=UNIT.hsa_id, sv=UNIT.name, kind="primary-care", care_provider=UNIT.care_provider_hsa_id
        ),
        SmallUnit(
            hsa_id="SE2321000999-A1009", sv="Barnahus", kind="excluded", care_provider="SE2321000999-0001"
        ),
    )
    systems: tuple[SmallSystem, ...] = (SmallSystem(system="kosmos", hsa_id="SE2321000999-K001"),)


@dataclass(frozen=True, kw_only=True)
class SmallWorld:
    """The frame."""

    clock_start: datetime = START


@dataclass(frozen=True, kw_only=True)
class SmallPerson:
    """A person."""

    identity: Identity
    linked: tuple[Identity, ...] = ()
    region: str = "fjallmark"
    systems: tuple[str, ...] = ("kosmos",)
    renumbered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SmallPersona:
    """A persona."""

    name: str
    sv: str
    why: str
    rules: tuple[str, ...]
    identity: Identity


class UnsafeError(ValueError):
    """An unsafe number; the message quotes it, as a careless population might."""


def note(event_id: str, patient: Identity, at: datetime, *, signed: bool = True, **more: object) -> Event:
    """Return a note."""
    author = Actor(time=at + timedelta(minutes=20), hsa_id="SE2321000999-P1", name="Disa Läkare", role=DOCTOR)
    fields: dict[str, Any] = {
        "id": event_id,
        "type": "care-documentation",
        "system": "kosmos",
        "patient": patient,
        "occurred_at": at,
        "author": author,
        "unit": UNIT,
        "signature": Actor(
            time=at + timedelta(hours=2), hsa_id="SE2321000999-P1", name="Disa Läkare", role=DOCTOR
        )
        if signed
        else None,
        "template": "Läkarbesök primärvård",
        "note_code": Code(code="bes", code_system="1.2.752.129.2.2.2.11", display_name="Besöksanteckning"),
        "care_contact_id": "VK1",
        "atoms": (Atom(id="a1", path=("Kontaktorsak",), text=f"Anteckning {event_id}."),),
    }
    return Event(**{**fields, **more})


def diagnosis(event_id: str, patient: Identity, at: datetime) -> Event:
    """Return a diagnosis."""
    code = Code(code="I109", code_system="1.2.752.116.1.1.1.1.3", display_name="Essentiell hypertoni")
    return note(
        event_id,
        patient,
        at,
        type="diagnoses",
        atoms=(),
        note_code=None,
        content=Diagnosis(code=code, kind="Huvuddiagnos", chronic=True),
    )


def laboratory(event_id: str, patient: Identity, at: datetime) -> Event:
    """Return a preliminary laboratory answer."""
    analysis = Analysis(
        id="1",
        code=Code(code="NPU03230", code_system="1.2.752.108.1", display_name="P-Kalium"),
        status="preliminary",
        quantity=Quantity(value="4.1", unit="mmol/L"),
        reference=Reference(low="3.5", high="4.6"),
        material=Code(original_text="Plasma"),
    )
    return note(
        event_id,
        patient,
        at,
        type="laboratory-results",
        atoms=(),
        note_code=None,
        template=None,
        content=Laboratory(
            referral_id="R1",
            laboratory_id="L1",
            laboratory_name="Laboratoriemedicin",
            specimen_time=at - timedelta(hours=5),
            status="preliminary",
            groups=(AnalysisGroup(name="Elektrolyter", analyses=(analysis,)),),
        ),
    )


def _histories() -> dict[Identity, list[Event]]:
    first = START - timedelta(days=400)
    anna = [note(f"anna-{day}", ANNA, first + timedelta(days=day)) for day in range(0, 130, 10)]
    return {
        ANNA: [
            *anna,
            diagnosis("anna-d1", ANNA, first),
            laboratory("anna-l1", ANNA, first + timedelta(days=1)),
            note("anna-later", ANNA, START + timedelta(days=2)),
        ],
        BO: [note("bo-1", BO, first + timedelta(days=3))],
        CARIN: [],
        BABY: [
            note("baby-1", BABY, START - timedelta(days=20)),
            note("baby-0", BABY_RESERVE, START - timedelta(days=60)),
        ],
        ELSEWHERE: [note("elsewhere-1", ELSEWHERE, first)],
    }


@dataclass(kw_only=True)
class SmallPopulation:
    """Five people, one of them in another region."""

    world: SmallWorld = field(default_factory=SmallWorld)
    regions: dict[str, SmallRegion] = field(default_factory=lambda: {"fjallmark": SmallRegion()})
    histories: dict[Identity, list[Event]] = field(default_factory=_histories)

    def __post_init__(self) -> None:
        self.people = {
            ANNA: SmallPerson(identity=ANNA),
            BO: SmallPerson(identity=BO),
            CARIN: SmallPerson(identity=CARIN),
            BABY: SmallPerson(identity=BABY, linked=(BABY_RESERVE,)),
            ELSEWHERE: SmallPerson(identity=ELSEWHERE, region="skogsdalen"),
        }
        self.people[BABY_RESERVE] = self.people[BABY]

    def person(self, identity: Identity) -> SmallPerson | None:
        """Return who has *identity*."""
        return self.people.get(identity)

    def history(
        self,
        person: SmallPerson,
        type: str,  # noqa: A002 - the population's word
        *,
        system: str,
        until: datetime,
        newest: int | None = None,
    ) -> list[Event]:
        """Return what was recorded by *until*; the newest ones only, when so asked."""
        events = [
            event
            for event in self.histories[person.identity]
            if event.type == type and event.system == system and event.author.time <= until
        ]
        events.sort(key=lambda event: event.occurred_at)
        return events if newest is None else events[-newest:]

    def personas(self) -> dict[str, SmallPersona]:
        """Return two personas."""
        return {
            name: SmallPersona(
                name=name, sv=f"{name}, påhittad", why="För prov.", rules=("ALL-001",), identity=who
            )
            for name, who in (("anna", ANNA), ("bo", BO))
        }

    def guard(self, identity: Identity) -> None:
        """Raise for everybody who is not one of the five, or the stranger whose number is safe."""
        if identity not in self.people and identity != STRANGER:
            raise UnsafeError(identity.extension)
