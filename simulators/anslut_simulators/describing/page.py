"""What was found, as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from anslut_simulators.describing.drawing import bar, curves
from anslut_simulators.describing.figures import Bars, is_off
from anslut_simulators.describing.terminal import BASES, STRATA, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.describing.figures import Bar, Figure, Text, Told
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
<p>Alla personer är påhittade. Siffrorna är räknade på ett urval om {number(sample.persons, 0)} personer som alltid är
detsamma; ett ämne som klarar sig med färre säger hur många.{region} Det streckade strecket i staplarna är siffran att
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
        return f"<figure>{_bars(figure)}{note}</figure>"
    source = (
        ""
        if not figure.source
        else f"<p class='note'>Streckat: {escape(figure.source)} ({BASES[figure.basis][0]}).</p>"
    )
    return f"<figure><figcaption>{_both(figure.title)}</figcaption>{curves(figure)}{note}{source}</figure>"


def _bars(figure: Bars) -> str:
    most = (
        max((max(one.value, one.published.value if one.published else 0) for one in figure.bars), default=1)
        or 1
    )
    compared = any(one.published is not None for one in figure.bars)
    head = (
        "<th scope='col'>Jämför med</th><th scope='col'>Skillnad</th><th scope='col'>Grund</th>"
        if compared
        else ""
    )
    rows = "".join(_row(one, figure, most, compared=compared) for one in figure.bars)
    unit = f", {escape(figure.unit)}" if figure.unit else ""
    return (
        f"<table><caption>{_both(figure.title)}{unit}</caption>"
        f"<thead><tr><th scope='col'><span class='unseen'>Vad</span></th><th scope='col'>Här</th>"
        f"<th scope='col'><span class='unseen'>Stapel</span></th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(one: Bar, figure: Bars, most: float, *, compared: bool) -> str:
    beside = one.published
    value = number(one.value, figure.decimals)
    drawing = bar(one.value / most, None if beside is None else beside.value / most, f"{value} {figure.unit}")
    cells = f"<th scope='row'>{_both(one.label)}</th><td>{value}</td><td>{drawing}</td>"
    if beside is not None:
        gap = one.value - beside.value
        sign = "+" if gap >= 0 else "−"
        told = f"{sign}{number(abs(gap), figure.decimals)}"
        off = f"<strong>≠ {told}</strong>" if is_off(one, figure.unit) else told
        about = "" if beside.about is None else f"<br>{_both(beside.about)}"
        cells += (
            f"<td>{number(beside.value, figure.decimals)}</td><td>{off}</td>"
            f"<td class='basis'>{BASES[beside.basis][0]}: {escape(beside.source)}{about}</td>"
        )
    elif compared:
        cells += "<td>–</td><td></td><td></td>"
    return f"<tr>{cells}</tr>"
