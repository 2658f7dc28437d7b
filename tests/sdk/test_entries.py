"""An entry holds against the contract, or does not exist."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from anslut import (
    Analysis,
    AnalysisGroup,
    Author,
    Code,
    Identifier,
    LaboratoryUnit,
    Query,
    Reference,
    Result,
    Specimen,
    Value,
    from_local,
    header,
    laboratory_result,
)
from anslut.entries import Interval, decimal
from anslut.entries.parts import Part
from anslut.errors import EntryInvalidError
from anslut_contracts import validation
from anslut_contracts.errors import IdentityError
from anslut_contracts.identity import PERSONNUMMER, PersonId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut import Entry

TAKEN = from_local("2023-03-04 07:10:00")


def laboratory(query: Query, **changed: Any) -> Entry:
    """Return a valid laboratory result."""
    fields: dict[str, Any] = {
        "identifier": Identifier(root=query.source_system_id, extension="l1"),
        "status": Code.of("final", "Slutsvar", system="2.16.840.1.113883.4.642.3.235"),
        "recipient": LaboratoryUnit(name="Vårdcentralen"),
        "groups": [
            AnalysisGroup(
                name="Njure",
                analysis=[
                    Analysis(
                        code=Code.of("NPU18016", "P-Kreatinin", system="1.2.752.108.1"),
                        specimen=[Specimen(timestamp=TAKEN)],
                        result=[
                            Result(
                                value=Value.of("84,5", unit="µmol/L"),
                                reference=Reference.of("60-105", unit="µmol/L"),
                            )
                        ],
                    )
                ],
            )
        ],
    }
    about = header(
        query,
        document_id="l1",
        author=Author(time=TAKEN),
        care_provider="SE2321000999-V001",
        care_unit="SE2321000999-A1001",
        document_time=TAKEN,
        approved=True,
    )
    return laboratory_result(about, **(fields | changed))


def test_every_constructor_makes_what_the_contract_allows(query: Query, make: Any) -> None:
    """The schema judges the same JSON that the door sends."""
    made = [make.note(query), make.diagnosis(query), laboratory(query)]

    assert [validation.errors(f"entry:{entry.type}", entry.to_json()) for entry in made] == [[], [], []]


def test_a_field_that_the_type_forbids_is_refused_where_the_entry_is_made(query: Query, make: Any) -> None:
    """The author sees place and rule at once, not when somebody logs in."""
    with pytest.raises(EntryInvalidError, match="/header/documentTitle: falseSchema") as caught:
        make.note(query, document_title="Besök")

    assert [(error.path, error.rule) for error in caught.value.errors] == [
        ("/header/documentTitle", "falseSchema")
    ]


def test_an_invalid_value_is_not_repeated_in_the_error(query: Query, make: Any) -> None:
    """What is wrong may be a person's number in the wrong place."""
    with pytest.raises(EntryInvalidError) as caught:
        make.note(query, care_unit="199001022384")

    assert "199001022384" not in f"{caught.value} {caught.value!r} {caught.value.errors}"


def test_a_time_without_zone_is_refused(query: Query, make: Any) -> None:
    """A naive time is somebody's guess."""
    naive = datetime(2023, 3, 4, 10, 0)  # noqa: DTZ001 - the point of the test

    with pytest.raises(EntryInvalidError):
        make.note(query, document_time=naive)


def test_a_time_in_another_zone_is_written_as_stockholm_s(query: Query, make: Any) -> None:
    """The contract has one zone, and whole seconds."""
    entry = make.note(query, document_time=datetime(2023, 7, 4, 10, 0, 1, 999_999, tzinfo=UTC))

    assert entry.to_json()["header"]["documentTime"] == "2023-07-04T12:00:01+02:00"


def test_every_moment_of_every_part_gets_stockholm_s_time() -> None:
    """A field that is forgotten in `moments` would keep the source's zone, and nobody would look again."""

    def below(kind: type[Part]) -> Iterator[type[Part]]:
        yield kind
        for one in kind.__subclasses__():
            yield from below(one)

    for kind in below(Part):
        timed = {
            name for name, told in kind.__annotations__.items() if re.match(r"(datetime|Moment)\b", str(told))
        }
        assert set(getattr(kind, "moments", ())) == timed, kind


def test_an_identity_without_its_form_is_in_no_entry(query: Query, make: Any) -> None:
    """Neither as the person asked for nor as the one it was recorded under."""
    wrong = PersonId(root=PERSONNUMMER, extension="199001022385")

    with pytest.raises(IdentityError):
        replace(query, patient_id=wrong)
    with pytest.raises(IdentityError):
        make.note(query, recorded_under=wrong)


def test_an_entry_cannot_be_changed(query: Query, make: Any) -> None:
    """What was checked is what is sent."""
    entry = make.diagnosis(query)
    entry.to_json()["header"]["approvedForPatient"] = "maybe"

    with pytest.raises(AttributeError):
        entry.header = None
    with pytest.raises(AttributeError):
        del entry.header
    with pytest.raises(AttributeError):
        entry.header.approved_for_patient = False
    assert entry.to_json()["header"]["approvedForPatient"] is True


def test_the_repr_of_an_entry_tells_nothing(query: Query, make: Any) -> None:
    """Somebody will print one."""
    entry = make.note(query, text="hemligt")

    assert "hemligt" not in repr(entry) + repr(entry.body)
    assert "199001022384" not in repr(entry.header) + repr(entry.header.patient_id) + repr(query)


def test_icd_10_loses_its_dot(query: Query, make: Any) -> None:
    """The contract writes I109 for I10.9."""
    assert make.diagnosis(query).to_json()["body"]["diagnosisCode"]["code"] == "I109"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("84", "84"), ("8,40", "8.40"), ("-0,5", "-0.5"), ("007", "7"), ("0", "0"), ("\u22121", "-1")],
)
def test_a_decimal_keeps_its_precision(written: str, expected: str) -> None:
    """8,40 is not 8.4 to a laboratory."""
    assert decimal(written) == expected


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("84", Value(pq=Value.of("84", unit="g").pq)),
        ("<5", Value(st="<5 g")),
        ("Negativ", Value(st="Negativ g")),
        ("1e3", Value(st="1e3 g")),
    ],
)
def test_a_value_is_a_quantity_only_when_it_is_a_number(written: str, value: Value) -> None:
    """Text answers stay text."""
    assert Value.of(written, unit="g") == value


@pytest.mark.parametrize(
    ("written", "interval"),
    [
        ("60-105", Interval(unit="", low="60", low_closed=True, high="105", high_closed=True)),
        ("3,5 \u2013 5,0", Interval(unit="", low="3.5", low_closed=True, high="5.0", high_closed=True)),
        ("-2--1", Interval(unit="", low="-2", low_closed=True, high="-1", high_closed=True)),
        ("<5", Interval(unit="", high="5", high_closed=False)),
        ("\u22655", Interval(unit="", low="5", low_closed=True)),
        (">80", Interval(unit="", low="80", low_closed=False)),
        ("negativ", None),
    ],
)
def test_a_reference_is_an_interval_when_it_is_written_as_one(
    written: str, interval: Interval | None
) -> None:
    """Anything else is kept as it was written."""
    reference = Reference.of(written)

    assert reference.interval == interval
    assert reference.description == (None if interval else written)
