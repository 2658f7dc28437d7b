"""Laboratory answers: how many are outside their reference interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import counts_under, share
from anslut_simulators.describing.figures import Bar, Bars, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.truth.laboratory_results import Laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_SHOWN: Final = 15


def count(subject: Subject, tally: Tally) -> None:
    """Count the analyses with a reference interval, by name, and those outside it."""
    tally["person",] += 1
    year = subject.today.year - 1
    for event in subject.events("laboratory-results"):
        laboratory = event.holding(Laboratory)
        tally["answer", laboratory.status] += 1
        tally["last-year",] += event.occurred_at.year == year
        for group in laboratory.groups:
            for analysis in group.analyses:
                if analysis.reference is None or analysis.quantity is None or analysis.quantity.value is None:
                    continue
                name = analysis.code.display_name or analysis.code.original_text or ""
                tally["with", name] += 1
                tally["with",] += 1
                tally["outside", name] += analysis.deviation is not None
                tally["outside",] += analysis.deviation is not None


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield the share outside over all, by analysis, and how many answers a person gets in a year."""
    common = sorted(
        (name for name in counts_under(tally, "with")), key=lambda name: (-tally["with", name], str(name))
    )
    yield Bars(
        title=Text("Andel svar utanför referensintervallet", "Share outside the reference interval"),
        unit="%",
        bars=(
            share(
                tally,
                ("outside",),
                tally["with",],
                Text("Alla analyser", "All analyses"),
                beside=published("laboratory", "outside"),
            ),
            *(
                share(tally, ("outside", name), tally["with", name], Text(str(name), str(name)))
                for name in common[:_SHOWN]
            ),
        ),
    )
    people = max(1, tally["person",])
    yield Bars(
        title=Text("Provsvar per person under förra året", "Laboratory answers per person last year"),
        unit="",
        bars=(
            Bar(
                label=Text("Svar", "Answers"),
                value=round(tally["last-year",] / people, 3),
                published=published("laboratory", "answers"),
            ),
        ),
        decimals=2,
    )


TOPIC = Topic(
    name="laboratory",
    place=5,
    title=Text("Laboratoriesvar", "Laboratory answers"),
    people=8_000,
    count=count,
    figures=figures,
    needs=("laboratory-results",),
)
