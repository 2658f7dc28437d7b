"""FLT: filters let through exactly what they say. Judged against the connector's own unfiltered answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from anslut_contracts import information_types
from anslut_contracts.types import values_at

from anslut_conformance import readings
from anslut_conformance.checks import document_ids, problem, require, some
from anslut_conformance.errors import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from anslut_conformance.exam import Exam
    from anslut_conformance.readings import Reading

    Entry = Mapping[str, Any]

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
EARLIEST, LATEST = date(1900, 1, 1), date(2099, 12, 31)


def days(type_: str, entry: Entry) -> list[date]:
    """Return the days, in Sweden, of every time of *entry* that counts for a period."""
    times = information_types()[type_].period_times(entry)
    return [datetime.fromisoformat(time).astimezone(STOCKHOLM).date() for time in times]


def _ids(exam: Exam, reading: Reading, **filters: object) -> set[str]:
    return set(document_ids(exam.entries(reading.type, reading.persona.patient_id, **filters)))


def _whose(name: str, values: Collection[str]) -> Callable[[Entry], bool]:
    """Return the question whether an entry's header field is one of *values*."""
    return lambda entry: entry["header"].get(name) in values


def _hits(reading: Reading, start: date, end: date, *, among: Callable[[Entry], bool]) -> set[str]:
    """Return the documentIds of the entries *among* the reading's that a period is to find.

    Some contracts count every day an entry lasts, and some count entries that hang together as one.
    """
    about = information_types()[reading.type]
    together: dict[object, list[Entry]] = defaultdict(list)
    for entry in reading.entries:
        group = next(values_at(entry, about.period_group), None) if about.period_group else None
        together[group if group is not None else id(entry)].append(entry)
    return {
        entry["header"]["documentId"]
        for entries in together.values()
        if about.in_period(entries, start.isoformat(), end.isoformat())
        for entry in entries
        if among(entry)
    }


def _filtered(exam: Exam, name: str, filter_: str) -> Iterator[Reading]:
    """Yield the readings of the types that have *filter_*; no such type makes the check not applicable."""
    types = [one for one in exam.types if filter_ in exam.filters(one)]
    if not types:
        raise NotApplicableError(f"ingen typ har filtret {filter_} (no type has that filter)")
    persona = exam.persona(name)
    for type_ in types:
        yield readings.read(exam, type_, persona)


def _anything(entry: Entry) -> bool:
    del entry
    return True


def _same(reading: Reading, got: set[str], belongs: Callable[[Entry], bool], what: str) -> None:
    """Report entries that the filter lost, and those it should not have let through."""
    due = {entry["header"]["documentId"] for entry in reading.entries if belongs(entry)}
    require(
        got == due,
        f"{reading.type}: {what} let through {len(got - due)} entries too many and lost {len(due - got)}",
        expected=some(sorted(due - got)) or "no more than is due",
        got=some(sorted(got - due)) or "less than is due",
        patient=reading.persona.name,
    )


@pytest.mark.rule("FLT-001")
@pytest.mark.lane("quick")
def test_a_period_includes_both_ends(exam: Exam) -> None:
    """A period of one day gives that day, first second to last, and the days beside it do not."""
    tried = 0
    for reading in readings.of(exam, "dygnsgrans"):
        counts = Counter(day for entry in reading.entries for day in set(days(reading.type, entry)))
        for day in [day for day, _ in counts.most_common(3)]:
            tried += 1
            # Those with times on several days are another rule's matter.
            due = _hits(reading, day, day, among=lambda e, t=reading.type, d=day: set(days(t, e)) == {d})  # type: ignore[misc]
            got = _ids(exam, reading, period=(day, day))
            require(
                due <= got,
                f"{reading.type}: a period of one day lost {len(due - got)} entries of that day",
                expected=f"every entry of {day}, both ends inclusive",
                got=some(sorted(due - got)),
                patient=reading.persona.name,
            )
            for beside in (day - DAY, day + DAY):
                wrongly = due & _ids(exam, reading, period=(beside, beside))
                surplus = wrongly - _hits(reading, beside, beside, among=_anything)
                require(
                    not surplus,
                    f"{reading.type}: the period {beside} gave entries of {day}",
                    got=some(sorted(surplus)),
                    patient=reading.persona.name,
                )
    readings.tempted(range(tried), "entries to find by period")


