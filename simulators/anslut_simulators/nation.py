"""Runs several regions, or all of them, in one process: one address each, one population for all."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_simulators.country import default_population
from anslut_simulators.server import RunningRegion, serve_region

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from anslut_simulators.country import Population
    from anslut_simulators.scenario import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningCountry:
    """Regions that answer, by name, each at an address of its own."""

    regions: Mapping[str, RunningRegion]

    def __getitem__(self, name: str) -> RunningRegion:
        """Return the region called *name*; raise `KeyError` for one that does not run."""
        return self.regions[name]


@contextmanager
def serve_country(
    names: Sequence[str] | None = None,
    *,
    port: int = 0,
    state: Path | None = None,
    mode: Mode = "frozen",
    population: Population | None = None,
) -> Iterator[RunningCountry]:
    """Serve the regions *names* (all when not given) on 127.0.0.1 inside the `with` block.

    They listen at *port* and the ports after it in the regions' order, or at any free ones. *state* is a folder in
    which each region keeps its writes. Raise `ValueError` for an unknown region, `OSError` for a taken port.
    """
    people = population or default_population()
    with ExitStack() as stack:
        running: dict[str, RunningRegion] = {}
        for place, name in enumerate(names or people.regions):
            file = None if state is None else state / f"{name}.sqlite"
            running[name] = stack.enter_context(
                serve_region(name, port=port + place if port else 0, state=file, mode=mode, population=people)
            )
        yield RunningCountry(regions=running)
