"""Calls to 1177 on the phone: how many, about what, and what they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from anslut_simulators.describing.counting import age_band, band_text, counts_under, share
from anslut_simulators.describing.figures import Bar, Bars, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.histories.call_plan import calls_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_AGES: Final = (0, 1, 7, 18, 45, 65, 80)
_OLD: Final = 80
_SHOWN: Final = 15
_ENDINGS: Final = {
    "blue": Text("Egenvårdsråd", "Self-care advice"),
    "green": Text("Vårdcentral, kan vänta", "Primary care, can wait"),
    "yellow": Text("Inom ett dygn", "Within a day"),
    "orange": Text("Akutmottagning samma dag", "Emergency department the same day"),
    "red": Text("112", "112"),
    "other": Text("Annan rådgivning", "Other advice"),
}


def count(subject: Subject, tally: Tally) -> None:
    """Count last year's calls, as the phone system plans them."""
    person, year = subject.person, subject.today.year - 1
    region = subject.population.regions[person.region]
    if person.birth_date.year > year or not subject.is_alive or not region.units_of("phone-advice"):
        return
    band = age_band(year - person.birth_date.year, _AGES)
    tally["person", band] += 1
    tally["person", person.sex] += 1
    tally["person",] += 1
    for call in calls_of(subject.population.world, region, person, subject.today.year):
        if call.year != year:
            continue
        tally["call", band] += 1
        tally["call", person.sex] += 1
        tally["call",] += 1
        tally["reason", call.reason.name] += 1
        tally["ending", call.ending.level] += 1
        tally["visit",] += call.visit is not None
        if band == _OLD:
            tally["medicines",] += "läkemedel" in call.reason.name.casefold()


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield calls per 1,000 by age and sex, the reasons, and how the calls ended."""
    yield Bars(
        title=Text("Samtal per 1 000 personer och år", "Calls per 1,000 people and year"),
        unit="",
        bars=(
            _rate(tally, (), Text("Alla", "Everybody"), "all"),
            *(_rate(tally, (start,), band_text(start, _AGES), f"age-{start}") for start in _AGES),
        ),
        decimals=0,
    )
    women, men = (tally["call", sex] / max(1, tally["person", sex]) for sex in ("F", "M"))
    yield Bars(
        title=Text("Kvinnors samtal i förhållande till mäns", "Women's calls compared with men's"),
        unit="",
        bars=(
            Bar(
                label=Text("Kvot", "Ratio"),
                value=round(women / men, 3) if men else 0.0,
                published=published("calls", "women"),
            ),
        ),
        decimals=2,
    )
    whole = tally["call",]
    yield Bars(
        title=Text("Hur samtalen slutar", "How the calls end"),
        unit="%",
        bars=(
            *(
                share(tally, ("ending", level), whole, label, beside=published("calls", f"ending-{level}"))
                for level, label in _ENDINGS.items()
            ),
            share(
                tally,
                ("visit",),
                whole,
                Text("Följs av ett besök i journalen", "Followed by a recorded visit"),
            ),
        ),
    )
    reasons = sorted(counts_under(tally, "reason"), key=lambda name: (-tally["reason", name], str(name)))
    yield Bars(
        title=Text("Vanligaste kontaktorsakerna", "Most common reasons"),
        unit="%",
        bars=tuple(
            share(tally, ("reason", name), whole, Text(str(name), str(name))) for name in reasons[:_SHOWN]
        ),
    )
    yield Bars(
        title=Text("Läkemedelsfrågor, 80 år och äldre", "Questions about medicines, 80 and over"),
        unit="%",
        bars=(
            share(
                tally,
                ("medicines",),
                tally["call", _OLD],
                Text("Andel av samtalen", "Share of the calls"),
                beside=published("calls", "medicines"),
            ),
        ),
    )


def _rate(tally: Tally, key: tuple[int, ...], label: Text, figure: str) -> Bar:
    value = 1000 * tally["call", *key] / max(1, tally["person", *key])
    return Bar(label=label, value=round(value, 1), published=published("calls", figure))


TOPIC = Topic(
    name="calls",
    place=11,
    title=Text("Samtal till 1177", "Calls to 1177"),
    people=16_000,
    count=count,
    figures=figures,
    needs=("care-contacts",),
)
