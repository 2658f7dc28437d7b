"""The stage of a run: a simulated region on loopback, a token issuer, and the settings a connector is told.

One `Setting` is opened per process and shared by its runs; each run has a scenario of its own in it, so that runs
never meet. Ports are free ones unless said: fixed ports let a connector be configured once and started by hand.
"""

from __future__ import annotations

import gc
import os
import shlex
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import anslut_contracts
from anslut_simulators.population import default_population

from anslut_conformance.errors import ConfigurationError
from anslut_conformance.issuer import Issuer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anslut_contracts.profile import RegionProfile
    from anslut_simulators import ControlClient, RunningRegion
    from anslut_simulators.index_forms import FormName

#: Where the simulated region and the issuer listen when a connector is started by hand.
HAND_PORTS = (18701, 18702)

AUDIENCE = "anslut-connector"

#: At so many new objects Python looks for some to throw away; its own 700 cost a sixth of an examination's time.
_COLLECTED_AT = 50_000


@dataclass(kw_only=True)
class Setting:
    """A region that runs, and an issuer unless *authentication* is off; use it in a `with` block."""

    region: str = "fjallmark"
    system: str = "kosmos"
    simulator_port: int = 0
    issuer_port: int = 0
    authentication: bool = True
    index_interval_seconds: float = 0.1
    issuer: Issuer | None = None
    _running: RunningRegion | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        from anslut_simulators import serve_region  # noqa: PLC0415 - starts a server's imports

        if self.region not in default_population().regions:
            known = ", ".join(sorted(default_population().regions))
            raise ConfigurationError(f"there is no region {self.region!r}", hint=f"one of: {known}")
        self._stack.enter_context(_collecting_rarely())
        try:
            self._running = self._stack.enter_context(serve_region(self.region, port=self.simulator_port))
            if self.authentication:
                self.issuer = self._stack.enter_context(Issuer(audience=AUDIENCE, port=self.issuer_port))
        except OSError as error:
            self._stack.close()
            raise ConfigurationError(
                f"port {self.simulator_port} or {self.issuer_port} on 127.0.0.1 is taken",
                hint="end the other run, or choose another with --simulator-port",
            ) from error
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def running(self) -> RunningRegion:
        """The region's server."""
        if self._running is None:
            raise RuntimeError("the setting is not open")
        return self._running

    def control(self, scenario: str) -> ControlClient:
        """Return the control plane of *scenario*, which exists from the first call."""
        return self.running.control(scenario)

    @property
    def profile(self) -> RegionProfile:
        """The region's profile."""
        return anslut_contracts.load_profile(default_population().regions[self.region].profile)

    def environment(  # noqa: PLR0913 - what a connector is told, all named at the call
        self,
        scenario: str,
        *,
        access_log: Path | None,
        state: Path | None,
        profile: Path | None = None,
        system: str | None = None,
        index: FormName = "json",
    ) -> dict[str, str]:
        """Return the settings of a connector for *system* in *scenario*, as environment variables.

        *profile* is where to write the region profile as canonical JSON, which any language can read and whose
        SHA-256 is the manifest's digest; without it the profile is told by name. *index* is the form of telling the
        engagement index.
        """
        told = self.running.environment(system or self.system, scenario, index=index)
        if profile is not None:
            profile.parent.mkdir(parents=True, exist_ok=True)
            profile.write_bytes(self.profile.canonical())
            told["ANSLUT_REGION_PROFILE"] = str(profile)
        told["ANSLUT_INDEX_INTERVAL"] = str(self.index_interval_seconds)
        if self.issuer is not None:
            told |= {"ANSLUT_JWKS_URL": self.issuer.jwks_url, "ANSLUT_AUDIENCE": AUDIENCE}
        if access_log is not None:
            told["ANSLUT_ACCESS_LOG"] = str(access_log)
        if state is not None:
            told["ANSLUT_STATE_DIR"] = str(state)
        return told


def as_exports(environment: dict[str, str]) -> str:
    """Return the settings as lines to paste into a shell: `export` here, `set` on Windows."""
    if os.name == "nt":
        return "\n".join(f"set {key}={value}" for key, value in environment.items())
    return "\n".join(f"export {key}={shlex.quote(value)}" for key, value in environment.items())


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Let Python look less often for objects that nobody holds: of a country that stays there are few."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AT)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
