"""What is to be examined and how, and where a run's own files are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - a field's type, looked at when an order is shown
from typing import Any

from anslut_conformance import runner
from anslut_conformance.setting import HAND_PORTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be examined, and how.

    *connector* is `module:Class`, `module:factory` or a URL; *start* a command. *wait_seconds* is how long a
    connector started by hand is waited for. *system* is the simulated source system that the connector is for, when
    neither the connector's class nor the usual one (Kosmos) says it.
    Ports of 0 are free ones, except beside a URL: then `HAND_PORTS`.
    """

    connector: str | None = None
    start: str | None = None
    lane: str = "full"
    rules: frozenset[str] | None = None
    region: str = "fjallmark"
    system: str | None = None
    authentication: bool = True
    simulator_port: int | None = None
    issuer_port: int | None = None
    scenario: str = "certify"
    ca_file: str | None = None
    access_log: Path | None = None
    wait_seconds: float = 120.0
    deviations: Path | None = None
    folder: Path | None = None
    resume: bool = False
    suite: Path = runner.SUITE

    @property
    def by_hand(self) -> bool:
        """Whether the connector is a URL that somebody else has started, or will."""
        return self.start is None and self.connector is not None and "://" in self.connector

    @property
    def ports(self) -> tuple[int, int]:
        """Where the simulator and the issuer listen."""
        first, second = HAND_PORTS if self.by_hand else (0, 0)
        simulator = first if self.simulator_port is None else self.simulator_port
        issuer = self.issuer_port
        if issuer is None:
            issuer = simulator + 1 if self.simulator_port else second
        return simulator, issuer

    def profile_file(self, scratch: Path) -> Path | None:
        """Return where a connector outside this process finds its profile; it stays for one started by hand."""
        if self.by_hand:
            return (self.folder or scratch) / "region-profile.json"
        return None if self.start is None else scratch / "region-profile.json"

    def access_log_file(self, scratch: Path) -> Path:
        """Return where the connector is told to write its access log; it stays for one started by hand."""
        if self.access_log is not None:
            return self.access_log
        return ((self.folder if self.by_hand else None) or scratch) / "access.log"

    def about(self) -> dict[str, Any]:
        """Return what makes two runs the same run, as JSON values."""
        return {
            "connector": self.connector,
            "start": self.start,
            "lane": self.lane,
            "rules": sorted(self.rules) if self.rules is not None else None,
            "region": self.region,
            "system": self.system,
            "authentication": self.authentication,
        }
