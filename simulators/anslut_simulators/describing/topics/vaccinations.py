"""Vaccination coverage, by birth cohort and vaccine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import share
from anslut_simulators.describing.figures import Bars, Curves, Line, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.truth.vaccinations import Vaccination

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_MMR: Final = ("J07BD52", "J07BD54")
_BASIC: Final = ("J07CA", "J07AJ51", "J07AJ52")
_TWO_YEARS: Final = 731
_KINDS: Final[dict[str, tuple[tuple[str, ...], int, Text]]] = {
    "mmr": (_MMR, 1, Text("Mässling, påssjuka, röda hund (1 dos)", "Measles, mumps, rubella (1 dose)")),
    "basic": (
        _BASIC,
        3,
        Text("Difteri, stelkramp, kikhosta, polio (3 doser)", "Diphtheria to polio (3 doses)"),
    ),
    "pneumococcal": (("J07AL",), 3, Text("Pneumokocker (3 doser)", "Pneumococcal (3 doses)")),
    "rotavirus": (("J07BH",), 2, Text("Rotavirus (2 doser)", "Rotavirus (2 doses)")),
}
_FIRST, _ADULT, _OLD = 1990, 18, 65


def count(subject: Subject, tally: Tally) -> None:
    """Count the child's doses by two years of age, girls' HPV by fifteen, influenza and covid of the older."""
    if not subject.is_alive:
        return
    person, born = subject.person, subject.person.birth_date
    doses = [
        (event.occurred_at.date(), dose.vaccine.code or "")
        for event in subject.events("vaccinations")
        if event.holding(Vaccination).status == "given"
        for dose in event.holding(Vaccination).doses
    ]
    tally["registered", "person"] += 1
    tally["registered", "year"] += sum(day.year == subject.today.year - 1 for day, _ in doses)
    age = subject.age
    if born.year >= _FIRST and (subject.today - born).days > _TWO_YEARS:
        tally["cohort", born.year] += 1
        early = [code for day, code in doses if (day - born).days <= _TWO_YEARS]
        for name, (codes, number, _) in _KINDS.items():
            tally[name, born.year] += sum(code.startswith(codes) for code in early) >= number
    if person.sex == "F" and 15 <= age < 20:  # noqa: PLR2004 - the years the published figure is about
        tally["girls",] += 1
        tally["hpv",] += any(code.startswith("J07BM") for _, code in doses)
    if subject.today.year - born.year >= _OLD + 5:
        tally["old",] += 1
        season = (2018, 8), (2019, 5)
        tally["influenza",] += any(
            code.startswith("J07BB") and season[0] <= (day.year, day.month) <= season[1]
            for day, code in doses
        )
    if age >= _ADULT:
        tally["adult",] += 1
        tally["covid",] += sum(code.startswith(("J07BN", "J07BX03")) for _, code in doses) >= 2  # noqa: PLR2004


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield the coverage of children at two years, curves by cohort, and HPV, influenza and covid-19."""
    years = sorted(int(key[1]) for key in tally if key[0] == "cohort")
    recent = [year for year in years if 2010 <= year <= 2017]  # noqa: PLR2004 - the cohorts measured in 2013-2019
    bars = []
    for name, (_, _, label) in _KINDS.items():
        asked = [year for year in years if year >= 2020] if name == "rotavirus" else recent  # noqa: PLR2004 - introduced in 2019
        tally["two", name] = sum(tally[name, year] for year in asked)
        whole = sum(tally["cohort", year] for year in asked)
        bars.append(share(tally, ("two", name), whole, label, beside=published("vaccinations", name)))
    yield Bars(
        title=Text("Vaccinerade vid två års ålder", "Vaccinated at two years"),
        unit="%",
        bars=tuple(bars),
        note=Text("Födda 2010–2017; rotavirus från 2020.", "Born 2010–2017; rotavirus from 2020."),
    )
    shown = [year for year in years if tally["cohort", year] >= 10]  # noqa: PLR2004 - fewer say nothing
    yield Curves(
        title=Text(
            "Vaccinerade vid två års ålder, efter födelseår", "Vaccinated at two years, by year of birth"
        ),
        across=Text("Födelseår", "Year of birth"),
        up=Text("Procent", "Per cent"),
        lines=tuple(
            Line(
                label=label,
                points=tuple(
                    (year, round(100 * tally[name, year] / tally["cohort", year], 1)) for year in shown
                ),
            )
            for name, (_, _, label) in _KINDS.items()
        ),
        basis="",
        source="",
        note=Text(
            "Pneumokocker infördes 2009 och rotavirus 2019. Kort som skrivits in i efterhand täcker inte alla äldre.",
            "Pneumococcal vaccine came in 2009 and rotavirus in 2019. Typed-in cards do not cover all older people.",
        ),
    )
    yield Bars(
        title=Text("Äldre barn och vuxna", "Older children and adults"),
        unit="%",
        bars=(
            share(
                tally,
                ("hpv",),
                tally["girls",],
                Text("HPV, flickor 15–19 år, minst en dos", "HPV, girls 15–19, one dose or more"),
                beside=published("vaccinations", "hpv"),
            ),
            share(
                tally,
                ("influenza",),
                tally["old",],
                Text(
                    "Influensa, 65 år och äldre, säsongen 2018–2019",
                    "Influenza, 65 and over, season 2018–2019",
                ),
                beside=published("vaccinations", "influenza"),
            ),
            share(
                tally,
                ("covid",),
                tally["adult",],
                Text("Covid-19, vuxna, två doser", "Covid-19, adults, two doses"),
                beside=published("vaccinations", "covid"),
            ),
        ),
    )


TOPIC = Topic(
    name="vaccinations",
    place=8,
    title=Text("Vaccinationer", "Vaccinations"),
    people=16_000,
    count=count,
    figures=figures,
    needs=("vaccinations",),
)
