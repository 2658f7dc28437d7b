"""What the record of a birth and the notes beside it say is the same birth, and one that a midwife has seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.histories.calendar import day_number, office_time, wall_day
from anslut_simulators.personas.stories import local
from anslut_simulators.population import default_population
from anslut_simulators.truth.growth_observations import Growth
from anslut_simulators.truth.maternity_records import After, MaternityRecord, Registration
from common_sense import record_of, times
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anslut_simulators.population import Person
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
RELIEF = {
    "lustgas": r"\bLustgas",
    "bad": r"\bBad ",
    "epiduralbedövning": r"\b(Epidural|EDA)",
    "spinalbedövning": r"\bSpinal",
}
WELL = re.compile(r"Skriker direkt|God tonus och färg|Torkas och läggs|Fin färg|skriker direkt|Fint förlopp")
TERM_CARE = re.compile(r"bröstet|hud mot hud|PKU|\b[Aa]mma|Fullgånget|Hem i dag")
MIDDAY = (8, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A pregnancy of somebody without a persona: its records, and the notes written from its beginning to its end."""

    mother: Person
    records: tuple[Event, ...]
    notes: tuple[Event, ...]

    def note(self, template: str) -> str:
        """Return the text of the note from *template*, empty when there is none."""
        return " ".join(atom.text for one in self.notes if one.template == template for atom in one.atoms)

    def at(self, template: str) -> datetime | None:
        """Return when the note from *template* is about."""
        return next((one.occurred_at for one in self.notes if one.template == template), None)

    @property
    def enrolment(self) -> tuple[Event, Registration] | None:
        """The enrolment."""
        found = ((one, one.holding(MaternityRecord).registration) for one in self.records)
        return next(((one, said) for one, said in found if said is not None), None)

    @property
    def after(self) -> After | None:
        """What was found after the delivery."""
        found = (one.holding(MaternityRecord).after for one in self.records)
        return next((said for said in found if said is not None and said.delivery is not None), None)


@lru_cache(maxsize=1)
def pregnancies() -> tuple[Told, ...]:
    """Return the pregnancies of a sample of both strata; twins are few, and most of them in Skogsdalen."""
    found = []
    for region, stratum in (("fjallmark", "official"), ("skogsdalen", "official"), ("fjallmark", "scale")):
        people = POPULATION.sample(1500, region=region, stratum=stratum)  # type: ignore[arg-type]
        for mother in people:
            if mother.sex == "F" and mother.persona is None:
                found += told_of(mother)
    return tuple(found)


def told_of(mother: Person) -> Iterator[Told]:
    """Yield *mother*'s pregnancies, with what was removed: it was true when other things were written."""
    records = POPULATION.history(mother, "maternity-records", system="natal", until=NOW)
    notes = POPULATION.history(mother, "care-documentation", system="natal", until=NOW) if records else []
    by_pregnancy: dict[str, list[Event]] = {}
    for event in records:
        by_pregnancy.setdefault(event.holding(MaternityRecord).pregnancy, []).append(event)
    for said in by_pregnancy.values():
        begun, over = said[0].occurred_at, said[-1].occurred_at
        beside = (one for one in notes if begun <= one.occurred_at <= over)
        yield Told(mother=mother, records=tuple(said), notes=tuple(beside))


def dated_after_the_ultrasound(told: Told) -> Iterator[str]:
    """The expected day by ultrasound is written in when the ultrasound has been."""
    looked = told.at("Ultraljud")
    if told.enrolment is None or looked is None:
        return
    event, said = told.enrolment
    if said.due_by_ultrasound is not None and event.author.time.date() <= looked.date():
        yield f"dated {event.author.time} by the ultrasound of {looked}"


def weeks_by_what_was_known(told: Told) -> Iterator[str]:
    """Before the ultrasound weeks are counted from the last period."""
    if told.enrolment is None:
        return
    event, said = told.enrolment
    counted = re.search(r"vecka (\d+)\+(\d)", told.note("Inskrivning mödravård"))
    if counted is None or said.last_period is None or said.due_by_transfer is not None:
        return
    days = (event.occurred_at.date() - said.last_period).days
    if f"{days // 7}+{days % 7}" != counted[0].removeprefix("vecka "):
        yield f"{counted[0]} and the last period {days} days ago"


