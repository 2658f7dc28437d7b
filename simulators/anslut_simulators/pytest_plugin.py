"""Fixtures for the unit tests of those who build connectors: `pytest_plugins = ["anslut_simulators.pytest_plugin"]`.

`fake_region`: a made-up region that answers on loopback for the whole session (`--fake-region` names another).
`fake_source`: one source system of it (`--fake-system`), in a scenario of the test's own: settings, control, persons.
`fake_region_app`: the same region as a WSGI application of this process, without a socket.
`fake_country`: all 21 regions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import pytest

from anslut_simulators.nation import RunningCountry, serve_country
from anslut_simulators.personas.classic import persona_name
from anslut_simulators.server import RunningRegion, serve_region

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from anslut_simulators.client import ControlClient
    from anslut_simulators.truth import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSource:
    """One source system in a scenario of its own: nobody else's writes, clock and faults reach it."""

    region: RunningRegion
    system: str
    scenario: str

    @property
    def url(self) -> str:
        """What a connector's ANSLUT_SOURCE_URL shall be."""
        return self.environment["ANSLUT_SOURCE_URL"]

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a connector, as environment variables."""
        return self.region.environment(self.system, self.scenario)

    @property
    def control(self) -> ControlClient:
        """The control plane: clock, writes, faults, journal, truth."""
        return self.region.control(self.scenario)

    def persona(self, name: str) -> Identity:
        """Return the identity of the persona *name*, or of who plays a role (`TC4`); raise `KeyError` for none."""
        return self.region.parts.records.population.personas()[persona_name(name)].identity


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("anslut")
    group.addoption("--fake-region", default="fjallmark", help="the made-up region that fake_region runs")
    group.addoption("--fake-system", default="kosmos", help="the source system that fake_source gives")


@pytest.fixture(scope="session")
def fake_region(request: pytest.FixtureRequest) -> Iterator[RunningRegion]:
    """A made-up region that answers on a free port of 127.0.0.1."""
    with serve_region(str(request.config.getoption("--fake-region"))) as running:
        yield running


@pytest.fixture
def fake_source(request: pytest.FixtureRequest, fake_region: RunningRegion) -> FakeSource:
    """One source system in a scenario of the test's own, at the world's first instant."""
    source = FakeSource(
        region=fake_region,
        system=str(request.config.getoption("--fake-system")),
        scenario=scenario_name(request.node.nodeid),
    )
    source.control.reset()
    return source


@pytest.fixture
def fake_region_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """A made-up region as a WSGI application; `fake_region_app.test_client()` asks it without a socket."""
    from anslut_simulators.app import EXTENSION, create_app  # noqa: PLC0415 - only for those who ask

    app = create_app(str(request.config.getoption("--fake-region")))
    yield app
    app.extensions[EXTENSION].close()


@pytest.fixture(scope="session")
def fake_country() -> Iterator[RunningCountry]:
    """All the made-up regions, each on a free port of 127.0.0.1."""
    with serve_country() as running:
        yield running


def scenario_name(test: str) -> str:
    """Return a scenario's name for the test with the node id *test*: readable, and no other test's."""
    # No digits from the name: a long run of them could be somebody's birth date, which no URL may hold.
    words = re.sub(r"[^a-z]+", "-", test.rpartition("::")[2].casefold()).strip("-")[:40].rstrip("-")
    digest = (
        blake2b(test.encode(), digest_size=8).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    )
    return f"{words or 'test'}-{digest}"
