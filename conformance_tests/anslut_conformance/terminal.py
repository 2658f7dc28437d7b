"""What the terminal shows while an examination runs, and at its end: live on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from typing import IO, TYPE_CHECKING, Any

from anslut_conformance.report.wording import wording
from anslut_conformance.setting import as_exports
from anslut_conformance.verdicts import Certificate, Verdict

if TYPE_CHECKING:
    from anslut_conformance.examine import Outcome
    from anslut_conformance.preflight import Step
    from anslut_conformance.report import Written
    from anslut_conformance.verdicts import CheckResult

#: How the command ends, for build servers: see `anslut certify --help`.
EXIT_HELD, EXIT_BROKEN, EXIT_SET_UP, EXIT_EXAMINER, EXIT_UNSEEN = 0, 1, 2, 3, 4

_LOUD = (Verdict.FAIL, Verdict.ERROR, Verdict.CONFIG)
_LONGEST_LINE = 200


class Terminal:
    """Tells how it goes on *stream*; `live` draws a bar, otherwise only what broke gets a line."""

    def __init__(self, stream: IO[str] | None = None, *, by_hand: bool = False, quiet: bool = False) -> None:
        # Kept now: the streams of this process are caught while a connector runs in it.
        self.stream = stream or sys.stderr
        self.by_hand = by_hand
        self.quiet = quiet
        self.live = self.stream.isatty() and not quiet
        self._total = self._done = 0
        self._begun = 0.0
        self._bar: Any = None
        self._task: Any = None

    def say(self, text: str = "") -> None:
        """Write a line."""
        if self.quiet:
            return
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            self.stream.write(text + "\n")
            self.stream.flush()

    def on_environment(self, environment: dict[str, str]) -> None:
        """Show the settings, when somebody else must start the connector with them."""
        if self.by_hand:
            self.say(
                "Starta anslutningen med dessa inställningar (start the connector with these settings):\n"
            )
            self.say(as_exports(environment) + "\n")

    def on_waiting(self, state: str) -> None:
        """Say what is waited for."""
        self.say(f"Väntar på anslutningen (waiting for the connector): {state}")

    def on_steps(self, steps: list[Step]) -> None:
        """Show what the look before the run found, when something is wrong."""
        for step in steps:
            if not step.ok:
                self.say(f"✗ {step.sv} ({step.en}): {step.found}")
                if step.hint:
                    self.say(f"  → {step.hint}")

    def on_plan(self, total: int) -> None:
        """Begin: *total* checks will run."""
        self._total, self._done, self._begun = total, 0, time.monotonic()
        if self.live:
            from rich.console import Console  # noqa: PLC0415 - 50 ms that plain output need not wait for
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

            self._bar = Progress(
                TextColumn("{task.completed}/{task.total}"),
                BarColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
                console=Console(file=self.stream),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=total)
        else:
            self.say(f"{total} kontroller (checks)")

    def on_result(self, result: CheckResult) -> None:
        """Count a check; say what broke."""
        self._done += 1
        if result.verdict in _LOUD:
            word = wording()["verdicts"][str(result.verdict)]
            told = (result.message or result.reason).splitlines() or [""]
            self.say(f"{word['sign']} {word['en']} {', '.join(result.rules)}: {told[0][:_LONGEST_LINE]}")
        if self._bar is not None:
            self._bar.update(self._task, advance=1, description=", ".join(result.rules))
        elif self._done % 25 == 0 and self._done < self._total:
            pace = (time.monotonic() - self._begun) / self._done
            self.say(
                f"  {self._done}/{self._total}, ungefär {pace * (self._total - self._done):.0f} s kvar (left)"
            )

    def finish(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def show(self, outcome: Outcome, written: Written | None) -> None:
        """Show the decision, what is behind it, and where the report is."""
        self.finish()
        words, decision = wording(), outcome.judgement.decision
        if outcome.set_up_fault is not None:
            self.say(f"\n⌁ UPPSTÄLLNING (CONFIG): {outcome.set_up_fault}")
            if outcome.hint:
                self.say(f"  → {outcome.hint}")
        certificate = words["certificates"][str(decision.certificate)]
        until = f" t.o.m. {decision.until}" if decision.until else ""
        self.say(f"\n{certificate['sign']} {certificate['sv']} ({certificate['en']}){until}")
        for row in decision.reasons:
            self.say(f"  - {row.sv} ({row.en})")
        counted = [
            f"{count} {words['verdicts'][str(verdict)]['sv']}"
            for verdict in Verdict
            if (count := sum(r.verdict is verdict for r in outcome.judgement.rules))
        ]
        self.say(f"  {' · '.join(counted)} · {outcome.seconds:.1f} s")
        for what, why in outcome.unobserved.items():
            self.say(f"  ◌ {words['observables'][what]['sv']}: {why}")
        for fault in outcome.judgement.deviation_faults:
            self.say(f"  ! {fault}")
        broken = [r for r in outcome.judgement.rules if r.verdict is Verdict.FAIL]
        if broken:
            self.say(f"\n  anslut explain {broken[0].rule}")
        if written is not None:
            self.say(f"\n  {written.html}")


def exit_code(outcome: Outcome) -> int:
    """Return how the command ends: held so far 0, broken 1, set-up 2, examiner 3, something unseen 4."""
    names = [row.name for row in outcome.judgement.decision.reasons]
    if outcome.judgement.decision.certificate in {Certificate.APPROVED, Certificate.RESERVATION}:
        return EXIT_HELD
    codes = {
        "must-failed": EXIT_BROKEN,
        "examiner-broke": EXIT_EXAMINER,
        "set-up": EXIT_SET_UP,
        "deviations": EXIT_SET_UP,
        "blocked": EXIT_UNSEEN,
        "not-observed": EXIT_UNSEEN,
        "nothing-tried": EXIT_UNSEEN,
    }
    return next((codes[name] for name in names if name in codes), EXIT_HELD)