def the_same_pain_relief(told: Told) -> Iterator[str]:
    """What the record ticks is what the note tells of."""
    note = next((one for one in told.notes if one.template == "Förlossningsanteckning"), None)
    if told.after is None or told.after.delivery is None or note is None:
        return
    text = next(atom.text for atom in note.atoms if atom.path == ("Smärtlindring",))
    found = {name for name, words in RELIEF.items() if re.search(words, text)}
    if found != set(told.after.delivery.analgesia):
        yield f"{told.after.delivery.analgesia} and {text!r}"


def the_same_way_out(told: Told) -> Iterator[str]:
    """A caesarean is told of as one, and so is the ventouse; "quick" is not eleven hours."""
    text = told.note("Förlossningsanteckning")
    if told.after is None or told.after.delivery is None or not text:
        return
    went = told.after.delivery
    words = {"spontan": "", "sugklocka": "[Ss]ugklocka", "tång": "tång"}.get(went.mode, "[Kk]ejsarsnitt")
    if not re.search(words, text):
        yield f"{went.mode}: {text}"
    if went.mode not in {"spontan", ""} and re.search("framfödsel|Föder på|på sidan", text):
        yield f"{went.mode}: {text}"
    if "Snabbt förlopp" in text and (went.minutes or 0) >= 180:
        yield f"{went.minutes} minutes: {text}"


def induced_by_day_before_labour(told: Told) -> Iterator[str]:
    """Nobody is called at night to be induced, and it does not begin before she has come; somebody had a reason."""
    came = told.at("Inskrivning förlossning")
    if told.after is None or told.after.delivery is None or came is None or not told.after.delivery.induced:
        return
    labour = told.after.children[0].born - timedelta(minutes=told.after.delivery.minutes or 0)
    if came >= labour:
        yield f"came {came}, labour from {labour}"
    low, high = MIDDAY
    if not low <= came.hour <= high:
        yield f"called at {came:%H:%M}"
    if not re.search(
        "överbur|preeklampsi|diabetes|tvilling|minskad|indikation", told.note("Inskrivning förlossning")
    ):
        yield "induced without a reason"


def weak_children_are_told_of_so(told: Told) -> Iterator[str]:
    """A low Apgar score is seen in the words, and a child born long before its time goes to neonatal care."""
    if told.after is None or told.after.delivery is None:
        return
    text = told.note("Förlossningsanteckning") + told.note("Epikris BB")
    weeks = int(told.after.delivery.gestation.partition("+")[0])
    scores = [child.apgar[0] for child in told.after.children]
    if min(scores) <= 6 and WELL.search(text):
        yield f"Apgar {scores}: {text}"
    if weeks < 34 and TERM_CARE.search(text):
        yield f"week {weeks}: {text}"


def pku_at_two_days(told: Told) -> Iterator[str]:
    """The newborn's blood test is not taken before 48 hours."""
    home = told.at("Epikris BB")
    if told.after is None or home is None:
        return
    hours = (home - max(child.born for child in told.after.children)) / timedelta(hours=1)
    if hours < 48 and re.search("PKU(-prov)? taget", told.note("Epikris BB")):
        yield f"tested before {hours} hours"


def the_latest_pressure(told: Told) -> Iterator[str]:
    """The summary quotes the latest check-up."""
    quoted = re.search(r"senaste kontrollen (\d+)/(\d+)", told.note("Graviditetssammanfattning"))
    made = told.at("Graviditetssammanfattning")
    if quoted is None or made is None:
        return
    said = [one.holding(MaternityRecord).checkup for one in told.records if one.occurred_at < made]
    checkups = [one for one in said if one is not None]
    last = checkups[-1] if checkups else None
    if last is None or last.systolic is None or last.diastolic is None:
        return
    if (last.systolic.value, last.diastolic.value) != quoted.groups():
        yield f"{quoted[0]}, and it was {last.systolic.value}/{last.diastolic.value}"


CHECKS: tuple[Callable[[Told], Iterator[str]], ...] = (
    dated_after_the_ultrasound,
    weeks_by_what_was_known,
    the_same_pain_relief,
    the_same_way_out,
    induced_by_day_before_labour,
    weak_children_are_told_of_so,
    pku_at_two_days,
    the_latest_pressure,
)


@pytest.mark.parametrize("check", CHECKS)
def test_no_birth_contradicts_itself(check: Callable[[Told], Iterator[str]]) -> None:
    """The docstring of each check says what a midwife expects."""
    found = [f"{told.mother.number}: {said}" for told in pregnancies() for said in check(told)]

    assert found == [], f"{len(found)} objections, such as {found[:3]}"


