"""Filters that one information type has and others do not: from the question to the answer."""

from __future__ import annotations

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
    Referral,
    Specimen,
    from_local,
    header,
    laboratory_result,
)
from anslut.errors import InvalidQueryError

if TYPE_CHECKING:
    from anslut import Entry

TAKEN = from_local("2023-03-04 07:10:00")
SYSTEM = "SE2321000999-K001"


def own(identifier: str) -> Identifier:
    """Return an identifier of the source system's own."""
    return Identifier(root=SYSTEM, extension=identifier)


def answer(query: Query, document_id: str, *, order: str | None, specimens: list[str]) -> Entry:
    """Return a laboratory's answer to *order*, about *specimens*."""
    about = header(
        query,
        document_id=document_id,
        author=Author(time=TAKEN),
        care_provider="SE2321000999-V001",
        care_unit="SE2321000999-A1001",
        document_time=TAKEN,
        approved=True,
    )
    analyses = [
        Analysis(
            code=Code(original_text="Odling"), specimen=[Specimen(timestamp=TAKEN, identifier=own(each))]
        )
        for each in specimens
    ]
    return laboratory_result(
        about,
        identifier=own(document_id),
        status=Code.listed("report-statuses", "final"),
        recipient=LaboratoryUnit(name="Vårdcentralen"),
        groups=[AnalysisGroup(name="Odlingar", analysis=analyses)],
        referral=Referral(identifier=own(order), timestamp=TAKEN) if order else None,
    )


def ids(*numbers: str) -> list[dict[str, str]]:
    """Return the source system's own ids, as a query has them."""
    return [{"root": SYSTEM, "extension": number} for number in numbers]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["l1", "l2", "l3"]),
        ({"referralIdentifier": []}, ["l1", "l2", "l3"]),
        ({"referralIdentifier": ids("r1")}, ["l1"]),
        ({"referralIdentifier": ids("r1", "r2")}, ["l1", "l2"]),
        ({"specimenIdentifier": ids("p2")}, ["l1", "l3"]),
        ({"specimenIdentifier": ids("p2"), "referralIdentifier": ids("r2")}, []),
        ({"specimenIdentifier": [{"root": "SE2321000999-K002", "extension": "p2"}]}, []),
    ],
)
def test_a_laboratory_answer_is_found_by_its_order_and_its_specimens(
    connector: Any, ask: Any, filters: dict[str, Any], expected: list[str]
) -> None:
    """One of several is enough, filters combine, and an entry that lacks the field is no hit."""
    connector.readers["laboratory-results"] = lambda query: [
        answer(query, "l1", order="r1", specimens=["p1", "p2"]),
        answer(query, "l2", order="r2", specimens=["p3"]),
        answer(query, "l3", order=None, specimens=["p2"]),
    ]

    found = ask("laboratory-results", **filters)["entries"]

    assert sorted(entry["header"]["documentId"] for entry in found) == expected


def test_the_reader_is_told_what_is_asked(connector: Any, ask: Any) -> None:
    """A source that can search by order need not give everything."""
    asked: list[Query] = []
    connector.readers["laboratory-results"] = lambda query: asked.append(query) or ()

    ask("laboratory-results", referralIdentifier=ids("r1"), specimenIdentifier=[])

    assert asked[0].own_filters == {"referralIdentifier": ids("r1")}
    assert hash(asked[0])


def test_another_types_filter_is_refused(ask: Any) -> None:
    """Ignored, it would give an answer to another question."""
    with pytest.raises(InvalidQueryError):
        ask("diagnoses", referralIdentifier=ids("r1"))
