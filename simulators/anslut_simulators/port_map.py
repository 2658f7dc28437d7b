"""The port map: every source system that runs, where it is, what it speaks, and how to log in."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Final

from anslut_simulators.calls import KeepsCopy
from anslut_simulators.credentials import credentials
from anslut_simulators.systems import described_systems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from rich.table import Table

    from anslut_simulators.server import RunningRegion

HEADINGS: Final = (
    "Region",
    "System",
    "Sort / kind",
    "Protokoll / protocol",
    "Adress / address",
    "Användare / client id",
    "Hemlighet / secret",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row: a source system of a region. *address* is told without making anything.

    A system that is reached past HTTP answers at *address* with where its copy is, and makes it then.
    """

    region: str
    system: str
    kind: str
    protocol: str
    address: str
    client_id: str
    client_secret: str


def port_map(
    regions: Iterable[RunningRegion], *, scenario: str, systems: Collection[str] = ()
) -> list[Place]:
    """Return a row for each source system of *regions* (those called *systems*, if any), in their order."""
    return [
        _place(running, name, scenario)
        for running in regions
        for name in running.parts.systems
        if not systems or name in systems
    ]


def plain_lines(places: Sequence[Place]) -> list[str]:
    """Return the map as lines of aligned text, headings first."""
    rows = [HEADINGS, *(astuple(place) for place in places)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def rich_table(places: Sequence[Place]) -> Table:
    """Return the map as a table for a terminal; a region's name stands on its first row."""
    from rich.table import Table  # noqa: PLC0415 - only a terminal needs it

    table = Table(*HEADINGS, box=None, pad_edge=False, header_style="bold")
    last = None
    for place in places:
        if last not in {None, place.region}:
            table.add_section()
        _, *rest = astuple(place)
        table.add_row(place.region if place.region != last else "", *rest, style=None)
        last = place.region
    table.columns[4].no_wrap = True
    return table


def _place(running: RunningRegion, name: str, scenario: str) -> Place:
    entry = next(entry for entry in running.parts.region.systems if entry.system == name)
    described = described_systems()[entry.program]
    copied = isinstance(running.parts.systems[name], KeepsCopy)
    login = credentials(name, scenario)
    return Place(
        region=running.parts.region.name,
        system=name,
        kind=described.kind,
        protocol=described.protocol,
        address=f"{running.base_url}/s/{scenario}/{name}/" if copied else running.source_url(name, scenario),
        client_id=login.client_id,
        client_secret=login.client_secret,
    )
