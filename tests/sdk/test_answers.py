"""The public call keeps its promise whatever the author's readers do."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Caller, Settings, deadline
from anslut.access_log import AccessLog
from anslut.errors import (
    AnslutError,
    ConnectorFailedError,
    EntryInvalidError,
    ForeignEntryError,
    InvalidQueryError,
    SettingsError,
    SourceDataError,
    SourceFailedError,
    SourceTimeoutError,
    UnknownTypeError,
    WrongSourceSystemError,
)
from anslut.problems import problem
from anslut_contracts import validation
from anslut_contracts.errors import LocalTimeError
from anslut_contracts.identity import LOCAL_ID, NRID, PERSONNUMMER, PersonId

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = "199001022384"
SYSTEM = "SE2321000999-K001"
OTHER_SYSTEM = "SE2321000999-K002"


def test_an_answer_holds_against_the_contract(connector: Any, make: Any, ask: Any) -> None:
    """What the door sends is what the schema allows."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]

    answer = ask()

    assert validation.errors("answer:diagnoses", answer) == []
    assert len(answer["entries"]) == 1


@pytest.mark.parametrize("consumer", ["SE2321000999-C0009", "se2321000999-c0009"])
def test_an_excluded_consumer_gets_nothing_and_is_logged(connector: Any, make: Any, consumer: str) -> None:
    """The source is not even asked, and a question that is wrong is as wrong from anybody."""
    asked = []
    connector.readers["diagnoses"] = lambda query: [asked.append(query) or make.diagnosis(query)]
    query = {"patientId": {"root": PERSONNUMMER, "extension": NUMBER}}

    def answer_for(hsa_id: str | None) -> dict[str, Any]:
        return connector.search("diagnoses", query, caller=Caller(consumer_hsa_id=hsa_id))

    nothing = answer_for(consumer)
    assert (nothing["entries"], nothing["result"]["code"], asked) == ([], "OK", [])
    assert validation.errors("answer:diagnoses", nothing) == []
    assert len(answer_for("SE2321000999-C0001")["entries"]) == len(answer_for(None)["entries"]) == 1
    with pytest.raises(InvalidQueryError):
        connector.search("diagnoses", {}, caller=Caller(consumer_hsa_id=consumer))

    lines = [json.loads(line) for line in Path(connector.settings.access_log).read_text("utf-8").splitlines()]
    assert [(line.get("consumerHsaId"), line["count"], line["outcome"]) for line in lines] == [
        (consumer, 0, "ok"),
        ("SE2321000999-C0001", 1, "ok"),
        (None, 1, "ok"),
        (consumer, 0, "invalid-query"),
    ]


def test_without_a_profile_nobody_is_answered(connector: Any, make: Any, ask: Any) -> None:
    """Whom the region excludes is then not known."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    connector.settings = replace(connector.settings, region_profile="")

    with pytest.raises(SettingsError):
        ask()


def test_a_person_nobody_knows_has_an_empty_answer(ask: Any) -> None:
    """Empty means that nothing exists, and is no error."""
    assert ask()["entries"] == []


def test_somebody_else_s_entry_stops_the_whole_answer(connector: Any, make: Any, ask: Any) -> None:
    """One person's record in another's answer is the worst there is."""
    twin = PersonId(root=PERSONNUMMER, extension="201103092381")
    connector.readers["diagnoses"] = lambda query: [
        make.diagnosis(query),
        make.diagnosis(replace(query, patient_id=twin), "d2"),
    ]

    with pytest.raises(ForeignEntryError):
        ask()


@pytest.mark.parametrize(
    ("yielded", "expected"),
    [
        (lambda query, make: [make.diagnosis(query), make.diagnosis(query)], SourceDataError),
        (lambda query, make: [make.note(query)], ConnectorFailedError),
        (lambda query, make: [make.diagnosis(query).to_json()], ConnectorFailedError),
        (lambda _query, _make: None, SourceDataError),
        (lambda _query, _make: {}[NUMBER], SourceDataError),
        (lambda _query, _make: int(f"x{NUMBER}"), SourceDataError),
        (lambda _query, _make: (_ for _ in ()).throw(LocalTimeError("skipped hour")), SourceDataError),
        (lambda _query, _make: NUMBER.nothing, ConnectorFailedError),
        (lambda _query, _make: 1 / 0, ConnectorFailedError),
        (lambda _query, _make: (_ for _ in ()).throw(SourceFailedError("down")), SourceFailedError),
    ],
)
def test_whatever_a_reader_does_comes_out_as_an_error_without_a_number(  # noqa: PLR0913, PLR0917 - fixtures
    connector: Any,
    make: Any,
    ask: Any,
    capfd: pytest.CaptureFixture[str],
    yielded: Callable[[Any, Any], Any],
    expected: type[AnslutError],
) -> None:
    """Neither the error, nor its causes, nor the log repeats what the reader choked on."""
    connector.readers["diagnoses"] = lambda query: yielded(query, make)

    with pytest.raises(expected) as caught:
        ask()

    chain, error = [], caught.value
    while error is not None:
        chain.append(f"{error} {error!r}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert type(caught.value) is expected
    assert NUMBER not in " ".join(chain) + capfd.readouterr().err


def test_a_reader_that_never_ends_is_stopped_by_the_deadline(
    connector: Any, make: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """27 seconds is the national limit; the budget is the SDK's to keep."""
    brief = Settings(source_system_id=SYSTEM, region_profile="fjallmark", deadline_seconds=0.2)
    monkeypatch.setattr(connector, "settings", brief)

    def endless(query: Any) -> Any:
        number = 0
        while True:
            number += 1
            yield make.diagnosis(query, f"d{number}")

    connector.readers["diagnoses"] = endless

    with pytest.raises(SourceTimeoutError):
        ask()


