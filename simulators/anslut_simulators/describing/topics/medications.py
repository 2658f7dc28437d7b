"""Medications: who has a prescription, by age and by the drug's group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import age_band, band_text, share
from anslut_simulators.describing.figures import Bars, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.truth.medications import Medication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_AGES: Final = (0, 18, 45, 65, 80)
_GROUPS: Final = {
    "A": Text("A Matsmältning och ämnesomsättning", "A Digestion and metabolism"),
    "B": Text("B Blod", "B Blood"),
    "C": Text("C Hjärta och kretslopp", "C Heart and circulation"),
    "D": Text("D Hud", "D Skin"),
    "G": Text("G Urin, kön och könshormoner", "G Urinary and sex hormones"),
    "H": Text("H Hormoner", "H Hormones"),
    "J": Text("J Infektioner", "J Infections"),
    "M": Text("M Rörelseapparaten", "M Muscles and joints"),
    "N": Text("N Nervsystemet", "N Nervous system"),
    "R": Text("R Andning", "R Breathing"),
    "S": Text("S Ögon och öron", "S Eyes and ears"),
}


def count(subject: Subject, tally: Tally) -> None:
    """Count whether something was started in a year, or is still taken, and the groups it is of."""
    if not subject.is_alive:
        return
    band = age_band(subject.age, _AGES)
    tally["person",] += 1
    tally["person", band] += 1
    groups: set[str] = set()
    for event in subject.events("medications"):
        said = event.holding(Medication)
        lately = (subject.now - event.occurred_at).days <= 365  # noqa: PLR2004 - a year
        if said.kind == "I" and (said.active or lately):
            groups.add(((said.drug.substance.code if said.drug.substance else None) or "?")[:1])
    tally["some",] += bool(groups)
    tally["some", subject.person.sex] += bool(groups)
    tally["person", subject.person.sex] += 1
    tally["some", band] += bool(groups)
    for group in groups:
        tally["group", group] += 1


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield the shares with a prescription by sex and age, and by the drug's group (ATC)."""
    yield Bars(
        title=Text("Andel med läkemedel det senaste året", "Share with a drug in the last year"),
        unit="%",
        bars=(
            share(
                tally,
                ("some",),
                tally["person",],
                Text("Alla", "Everybody"),
                beside=published("medications", "all"),
            ),
            *(
                share(tally, ("some", sex), tally["person", sex], label, beside=published("medications", sex))
                for sex, label in (("F", Text("Kvinnor", "Women")), ("M", Text("Män", "Men")))
            ),
            *(
                share(tally, ("some", start), tally["person", start], band_text(start, _AGES))
                for start in _AGES
            ),
        ),
    )
    yield Bars(
        title=Text("Läkemedelsgrupper (ATC)", "Groups of drugs (ATC)"),
        unit="%",
        bars=tuple(
            share(tally, ("group", group), tally["person",], label) for group, label in _GROUPS.items()
        ),
    )


TOPIC = Topic(
    name="medications",
    place=7,
    title=Text("Läkemedel", "Medications"),
    people=10_000,
    count=count,
    figures=figures,
    needs=("medications",),
)
