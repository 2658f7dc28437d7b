"""What was found, as tables with small bars in a terminal: Swedish first, English in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from anslut_simulators.describing.figures import Bars, Curves, is_off

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType

    from anslut_simulators.describing.figures import Bar, Told
    from anslut_simulators.describing.topic import Topic

_WIDTH: Final = 16
_COLUMNS: Final = 7
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
BASES: Final = {
    "published": ("publicerad", "published"),
    "sourced": ("enligt källa", "sourced"),
    "memory": ("allmän kunskap", "general knowledge"),
    "estimate": ("uppskattning", "estimate"),
    "invented": ("påhittad", "invented"),
}
"""How sure a figure to compare with is, in Swedish and English."""

_SHORT: Final = {
    "published": "publicerad",
    "sourced": "källa",
    "memory": "okontroll.",
    "estimate": "uppskattn.",
    "invented": "påhittad",
}

STRATA: Final = {
    "scale": ("reservnummer", "reserve numbers"),
    "official": ("officiella testnummer", "official test numbers"),
}
"""The strata in Swedish and English."""


def tables(told: Iterable[Told], missing: Sequence[Topic]) -> Iterator[RenderableType]:
    """Yield what to print, topic by topic."""
    for topic in told:
        yield Group("", *_topic(topic))
    for absent in missing:
        yield Styled.assemble(
            ("\n" + absent.title.sv, "bold"),
            f": inget källsystem har {', '.join(absent.needs)} ännu. ",
            ("No source system keeps it yet.", "dim"),
        )


def number(value: float, decimals: int) -> str:
    """Return *value* as it is written in Swedish: decimal comma, spaces between thousands."""
    return f"{value:,.{decimals}f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")


def signed(gap: float, decimals: int) -> str:
    """Return a difference with its sign; nothing has none."""
    size = number(abs(gap), decimals)
    return size if size == number(0, decimals) else f"{'+' if gap > 0 else '−'}{size}"


def _topic(told: Told) -> Iterator[RenderableType]:
    stratum = STRATA[told.stratum]
    people = number(told.people, 0)
    yield Styled.assemble(
        (f"{told.title.sv} ", "bold"),
        (f"{told.title.en}  ", "dim"),
        (f"{people} personer, {stratum[0]}, {number(told.seconds, 1)} s", "dim"),
    )
    for figure in told.figures:
        yield Padding(_bars(figure) if isinstance(figure, Bars) else _curves(figure), (0, 0, 0, 2))


def _bars(figure: Bars) -> RenderableType:
    unit = f" ({figure.unit})" if figure.unit else ""
    table = Table(
        title=Styled.assemble((figure.title.sv, "bold"), unit, (f"  {figure.title.en}", "dim")),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("", max_width=46)
    table.add_column("Här", justify="right", no_wrap=True)
    table.add_column("", width=_WIDTH, no_wrap=True)
    if any(bar.published is not None for bar in figure.bars):
        table.add_column("Jämför", justify="right", no_wrap=True)
        table.add_column("Skillnad", justify="right", no_wrap=True)
        table.add_column("Grund", style="dim", no_wrap=True)
    most = max(
        (max(bar.value, bar.published.value if bar.published else 0) for bar in figure.bars), default=1
    )
    for bar in figure.bars:
        table.add_row(*_row(bar, figure, most or 1))
    notes = [figure.note] if figure.note is not None else []
    return Group("", table, *(Styled(note.sv, "italic") for note in notes))


def _row(bar: Bar, figure: Bars, most: float) -> list[RenderableType]:
    row: list[RenderableType] = [
        bar.label.sv,
        number(bar.value, figure.decimals),
        Styled(drawn(bar.value / most), "cyan"),
    ]
    if bar.published is not None:
        off = is_off(bar, figure.unit)
        gap = bar.value - bar.published.value
        row += [
            number(bar.published.value, figure.decimals),
            Styled(("≠ " if off else "") + signed(gap, figure.decimals), "yellow" if off else ""),
            _SHORT[bar.published.basis],
        ]
    return row


def drawn(part: float) -> str:
    """Return a bar that fills *part* of the width, in eighths of a character."""
    whole, rest = divmod(round(min(max(part, 0.0), 1.0) * _WIDTH * 8), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _curves(figure: Curves) -> RenderableType:
    table = Table(
        title=Styled.assemble(
            (figure.title.sv, "bold"), f" ({figure.up.sv.lower()})", (f"  {figure.title.en}", "dim")
        ),
        title_justify="left",
        title_style="",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    places = sorted({x for line in figure.lines for x, _ in line.points})
    across = places[:: max(1, -(-len(places) // _COLUMNS))]
    table.add_column(figure.across.sv, max_width=30)
    for x in across:
        year = number(x, 0 if x == int(x) else 1).replace("\N{NO-BREAK SPACE}", "")
        table.add_column(year, justify="right", no_wrap=True)
    for line in figure.lines:
        values = dict(line.points)
        name = f"{line.label.sv}, referens" if line.published else line.label.sv
        table.add_row(
            name,
            *(number(values[x], 0) if x in values else "–" for x in across),
            style="dim" if line.published else "",
        )
    notes = [figure.note] if figure.note is not None else []
    return Group("", table, *(Styled(note.sv, "italic") for note in notes))
