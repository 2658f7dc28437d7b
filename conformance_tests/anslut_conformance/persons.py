"""Whom checks ask about: personas made for rules, a sample of everybody, and somebody for each check that writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_simulators.truth import Identity

Stratum = Literal["official", "scale"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A made-up person who exists for certain rules; *identities* are all that belong to them, asked-for first."""

    name: str
    patient_id: Identity
    identities: tuple[Identity, ...]
    sv: str = ""
    why: str = ""


@cache
def personas() -> Mapping[str, Persona]:
    """Return the personas by name."""
    from anslut_simulators.population import default_population  # noqa: PLC0415 - heavy, and only for runs

    return {
        name: Persona(
            name=name,
            patient_id=persona.identities[0],
            identities=tuple(persona.identities),
            sv=persona.sv,
            why=persona.why,
        )
        for name, persona in default_population().personas().items()
    }


@cache
def playing(name: str, *, system: str) -> Persona | None:
    """Return who plays the part of the persona *name* in *system*; None when nobody does.

    Somebody made for the system comes before the persona who gave the part its name, and that one only counts with
    something in the system, or with nothing anywhere, which is a part of its own.
    """
    from anslut_simulators.population import default_population  # noqa: PLC0415 - as above

    known = default_population().personas()
    made = next((one for one in known.values() if one.role == name and one.system == system), None)
    chosen = made or (known[name] if known[name].plays_in(system) else None)
    return personas()[chosen.name] if chosen is not None else None


@cache
def people(count: int, *, region: str, system: str) -> tuple[Persona, ...]:
    """Return *count* official persons of *region* whom *system* knows, the same every time."""
    from anslut_simulators.population import default_population  # noqa: PLC0415 - as above

    sample = default_population().sample(count * 3, region=region, stratum="official", label="examiner")
    known = [one for one in sample if system in one.systems][:count]
    return tuple(
        Persona(name=f"person-{number}", patient_id=one.identity, identities=(one.identity, *one.linked))
        for number, one in enumerate(known, start=1)
    )


def someone(label: str, *, region: str, system: str, stratum: Stratum, but: frozenset[Identity]) -> Persona:
    """Return a person of *region* whom *system* knows by one identity, the same for *label*; none of *but*."""
    from anslut_simulators.population import default_population  # noqa: PLC0415 - as above

    sample = default_population().sample(12, region=region, stratum=stratum, label=f"check {label}")
    one = next(one for one in sample if one.identity not in but and not one.linked and system in one.systems)
    return Persona(name=label, patient_id=one.identity, identities=(one.identity,))