def test_the_sample_has_births_of_every_kind() -> None:
    """A check that finds nothing to look at proves nothing."""
    went = [told.after for told in pregnancies() if told.after is not None]
    deliveries = [after.delivery for after in went if after.delivery is not None]

    assert {"spontan", "sugklocka", "akut kejsarsnitt", "planerat kejsarsnitt"} <= {
        d.mode for d in deliveries
    }
    assert sum(delivery.induced for delivery in deliveries) > 20
    assert sum(min(child.apgar[0] for child in after.children) <= 6 for after in went) > 10
    assert any(after.delivery and after.delivery.gestation < "34" for after in went)
    assert any("bokad i morgon" in told.note("Epikris BB") for told in pregnancies())


def test_nobody_knows_of_twins_or_answers_at_the_enrolment() -> None:
    """At the end of that day: no answers to the samples, and what twins need is decided when they have been seen."""
    twins = 0
    for told in pregnancies():
        if told.enrolment is None or told.enrolment[1].due_by_ultrasound is None:
            continue
        event, later = told.enrolment
        then = event.revisions[0] + timedelta(days=1)
        before = POPULATION.history(told.mother, "maternity-records", system="natal", until=then)[-1]
        said = before.holding(MaternityRecord).registration
        assert said is not None
        assert said.samples == ()
        assert later.samples
        early = any(one.weeks is not None and one.weeks < 34 for one in said.earlier)
        known = said.endocrine_disease or said.diabetes or said.thrombosis or early
        assert said.standard_care is not known
        twins += said.standard_care is True and later.standard_care is False
    assert twins > 0


def test_growth_begins_with_the_newborns_own_note() -> None:
    """The same hour and the same midwife, when the delivery ward's record is known."""
    compared = 0
    for person in POPULATION.sample(900, region="fjallmark", stratum="official"):
        notes = POPULATION.history(person, "care-documentation", system="natal", until=NOW)
        note = next((one for one in notes if one.template == "Nyfödd"), None)
        measured = POPULATION.history(person, "growth-observations", system="elevjournal", until=NOW)
        first = next((one for one in measured if one.holding(Growth).measure == "pregnancy"), None)
        if note is not None and first is not None:
            assert (first.occurred_at, first.author.hsa_id) == (note.occurred_at, note.author.hsa_id)
            compared += 1
    assert compared > 3


def test_a_changed_text_does_not_wear_the_old_signature() -> None:
    """Just after each change that a persona tells of, nothing is signed before it was written."""
    changes = 0
    for persona in POPULATION.personas().values():
        moments = {change.at for note in persona.notes for change in note.correction}
        moments |= {version.at for event in persona.events for version in event.later}
        moments |= {answer.at for story in persona.laboratory for answer in story.later}
        for moment in sorted(moments, key=local):
            now = local(moment) + timedelta(seconds=30)
            assert list(times(record_of(POPULATION, persona.person, now))) == []
            changes += 1
    assert changes > 30


@pytest.mark.parametrize(
    ("free", "open_"),
    [
        (date(2023, 4, 7), date(2023, 4, 11)),  # Good Friday, then Easter
        (date(2023, 4, 10), date(2023, 4, 11)),  # Easter Monday
        (date(2023, 5, 18), date(2023, 5, 19)),  # Ascension Day
        (date(2024, 5, 9), date(2024, 5, 10)),
        (date(2023, 6, 23), date(2023, 6, 26)),  # Midsummer's eve
        (date(2024, 6, 21), date(2024, 6, 24)),
        (date(2023, 12, 25), date(2023, 12, 27)),
        (date(2023, 6, 22), date(2023, 6, 22)),
    ],
)
def test_nobody_has_an_appointment_on_a_holiday(free: date, open_: date) -> None:
    """Holidays that move with Easter or midsummer too."""
    assert wall_day(office_time(day_number(free), 0)) == open_


def test_the_checks_see_what_they_are_for() -> None:
    """A birth that is spoiled is objected to."""
    told = next(
        one
        for one in pregnancies()
        if one.note("Förlossningsanteckning") and one.after and one.after.delivery
    )
    event = next(one for one in told.records if one.holding(MaternityRecord).after == told.after)
    said = event.holding(MaternityRecord)
    assert said.after is not None
    assert said.after.delivery is not None
    wrong = replace(said.after.delivery, analgesia=("bad", "spinalbedövning"), mode="tång")
    changed = replace(event, content=replace(said, after=replace(said.after, delivery=wrong)))
    spoiled = Told(mother=told.mother, records=(changed,), notes=told.notes)

    assert [check.__name__ for check in CHECKS if list(check(spoiled))] == [
        "the_same_pain_relief",
        "the_same_way_out",
    ]
