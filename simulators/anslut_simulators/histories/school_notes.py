"""Generated school health notes: health visits, what pupils come for in between, and what must not reach home."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, cast

from anslut_simulators.histories.calendar import wall_time
from anslut_simulators.histories.codes import note_code
from anslut_simulators.histories.exclusions import canary
from anslut_simulators.histories.growth import measured, nurse, visit_id
from anslut_simulators.histories.lifecycle import life_cycle
from anslut_simulators.histories.school import SchoolVisit, school_plan, unit_of
from anslut_simulators.histories.texts import pick
from anslut_simulators.histories.vaccinated import has_programme_of_child_health
from anslut_simulators.histories.wordings import suiting
from anslut_simulators.population.draws import below, label
from anslut_simulators.population.tables import read_table
from anslut_simulators.truth import Atom, Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from anslut_simulators.histories.plan import Visit
    from anslut_simulators.histories.record import Record
    from anslut_simulators.population.draws import Section

TYPE: Final = "care-documentation"
WHOSE: Final = {"vh": "vårdnadshavare", "elev": "elev"}
"""Whose words stand under a keyword: the table's short word, and what the keyword then ends with."""

_PER_MILLE: Final = 1000
_PERCENT: Final = 100
_WITH_NOTE: Final = frozenset({"programme", "control", "between"})
_OVERWEIGHT: Final = ((5, 173), (6, 175), (8, 184), (10, 198), (12, 212), (14, 226), (16, 239), (18, 250))
"""Age in years, and the BMI in tenths from which it counts as overweight (rounded from Cole and Lobstein 2012)."""

_YEAR: Final = 365.25


def school_notes(record: Record, now: int, newest: int | None = None) -> Iterator[Event]:
    """Yield the notes written by *now*; with *newest* the older ones may be left out."""
    del newest
    plan = school_plan(record.world, record.region, record.person, record.last_year)
    for visit in plan.visits:
        if visit.kind in _WITH_NOTE:
            yield from _notes(record, visit, now)


def _notes(record: Record, visit: SchoolVisit, now: int) -> Iterator[Event]:
    words = record.draws.section(label("school", "note", visit.year, visit.place))
    life = life_cycle(visit.start, words)
    if life.entered > now:
        return
    identifier = f"{visit.words[12]:08X}{visit.words[13]:08X}"
    member = nurse(record, visit)
    corrected = now >= life.corrected
    signed = life.corrected + 120 if corrected else life.signed
    values = _values(record, visit, words)
    atoms = list(_atoms(record, visit, words, values, identifier))
    if corrected:
        last = atoms[-1]
        added = _suiting(record, visit, read_table("school_visits.toml")["addition"]["text"])
        text = f"{last.text} {pick(added, words[11])}"
        atoms[-1] = Atom(id=last.id, path=last.path, text=text)
    hidden = _excluded(record, visit, words, values, identifier)
    if hidden is not None:
        atoms.insert(len(atoms) - 1, hidden)
    event = Event(
        id=identifier,
        type=TYPE,
        system=record.system,
        patient=record.person.identity,
        occurred_at=wall_time(visit.start),
        author=member.at(wall_time(life.corrected if corrected else life.entered)),
        unit=unit_of(visit.unit),
        state=life.state(now),
        signature=member.at(wall_time(signed)) if now >= signed else None,
        template=visit.story["template"],
        note_code=note_code(visit.story.get("code", "bes")),
        care_contact_id=visit_id(visit),
        revisions=(wall_time(life.entered),) if corrected else (),
        atoms=tuple(atoms),
    )
    yield event
    concern = read_table("school_visits.toml")["concern"]
    if visit.kind == "between" and below(words[14], _PER_MILLE) < concern["per_mille"]:
        token = canary(record.world, number=record.person.number, visit=cast("Visit", visit), turn=3)
        text = pick(concern["text"], words[15]).format_map(values | {"dnr": token})
        yield Event(
            id=f"{identifier}X",
            type=TYPE,
            system=record.system,
            patient=event.patient,
            occurred_at=event.occurred_at,
            author=event.author,
            unit=event.unit,
            signature=event.signature,
            template=concern["template"],
            title=concern["title"],
            note_code=note_code(concern["code"]),
            care_contact_id=event.care_contact_id,
            reason="violence",
            atoms=(
                Atom(
                    id=f"{identifier}X-0", path=(concern["term"],), text=text, reason="violence", canary=token
                ),
            ),
        )


