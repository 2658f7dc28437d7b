"""The source systems that there are: every folder with a `system.json` is one.

`{"name", "sv", "en", "kind", "factory", "keeps", "units"}`: *kind* is the kind of source system,
*factory* (`module:callable`) makes the running system, and *keeps* names, for each information type, what
generates its history (`module:callable`, see `Teller`); *units* are the kinds of unit that use it, where not all;
*records* is a pattern of the paths of calls that fetch a person's entries, where not every call does; *protocol* says
in a word or two what it speaks; *personas* names another system, whose personas' entries are told in this one too.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anslut_simulators.histories.record import Record
    from anslut_simulators.truth import Event


class SystemDescription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a system's `system.json` says."""

    name: str
    sv: str
    en: str
    kind: str
    factory: str
    keeps: dict[str, str]
    units: tuple[str, ...] = ()
    records: str | None = None
    protocol: str = "REST/JSON"
    personas: str = ""


class Teller(Protocol):
    """Generates one person's events of one information type, as one system keeps them."""

    def __call__(self, record: Record, now: int, newest: int | None = None) -> Iterable[Event]:
        """Return what was entered by *now* (seconds on the Swedish wall clock), in any order, as it stands then.

        With *newest*, events older than that many may be left out.
        """
        ...


@cache
def described_systems() -> Mapping[str, SystemDescription]:
    """Return every system's description, by name."""
    folder = files("anslut_simulators")
    found = [
        msgspec.json.decode(described.read_bytes(), type=SystemDescription)
        for entry in folder.iterdir()
        if (described := entry.joinpath("system.json")).is_file()
    ]
    return {description.name: description for description in sorted(found, key=lambda one: one.name)}


@cache
def teller(system: str, type_name: str) -> Teller | None:
    """Return what generates *type_name* for *system*; None when the system keeps no such thing."""
    description = described_systems().get(system)
    where = None if description is None else description.keeps.get(type_name)
    return None if where is None else cast("Teller", named(where))


def named(where: str) -> Any:  # noqa: ANN401 - whatever the data names
    """Return what `module:name` names."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
