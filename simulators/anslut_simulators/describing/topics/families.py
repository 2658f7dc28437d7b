"""Children's families: who has custody, who lives together, and how many children a mother has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import age_band, band_text, share
from anslut_simulators.describing.figures import Bars, Text
from anslut_simulators.describing.published import published, published_row
from anslut_simulators.describing.topic import Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_ADULT: Final = 18
_AGES: Final = (0, 6, 13)
_MANY: Final = 3
_BOTH: Final = 2


def count(subject: Subject, tally: Tally) -> None:
    """Count one child's parents, guardians, siblings under age, and fellow twins."""
    person, age = subject.person, subject.age
    if age >= _ADULT or not subject.is_alive:
        return
    tally["child",] += 1
    tally["guardians", len(person.guardians)] += 1
    if not person.parents:
        tally["alone",] += 1
        return
    mother = subject.population.person(person.parents[0])
    if mother is None:
        return
    together = mother.partner is not None and mother.partner in person.parents
    band = age_band(age, _AGES)
    tally["with", band] += 1
    tally["together", band] += together
    siblings = [
        found
        for identity in mother.children
        if identity != person.identity and (found := subject.population.person(identity)) is not None
    ]
    young = sum(found.age_at(subject.today) < _ADULT for found in siblings)
    tally["siblings", min(young, _MANY)] += 1
    tally["twins",] += bool(person.born_with)
    tally["family",] += 1


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield who lives with both parents, guardians, siblings and twins."""
    together = published_row("families", "together")
    yield Bars(
        title=Text("Barn vars föräldrar bor ihop", "Children whose parents live together"),
        unit="%",
        bars=tuple(
            share(
                tally,
                ("together", start),
                tally["with", start],
                band_text(start, (*_AGES, _ADULT)),
                beside=together.get(str(start)),
            )
            for start in _AGES
        ),
    )
    siblings, family = published_row("families", "siblings"), tally["family",]
    named = (
        Text("Inga syskon under 18 år", "No siblings under 18"),
        Text("Ett syskon", "One sibling"),
        Text("Två syskon", "Two siblings"),
        Text("Tre eller fler", "Three or more"),
    )
    yield Bars(
        title=Text("Syskon", "Siblings"),
        unit="%",
        bars=tuple(
            share(tally, ("siblings", number), family, label, beside=siblings.get(str(number)))
            for number, label in enumerate(named)
        ),
    )
    children = tally["child",]
    yield Bars(
        title=Text("Vårdnadshavare och flerbördsbarn", "Guardians and multiple births"),
        unit="%",
        bars=(
            share(tally, ("guardians", _BOTH), children, Text("Två vårdnadshavare", "Two guardians")),
            share(tally, ("guardians", 1), children, Text("En vårdnadshavare", "One guardian")),
            share(tally, ("guardians", 0), children, Text("Ingen känd förälder", "No known parent")),
            share(
                tally,
                ("twins",),
                family,
                Text("Född i flerbörd", "Of a multiple birth"),
                beside=published("families", "twins"),
            ),
        ),
        note=Text(
            "Familjer finns bara bland personer med officiella testnummer: de blir färre före 1976.",
            "Families exist only among those with official test numbers, which thin out before 1976.",
        ),
    )


TOPIC = Topic(
    name="families",
    place=2,
    title=Text("Familjer", "Families"),
    people=30_000,
    count=count,
    figures=figures,
    stratum="official",
)
