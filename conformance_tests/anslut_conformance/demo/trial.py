"""The connectors of the demo, each served as in production and examined over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anslut_simulators.systems import described_systems

from anslut_conformance.examine import examine
from anslut_conformance.matrix import examples
from anslut_conformance.order import Order
from anslut_conformance.report import build, write
from anslut_conformance.stages import USUAL
from anslut_conformance.verdicts import Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_contracts import Clock

    from anslut_conformance.examine import Outcome
    from anslut_conformance.opening import Listener
    from anslut_conformance.report import Written
    from anslut_conformance.setting import Setting

LANE = "quick"

#: Verdicts that say that a rule was tried and did not hold, or could not be tried though it should have been.
_NOT_GREEN = frozenset({Verdict.FAIL, Verdict.ERROR, Verdict.CONFIG, Verdict.BLOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A connector in the demo: *target* is `module:Class`; *careful* says which verdict the demo expects."""

    name: str
    sv: str
    en: str
    target: str
    careful: bool
    system: str = USUAL

    @property
    def command(self) -> str:
        """The command that serves it."""
        return f"python -m anslut serve {self.target} --port {{port}}"


CONTENDERS = (
    Contender(
        name="careful",
        sv="Noggrann",
        en="Careful",
        target="anslut_examples.kosmos:KosmosConnector",
        careful=True,
    ),
    Contender(
        name="careless",
        sv="Slarvig",
        en="Careless",
        target="anslut_examples.careless:CarelessConnector",
        careful=False,
    ),
)


def others() -> tuple[Contender, ...]:
    """Return the example connectors for the other source systems, all careful."""
    return tuple(
        Contender(
            name=system,
            sv=described_systems()[system].sv,
            en=described_systems()[system].en,
            target=target,
            careful=True,
            system=system,
        )
        for system, target in examples().items()
        if system != USUAL
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How one contender fared, and where its report is."""

    contender: Contender
    outcome: Outcome
    written: Written

    def rules(self, *verdicts: Verdict) -> list[str]:
        """Return the ids of the rules with one of *verdicts*, in the catalogue's order."""
        return [result.rule for result in self.outcome.judgement.rules if result.verdict in verdicts]

    @property
    def broken(self) -> list[str]:
        """The rules the connector broke."""
        return self.rules(Verdict.FAIL)

    @property
    def held(self) -> list[str]:
        """The rules that were tried and held."""
        return self.rules(Verdict.PASS)

    @property
    def is_green(self) -> bool:
        """Whether something was tried and everything that was tried held."""
        return bool(self.held) and not self.rules(*_NOT_GREEN)

    def surprise(self) -> str | None:
        """Return what is wrong with the demo itself, or None when this contender fared as it should."""
        fault = self.outcome.set_up_fault
        if fault is not None:
            return f"{self.contender.en}: {fault}"
        if errors := self.rules(Verdict.ERROR):
            return f"{self.contender.en}: the examiner itself broke in {', '.join(errors)}"
        if self.contender.careful and not self.is_green:
            return f"{self.contender.en}: expected green, not held: {', '.join(self.rules(*_NOT_GREEN))}"
        if not self.contender.careful and not self.broken:
            return f"{self.contender.en}: expected red, and no rule was broken"
        return None


def hold(contender: Contender, *, setting: Setting, folder: Path, listener: Listener, clock: Clock) -> Trial:
    """Serve *contender*, examine it in the quick lane, and write its report below *folder*."""
    order = Order(
        start=contender.command,
        lane=LANE,
        scenario=f"demo-{contender.name}",
        folder=folder / contender.name,
        region=setting.region,
        system=contender.system,
    )
    outcome = examine(order, listener=listener, setting=setting, clock=clock)
    return Trial(contender=contender, outcome=outcome, written=write(build(outcome), folder / contender.name))