def test_an_inner_limit_never_outlives_the_outer() -> None:
    """Whatever waits below a search gets at most what the search has left."""
    with deadline.limit(0.5), deadline.limit(10) as inner:
        assert inner.seconds_left() <= 0.5


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["d1", "d2", "d3"]),
        ({"careUnitIds": []}, ["d1", "d2", "d3"]),
        ({"careUnitIds": ["SE2321000999-A1002"]}, ["d2"]),
        ({"careProviderIds": ["SE2321000999-V002"]}, ["d3"]),
        ({"careContactIds": ["vk1"], "sourceSystemId": SYSTEM}, ["d1"]),
        ({"careUnitIds": ["SE2321000999-A1002"], "careProviderIds": ["SE2321000999-V002"]}, []),
        ({"careUnitIds": ["SE2321000999-A1001", "SE2321000999-A1002"]}, ["d1", "d2", "d3"]),
        ({"period": {"start": "2023-03-04", "end": "2023-03-04"}}, ["d1"]),
        ({"period": {"start": "2023-03-05", "end": "2023-03-31"}}, []),
        ({"period": {"start": "2023-04-01", "end": "2023-04-01"}}, ["d2"]),
        ({"period": {"start": "2023-05-01", "end": "2023-05-02"}}, ["d2", "d3"]),
        ({"period": {"start": "2023-01-01", "end": "2023-12-31"}}, ["d1", "d2", "d3"]),
    ],
)
def test_filters_combine_and_any_time_of_the_entry_counts(
    connector: Any, make: Any, ask: Any, filters: dict[str, Any], expected: list[str]
) -> None:
    """Entered, signed or made inside the period is inside, to the last second of its last day."""
    connector.readers["diagnoses"] = lambda query: [
        make.diagnosis(query, "d1", entered="2023-03-04 23:59:59", contact="vk1"),
        make.diagnosis(
            query,
            "d2",
            entered="2023-04-01 00:00:00",
            signed="2023-05-02 08:00:00",
            unit="SE2321000999-A1002",
        ),
        make.diagnosis(
            query,
            "d3",
            entered="2023-06-01 12:00:00",
            made="2023-05-01 00:00:00",
            provider="SE2321000999-V002",
        ),
    ]

    assert sorted(entry["header"]["documentId"] for entry in ask(**filters)["entries"]) == expected


def test_the_newest_comes_first_and_signing_does_not_move_an_entry(
    connector: Any, make: Any, ask: Any
) -> None:
    """Order is by event time, not by when somebody signed."""
    connector.readers["diagnoses"] = lambda query: [
        make.diagnosis(query, "old", entered="2023-01-01 00:00:00", signed="2023-09-09 00:00:00"),
        make.diagnosis(query, "new", entered="2023-02-01 00:00:00"),
        make.diagnosis(query, "made-late", entered="2022-01-01 00:00:00", made="2023-03-01 00:00:00"),
    ]

    assert [entry["header"]["documentId"] for entry in ask()["entries"]] == ["made-late", "new", "old"]


