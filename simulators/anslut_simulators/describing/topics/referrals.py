"""Referrals: how many are sent, and how long it takes until they are booked and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anslut_simulators.describing.counting import numbers_under, percentile
from anslut_simulators.describing.figures import Bar, Bars, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.truth.referral_status import Referral

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_ENDS = {"booked": Text("Tid bokad", "Booked"), "answered": Text("Besvarad", "Answered")}


def count(subject: Subject, tally: Tally) -> None:
    """Count the referrals sent last year, and for all the days from sent to booked and answered."""
    tally["person",] += 1
    sent: dict[str, int] = {}
    for event in subject.events("referral-status"):
        said = event.holding(Referral)
        day = said.time.date().toordinal()
        if said.status == "sent":
            sent[said.referral] = day
            tally["sent",] += said.time.year == subject.today.year - 1
        elif said.status in _ENDS and said.referral in sent:
            tally["days", said.status, day - sent[said.referral]] += 1


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield referrals per person and year, and lead times in days."""
    yield Bars(
        title=Text("Remisser per person under förra året", "Referrals per person last year"),
        unit="",
        bars=(
            Bar(
                label=Text("Skickade", "Sent"),
                value=round(tally["sent",] / max(1, tally["person",]), 3),
                published=published("referrals", "sent"),
            ),
        ),
        decimals=2,
    )
    yield Bars(
        title=Text("Dagar sedan remissen skickades", "Days since the referral was sent"),
        unit="",
        bars=tuple(
            Bar(
                label=Text(f"{text.sv}, {sv}", f"{text.en}, {en}"),
                value=float(percentile(days, percent)),
            )
            for status, text in _ENDS.items()
            if (days := numbers_under(tally, "days", status))
            for percent, sv, en in ((50, "median", "median"), (90, "nionde av tio", "nine in ten"))
        ),
        decimals=0,
    )


TOPIC = Topic(
    name="referrals",
    place=6,
    title=Text("Remisser", "Referrals"),
    people=10_000,
    count=count,
    figures=figures,
    needs=("referral-status",),
)
