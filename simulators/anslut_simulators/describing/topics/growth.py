"""Growth: heights beside the reference curves, and how many are far from them."""

from __future__ import annotations

from bisect import bisect_right
from csv import DictReader
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import numbers_under, percentile, share
from anslut_simulators.describing.figures import Bars, Curves, Line, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.population.tables import read_bytes
from anslut_simulators.truth.growth_observations import Growth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_TABLE: Final = "growth_2_19_years.csv"
_DAYS: Final = 365.25
_PERCENTILES: Final = {3: -1.8808, 50: 0.0, 97: 1.8808}
_FEWEST: Final = 30
_AGES: Final = range(6, 19)
_BANDS: Final = ((6, 9), (10, 12), (13, 15), (16, 18))
_ISO_BMI_25: Final = {"M": 19.84, "F": 19.86}
"""BMI at ten years that goes on to 25 at eighteen (Cole and others, BMJ 2000)."""


@cache
def _heights(sex: str) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    rows = [row for row in DictReader(read_bytes(_TABLE).decode().splitlines()) if row["sex"] == sex]
    names = ("age_years", "height_mean_cm", "height_sd_cm")
    ages, means, spreads = (tuple(float(row[name]) for row in rows) for name in names)
    return ages, means, spreads


def _reference(sex: str, age: float) -> tuple[float, float]:
    """Return the mean and the SD of height in cm at *age* in years, straight between the table's rows."""
    ages, means, spreads = _heights(sex)
    place = min(max(bisect_right(ages, age) - 1, 0), len(ages) - 2)
    part = min(max((age - ages[place]) / (ages[place + 1] - ages[place]), 0.0), 1.0)
    return (
        means[place] + part * (means[place + 1] - means[place]),
        spreads[place] + part * (spreads[place + 1] - spreads[place]),
    )


def count(subject: Subject, tally: Tally) -> None:
    """Count the heights of one pupil at school age, in half centimetres, and BMI at about ten."""
    person = subject.person
    if subject.today.year - person.birth_date.year > 35:  # noqa: PLR2004 - older ones left school before the records began
        return
    weights: dict[str, float] = {}
    heights: dict[str, float] = {}
    for event in subject.events("growth-observations"):
        growth = event.holding(Growth)
        age = (event.occurred_at.date() - person.birth_date).days / _DAYS
        if not _AGES.start <= age < _AGES.stop or growth.measure not in {"height", "weight"}:
            continue
        day = f"{event.occurred_at:%Y-%m-%d}"
        if growth.measure == "weight":
            weights[day] = float(growth.value)
            continue
        height = heights[day] = float(growth.value)
        middle, spread = _reference(person.sex, age)
        tally["whole", person.sex, int(age)] += 1
        tally["low", person.sex, int(age)] += height < middle - 2 * spread
        tally["high", person.sex, int(age)] += height > middle + 2 * spread
        tally["height", person.sex, int(age), round(2 * height)] += 1
        # The reference moves within the year of age: hold it beside the ages at which these were measured.
        tally["days", person.sex, int(age)] += round(age * 1000)
    for day in heights.keys() & weights.keys():
        if 3470 <= (date.fromisoformat(day) - person.birth_date).days < 3835:  # noqa: PLR2004 - about ten years
            tally["ten",] += 1
            tally["heavy",] += weights[day] / (heights[day] / 100) ** 2 >= _ISO_BMI_25[person.sex]


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield how many are outside two SD by age and sex, the percentile curves, and overweight at ten."""
    beside = published("growth", "outside")
    for sex, sv, en in (("F", "flickor", "girls"), ("M", "pojkar", "boys")):
        bars = []
        for low, high in _BANDS:
            ages = range(low, high + 1)
            whole = sum(tally["whole", sex, age] for age in ages)
            for side, sv_side, en_side in (
                ("low", "under −2 SD", "below −2 SD"),
                ("high", "över +2 SD", "above +2 SD"),
            ):
                tally[side, sex, "band", low] = sum(tally[side, sex, age] for age in ages)
                label = Text(f"{low}–{high} år, {sv_side}", f"{low}–{high} years, {en_side}")
                bars.append(share(tally, (side, sex, "band", low), whole, label, beside=beside))
        yield Bars(
            title=Text(f"Längder utanför två SD, {sv}", f"Heights outside two SD, {en}"),
            unit="%",
            bars=tuple(bars),
            decimals=2,
        )
        yield _curves(tally, sex, Text(f"Längd efter ålder, {sv}", f"Height by age, {en}"))
    yield Bars(
        title=Text("Övervikt vid tio år", "Overweight at ten"),
        unit="%",
        bars=(
            share(
                tally,
                ("heavy",),
                tally["ten",],
                Text("isoBMI minst 25, obesitas inräknad", "isoBMI 25 or more, obesity included"),
                beside=published("growth", "overweight"),
            ),
        ),
    )


def _curves(tally: Tally, sex: str, title: Text) -> Curves:
    lines = []
    told = [age for age in _AGES if tally["whole", sex, age] >= _FEWEST]
    for percent, place in _PERCENTILES.items():
        name = Text(f"percentil {percent}", f"percentile {percent}")
        found, reference = [], []
        for age in told:
            at = tally["days", sex, age] / tally["whole", sex, age] / 1000
            middle, spread = _reference(sex, at)
            found.append((round(at, 2), percentile(numbers_under(tally, "height", sex, age), percent) / 2))
            reference.append((round(at, 2), round(middle + place * spread, 1)))
        lines += [
            Line(label=name, points=tuple(reference), published=True),
            Line(label=name, points=tuple(found)),
        ]
    return Curves(
        title=title,
        across=Text("Ålder i år", "Age in years"),
        up=Text("Centimeter", "Centimetres"),
        lines=tuple(lines),
        basis="estimate",
        source="Konstruerad ur publicerade svenska ankare (Albertsson-Wikland 2020); ingen klinisk referens",
        note=Text(
            "Percentil 3, 50 och 97. Referensen är en konstruktion: de svenska tabellerna är inte publicerade som tal.",
            "Percentiles 3, 50 and 97. The reference is constructed: the Swedish tables are not published as numbers.",
        ),
    )


TOPIC = Topic(
    name="growth",
    place=10,
    title=Text("Tillväxt", "Growth"),
    people=30_000,
    count=count,
    figures=figures,
    needs=("growth-observations",),
)
