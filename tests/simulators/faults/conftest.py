"""A region whose only system is made for these tests: it answers with JSON, Latin-1 XML and a stream."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anslut_simulators import RunningRegion, serve_region
from anslut_simulators import app as app_module

sys.path.insert(0, str(Path(__file__).parent))

from plain_system import PlainSystem
from small_country import SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient


@pytest.fixture(scope="session")
def plain_region() -> Iterator[RunningRegion]:
    """Serve a region whose only system is called `plain`."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(app_module, "find_systems", lambda *_, **__: {"plain": PlainSystem()})
            running = stack.enter_context(serve_region(population=SmallPopulation()))
        yield running


@pytest.fixture
def plain(plain_region: RunningRegion, scenario: str) -> ControlClient:
    """Return a client of the control plane of that region, in a scenario of its own."""
    return plain_region.control(scenario)


@pytest.fixture
def plain_region_again(plain_region: RunningRegion, scenario: str) -> ControlClient:
    """Return a client of one more scenario there."""
    return plain_region.control(f"{scenario}-igen")
