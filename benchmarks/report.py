"""The printed and the machine-readable form of what was measured."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.measure import Row

BUSY_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A number the product wants to reach: *got* beside *wanted*, in *unit*; more is better, or less is."""

    name: str
    wanted: float
    got: float
    unit: str
    more_is_better: bool

    @property
    def is_met(self) -> bool:
        """Whether *got* reaches *wanted*."""
        return self.got >= self.wanted if self.more_is_better else self.got <= self.wanted

    def line(self) -> str:
        """Return one line: met, or by how much not."""
        sign = "≥" if self.more_is_better else "≤"
        said = "met" if self.is_met else f"NOT MET, {abs(self.got - self.wanted) / self.wanted:.0%} short"
        return f"{self.name}: {_figure(self.got)} {self.unit}, wanted {sign} {_figure(self.wanted)}: {said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One benchmark's result: servers' *rows*, other *figures* with their unit, *notes* and *bars*."""

    title: str
    how: str
    rows: Sequence[Row] = ()
    figures: Sequence[tuple[str, float, str]] = ()
    notes: Sequence[str] = ()
    bars: Sequence[Bar] = field(default_factory=tuple)

    @property
    def is_disturbed(self) -> bool:
        """Whether something else used the machine while a server was measured."""
        return any(row.other_share > BUSY_SHARE for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "title": self.title,
            "disturbed": self.is_disturbed,
            "how": self.how,
            "rows": [row.to_json() for row in self.rows],
            "figures": [{"name": name, "value": value, "unit": unit} for name, value, unit in self.figures],
            "notes": list(self.notes),
            "bars": [
                {"name": bar.name, "wanted": bar.wanted, "got": bar.got, "unit": bar.unit, "met": bar.is_met}
                for bar in self.bars
            ],
        }

    def text(self) -> str:
        """Return the section as lines of text."""
        lines = [self.title, f"  {self.how}", ""]
        if self.rows:
            lines += [*_table(self.rows), ""]
        if self.figures:
            width = max(len(name) for name, _, _ in self.figures)
            lines += [f"  {name:<{width}}  {_figure(value):>9} {unit}" for name, value, unit in self.figures]
            lines.append("")
        lines += [f"  {note}" for note in self.notes]
        doubt = " † (busy machine: says nothing, run again)" if self.is_disturbed else ""
        lines += [f"  {bar.line()}{doubt}" for bar in self.bars]
        return "\n".join(lines) + "\n"


def ratio_notes(first: Row, others: Sequence[Row]) -> list[str]:
    """Return a line for each of *others*: how many times its answers *first* gives."""
    return [
        f"{first.name} / {other.name}: {_times(first.per_second, other.per_second)} per second, "
        f"{_times(first.per_cpu_second, other.per_cpu_second)} per CPU-second"
        for other in others
    ]


def machine() -> str:
    """Return what the figures were taken on."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} processors, {system}, Python {platform.python_version()}"


def _table(rows: Sequence[Row]) -> list[str]:
    head = (
        "server",
        "answers/s",
        "per CPU-s",
        "p99@70%",
        "p50",
        "p99",
        "MB/worker",
        "start s",
        "bytes",
        "failed",
    )
    body = [
        (
            row.name + (" †" if row.other_share > BUSY_SHARE else ""),
            f"{row.per_second:.0f}",
            f"{row.per_cpu_second:.0f}",
            f"{row.p99_milliseconds:.1f}",
            f"{row.full_p50_milliseconds:.1f}",
            f"{row.full_p99_milliseconds:.1f}",
            f"{row.worker_megabytes:.0f}",
            f"{row.start_seconds:.2f}",
            f"{row.answer_bytes}",
            f"{row.failed}",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in [head, *body]) for column in range(len(head))]
    lines = []
    for line in [head, *body]:
        cells = [line[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        lines.append("  " + "  ".join(cells))
    if any(row.other_share > BUSY_SHARE for row in rows):
        worst = max(row.other_share for row in rows)
        lines.append(f"  † the machine was busy with other things (up to {worst:.0%} of it): do not compare")
    return lines


def _times(first: float, second: float) -> str:
    return f"{first / second:.2f} ×" if second else "? ×"


def _figure(value: float) -> str:
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"
