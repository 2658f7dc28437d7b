"""MAT: a pregnancy, its delivery and its children, each to whom they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from anslut_simulators.truth.maternity_records import MaternityRecord

from anslut_conformance import readings
from anslut_conformance.checks import require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading

RECORDS, NOTES = "maternity-records", "care-documentation"
FAMILIES = (
    ("natal-vanlig", ("natal-vanlig-barn",)),
    ("natal-nyfodd-mor", ("natal-nyfodd",)),
    ("natal-tvillingar", ("natal-tvilling-1", "natal-tvilling-2")),
)
CHECKUP, ENROLMENT, AFTER = "pregnancyCheckupRecord", "registrationRecord", "postDeliveryRecord"
DAYS = ("LastMenstrualPeriod", "UltrasoundScan", "EmbryonicTransfer")
WEEK_36, WEEK_37, WEEK_38 = "natal-vecka36", "natal-vecka37", "natal-vecka38"
SUMMARY = "Graviditetssammanfattning"


def _readings(exam: Exam, *names: str) -> Iterator[Reading]:
    wanted = ("natal-vanlig", "natal-tvillingar", "natal-nyfodd-mor", *names)
    for persona in (*(exam.persona(name) for name in dict.fromkeys(wanted)), *exam.people()):
        yield readings.read(exam, RECORDS, persona)


def _said(one: Expected) -> MaternityRecord:
    return one.event.holding(MaternityRecord)


def _same(reading: Reading, what: str, *prefixes: str, but: tuple[str, ...] = ()) -> None:
    """Require that no fact under *prefixes* differs from the source, those under *but* aside."""
    left_out = {id(fact) for fact in reading.comparison.fields(*but)}
    faults = [fact for fact in reading.comparison.fields(*prefixes) if id(fact) not in left_out]
    require(
        not faults,
        f"{what} differs from the source in {len(faults)} places",
        expected=some(f"{fact.field}: {fact.expected}" for fact in faults),
        got=some(f"{fact.field}: {fact.got}" for fact in faults),
        patient=reading.persona.name,
    )


@pytest.mark.rule("MAT-001")
@pytest.mark.lane("quick")
def test_a_newborns_notes_are_the_childs(exam: Exam) -> None:
    """The mother's chart holds them; the mother's answer does not, and the child's does."""
    tried = 0
    for mother, children in FAMILIES:
        own = [readings.read(exam, NOTES, exam.persona(child)) for child in children]
        for reading in (*own, readings.read(exam, NOTES, exam.persona(mother))):
            others = [one for one in own if one is not reading]
            told = str([entry["body"] for entry in reading.entries])
            theirs = [
                atom.atom.text
                for one in others
                for expected in one.expected
                for atom in expected.atoms
                if atom.atom.text not in str([a.atom.text for mine in reading.expected for a in mine.atoms])
            ]
            tried += len(theirs)
            found = [text for text in theirs if text in told]
            require(
                not found,
                f"{len(found)} texts about another of the family stand in the answer",
                expected="the notes of the person asked about",
                got=some(found),
                patient=reading.persona.name,
            )
            require(
                not reading.comparison.missing,
                f"{len(reading.comparison.missing)} of the person's own notes are not delivered",
                got="missing",
                patient=reading.persona.name,
            )
    readings.tempted(range(tried), "notes about newborns in their mothers' charts")


@pytest.mark.rule("MAT-002")
@pytest.mark.lane("quick")
def test_every_child_is_there_with_its_own_measures(exam: Exam) -> None:
    """Twins are two, in order, each with a weight and an Apgar score of its own."""
    twins: list[Expected] = []
    for reading in _readings(exam):
        twins += [one for one in reading.expected if _litter(one) > 1]
        _same(reading, "the children of a delivery", f"body.{AFTER}.childPostDeliveryRecord")
    readings.tempted(twins, "deliveries of twins")