@pytest.mark.parametrize(
    ("type_name", "person", "filters", "expected"),
    [
        ("vaccinations", None, {}, UnknownTypeError),
        (
            "care-documentation",
            None,
            {"careContactIds": ["vk1"], "sourceSystemId": SYSTEM},
            InvalidQueryError,
        ),
        ("diagnoses", None, {"careContactIds": ["vk1"]}, InvalidQueryError),
        ("diagnoses", None, {"period": {"start": "2023-02-01", "end": "2023-01-01"}}, InvalidQueryError),
        ("diagnoses", None, {"period": {"start": "2023-02-30", "end": "2023-03-01"}}, InvalidQueryError),
        ("diagnoses", None, {"colour": "red"}, InvalidQueryError),
        ("diagnoses", None, {"sourceSystemId": OTHER_SYSTEM}, WrongSourceSystemError),
        ("diagnoses", PersonId(root=PERSONNUMMER, extension="199001022385"), {}, InvalidQueryError),
        ("diagnoses", PersonId(root=PERSONNUMMER, extension="199002302389"), {}, InvalidQueryError),
        ("diagnoses", PersonId(root=NRID, extension="98231009HJ54"), {}, InvalidQueryError),
        ("diagnoses", PersonId(root=LOCAL_ID, extension="SE2321000999-K001:17"), {}, InvalidQueryError),
    ],
)
def test_a_wrong_question_is_refused_without_repeating_it(
    ask: Any, type_name: str, person: PersonId | None, filters: dict[str, Any], expected: type[AnslutError]
) -> None:
    """An unsupported filter is never ignored, another system's id is never an empty answer."""
    asked = {"person": person} if person else {}

    with pytest.raises(expected) as caught:
        ask(type_name, **asked, **filters)

    told = f"{caught.value} {caught.value.errors}"
    assert not any(secret in told for secret in ("199001022385", "199002302389", "98231009HJ54", "colour"))


def test_a_reserve_identity_is_answered_when_addressed(connector: Any, make: Any, ask: Any) -> None:
    """A newborn has a record before it has a number."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]

    answer = ask(person=PersonId(root=NRID, extension="98231009HJ54"), sourceSystemId=SYSTEM)

    assert len(answer["entries"]) == 1


def test_one_of_several_source_systems_must_be_named(connector: Any, make: Any, caller: Any) -> None:
    """Nobody can guess which of two systems is meant."""
    both = Settings(source_system_id=f"{SYSTEM}, {OTHER_SYSTEM}", region_profile="fjallmark")
    mine = type(connector)(both)
    mine.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    asked = {"patientId": {"root": PERSONNUMMER, "extension": NUMBER}}

    with pytest.raises(WrongSourceSystemError):
        mine.search("diagnoses", asked, caller=caller)
    answer = mine.search("diagnoses", asked | {"sourceSystemId": OTHER_SYSTEM}, caller=caller)

    assert answer["entries"][0]["header"]["sourceSystemHsaId"] == OTHER_SYSTEM


def test_nothing_is_read_unlogged(connector: Any, ask: Any, settings: Settings) -> None:
    """A full disk must not open the records to unseen eyes."""
    full = replace(settings, access_log="/dev/full")
    connector.access_log = AccessLog(full)

    with pytest.raises(ConnectorFailedError, match="access log"):
        ask()


def test_an_invalid_entry_is_told_to_the_log_and_not_to_the_caller(
    connector: Any, make: Any, ask: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    """Place and rule help whoever mends it; the caller has no use for places in an entry it never saw."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query, unit="not an HSA-id")]

    with pytest.raises(EntryInvalidError) as caught:
        ask()

    assert "/header/careUnitHsaId pattern" in capfd.readouterr().err
    assert "errors" not in problem(caught.value, log_id="x")


def test_every_call_leaves_a_line_without_a_number(
    connector: Any, make: Any, ask: Any, settings: Settings
) -> None:
    """Who, when, which type, which units and how many; about whom only as a pseudonym that stays the same."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    ask()
    ask("care-documentation")
    with pytest.raises(WrongSourceSystemError):
        ask(sourceSystemId=OTHER_SYSTEM)

    text = Path(settings.access_log or "").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]

    assert [validation.errors("access-log", line) for line in lines] == [[], [], []]
    assert [(line["outcome"], line["count"]) for line in lines] == [
        ("ok", 1),
        ("ok", 0),
        ("wrong-source-system", 0),
    ]
    assert lines[0]["careUnits"] == ["SE2321000999-A1001"]
    assert lines[0]["subject"] == lines[1]["subject"]
    assert NUMBER not in text
    assert Path(settings.access_log or "").stat().st_mode & 0o077 == 0
