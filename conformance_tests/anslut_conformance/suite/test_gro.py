"""GRO: growth: the value in its unit, the time as it is known, the right code, and nothing that may not be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.growth_observations import Growth

from anslut_conformance import readings
from anslut_conformance.checks import require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading

GROWTH = "growth-observations"
CODES = frozenset({"1153637007", "50373000", "27113001", "363812007", "412726003", "60621009"})
LEGACY = "248334005"
NEEDED = frozenset({"height", "weight", "pregnancy"})
BOTH_SCHEMAS = "elev-flyttar"
PRETERM = "elev-for-tidigt"


def _readings(exam: Exam, *names: str) -> Iterator[Reading]:
    for persona in (*(exam.persona(name) for name in names), exam.persona("anna-vuxen"), *exam.people()):
        yield readings.read(exam, GROWTH, persona)


def _said(one: Expected) -> Growth:
    return one.event.holding(Growth)


def _same(reading: Reading, what: str, *prefixes: str) -> None:
    faults = reading.comparison.fields(*prefixes)
    require(
        not faults,
        f"{what} differs from the source in {len(faults)} measurements",
        expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
        got=some(f"{fact.field}: {fact.got}" for fact in faults),
        patient=reading.persona.name,
    )


@pytest.mark.rule("GRO-001")
@pytest.mark.lane("quick")
def test_values_are_the_sources_in_the_contracts_unit(exam: Exam) -> None:
    """Millimetres, grams, and weeks and days of pregnancy become cm, kg and days, with no digit lost."""
    kinds: set[str] = set()
    for reading in _readings(exam, BOTH_SCHEMAS, PRETERM):
        kinds |= {_said(one).measure for one in reading.expected}
        _same(reading, "the value or its unit", "body.value", "body.valueNegation")
    readings.tempted(kinds if kinds >= NEEDED else (), "heights, weights and the length of a pregnancy")


@pytest.mark.rule("GRO-002")
@pytest.mark.lane("quick")
def test_the_time_is_as_exact_as_the_source_knows(exam: Exam) -> None:
    """A time where the source has one; where it has a school week and a weekday, that day and no made-up time."""
    days: list[Expected] = []
    for reading in _readings(exam, BOTH_SCHEMAS):
        days += [one for one in reading.expected if _said(one).day_only]
        _same(reading, "when it was measured", "body.time")
    readings.tempted(days, "measurements of which only the day is known")


@pytest.mark.rule("GRO-003")
@pytest.mark.lane("quick")
def test_what_was_measured_has_the_agreements_code(exam: Exam) -> None:
    """Each kind of measurement has its code of SNOMED CT SE; the old code for length is not for new connectors."""
    for reading in _readings(exam, PRETERM):
        _same(reading, "what was measured", "body.type")
        told = [str((entry["body"].get("type") or {}).get("code")) for entry in reading.entries]
        wrong = [code for code in told if code == LEGACY or code not in CODES]
        require(
            not wrong,
            f"{len(wrong)} measurements have a code outside the agreement",
            expected=some(sorted(CODES)),
            got=some(wrong),
            patient=reading.persona.name,
        )


@pytest.mark.rule("GRO-004")
@pytest.mark.lane("quick")
def test_a_measurement_that_may_not_be_seen_is_not_approved(exam: Exam) -> None:
    """Under an excluded keyword, template or unit a value is as telling as a text: it is never approved."""
    hidden: list[Expected] = []
    for reading in _readings(exam, "valdsutsatt", "orosanmalan", "utesluten-enhet"):
        hidden += [one for one in reading.expected if one.fate != "shown"]
        leaked = [*reading.comparison.wrongly_approved, *reading.comparison.wrongly_flagged]
        require(
            not leaked,
            f"{len(leaked)} measurements are approved that may not be, or the other way round",
            expected=some(f"{fact.field}: {fact.expected}" for fact in leaked),
            got=some(f"{fact.field}: {fact.got}" for fact in leaked),
            patient=reading.persona.name,
        )
    readings.tempted(hidden, "measurements that may not be seen")


@pytest.mark.rule("GRO-005")
@pytest.mark.lane("quick")
def test_whom_it_is_about_is_told_and_no_more(exam: Exam) -> None:
    """The birth date places a value on the curve; of somebody with a protected identity there is no name."""
    for reading in _readings(exam, "skyddad"):
        _same(reading, "whom the measurement is about", "body.patient")
    reading = readings.read(exam, GROWTH, exam.persona("skyddad"))
    readings.tempted(reading.entries, "measurements of somebody with a protected identity")
    named = [entry["body"]["patient"] for entry in reading.entries if "name" in entry["body"]["patient"]]
    require(
        not named,
        f"{len(named)} measurements name somebody whose identity is protected",
        expected="no name",
        got="a name",
        patient="skyddad",
    )
