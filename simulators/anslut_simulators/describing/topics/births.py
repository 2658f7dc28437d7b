"""Births: the mothers' ages, how long the pregnancies were, how the deliveries went and what the children weighed."""

from __future__ import annotations

from csv import DictReader
from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import mean, numbers_under, percentile, share
from anslut_simulators.describing.figures import Bar, Bars, Curves, Line, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.population.tables import read_bytes
from anslut_simulators.truth.maternity_records import MaternityRecord, completed_weeks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally
    from anslut_simulators.truth.maternity_records import After, Delivery, Newborn, Registration

_FERTILE: Final = range(18, 61)
_TERM, _LATE = 37, 42
_CURVE_WEEKS: Final = range(34, 43)
_PERCENTILES: Final = {10: -1.2816, 50: 0.0, 90: 1.2816}
_FEWEST: Final = 20
_STEP: Final = 10
_BMI: Final = 25.0


def count(subject: Subject, tally: Tally) -> None:
    """Count the deliveries of one woman that the maternity system knows."""
    person = subject.person
    if person.sex != "F" or subject.age not in _FERTILE:
        return
    for event in subject.events("maternity-records"):
        record = event.holding(MaternityRecord)
        if record.registration is not None:
            _registration(record.registration, tally)
        elif record.after is not None and record.after.delivery is not None:
            born = record.after.children[0].born.date()
            tally["age", person.age_at(born)] += 1
            _delivery(record.after, record.after.delivery, tally)


def _registration(said: Registration, tally: Tally) -> None:
    tally["enrolled",] += 1
    tally["first",] += not said.earlier
    if said.body_mass_index is not None:
        tally["weighed",] += 1
        tally["heavy",] += float(said.body_mass_index.value) >= _BMI


def _delivery(after: After, delivery: Delivery, tally: Tally) -> None:
    weeks = completed_weeks(delivery.gestation)
    section = "kejsarsnitt" in delivery.mode
    tally["delivery",] += 1
    tally["week", weeks] += 1
    tally["early",] += weeks < _TERM
    tally["late",] += weeks >= _LATE
    tally["section",] += section
    tally["cup",] += delivery.mode == "sugklocka"
    tally["induced",] += delivery.induced
    tally["vaginal",] += not section
    tally["several",] += len(after.children) > 1
    for child in after.children:
        _child(child, weeks, tally)


def _child(child: Newborn, weeks: int, tally: Tally) -> None:
    if child.weight is None:
        return
    grams = round(float(child.weight.value) * (1000 if child.weight.unit == "kg" else 1))
    tally["grams", child.sex, grams // _STEP * _STEP] += 1
    if weeks in _CURVE_WEEKS:
        tally["grams", child.sex, weeks, grams // _STEP * _STEP] += 1


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield the mothers, the deliveries, the children's weights, and weight by week beside the reference."""
    ages = numbers_under(tally, "age")
    yield Bars(
        title=Text("Mödrarnas ålder vid födseln", "Mothers' age at birth"),
        unit="",
        bars=(
            Bar(
                label=Text("Medelålder, år", "Mean age, years"),
                value=round(mean(ages), 2),
                published=published("births", "mean-age"),
            ),
        ),
    )
    bands = ((0, 24, "–24"), (25, 29, "25–29"), (30, 34, "30–34"), (35, 39, "35–39"), (40, 99, "40–"))
    born = tally["delivery",]
    for low, high, name in bands:
        tally["band", name] = sum(number for age, number in ages.items() if low <= age <= high)
    yield Bars(
        title=Text("Mödrar efter ålder", "Mothers by age"),
        unit="%",
        bars=tuple(
            share(tally, ("band", name), born, Text(f"{name} år", f"{name} years")) for _, _, name in bands
        ),
    )
    enrolled = tally["enrolled",]
    rows = (
        ("first", ("first",), enrolled, Text("Förstagångsmödrar", "First-time mothers")),
        (
            "bmi",
            ("heavy",),
            tally["weighed",],
            Text("BMI minst 25 vid inskrivning", "BMI 25 or more at enrolment"),
        ),
        ("early", ("early",), born, Text("Före vecka 37", "Before week 37")),
        ("late", ("late",), born, Text("Vecka 42 eller senare", "Week 42 or later")),
        ("section", ("section",), born, Text("Kejsarsnitt", "Caesarean")),
        ("cup", ("cup",), born, Text("Sugklocka", "Vacuum extraction")),
        ("induced", ("induced",), born, Text("Igångsatt förlossning", "Induced labour")),
        ("several", ("several",), born, Text("Flerbörd", "Multiple birth")),
    )
    yield Bars(
        title=Text("Graviditeter och förlossningar", "Pregnancies and deliveries"),
        unit="%",
        bars=tuple(
            share(tally, key, whole, label, beside=published("births", name))
            for name, key, whole, label in rows
        ),
    )
    yield Bars(
        title=Text("Födelsevikt, alla veckor", "Birth weight, all weeks"),
        unit="g",
        bars=tuple(
            Bar(
                label=Text(f"{sv}, medelvikt", f"{en}, mean"),
                value=round(mean(numbers_under(tally, "grams", sex)) + _STEP / 2, 0),
                published=published("births", f"grams-{sex}"),
            )
            for sex, sv, en in (("F", "Flickor", "Girls"), ("M", "Pojkar", "Boys"))
        ),
        decimals=0,
    )
    for sex, sv, en in (("F", "flickor", "girls"), ("M", "pojkar", "boys")):
        yield _weights(tally, sex, Text(f"Födelsevikt efter vecka, {sv}", f"Birth weight by week, {en}"))


def _weights(tally: Tally, sex: str, title: Text) -> Curves:
    rows = {
        int(row["ga_weeks"]): row
        for row in DictReader(read_bytes("birth_size_by_week.csv").decode().splitlines())
        if row["sex"] == sex
    }
    lines = []
    for percent, place in _PERCENTILES.items():
        name = Text(f"percentil {percent}", f"percentile {percent}")
        reference = tuple(
            (
                float(week),
                round(
                    1000
                    * 10
                    ** (
                        float(rows[week]["log10_weight_kg_mean"])
                        + place * float(rows[week]["log10_weight_sd"])
                    )
                ),
            )
            for week in _CURVE_WEEKS
        )
        found = tuple(
            (float(week), float(percentile(counts, percent)))
            for week in _CURVE_WEEKS
            if sum((counts := numbers_under(tally, "grams", sex, week)).values()) >= _FEWEST
        )
        lines += [Line(label=name, points=reference, published=True), Line(label=name, points=found)]
    return Curves(
        title=title,
        across=Text("Fullgångna veckor", "Completed weeks"),
        up=Text("Gram", "Grams"),
        lines=tuple(lines),
        basis="published",
        source="Niklasson & Albertsson-Wikland, BMC Pediatrics 2008;8:8 (CC BY)",
        note=Text(
            "Percentil 10, 50 och 90 av båda; en vecka med få födslar är utelämnad.",
            "Percentiles 10, 50 and 90 of both; a week with few births is left out.",
        ),
    )


TOPIC = Topic(
    name="births",
    place=9,
    title=Text("Födslar", "Births"),
    people=60_000,
    count=count,
    figures=figures,
    needs=("maternity-records",),
)
