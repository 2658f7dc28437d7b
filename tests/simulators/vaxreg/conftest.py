"""A caller of Vaxreg, over the fixtures that all simulators share."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anslut_simulators import ControlClient, RunningRegion, serve_region

sys.path.insert(0, str(Path(__file__).parent))

from vaxreg_caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCENARIOS = count(1)


@pytest.fixture(name="region", scope="session")
def real_region() -> Iterator[RunningRegion]:
    """Serve the generated region once for all tests; each test has a scenario of its own."""
    with serve_region("fjallmark") as running:
        yield running


@pytest.fixture(name="scenario")
def own_scenario() -> str:
    """Return a scenario name that no other test has."""
    return f"vax-{next(_SCENARIOS)}"


@pytest.fixture
def caller(region: RunningRegion, scenario: str) -> Caller:
    """Return a caller of Vaxreg."""
    return Caller(region, scenario)


@pytest.fixture
def control(region: RunningRegion, scenario: str) -> ControlClient:
    """Return a client of the control plane."""
    return region.control(scenario)
