"""What was found, as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from anslut_simulators.describing.drawing import bar, curves
from anslut_simulators.describing.figures import Bars, is_off
from anslut_simulators.describing.terminal import BASES, STRATA, number, signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.describing.figures import Bar, Figure, Published, Text, Told
    from anslut_simulators.describing.measuring import Sample
    from anslut_simulators.describing.topic import Topic


def page(told: Sequence[Told], missing: Sequence[Topic], *, sample: Sample) -> str:
    """Return the whole page."""
    style = (files("anslut_simulators.describing") / "page.css").read_text(encoding="utf-8")
    region = "" if sample.region is None else f" Region: {escape(sample.region)}."
    contents = "".join(f'<li><a href="#{one.name}">{_both(one.title)}</a></li>' for one in told)
    absent = "".join(
        f"<p>{_both(one.title)}: inget källsystem har det ännu. "
        "<span lang='en'>No source system keeps it yet.</span></p>"
        for one in missing
    )
    bases = "".join(
        f"<dt>{escape(sv)} <span lang='en'>({escape(en)})</span></dt><dd>{_BASES[name]}</dd>"
        for name, (sv, en) in BASES.items()
    )
    return f"""<!DOCTYPE html>
<html lang="sv"><head><meta charset="utf-8"><title>Anslut: landet i siffror</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>{style}</style></head>
<body><header><h1>Det påhittade landet i siffror</h1>
<p>Alla personer är påhittade. Siffrorna är räknade på ett urval om {number(sample.persons, 0)} personer
som alltid är detsamma; ett ämne som klarar sig med färre säger hur många.{region} Märket i en stapel är siffran att
jämföra med. <strong>≠</strong> betyder att skillnaden är större än både slumpen och en tiondel.</p>
<p lang="en">Everybody is made up. The figures are counted over a sample of {sample.persons:,} people that never
changes; a topic that needs fewer says how many. The mark in a bar is the figure to compare with.
<strong>≠</strong> means that the difference is more than both chance and a tenth.</p>
<details><summary>Hur säkra siffrorna att jämföra med är
<span lang="en">How sure the compared figures are</span></summary>
<dl>{bases}</dl></details>
<nav aria-label="Ämnen"><ul>{contents}</ul></nav></header>
<main>{"".join(_topic(one) for one in told)}{absent}</main></body></html>
"""


_BASES = {
    "published": "läst i källan <span lang='en'>read in the source</span>",
    "sourced": "återgiven av någon annan <span lang='en'>read in somebody's account</span>",
    "memory": "inte kontrollerad <span lang='en'>not checked</span>",
    "estimate": "vår egen <span lang='en'>our own</span>",
    "invented": "finns bara här <span lang='en'>exists only here</span>",
}


def _both(text: Text) -> str:
    if text.sv == text.en:
        return escape(text.sv)
    return f'{escape(text.sv)} <span lang="en">{escape(text.en)}</span>'


def _topic(told: Told) -> str:
    stratum = STRATA[told.stratum]
    return (
        f'<section id="{told.name}"><h2>{_both(told.title)}</h2>'
        f'<p class="about">{number(told.people, 0)} personer, {stratum[0]}. '
        f'<span lang="en">{told.people:,} people, {stratum[1]}.</span></p>'
        f"{''.join(_figure(figure) for figure in told.figures)}</section>"
    )


def _figure(figure: Figure) -> str:
    note = "" if figure.note is None else f'<p class="note">{_both(figure.note)}</p>'
    if isinstance(figure, Bars):
        return f"<figure tabindex='0'>{_bars(figure)}{note}</figure>"
    source = (
        ""
        if not figure.source
        else f"<p class='note'>Streckat: {escape(figure.source)} ({BASES[figure.basis][0]}).</p>"
    )
    return f"<figure tabindex='0'><figcaption>{_both(figure.title)}</figcaption>{curves(figure)}{note}{source}</figure>"


def _bars(figure: Bars) -> str:
    beside = [one.published for one in figure.bars if one.published is not None]
    highest = max([one.value for one in figure.bars] + [one.value for one in beside], default=0) or 1
    sources = {(one.basis, one.source) for one in beside}
    once = len(sources) == 1
    head = "<th scope='col'>Jämför med</th><th scope='col'>Skillnad</th>" if beside else ""
    head += "" if once or not beside else "<th scope='col'>Grund</th>"
    width = 0 if not beside else 2 if once else 3
    rows = "".join(_row(one, figure, highest, columns=width) for one in figure.bars)
    unit = f", {escape(figure.unit)}" if figure.unit else ""
    foot = f"<p class='note'>Jämförelsen: {_sure(beside[0])}</p>" if once else ""
    return (
        f"<table><caption>{_both(figure.title)}{unit}</caption>"
        f"<thead><tr><th scope='col'><span class='unseen'>Vad</span></th><th scope='col'>Här</th>"
        f"<th scope='col'><span class='unseen'>Stapel</span></th>{head}</tr></thead><tbody>{rows}</tbody></table>{foot}"
    )


def _sure(beside: Published) -> str:
    about = "" if beside.about is None else f"<br>{_both(beside.about)}"
    return f"{BASES[beside.basis][0]}: {escape(beside.source)}{about}"


def _row(one: Bar, figure: Bars, highest: float, *, columns: int) -> str:
    beside = one.published
    value = number(one.value, figure.decimals)
    mark = None if beside is None else beside.value / highest
    drawing = bar(one.value / highest, mark, f"{value} {figure.unit}".rstrip())
    cells = [f"<th scope='row'>{_both(one.label)}</th><td>{value}</td><td>{drawing}</td>"]
    if beside is not None:
        told = signed(one.value - beside.value, figure.decimals)
        off = f"<strong>≠ {told}</strong>" if is_off(one, figure.unit) else told
        more = [
            f"<td>{number(beside.value, figure.decimals)}</td>",
            f"<td>{off}</td>",
            f"<td class='basis'>{_sure(beside)}</td>",
        ]
        cells += more[:columns]
    else:
        cells += ["<td></td>"] * columns
    return f"<tr>{''.join(cells)}</tr>"
