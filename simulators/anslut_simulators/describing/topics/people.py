"""Who lives in the country: ages, sexes and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import age_band, band_text, share
from anslut_simulators.describing.figures import Bar, Bars, Published, Text
from anslut_simulators.describing.published import published, published_row
from anslut_simulators.describing.topic import Topic
from anslut_simulators.population.regions import regions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_STARTS: Final = tuple(range(0, 96, 5))


def count(subject: Subject, tally: Tally) -> None:
    """Count the person's age, sex and region."""
    if not subject.is_alive:
        tally["dead",] += 1
        return
    person = subject.person
    tally["alive",] += 1
    tally["age", age_band(subject.age, _STARTS)] += 1
    tally["sex", person.sex] += 1
    tally["region", person.region] += 1
    tally["protected",] += person.protected_identity


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield the age pyramid, the sexes, the regions and who has a protected identity."""
    alive = tally["alive",]
    ages = published_row("people", "age")
    yield Bars(
        title=Text("Åldersfördelning", "Ages"),
        unit="%",
        bars=tuple(
            share(tally, ("age", start), alive, band_text(start, _STARTS), beside=ages.get(str(start)))
            for start in _STARTS
        ),
    )
    yield Bars(
        title=Text("Kön och skyddade uppgifter", "Sex and protected identities"),
        unit="%",
        bars=(
            share(tally, ("sex", "F"), alive, Text("Kvinnor", "Women"), beside=published("people", "women")),
            share(
                tally,
                ("protected",),
                alive,
                Text("Skyddade personuppgifter", "Protected identity"),
                beside=published("people", "protected"),
            ),
        ),
        decimals=2,
    )
    known = regions()
    whole = sum(region.share for region in known)
    bars: list[Bar] = [
        share(
            tally,
            ("region", region.name),
            alive,
            Text(region.sv, region.sv),
            beside=Published(
                value=round(100 * region.share / whole, 2), basis="invented", source="tables/regions.toml"
            ),
        )
        for region in known
        if tally["region", region.name]
    ]
    yield Bars(title=Text("Regioner", "Regions"), unit="%", bars=tuple(bars))


TOPIC = Topic(
    name="people",
    place=1,
    title=Text("Befolkning", "People"),
    people=100_000,
    count=count,
    figures=figures,
)
