"""A small region on loopback, and a caller that speaks to its Kosmos."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anslut_simulators import ControlClient, RunningRegion, serve_region

sys.path.insert(0, str(Path(__file__).parent))

from kosmos_caller import Caller
from small_country import SmallPopulation

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCENARIOS = count(1)


@pytest.fixture(scope="session")
def region() -> Iterator[RunningRegion]:
    """Serve the small country's region once for all tests; each test has a scenario of its own."""
    with serve_region(population=SmallPopulation()) as running:
        yield running


@pytest.fixture
def scenario() -> str:
    """Return a scenario name that no other test has."""
    return f"prov-{next(_SCENARIOS)}"


@pytest.fixture
def caller(region: RunningRegion, scenario: str) -> Caller:
    """Return a caller of Kosmos."""
    return Caller(region, scenario)


@pytest.fixture
def control(region: RunningRegion, scenario: str) -> ControlClient:
    """Return a client of the control plane."""
    return region.control(scenario)
