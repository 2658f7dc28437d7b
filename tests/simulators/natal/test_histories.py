"""Generated pregnancies: dates in order, weeks that fit, and children who exist."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING

from anslut_simulators.histories.birth import birth_measures
from anslut_simulators.population import Person, default_population
from anslut_simulators.population.world import STOCKHOLM
from anslut_simulators.truth.maternity_records import MaternityRecord, completed_weeks

if TYPE_CHECKING:
    from anslut_simulators.truth import Event

POPULATION = default_population()
NOW = POPULATION.world.clock_start
RECORDS, NOTES = "maternity-records", "care-documentation"


def events(person: Person, type_: str, until: datetime = NOW) -> list[Event]:
    """Return a person's events in Natal."""
    return POPULATION.history(person, type_, system="natal", until=until)


@cache
def mothers(stratum: str, count: int) -> tuple[Person, ...]:
    """Return women whom Natal has pregnancies of."""
    people = POPULATION.sample(
        count, region="fjallmark", stratum="official" if stratum == "official" else "scale"
    )
    return tuple(person for person in people if person.sex == "F" and events(person, RECORDS))


def pregnancies(person: Person) -> dict[str, list[MaternityRecord]]:
    """Return the records of each pregnancy, oldest first."""
    found: dict[str, list[MaternityRecord]] = {}
    for event in events(person, RECORDS):
        said = event.holding(MaternityRecord)
        found.setdefault(said.pregnancy, []).append(said)
    return found


def test_every_delivery_is_of_the_mothers_own_children() -> None:
    """Each child once, on its birthday, with the measures that its growth begins with."""
    seen = 0
    for mother in mothers("official", 900):
        for records in pregnancies(mother).values():
            delivered = [record.after for record in records if record.after and record.after.delivery]
            for after in delivered:
                identities = [child.identity for child in after.children]
                assert set(identities) <= set(mother.children)
                for child in after.children:
                    assert child.identity is not None
                    person = POPULATION.person(child.identity)
                    assert person is not None
                    assert person.birth_date == child.born.date()
                    assert (person.sex, mother.identity in person.parents) == (child.sex, True)
                    measures = birth_measures(POPULATION.world, person)
                    assert child.weight is not None
                    assert child.weight.value == str(measures.weight)
                    seen += 1
    assert seen > 60


def test_mother_and_child_tell_of_the_same_birth() -> None:
    """The child's own note has the time and the weight of the mother's record."""
    told = 0
    for mother in mothers("official", 900):
        for records in pregnancies(mother).values():
            for after in (record.after for record in records):
                if after is None or after.delivery is None:
                    continue
                for child in after.children:
                    person = POPULATION.person(child.identity) if child.identity else None
                    if person is None or "natal" not in person.systems or child.weight is None:
                        continue
                    note = next(one for one in events(person, NOTES) if one.template == "Nyfödd")
                    grams = f"{child.weight.value[:-3]} {child.weight.value[-3:]} gram"
                    assert f"född {child.born:%H.%M}" in note.atoms[0].text
                    assert grams in note.atoms[0].text
                    assert f"vecka {after.delivery.gestation}" in note.atoms[0].text
                    told += 1
    assert told > 40


def test_weeks_fit_dates() -> None:
    """From the expected day every check-up's length follows; nothing is measured after the birth."""
    for mother in (*mothers("official", 900), *mothers("scale", 500)):
        by_pregnancy: dict[str, list[Event]] = {}
        for event in events(mother, RECORDS):
            by_pregnancy.setdefault(event.holding(MaternityRecord).pregnancy, []).append(event)
        for found in by_pregnancy.values():
            said = [(event.occurred_at.date(), event.holding(MaternityRecord)) for event in found]
            due = next(
                (
                    record.registration.due_by_ultrasound or record.registration.due_by_transfer
                    for _, record in said
                    if record.registration
                ),
                None,
            )
            lengths = [(day, record.checkup.gestation) for day, record in said if record.checkup]
            born = [
                child.born.date() for _, record in said if record.after for child in record.after.children
            ]
            for day, gestation in lengths:
                weeks, _, days = gestation.partition("+")
                if due is not None:
                    assert due - timedelta(days=280 - int(weeks) * 7 - int(days)) == day
                assert not born or day <= min(born)
            assert lengths == sorted(lengths)
            assert all(17 <= mother.age_at(day) <= 46 for day, _ in said)