def _litter(one: Expected) -> int:
    after = _said(one).after
    return 0 if after is None else len(after.children)


@pytest.mark.rule("MAT-003")
@pytest.mark.lane("quick")
def test_measures_are_those_of_the_source(exam: Exam) -> None:
    """Value, unit and name, of enrolments, check-ups and what was found of the mother."""
    tried: list[Expected] = []
    for reading in _readings(exam):
        tried += [one for one in reading.expected if (found := _said(one).checkup) and found.proteinuria]
        _same(
            reading,
            "a maternity record",
            f"body.{CHECKUP}",
            f"body.{ENROLMENT}",
            f"body.{AFTER}.motherPostDeliveryRecord",
            but=(f"body.{CHECKUP}.completeWeeksOfGestation", *(_due(name) for name in DAYS)),
        )
    readings.tempted(tried, "check-ups with protein measured")


def _due(by: str) -> str:
    return f"body.{ENROLMENT}.expectedDayOfDeliveryFrom{by}"


@pytest.mark.rule("MAT-004")
@pytest.mark.lane("quick")
def test_exempt_records_are_not_approved(exam: Exam) -> None:
    """An enrolment, a check-up, a delivery: whatever is exempt is flagged, and its neighbours are shown."""
    tried: set[str] = set()
    for reading in _readings(exam, "natal-undantag", "natal-valdsutsatt"):
        tried |= {one.fate for one in reading.expected if _said(one).exempt}
        shown = reading.comparison.wrongly_approved
        require(
            not shown,
            f"{len(shown)} exempt entries are approved for the patient",
            expected="approvedForPatient false",
            got="true",
            patient=reading.persona.name,
        )
        hidden = reading.comparison.wrongly_flagged
        require(
            not hidden,
            f"{len(hidden)} entries that are not exempt are not approved either",
            expected="approvedForPatient true",
            got="false",
            patient=reading.persona.name,
        )
    readings.tempted(sorted(tried), "exempt maternity records")


@pytest.mark.rule("MAT-005")
@pytest.mark.lane("quick")
def test_the_summary_waits_for_week_37(exam: Exam) -> None:
    """At 36+2 the summary is the source's own draft; at 37+0 and 38+1 it is a note."""
    for name, wanted in ((WEEK_36, False), (WEEK_37, True), (WEEK_38, True)):
        reading = readings.read(exam, NOTES, exam.persona(name))
        summaries = [event for event in reading.events if event.template == SUMMARY]
        owed = [one.event_id for one in reading.expected if one.event.template == SUMMARY]
        readings.tempted(summaries, f"summary of {name}")
        texts = [atom.text for event in summaries for atom in event.atoms]
        told = str([entry["body"] for entry in reading.entries])
        delivered = all(text in told for text in texts)
        require(
            bool(owed) == wanted and delivered == wanted,
            "the summary of the pregnancy is delivered too soon" if delivered else "the summary is missing",
            expected="delivered" if wanted else "not delivered before week 37",
            got="delivered" if delivered else "not delivered",
            patient=name,
        )


@pytest.mark.rule("MAT-006")
@pytest.mark.lane("quick")
def test_weeks_are_completed_and_due_days_kept_apart(exam: Exam) -> None:
    """39+6 is 39 weeks; a day by ultrasound is no day by last period."""
    tried: list[Expected] = []
    for reading in _readings(exam, "natal-vecka36"):
        tried += [one for one in reading.expected if _nearly(one)]
        _same(
            reading,
            "the length of the pregnancy or an expected day",
            f"body.{CHECKUP}.completeWeeksOfGestation",
            *(_due(name) for name in DAYS),
        )
    readings.tempted(tried, "check-ups late in a week")


def _nearly(one: Expected) -> bool:
    checkup = _said(one).checkup
    return checkup is not None and int(checkup.gestation[-1]) > 3  # noqa: PLR2004 - days, more than half a week
