"""The description of the country: the same counts whoever counts, honest about deviations, readable everywhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from anslut_simulators.commands.population import population as command
from anslut_simulators.describing.counting import age_band, band_text, percentile
from anslut_simulators.describing.figures import Bar, Bars, Curves, Published, Text, is_off
from anslut_simulators.describing.measuring import Sample, measure
from anslut_simulators.describing.page import page
from anslut_simulators.describing.terminal import BASES, drawn
from anslut_simulators.describing.topic import topics
from anslut_simulators.population import default_population
from anslut_simulators.population.tables import read_table
from click.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Sample(persons=150)


def test_two_processes_count_what_one_does() -> None:
    """Parts add up: how many cores a machine has must not change a figure."""
    sample = Sample(persons=2001)

    alone = measure(sample, only=["people"], processes=1)
    together = measure(sample, only=["people"], processes=2)

    assert [one.figures for one in alone] == [one.figures for one in together]


def test_a_topic_that_needs_fewer_says_how_many() -> None:
    """A sub-sample is told, not hidden."""
    (told,) = measure(Sample(persons=300), only=["people"], processes=1)

    assert 250 < told.people <= 300


def test_people_counted_are_those_of_the_region() -> None:
    """Nobody of another region is in a region's figures."""
    (told,) = measure(Sample(persons=200, region="fjallmark"), only=["people"], processes=1)

    regions = next(figure for figure in told.figures if figure.title.sv == "Regioner")
    assert isinstance(regions, Bars)
    assert [bar.label.sv for bar in regions.bars] == ["Region Fjällmark"]


def test_the_regions_have_their_shares() -> None:
    """The sample is drawn evenly: within three standard errors of every share."""
    (told,) = measure(Sample(persons=4000), only=["people"], processes=1)

    regions = next(figure for figure in told.figures if figure.title.sv == "Regioner")
    assert isinstance(regions, Bars)
    for bar in regions.bars:
        assert bar.published is not None
        share = bar.published.value / 100
        assert abs(bar.value / 100 - share) < 3.5 * (share * (1 - share) / 3700) ** 0.5, bar.label.sv


def test_every_topic_tells_something_of_a_small_sample() -> None:
    """No topic breaks where there is little to count, and every one has figures."""
    for told in measure(SMALL, processes=1):
        assert told.figures, told.name
        for figure in told.figures:
            if isinstance(figure, Bars):
                assert all(bar.value >= 0 for bar in figure.bars), figure.title.sv
                assert figure.unit != "%" or all(bar.value <= 100 for bar in figure.bars), figure.title.sv


def test_topics_have_names_and_places_of_their_own() -> None:
    """Two with one name, or one place, would hide each other."""
    assert len({topic.place for topic in topics().values()}) == len(topics())
    assert all(name == topic.name for name, topic in topics().items())


def test_help_names_every_topic() -> None:
    """Whoever reads the help must find them all."""
    told = CliRunner().invoke(command, ["describe", "--help"]).output

    assert [name for name in topics() if name not in told] == []


def test_a_sample_of_the_same_places_is_the_same_people() -> None:
    """`stretch` is what `sample` is made of."""
    population = default_population()

    whole = population.sample(20, stratum="scale", label="x")
    parts = [
        person
        for first in (0, 15)
        for person in population.stretch(range(first, first + 15), stratum="scale", label="x")
    ]

    assert parts[:20] == whole


@pytest.mark.parametrize(
    ("value", "count", "off"),
    [(97.2, 1000, False), (80.0, 1000, True), (95.0, 1000, True), (80.0, 4, False)],
)
def test_a_difference_is_marked_when_it_is_more_than_chance_and_a_tenth(
    value: float, count: int, *, off: bool
) -> None:
    """Both: a tenth of a rare thing is chance, and a hair's breadth of a large sample says nothing."""
    bar = Bar(
        label=Text("a", "a"),
        value=value,
        count=count,
        published=Published(value=97.0, basis="published", source="x"),
    )

    assert is_off(bar, "%") is off


def test_every_published_figure_says_how_sure_it_is_and_is_used() -> None:
    """A basis nobody knows, or a row that no topic shows, is a mistake in the table."""
    table = read_table("published_figures.toml")
    for topic, kinds in table.items():
        assert topic in topics()
        rows = [*kinds.get("value", {}).values(), *kinds.get("row", {}).values()]
        assert all(row["basis"] in BASES and row["source"] for row in rows), topic


def test_percentiles_are_nearest_ranks() -> None:
    """A hundred different values have their own percentiles."""
    counts = dict.fromkeys(range(1, 101), 1)

    assert [percentile(counts, percent) for percent in (3, 50, 97)] == [3, 50, 97]
    with pytest.raises(ValueError, match="nothing"):
        percentile({}, 50)


def test_bands_of_ages_are_named() -> None:
    """From the band's first year to the one before the next."""
    starts = (0, 1, 65)

    assert [age_band(age, starts) for age in (0, 1, 64, 65, 101)] == [0, 1, 1, 65, 65]
    assert [band_text(start, starts).sv for start in starts] == ["0 år", "1–64 år", "65 år och äldre"]


def test_bars_are_drawn_to_scale() -> None:
    """Nothing is empty, all is full, and more than all is no longer."""
    assert (drawn(0), len(drawn(1.0)), drawn(2.0)) == ("", 16, drawn(1.0))


def test_the_page_is_self_contained_and_speaks_both_languages() -> None:
    """It must open from a disk without network, and be checked by a screen reader."""
    told = measure(Sample(persons=400), only=["people", "growth", "calls"], processes=1)

    html = page(told, [], sample=SMALL)

    assert re.findall(r'(?:src|href)="(?!#|data:,)[^"]*"', html) == []
    assert "<script" not in html
    assert "@import" not in html
    assert html.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert 'lang="en"' in html
    assert all("aria-label" in tag for tag in re.findall(r"<svg[^>]*>", html))
    assert any(isinstance(figure, Curves) for one in told for figure in one.figures)


def test_figures_are_written_to_files(tmp_path: Path) -> None:
    """The same figures for machines as for people."""
    page_file, figures = tmp_path / "a.html", tmp_path / "a.json"
    options = ["--persons", "200", "--only", "people", "--html", str(page_file), "--json", str(figures)]

    result = CliRunner().invoke(command, ["describe", *options])

    assert result.exit_code == 0, result.output
    assert "Åldersfördelning" in result.output
    document = msgspec.json.decode(figures.read_bytes())
    assert document["sample"] == {"persons": 200, "stratum": "scale", "region": None}
    assert document["topics"][0]["figures"][0]["bars"][0]["published"]["basis"] == "memory"
    assert "Åldersfördelning" in page_file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("option", "value"), [("--only", "familys"), ("--region", "fjallmarck")])
def test_a_typing_error_is_met_with_the_nearest_name(option: str, value: str) -> None:
    """Topics and regions have names that are easily mistyped."""
    result = CliRunner().invoke(command, ["describe", "--persons", "10", option, value])

    assert result.exit_code == 1
    assert "did you mean" in result.output
