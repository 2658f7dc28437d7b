"""What Kosmos keeps of a patient: one module per resource, named after it (`/patienter/{nyckel}/vardkontakter`).

A new information type is a new module; see `Resource`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_simulators.kosmos.codes import CodeLists
    from anslut_simulators.truth import Event


class Resource(Protocol):
    """A module of this package."""

    TYPE: str
    """The information type it is the dialect of."""

    NAME: str
    """What Kosmos' change feed calls an entry of it."""

    def write(self, event: Event, entry: dict[str, Any], codes: CodeLists) -> None:
        """Add what *event* says to *entry*, which has what every entry has."""
        ...

    def lacking(self, event: Event, codes: CodeLists) -> Iterator[str]:
        """Yield the places in *event* whose codes Kosmos cannot write."""
        ...


@cache
def resources() -> Mapping[str, Resource]:
    """Return every resource by its name in a path, in order of name."""
    names = sorted(entry.name.removesuffix(".py") for entry in files(__package__).iterdir())
    found = (name for name in names if name.isidentifier() and not name.startswith("_"))
    return {name: cast("Resource", import_module(f"{__package__}.{name}")) for name in found}


@cache
def resource_of(type_name: str) -> Resource | None:
    """Return the resource that keeps *type_name*; None when Kosmos keeps no such thing."""
    return next((resource for resource in resources().values() if type_name == resource.TYPE), None)


@cache
def feed_names() -> Mapping[str, str]:
    """Return what the change feed calls an entry of each information type."""
    return {resource.TYPE: resource.NAME for resource in resources().values()}
