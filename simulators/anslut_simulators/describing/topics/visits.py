"""How often people meet care, by age and kind of unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import age_band, band_text, counts_under
from anslut_simulators.describing.figures import Bar, Bars, Text
from anslut_simulators.describing.published import published, published_row
from anslut_simulators.describing.topic import Topic
from anslut_simulators.truth.care_contacts import CareContact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_AGES: Final = (0, 6, 18, 45, 65, 80)
_KINDS: Final = {
    "primary-care": Text("Vårdcentral", "Primary care"),
    "child-health": Text("Barnhälsovård", "Child health"),
    "emergency": Text("Akutmottagning", "Emergency"),
    "medicine": Text("Medicinklinik", "Medicine"),
    "surgery": Text("Kirurgklinik", "Surgery"),
    "orthopaedics": Text("Ortopedklinik", "Orthopaedics"),
    "psychiatry": Text("Psykiatri", "Psychiatry"),
    "paediatrics": Text("Barn- och ungdomsmottagning", "Paediatrics"),
    "gynaecology": Text("Kvinnoklinik", "Gynaecology"),
    "rehabilitation": Text("Rehabilitering", "Rehabilitation"),
    "home-care": Text("Hemsjukvård", "Home care"),
    "eye": Text("Ögonmottagning", "Eye clinic"),
}


def count(subject: Subject, tally: Tally) -> None:
    """Count the visits and stays of last year, calls to 1177 left out."""
    year = subject.today.year - 1
    person = subject.person
    if person.birth_date.year > year or not subject.is_alive:
        return
    band = age_band(year - person.birth_date.year, _AGES)
    tally["person", band] += 1
    tally["person",] += 1
    region = subject.population.regions[person.region]
    for event in subject.events("care-contacts"):
        contact = event.holding(CareContact)
        if event.occurred_at.year != year or contact.status != "ended":
            continue
        kind = region.unit(event.unit.hsa_id).kind
        if kind == "phone-advice":
            continue
        if contact.kind == "stay":
            tally["stay",] += 1
            continue
        tally["visit", band] += 1
        tally["visit",] += 1
        tally["unit", kind] += 1


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield visits per person and year by age and by kind of unit, and stays in hospital."""
    ages = published_row("visits", "age")
    yield Bars(
        title=Text("Besök per person under förra året", "Visits per person last year"),
        unit="",
        bars=(
            Bar(
                label=Text("Alla", "Everybody"),
                value=_per(tally["visit",], tally["person",]),
                published=published("visits", "all"),
            ),
            *(
                Bar(
                    label=band_text(start, _AGES),
                    value=_per(tally["visit", start], tally["person", start]),
                    published=ages.get(str(start)),
                )
                for start in _AGES
            ),
        ),
        decimals=2,
    )
    yield Bars(
        title=Text("Vårdtillfällen per 1 000 personer", "Hospital stays per 1,000 people"),
        unit="",
        bars=(
            Bar(
                label=Text("Alla", "Everybody"),
                value=1000 * _per(tally["stay",], tally["person",]),
                published=published("visits", "stays"),
            ),
        ),
    )
    found = sorted(counts_under(tally, "unit").items(), key=lambda one: (-one[1], str(one[0])))
    yield Bars(
        title=Text("Var besöken är", "Where the visits are"),
        unit="%",
        bars=tuple(
            Bar(
                label=_KINDS.get(str(kind), Text(str(kind), str(kind))),
                value=round(100 * number / max(1, tally["visit",]), 2),
                count=tally["visit",],
            )
            for kind, number in found
        ),
    )


def _per(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


TOPIC = Topic(
    name="visits",
    place=3,
    title=Text("Besök", "Visits"),
    people=12_000,
    count=count,
    figures=figures,
    needs=("care-contacts",),
)