def test_measures_move_as_pregnancies_do() -> None:
    """Weight and fundal height rise; the heart rate is a fetus's."""
    rises = []
    for mother in mothers("scale", 500):
        for records in pregnancies(mother).values():
            checkups = [record.checkup for record in records if record.checkup]
            heights = [float(one.fundal_height.value) for one in checkups if one.fundal_height]
            weights = [float(one.weight.value) for one in checkups if one.weight]
            assert all(later > earlier - 0.6 for earlier, later in itertools.pairwise(heights))
            assert all(later > earlier - 0.8 for earlier, later in itertools.pairwise(weights))
            rates = [int(f.heart_rate.value) for one in checkups for f in one.fetuses if f.heart_rate]
            assert all(110 <= rate <= 160 for rate in rates)
            rises += [
                float(one.fundal_height.value)
                for one in checkups
                if one.fundal_height and completed_weeks(one.gestation) == 28
            ]
    assert 25 < fmean(rises) < 29


def test_later_pregnancies_remember_the_earlier_ones() -> None:
    """As many earlier children as she has borne, in order."""
    tried = 0
    for mother in mothers("official", 900):
        for records in pregnancies(mother).values():
            registration = next((record.registration for record in records if record.registration), None)
            if registration is None or registration.last_period is None:
                continue
            before = [
                child for child in mother.children if int(child.extension[:4]) < registration.last_period.year
            ]
            assert len(registration.earlier) >= len(before)
            years = [(one.year, one.month) for one in registration.earlier]
            assert years == sorted(years)
            tried += len(years)
    assert tried > 20


def test_deliveries_are_about_as_published() -> None:
    """Socialstyrelsen, 2018-2020: caesarean about 18 percent, induction about one in five; six percent early."""
    modes: Counter[str] = Counter()
    induced, early = 0, 0
    for mother in mothers("scale", 4000):
        for records in pregnancies(mother).values():
            for after in (record.after for record in records):
                if after is not None and after.delivery is not None:
                    modes[after.delivery.mode] += 1
                    induced += after.delivery.induced
                    early += completed_weeks(after.delivery.gestation) < 37
    total = modes.total()
    assert total > 250
    assert 0.12 < (modes["planerat kejsarsnitt"] + modes["akut kejsarsnitt"]) / total < 0.25
    assert 0.15 < induced / total < 0.36
    assert 0.02 < early / total < 0.11


def test_some_are_pregnant_today_and_give_birth_as_the_clock_moves() -> None:
    """What is ongoing ends, and what was there stays."""
    later = NOW + timedelta(days=300)
    ongoing = 0
    for mother in mothers("scale", 4000):
        before, after = events(mother, RECORDS), events(mother, RECORDS, later)
        newest = before[-1].holding(MaternityRecord)
        waits = newest.after is None and before[-1].occurred_at > NOW - timedelta(days=120)
        ended = [one for one in after if one.content.after and one.content.pregnancy == newest.pregnancy]
        assert {one.id for one in before} <= {one.id for one in after}
        if waits:
            ongoing += 1
            assert ended
    assert ongoing >= 5


def test_no_two_notes_are_alike_and_no_slot_is_left() -> None:
    """A midwife would wonder."""
    texts: Counter[str] = Counter()
    for mother in (*mothers("official", 900), *mothers("scale", 500)):
        for event in events(mother, NOTES):
            text = " ".join(atom.text for atom in event.atoms)
            assert "{" not in text
            assert "|" not in text
            assert "  " not in text
            texts[text] += 1
    assert len(texts) > 1000
    assert sum(count - 1 for count in texts.values()) < len(texts) // 100


def test_excluded_texts_and_exempt_entries_occur() -> None:
    """What rules are about is met in an ordinary population."""
    reasons: Counter[str] = Counter()
    tokens: list[str] = []
    for mother in mothers("scale", 4000):
        for note in events(mother, NOTES):
            for atom in note.atoms:
                if atom.reason is not None:
                    assert atom.canary
                    assert atom.canary in atom.text
                    reasons[atom.reason] += 1
                    tokens.append(atom.canary)
        reasons["exempt"] += sum(event.reason is not None for event in events(mother, RECORDS))
    assert {"violence", "third-person", "ongoing-care", "exempt"} <= reasons.keys()
    assert len(tokens) == len(set(tokens))


def test_times_are_swedish_and_entries_come_after_what_they_are_about() -> None:
    """Written after it happened, signed after it was written; a draft is never signed."""
    for mother in mothers("official", 900):
        for type_ in (RECORDS, NOTES):
            for event in events(mother, type_):
                assert event.occurred_at.tzinfo is STOCKHOLM
                assert event.occurred_at <= event.author.time <= NOW
                assert event.signature is None or event.author.time <= event.signature.time
                assert event.state != "draft" or event.signature is None
