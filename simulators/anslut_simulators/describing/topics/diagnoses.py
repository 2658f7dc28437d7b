"""Which diagnoses people have, beside how common they are said to be."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from anslut_simulators.describing.counting import share
from anslut_simulators.describing.figures import Bars, Published, Text
from anslut_simulators.describing.published import published
from anslut_simulators.describing.topic import Topic
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth.diagnoses import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators.describing.figures import Figure
    from anslut_simulators.describing.topic import Subject, Tally

_GROUPS: Final[dict[str, tuple[tuple[str, ...], Text]]] = {
    "hypertension": (("I10",), Text("Högt blodtryck (I10)", "Hypertension (I10)")),
    "depression": (("F32", "F33"), Text("Depression (F32–F33)", "Depression (F32–F33)")),
    "diabetes": (
        ("E10", "E11", "E12", "E13", "E14"),
        Text("Diabetes (E10–E14)", "Diabetes (E10–E14)"),
    ),
    "asthma": (("J45",), Text("Astma (J45)", "Asthma (J45)")),
    "anxiety": (("F41",), Text("Ångest (F41)", "Anxiety (F41)")),
    "copd": (("J44",), Text("KOL (J44)", "COPD (J44)")),
}
_YEARS: Final = 5
_SHOWN: Final = 25
_TABLE: Final = "diagnoses.json"


def count(subject: Subject, tally: Tally) -> None:
    """Count the codes of five years, or of one for what passes, and what the table says to expect."""
    if not subject.is_alive:
        return
    tally["person",] += 1
    now, age = subject.now, subject.age
    table: dict[str, Any] = read_table(_TABLE)
    place = bisect_right(table["bands"], age) - 1
    factor = "f" if subject.person.sex == "F" else "m"
    for code, row in table["diagnoses"].items():
        tally["expected", code] += row["ppm"][place] * row[factor] // 1000
    lately: set[str] = set()
    last_year: set[str] = set()
    for event in subject.events("diagnoses"):
        code = event.holding(Diagnosis).code.code
        if code is not None and event.occurred_at.year > now.year - _YEARS - 1:
            lately.add(code)
            if (now - event.occurred_at).days <= 365:  # noqa: PLR2004 - a year
                last_year.add(code)
    for code in lately:
        lasting = table["diagnoses"].get(code, {}).get("kind") == "kronisk"
        tally["has", code] += lasting or code in last_year
    for name, (starts, _) in _GROUPS.items():
        tally["group", name] += any(code.startswith(starts) for code in lately)


def figures(tally: Tally) -> Iterator[Figure]:
    """Yield six published prevalences, and the most common codes beside the table they come from."""
    whole = tally["person",]
    yield Bars(
        title=Text("Andel med diagnos de senaste fem åren", "Share with the diagnosis in five years"),
        unit="%",
        bars=tuple(
            share(tally, ("group", name), whole, label, beside=published("diagnoses", name))
            for name, (_, label) in _GROUPS.items()
        ),
    )
    table: dict[str, Any] = read_table(_TABLE)["diagnoses"]
    common = sorted(table, key=lambda code: (-tally["has", code], code))[:_SHOWN]
    yield Bars(
        title=Text("Vanligaste diagnoserna", "Most common diagnoses"),
        unit="%",
        bars=tuple(
            share(
                tally,
                ("has", code),
                whole,
                Text(f"{code} {table[code]['text']}", f"{code} {table[code]['text']}"),
                beside=Published(
                    value=round(tally["expected", code] / max(1, whole) / 10_000, 2),
                    basis="estimate",
                    source=f"tables/{_TABLE}",
                ),
            )
            for code in common
        ),
        note=Text(
            "Långvariga sjukdomar: på fem år. Övergående: under det senaste året. Tabellen är vår egen "
            "uppskattning, anpassad efter publicerade totaler.",
            "Lasting conditions: in five years. Passing ones: in the last year. The table is our own estimate, "
            "tuned to published totals.",
        ),
    )


TOPIC = Topic(
    name="diagnoses",
    place=4,
    title=Text("Diagnoser", "Diagnoses"),
    people=16_000,
    count=count,
    figures=figures,
    needs=("diagnoses",),
)