@pytest.mark.rule("FLT-002")
def test_a_period_counts_every_time_field(exam: Exam) -> None:
    """An entry is a hit on the day of each of its times: of the event, of entry, of signing."""
    tried = 0
    for persona in exam.personas("anna-vuxen", "rattad", "flera-vardgivare"):
        for reading in readings.of(exam, persona):
            spread = [entry for entry in reading.entries if len(set(days(reading.type, entry))) > 1]
            for entry in spread[:2]:
                for day in sorted(set(days(reading.type, entry))):
                    tried += 1
                    require(
                        entry["header"]["documentId"] in _ids(exam, reading, period=(day, day)),
                        f"{reading.type}: an entry is not found by the day of one of its times",
                        expected=f"a hit on {day}",
                        got="no hit",
                        patient=persona.name,
                    )
    readings.tempted(range(tried), "entries with times on different days")


@pytest.mark.rule("FLT-003")
@pytest.mark.lane("quick")
def test_the_unit_filter_gives_exactly_that_units_entries(exam: Exam) -> None:
    """One unit, two units, no unit (an empty list is no filter), and a unit without entries."""
    for reading in _filtered(exam, "flera-vardgivare", "careUnitIds"):
        units = sorted({entry["header"].get("careUnitHsaId") or "" for entry in reading.entries} - {""})
        got = _ids(exam, reading, care_unit_ids=units[:1])
        _same(reading, got, _whose("careUnitHsaId", units[:1]) if units else lambda _: True, "careUnitIds")
        with suppress(NotApplicableError):  # a RIV-TA contract may have room for one unit only
            got = _ids(exam, reading, care_unit_ids=units[:2])
            _same(reading, got, _whose("careUnitHsaId", units[:2]) if units else lambda _: True, "two units")
        _same(reading, _ids(exam, reading, care_unit_ids=[]), lambda _: True, "an empty careUnitIds")
        _same(
            reading,
            _ids(exam, reading, care_unit_ids=["SE2321000999-ZZ99"]),
            lambda _: False,
            "an unknown unit",
        )


@pytest.mark.rule("FLT-004")
def test_the_provider_filter_gives_exactly_that_providers_entries(exam: Exam) -> None:
    """Each care provider's entries, and nobody else's."""
    several = 0
    for reading in _filtered(exam, "flera-vardgivare", "careProviderIds"):
        providers = sorted({one.unit.care_provider_hsa_id for one in reading.expected})
        several += len(providers) > 1
        for provider in providers:
            got = _ids(exam, reading, care_provider_ids=[provider])
            _same(reading, got, _whose("careProviderHsaId", [provider]), "careProviderIds")
    readings.tempted(range(several), "person with two care providers")


@pytest.mark.rule("FLT-005")
def test_filters_combine_with_and(exam: Exam) -> None:
    """An entry must satisfy unit, provider and period together."""
    for reading in _filtered(exam, "flera-vardgivare", "careUnitIds"):
        by_unit = {entry["header"].get("careUnitHsaId"): entry for entry in reading.entries}
        units = sorted(unit for unit in by_unit if unit is not None)
        for unit in units[:2]:
            provider = by_unit[unit]["header"]["careProviderHsaId"]
            other = next((e for e in reading.entries if e["header"]["careProviderHsaId"] != provider), None)
            if other is not None and "careProviderIds" in exam.filters(reading.type):
                got = _ids(
                    exam,
                    reading,
                    care_unit_ids=[unit],
                    care_provider_ids=[other["header"]["careProviderHsaId"]],
                )
                _same(reading, got, lambda _: False, "a unit together with another provider")
            # On a day when nothing happened: how the ends of a period count is another rule.
            for middle in _quiet_days(
                sorted({day for e in reading.entries for day in days(reading.type, e)})
            ):
                got = _ids(exam, reading, care_unit_ids=[unit], period=(EARLIEST, middle))
                due = _hits(reading, EARLIEST, middle, among=_whose("careUnitHsaId", [unit]))
                _same(
                    reading,
                    got,
                    lambda entry, due=due: entry["header"]["documentId"] in due,  # type: ignore[misc]
                    "a unit together with a period",
                )


