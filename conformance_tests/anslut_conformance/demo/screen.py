"""What the demo shows: colours and a bar on a terminal, plain lines elsewhere. Swedish, then English."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

import anslut_contracts
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from anslut_conformance.demo.consequences import consequences
from anslut_conformance.opening import Listener

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from anslut_conformance.demo.trial import Contender, Trial
    from anslut_conformance.verdicts import CheckResult

PLAIN_WIDTH = 110
GRADES = {
    "wrong person": "Fel person",
    "shown though protected": "Visas fast skyddat",
    "missing": "Saknas",
    "misleading": "Vilseleder",
    "cosmetic": "Skönhetsfel",
}


class Screen:
    """Writes to *stream*."""

    def __init__(self, stream: IO[str]) -> None:
        self._console = Console(file=stream, width=None if stream.isatty() else PLAIN_WIDTH, highlight=False)
        self._progress: Progress | None = None

    def say(self, text: str = "", *, style: str | None = None) -> None:
        """Write a line, as it is: brackets in it mean nothing."""
        self._console.print(text, style=style, markup=False, soft_wrap=True)

    def tell(self, text: str, *, style: str | None = None) -> None:
        """Write a paragraph, indented and broken between words."""
        self._console.print(Padding(Text(text, style=style or ""), (0, 0, 0, 2), expand=False))

    def begin(self, region: str) -> None:
        """Say what is about to happen."""
        self.say("Två anslutningar till samma påhittade journalsystem granskas.", style="bold")
        self.say("Two connectors for the same made-up record system are examined.", style="dim")
        self.say(
            f"Region {region}, snabbspåret: ett intyg kräver mer (the quick lane: a certificate needs more)."
        )
        self.say()

    def listen(self, contender: Contender) -> Listener:
        """Return a listener that shows how far *contender*'s examination has come."""
        if not self._console.is_terminal:
            self.say(f"… {contender.sv} ({contender.en}): {contender.target}")
            return Listener()
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self._console,
            transient=True,
        )
        self._progress = progress
        progress.start()
        task = progress.add_task(f"{contender.sv} startar", total=None)

        def plan(total: int) -> None:
            progress.update(task, total=total, description=contender.sv)

        def result(check: CheckResult) -> None:
            progress.update(task, advance=1, description=f"{contender.sv} {check.rules[0]}")

        return Listener(on_plan=plan, on_result=result)

    def end(self) -> None:
        """Take the bar away, if there is one."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def verdict(self, trial: Trial, *, seconds: float) -> None:
        """Show one contender's verdict; *seconds* since the demo began."""
        self.end()
        held, broken = len(trial.held), len(trial.broken)
        tried = held + broken
        if trial.is_green:
            line = f"✓ {trial.contender.sv}: alla {tried} prövade regler hålls (all rules tried hold)"
        else:
            line = (
                f"✗ {trial.contender.sv}: {broken} av {tried} prövade regler bryts (rules tried are broken)"
            )
        self.say(f"{line}   {seconds:.0f} s", style="bold green" if trial.is_green else "bold red")

    def compare(self, trials: Sequence[Trial]) -> None:
        """Show, side by side, the rules on which the contenders differ."""
        catalogue = anslut_contracts.rules()
        table = Table(box=box.SIMPLE, title=None, pad_edge=False)
        table.add_column("Regel")
        table.add_column("Vad den lovar (what it promises)", max_width=62)
        for trial in trials:
            table.add_column(trial.contender.sv, justify="center")
        for rule in catalogue:
            if any(rule in trial.broken for trial in trials):
                marks = ["✗" if rule in t.broken else "✓" if rule in t.held else "–" for t in trials]
                table.add_row(rule, catalogue[rule].title_sv, *marks)
        self.say()
        self._console.print(table)

    def harm(self, trial: Trial) -> None:
        """Show what the contender did to patients."""
        if not trial.broken:
            return
        self.say(f"Vad {trial.contender.sv} gör med en patient (what it does to a patient)", style="bold")
        for one in consequences(trial.broken):
            self.say()
            self.say(f"  {GRADES[one.grade]}  [{', '.join(one.rules)}]", style="red")
            self.tell(one.sv)
            self.tell(one.en, style="dim")
        self.say()

    def go_round(self) -> None:
        """Say that the other source systems come now."""
        self.say("Regionens andra källsystem, vart och ett på sitt sätt", style="bold")
        self.say("The region's other source systems, each in its own way", style="dim")

    def reports(self, trials: Sequence[Trial]) -> None:
        """Say where the reports are."""
        self.say()
        self.say("Rapporter (reports: HTML, JSON, JUnit)", style="bold")
        for trial in trials:
            self.say(f"  {trial.contender.sv}: {_shown(trial.written.html)}")
        first = next((trial.broken[0] for trial in trials if trial.broken), None)
        self.say()
        self.say("Gå vidare (go on)", style="bold")
        if first is not None:
            self.say(f"  anslut explain {first}")
        self.say("  anslut demo --serve")
        self.say("  anslut certify --connector anslut_examples.kosmos:KosmosConnector")


def _shown(path: Path) -> str:
    """Return *path* relative to here when it lies here."""
    return os.path.relpath(path) if path.is_relative_to(os.getcwd()) else str(path)  # noqa: PTH109
