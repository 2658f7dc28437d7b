"""What the simulators ask of a population: structural types, so that a test can bring a country of five."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from anslut_simulators.truth import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from anslut_simulators.truth import Event

PERSONNUMMER: Final = "1.2.752.129.2.1.3.1"
SAMORDNINGSNUMMER: Final = "1.2.752.129.2.1.3.3"
RESERVNUMMER: Final = "1.2.752.74.9.1"


class World(Protocol):
    """The frame of a generated country."""

    @property
    def clock_start(self) -> datetime:
        """The instant at which every scenario begins, aware."""
        ...


class CareUnit(Protocol):
    """A care unit; *sv* is its name."""

    @property
    def hsa_id(self) -> str:
        """The unit's HSA id."""
        ...

    @property
    def sv(self) -> str:
        """The unit's name."""
        ...

    @property
    def kind(self) -> str:
        """What the unit does, such as `primary-care`."""
        ...

    @property
    def care_provider(self) -> str:
        """The care provider's HSA id."""
        ...


class SourceSystem(Protocol):
    """A source system that a region runs."""

    @property
    def system(self) -> str:
        """The system's name, such as `kosmos`."""
        ...

    @property
    def hsa_id(self) -> str:
        """The system's HSA id."""
        ...

    @property
    def program(self) -> str:
        """What it is an installation of, such as `kosmos`: the name of a folder with a `system.json`."""
        ...


class Region(Protocol):
    """A region of the country."""

    @property
    def name(self) -> str:
        """The region's short name."""
        ...

    @property
    def sv(self) -> str:
        """The region's Swedish name."""
        ...

    @property
    def profile(self) -> str:
        """The name of its region profile."""
        ...

    @property
    def units(self) -> Sequence[CareUnit]:
        """Its care units; the first is an ordinary one."""
        ...

    @property
    def systems(self) -> Sequence[SourceSystem]:
        """The source systems it runs."""
        ...


class Person(Protocol):
    """A made-up person, under the identity that the rest of the country knows them by."""

    @property
    def identity(self) -> Identity:
        """The person's present identity."""
        ...

    @property
    def linked(self) -> tuple[Identity, ...]:
        """Other identities under which records of the same person are kept."""
        ...

    @property
    def renumbered_at(self) -> datetime | None:
        """When a child born on a reserve number got the present identity; None for everybody else."""
        ...

    @property
    def region(self) -> str:
        """The name of the region where the person's record is."""
        ...

    @property
    def systems(self) -> tuple[str, ...]:
        """The source systems that know the person."""
        ...


class Persona(Protocol):
    """A person made for a rule."""

    @property
    def sv(self) -> str:
        """Who the person is, in Swedish."""
        ...

    @property
    def why(self) -> str:
        """Why the person exists."""
        ...

    @property
    def rules(self) -> Sequence[str]:
        """The rules the person is for."""
        ...

    @property
    def identity(self) -> Identity:
        """The person's present identity."""
        ...


class Population(Protocol):
    """Everybody, computed when asked for."""

    @property
    def world(self) -> World:
        """The world these persons live in."""
        ...

    @property
    def regions(self) -> Mapping[str, Region]:
        """Regions by name."""
        ...

    def person(self, identity: Identity) -> Person | None:
        """Return who has *identity*, or None."""
        ...

    def history(  # the population's own names and types
        self,
        person: Any,  # noqa: ANN401
        type: str,  # noqa: A002
        *,
        system: str,
        until: datetime,
        newest: int | None = None,
    ) -> Sequence[Event]:
        """Return what was recorded up to *until*, in the state it has then.

        With *newest*, events older than that many may be left out.
        """
        ...

    def personas(self) -> Mapping[str, Persona]:
        """Return the persons made for a rule, by name."""
        ...

    def guard(self, identity: Identity) -> None:
        """Raise when *identity* could belong to a real person."""
        ...


def default_population() -> Population:
    """Return the population that ships with the product; it is loaded when first asked for."""
    module = import_module("anslut_simulators.population")
    return cast("Population", module.default_population())


def identity_of_number(extension: str) -> Identity:
    """Return the identity that twelve digits stand for: a day above 60 makes a samordningsnummer."""
    coordination = extension[6:8].isdigit() and int(extension[6:8]) >= 60  # noqa: PLR2004 - the number's own rule
    return Identity(root=SAMORDNINGSNUMMER if coordination else PERSONNUMMER, extension=extension)
