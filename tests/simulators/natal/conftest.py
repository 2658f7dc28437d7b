"""The region on loopback, with everybody in it, and a caller that speaks to its Natal."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anslut_simulators import ControlClient, RunningRegion, serve_region

sys.path.insert(0, str(Path(__file__).parent))

from natal_caller import Natal

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCENARIOS = count(1)


@pytest.fixture(name="fjallmark", scope="session")
def running_region() -> Iterator[RunningRegion]:
    """Serve the region once for all tests; each test has a scenario of its own."""
    with serve_region("fjallmark") as region:
        yield region


@pytest.fixture(name="scene")
def scenario_name() -> str:
    """Return a scenario name that no other test has."""
    return f"natal-{next(_SCENARIOS)}"


@pytest.fixture(name="natal")
def natal_caller(fjallmark: RunningRegion, scene: str) -> Natal:
    """Return a caller of Natal."""
    return Natal(fjallmark, scene)


@pytest.fixture(name="plane")
def control_plane(fjallmark: RunningRegion, scene: str) -> ControlClient:
    """Return a client of the control plane."""
    return fjallmark.control(scene)
