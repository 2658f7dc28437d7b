"""Diagrams as SVG inside an HTML page: bars beside what they should be near, and curves beside their references."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.terminal import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Curves, Line

_WIDTH, _HEIGHT = 640, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 170, 34, 46
_STEPS: Final = (1, 2, 5, 10)
_TICKS: Final = 6
_GAP: Final = 15


def curves(figure: Curves) -> str:
    """Return the diagram of *figure*: found lines whole, references dashed, each named at its end."""
    points = [point for line in figure.lines for point in line.points]
    if not points:
        return "<p>För få för en kurva. <span lang='en'>Too few for a curve.</span></p>"
    across, up = _ticks([x for x, _ in points]), _ticks([y for _, y in points])
    low_x, high_x = min(x for x, _ in points), max(x for x, _ in points)
    scale = _Scale(low_x, max(high_x, low_x + 1), up[0], up[-1])
    marks = "".join(_grid(scale, [x for x in across if low_x <= x <= high_x], up))
    lines = "".join(_line(scale, place, line) for place, line in enumerate(figure.lines))
    names = "".join(_names(scale, figure))
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(figure.title.sv)}">'
        f"{marks}{lines}{names}"
        f'<text x="{middle:.0f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(figure.across.sv)}</text>'
        f'<text x="4" y="14">{escape(figure.up.sv)}</text></svg>'
    )


class _Scale:
    """Where a point of the figure is in the drawing."""

    def __init__(self, low_x: float, high_x: float, low_y: float, high_y: float) -> None:
        self._low_x, self._wide = low_x, high_x - low_x
        self._low_y, self._high = low_y, max(high_y - low_y, 1e-9)

    def x(self, value: float) -> float:
        return _LEFT + (value - self._low_x) / self._wide * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self._low_y) / self._high * (_HEIGHT - _TOP - _BOTTOM)


def _ticks(values: list[float]) -> list[float]:
    """Return round values a little outside *values*, about six."""
    low, high = min(values), max(values)
    rough, power = max(high - low, 1e-9) / _TICKS, 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    step = next(power * factor for factor in _STEPS if power * factor >= rough)
    first = int(low // step)
    last = int(-(-high // step))
    return [place * step for place in range(first, last + 1)]


def _grid(scale: _Scale, across: list[float], up: list[float]) -> Iterator[str]:
    right, foot = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for value in up:
        y = scale.y(value)
        yield f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_short(value)}</text>'
    for value in across:
        x = scale.x(value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 5}"/>'
        yield f'<text x="{x:.1f}" y="{foot + 20}" text-anchor="middle">{_plain(value)}</text>'


def _short(value: float) -> str:
    return number(value, 0 if value == int(value) else 1)


def _plain(value: float) -> str:
    return _short(value).replace("\N{NO-BREAK SPACE}", "")


def _line(scale: _Scale, place: int, line: Line) -> str:
    path = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in line.points)
    kind = "reference" if line.published else f"found c{_colour(place, line)}"
    return f'<polyline class="{kind}" points="{path}"/>' if path else ""


def _colour(place: int, line: Line) -> int:
    return 0 if line.label.sv.startswith("percentil") else place


def _names(scale: _Scale, figure: Curves) -> Iterator[str]:
    """Yield each found line's name beside its last point, pushed apart where they would meet."""
    ends = sorted(
        (scale.y(line.points[-1][1]), scale.x(line.points[-1][0]), place, line)
        for place, line in enumerate(figure.lines)
        if line.points and not line.published
    )
    last = 0.0
    for y, x, place, line in ends:
        last = max(y, last + _GAP)
        name = line.label.sv.partition(" (")[0]
        words = name if len(name) <= 24 else name[:23] + "…"  # noqa: PLR2004 - what there is room for
        yield f'<text class="name c{_colour(place, line)}" x="{x + 8:.1f}" y="{last + 4:.1f}">{escape(words)}</text>'


def bar(part: float, mark: float | None, words: str) -> str:
    """Return a bar that fills *part* of its width, with a mark where the compared figure is."""
    line = (
        ""
        if mark is None
        else f'<line class="mark" x1="{mark * 200:.1f}" x2="{mark * 200:.1f}" y1="0" y2="16"/>'
    )
    return (
        f'<svg class="bar" viewBox="-1 0 202 16" role="img" aria-label="{escape(words)}">'
        f'<rect class="fill" x="0" y="3" width="{max(part, 0) * 200:.1f}" height="10"/>{line}</svg>'
    )
