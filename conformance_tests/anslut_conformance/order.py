"""What is to be examined and how, and where a run's own files are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - a field's type, looked at when an order is shown
from typing import TYPE_CHECKING, Any

from anslut_conformance import runner
from anslut_conformance.setting import HAND_PORTS

if TYPE_CHECKING:
    from anslut_simulators.index_forms import FormName

RIVTA = "rivta+"
"""What stands before a connector that is to be asked through its RIV-TA door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be examined, and how.

    *connector* is `module:Class`, `module:factory` or a URL, with `rivta+` before it to be asked in SOAP; *start* a
    command. *wait_seconds* is how long a connector started by hand is waited for. *system* is the simulated source
    system that the connector is for, when neither the connector's class nor the usual one (Kosmos) says it.
    *index* is the form in which the connector is told to tell the engagement index.
    *client_certificate* is a certificate and its key, for a connector that demands one.
    Ports of 0 are free ones, except beside a URL: then `HAND_PORTS`.
    """

    connector: str | None = None
    start: str | None = None
    lane: str = "full"
    rules: frozenset[str] | None = None
    region: str = "fjallmark"
    system: str | None = None
    authentication: bool = True
    index: FormName = "json"
    simulator_port: int | None = None
    issuer_port: int | None = None
    scenario: str = "certify"
    ca_file: str | None = None
    client_certificate: tuple[str, str] | None = None
    access_log: Path | None = None
    wait_seconds: float = 120.0
    deviations: Path | None = None
    folder: Path | None = None
    resume: bool = False
    suite: Path = runner.SUITE

    @property
    def in_soap(self) -> bool:
        """Whether the connector is asked through its RIV-TA door."""
        return self.connector is not None and self.connector.startswith(RIVTA)

    @property
    def target(self) -> str | None:
        """The connector's name or URL without the door it is asked through, and without a contract's own address."""
        whole = self._whole
        return whole.removesuffix(self.address) if whole and self.address else whole

    @property
    def address(self) -> str | None:
        """The path at which a producer answers a contract, when the URL has `{contract}` in it."""
        if self._whole is None or "{contract}" not in self._whole:
            return None
        scheme, _, rest = self._whole.partition("://")
        return "/" + rest.partition("/")[2] if scheme and rest else None

    @property
    def _whole(self) -> str | None:
        return None if self.connector is None else self.connector.removeprefix(RIVTA)

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
            "index": self.index,
        }
