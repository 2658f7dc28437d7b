"""TIM: the right moment, in Swedish time, newest first."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from anslut_conformance import fields, readings
from anslut_conformance.checks import require, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.compare import Mismatch
    from anslut_conformance.exam import Exam
    from anslut_conformance.oracle import Expected
    from anslut_conformance.readings import Reading

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")


#: Times that other rules speak of.
_OTHERS = ("header.signature", "header.blockComparisonTime")


def _time_faults(reading: Reading) -> Iterator[tuple[Mismatch, timedelta]]:
    """Yield the times of an entry that differ, and by how much the answer is late; some have rules of their own."""
    for fact in reading.comparison.mismatches:
        if fact.field.startswith(_OTHERS):
            continue
        if isinstance(fact.expected, datetime) and isinstance(fact.got, datetime):
            yield fact, fact.got - fact.expected


def _repeated(moment: datetime) -> bool:
    """Whether the clock on the wall shows this time twice that night."""
    wall = moment.astimezone(STOCKHOLM).replace(tzinfo=None)
    first, second = (wall.replace(tzinfo=STOCKHOLM, fold=fold).utcoffset() for fold in (0, 1))
    return first != second


def _show(faults: list[tuple[Mismatch, timedelta]]) -> list[object]:
    return some(f"{fact.field} {fact.got} instead of {fact.expected}" for fact, _ in faults)


@pytest.mark.rule("TIM-001")
@pytest.mark.lane("quick")
def test_local_times_carry_stockholms_offset(exam: Exam) -> None:
    """A time of the source is the same moment in the answer, in summer and in winter."""
    summer = [one for who in exam.personas("sommartid") for one in readings.of(exam, who)]
    for reading in (*readings.ordinary(exam), *summer):
        late = [
            (fact, by)
            for fact, by in _time_faults(reading)
            if by % HOUR == timedelta(0) and not (_repeated(fact.expected) and by == HOUR)  # type: ignore[arg-type]
        ]
        require(
            not late,
            f"{reading.type}: {len(late)} times are wrong by whole hours: not Europe/Stockholm's",
            got=_show(late),
            patient=reading.persona.name,
        )


def _in_repeated_hour(reading: Reading) -> list[Expected]:
    return [one for one in reading.expected if _repeated(one.occurred_at)]


@pytest.mark.rule("TIM-002")
def test_the_repeated_hour_is_its_first_occurrence(exam: Exam) -> None:
    """02:30 in the night when summer time ends is 02:30 summer time."""
    tried = 0
    for reading in readings.of(exam, "sommartid"):
        owed = _in_repeated_hour(reading)
        tried += len(owed)
        late = [
            (fact, by)
            for fact, by in _time_faults(reading)
            if by == HOUR and _repeated(fact.expected)  # type: ignore[arg-type]
        ]
        require(
            not late,
            f"{reading.type}: a time in the repeated hour was read as its second occurrence",
            expected="+02:00",
            got=_show(late),
            patient="sommartid",
        )
    readings.tempted(range(tried), "time in the repeated hour")


@pytest.mark.rule("TIM-003")
@pytest.mark.lane("quick")
def test_entries_come_newest_first(exam: Exam) -> None:
    """The newest entry is first, also when several records are merged."""
    tried = 0
    people = exam.personas("anna-vuxen", "reservnummer")
    for reading in (one for who in people for one in readings.of(exam, who)):
        times = [fields.order_time(reading.type, entry) for entry in reading.entries]
        tried += len(set(times)) > 1
        wrong = [
            f"{later} after {earlier}"
            for earlier, later in pairwise(times)
            if later > earlier  # type: ignore[operator]  # instants, or the schema rule has failed
        ]
        require(
            not wrong,
            f"{reading.type}: entries do not come newest first",
            expected="the type's own time (documentTime; author.time for types without one), descending",
            got=some(wrong),
            patient=reading.persona.name,
        )
    readings.tempted(range(tried), "person with entries at different times")


@pytest.mark.rule("TIM-004")
def test_times_are_right_to_the_second(exam: Exam) -> None:
    """Midnight is midnight, one second before it is the day before, and no time has fractions."""
    people = exam.personas("dygnsgrans", "anna-vuxen")
    for reading in (one for who in people for one in readings.of(exam, who)):
        wrong = [(fact, by) for fact, by in _time_faults(reading) if by % HOUR != timedelta(0)]
        require(
            not wrong,
            f"{reading.type}: {len(wrong)} times differ from the source's",
            got=_show(wrong),
            patient=reading.persona.name,
        )
        for entry in reading.entries:
            header = entry["header"]
            texts = [
                header.get("documentTime"),
                header["author"].get("time"),
                header.get("blockComparisonTime"),
            ]
            odd = [text for text in texts if text is not None and TIME.fullmatch(str(text)) is None]
            require(not odd, f"{reading.type}: a time is not RFC 3339 in whole seconds", got=odd)