@pytest.mark.rule("FLT-006")
@pytest.mark.parametrize("name", ["anna-vuxen", "flera-vardgivare"])
def test_parts_of_the_time_give_together_the_whole(exam: Exam, name: str) -> None:
    """Cutting time in three loses nothing and adds nothing; a border is set where nothing happened."""
    for reading in readings.of(exam, name):
        whole = set(document_ids(reading.entries))
        used = {day for entry in reading.entries for day in days(reading.type, entry)}
        borders = _quiet_days(sorted(used))
        edges = [EARLIEST, *(day for border in borders for day in (border, border + DAY)), LATEST]
        parts = [(edges[number], edges[number + 1]) for number in range(0, len(edges), 2)]
        together: set[str] = set().union(*(_ids(exam, reading, period=part) for part in parts))
        require(
            together == whole,
            f"{reading.type}: periods over all time give {len(together)} entries, no period {len(whole)}",
            expected=some(sorted(whole - together)),
            got=some(sorted(together - whole)),
            patient=name,
        )


def _quiet_days(used: list[date]) -> list[date]:
    """Return up to two days, a third and two thirds of the way, around which nothing happened."""
    quiet: list[date] = []
    for share in (1, 2):
        start = used[len(used) * share // 3] if used else date(2020, 1, 1)
        day = next(
            (
                start + DAY * n
                for n in range(1, 400)
                if not {start + DAY * (n + k) for k in range(-2, 4)} & set(used)
            ),
            None,
        )
        if day is not None and day not in quiet:
            quiet.append(day)
    return sorted(quiet)


@pytest.mark.rule("FLT-007")
@pytest.mark.lane("quick")
def test_filters_that_do_not_exist_are_refused(exam: Exam) -> None:
    """A filter that is ignored shows the patient something else than was asked for."""
    persona = exam.persona("anna-vuxen")
    body = exam.query(persona.patient_id)
    for type_ in exam.types:
        cases: list[tuple[str, dict[str, Any]]] = [
            ("a field that does not exist", {"careUnit": ["SE2321000999-A1001"]}),
            ("a period that ends before it starts", {"period": {"start": "2023-05-02", "end": "2023-05-01"}}),
            ("a date that does not exist", {"period": {"start": "2023-02-30", "end": "2023-05-01"}}),
            ("a person that is not an object", {"patientId": "somebody"}),
        ]
        if "careUnitIds" in information_types()[type_].filters:
            cases.append(("a unit that is not in a list", {"careUnitIds": "SE2321000999-A1001"}))
        if "careContactIds" not in information_types()[type_].filters:
            cases.append(
                ("careContactIds", {"careContactIds": ["VK1"], "sourceSystemId": exam.source_system_id})
            )
        for what, extra in cases:
            reply = exam.door.try_search(type_, {**body, **extra})
            if reply is None:
                continue
            problem(reply, {422}, f"{type_}: {what} was not refused", patient=persona.name)


@pytest.mark.rule("FLT-008")
def test_the_care_contact_filter_gives_exactly_that_contacts_entries(exam: Exam) -> None:
    """Where the type has care contacts, a contact's entries and no others; an unknown contact has none."""
    tried = 0
    for reading in _filtered(exam, "flera-vardgivare", "careContactIds"):
        where = information_types()[reading.type].filter_fields["careContactIds"].removeprefix("header.")
        contacts = sorted({entry["header"].get(where) or "" for entry in reading.entries} - {""})
        for contact in contacts[:2]:
            tried += 1
            got = _ids(exam, reading, care_contact_ids=[contact])
            _same(reading, got, _whose(where, [contact]), "careContactIds")
        _same(
            reading,
            _ids(exam, reading, care_contact_ids=["VK-finns-inte"]),
            lambda _: False,
            "an unknown contact",
        )
    readings.tempted(range(tried), "entry with a care contact")


@pytest.mark.rule("FLT-009")
@pytest.mark.lane("quick")
def test_a_question_to_another_source_system_is_refused(exam: Exam) -> None:
    """Another system's name, or none where it must be said, is a problem."""
    persona = exam.persona("anna-vuxen")
    reserve = exam.someone("FLT-009", stratum="scale").patient_id
    for type_ in exam.types:
        reply = exam.ask(type_, persona.patient_id, source_system_id="SE2321000999-X999")
        problem(
            reply,
            {422},
            f"{type_}: a question to another source system was not refused",
            patient=persona.name,
        )
        reply = exam.ask(type_, reserve, source_system_id=None)
        problem(
            reply,
            {422},
            f"{type_}: a reserve number was accepted without sourceSystemId",
            patient="reservnummer",
        )