def _atoms(
    record: Record, visit: SchoolVisit, words: Section, values: Mapping[str, str], identifier: str
) -> Iterator[Atom]:
    for place, part in enumerate(visit.story["text"]):
        word = words[place]
        if below(word, _PERCENT) >= part.get("percent", _PERCENT):
            continue
        said = []
        for marked in part["text"]:
            wordings = _suiting(record, visit, marked)
            word, choice = divmod(word, len(wordings))
            said.append(wordings[choice].format_map(values))
        whose = part.get("by")
        term = f"{part['term']} {WHOSE[whose]}" if whose else part["term"]
        yield Atom(id=f"{identifier}-{place}", path=(term,), text=" ".join(said))


def _suiting(record: Record, visit: SchoolVisit, marked: Sequence[str]) -> Sequence[str]:
    return suiting(marked, int(visit.days / _YEAR), record.person.sex)


def _excluded(
    record: Record, visit: SchoolVisit, words: Section, values: Mapping[str, str], identifier: str
) -> Atom | None:
    rest = below(words[13], _PER_MILLE)
    for rule in read_table("school_visits.toml")["excluded"]:
        rest -= rule["per_mille"]
        if rest < 0:
            token = canary(record.world, number=record.person.number, visit=cast("Visit", visit), turn=2)
            text = pick(rule["text"], words[12]).format_map({**values, "dnr": token})
            return Atom(
                id=f"{identifier}-9", path=(rule["term"],), text=text, reason=rule["reason"], canary=token
            )
    return None


def _values(record: Record, visit: SchoolVisit, words: Section) -> dict[str, str]:
    """Return what stands for {…} in the visit's texts."""
    girl = record.person.sex == "F"
    found = {name: _one(choices, word) for (name, choices), word in zip(_lists(), words, strict=False)}
    acuity = ("1,0", "1,0", "0,8", "1,0", "0,8")
    low = 92 + visit.days // 365
    found |= {
        "han": "hon" if girl else "han",
        "honom": "henne" if girl else "honom",
        "antal": ("två", "tre", "fyra", "några")[words[7] >> 30],
        "ganger": ("två", "tre", "två", "fyra")[words[7] >> 28 & 3],
        "somn": str(9 + (words[8] >> 31)),
        "somngy": ("sex", "sju", "sju", "åtta")[words[8] >> 28 & 3],
        "veckor": ("två", "tre", "fyra", "sex")[words[9] >> 30],
        "dagar": ("två", "tre", "fyra", "fem")[words[9] >> 28 & 3],
        "temp": f"36,{4 + below(words[10], 6)}",
        "syn": acuity[below(words[10], 5)],
        "syn2": acuity[below(words[11], 5)],
        "blodtryck": f"{low + below(words[11], 14)}/{56 + below(words[9], 12)}",
    }
    if visit.kind in {"programme", "control"}:
        found |= {"nasta": visit.following, "vaccinerad": _vaccinated(record)}
        found |= _growth(record, visit)
    return found


def _vaccinated(record: Record) -> str:
    said = read_table("school_visits.toml")["vaccinated"]
    return str(said["all"] if has_programme_of_child_health(record) else said["lacking"])


def _growth(record: Record, visit: SchoolVisit) -> dict[str, str]:
    read = measured(record, visit)
    height, weight = float(read["height"]), float(read["weight"])
    bmi = round(weight * 100_000 / (height * height))
    told = {name: value.replace(".", ",") for name, value in read.items()}
    text = f"Längd {told['height']} cm, vikt {told['weight']} kg."
    if "bmi" in told:
        text = f"{text[:-1]}, BMI {told['bmi']}."
    if bmi >= overweight_from(visit.days / _YEAR):
        curve = "BMI över gränsen för övervikt. Samtal om mat och rörelse, följs upp."
    elif bmi < 130 + (visit.days - 2190) // 150:
        curve = "Ligger lågt i vikt men följer sin kurva."
    else:
        curve = ("Följer sin tillväxtkurva.", "Tillväxten följer kurvan.", "Växer som förväntat.")[
            visit.words[6] % 3
        ]
    return {"tillvaxt": text, "kurva": curve}


def overweight_from(years: float) -> float:
    """Return the BMI in tenths from which somebody is overweight, between the listed ages."""
    for (age, level), (later, higher) in pairwise(_OVERWEIGHT):
        if years <= later:
            return level + (higher - level) * (years - age) / (later - age)
    return _OVERWEIGHT[-1][1]


def _lists() -> Sequence[tuple[str, Sequence[str]]]:
    return tuple(read_table("school_visits.toml")["words"].items())


def _one(choices: Sequence[str], word: int) -> str:
    return choices[below(word, len(choices))]
