"""Referral status: made by the SDK, held by the contract; a referral's steps are found together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Author, Code, OrgUnit, Period, Query, from_local, header
from anslut.entries import Organization, Referrer, referral_status
from anslut.errors import EntryInvalidError
from anslut.filtering import select
from anslut.paging import query_digest
from anslut_contracts import validation

if TYPE_CHECKING:
    from anslut import Entry

SENT = from_local("2023-03-04 10:30:00")
ANSWERED = from_local("2023-04-18 15:10:00")
WARD = Organization.of("Ortopedmottagningen", "SE2321000999-A2003")
DOCTOR = Referrer(name="Åsa Öberg", organization=Organization.of("Vårdcentralen Fjällgläntan"))


def step(query: Query, *, document_id: str = "r1-1", author: Any = None, **changed: Any) -> Entry:
    """Return a valid step: that the referral r1 was sent."""
    about = header(
        query,
        document_id=document_id,
        author=author or Author(time=SENT),
        care_provider="SE2321000999-V001",
        care_unit="SE2321000999-A1001",
        document_time=SENT,
        approved=True,
    )
    fields: dict[str, Any] = {
        "status": Code.listed("referral-statuses", "1"),
        "time": SENT,
        "referral_id": "r1",
        "receiver": WARD,
        "referrer": DOCTOR,
        "kind": Code.listed("referral-types", "4"),
        "medium": Code.listed("referral-media", "3"),
    }
    return referral_status(about, **(fields | changed))


def test_a_step_is_what_the_contract_allows(query: Query) -> None:
    """The schema judges the same JSON that the door sends."""
    made = step(query).to_json()

    assert validation.errors("entry:referral-status", made) == []
    assert made["body"]["eventTime"] == "2023-03-04T10:30:00+01:00"
    assert made["body"]["request"]["author"]["organization"] == {"name": "Vårdcentralen Fjällgläntan"}
    assert made["body"]["request"]["receivingOrganization"]["id"]["extension"] == "SE2321000999-A2003"


def test_a_status_that_nobody_knows_yet_is_allowed(query: Query) -> None:
    """The national code list may grow without a new version of the contract."""
    unknown = Code.of("99", "Ny status", system="1.2.752.129.2.2.2.43")

    assert step(query, status=unknown, referrer=None).to_json()["body"]["statusCode"]["code"] == "99"


@pytest.mark.parametrize(
    ("changed", "breach"),
    [
        ({"referrer": None}, "/body/request: required"),
        ({"status": Code(original_text="skickad")}, "/body/statusCode: required"),
        (
            {"kind": Code.of("3", "egenremiss", system="1.2.752.129.2.2.2.24")},
            "/body/request/type/code: enum",
        ),
        ({"referral_id": ""}, "/body/request/id: "),
        ({"receiver": Organization.of("")}, "/body/request/receivingOrganization/name: "),
        (
            {"author": Author(time=SENT, org_unit=OrgUnit(name="Vårdcentralen"))},
            "/header/author/orgUnit: falseSchema",
        ),
    ],
)
def test_a_step_that_the_contract_refuses_is_not_made(
    query: Query, changed: dict[str, Any], breach: str
) -> None:
    """The author sees place and rule where the entry is made."""
    with pytest.raises(EntryInvalidError, match=breach):
        step(query, **changed)


def steps(query: Query) -> list[dict[str, Any]]:
    """Return two steps of one referral, and one of another that is to the laboratory."""
    answered = Code.listed("referral-statuses", "7")
    laboratory = Code.listed("referral-types", "2")
    return [
        step(query).to_json(),
        step(query, document_id="r1-7", status=answered, time=ANSWERED).to_json(),
        step(query, document_id="r2-1", referral_id="r2", time=ANSWERED, kind=laboratory).to_json(),
    ]


@pytest.mark.parametrize(
    ("days", "hits"),
    [
        (("2023-03-04", "2023-03-04"), ["r1-1", "r1-7"]),
        (("2023-04-01", "2023-04-02"), ["r1-1", "r1-7"]),
        (("2023-04-18", "2023-04-18"), ["r1-1", "r1-7", "r2-1"]),
        (("2023-04-19", "2023-04-30"), []),
    ],
)
def test_all_steps_of_a_referral_are_found_or_none(
    query: Query, days: tuple[str, str], hits: list[str]
) -> None:
    """One step inside, or one before and one after: GetRequestActivities wants the whole referral."""
    period = Period(start=date.fromisoformat(days[0]), end=date.fromisoformat(days[1]))
    found = select(replace(query, type="referral-status", period=period), steps(query))

    assert [entry["header"]["documentId"] for entry in found] == hits


def test_other_filters_do_not_widen_a_referral(query: Query) -> None:
    """A period counts all of a referral's steps; the other filters each one by itself."""
    entries = steps(query)
    entries[1]["header"]["careUnitHsaId"] = "SE2321000999-A2003"
    asked = replace(
        query,
        type="referral-status",
        period=Period(start=date(2023, 3, 4), end=date(2023, 3, 4)),
        care_unit_ids=frozenset({"SE2321000999-A2003"}),
    )

    assert [entry["header"]["documentId"] for entry in select(asked, entries)] == ["r1-7"]


def test_a_referral_is_found_by_its_kind(query: Query) -> None:
    """By code and code system; the text beside them says nothing."""
    system = "1.2.752.129.2.2.2.24"

    def found(*kinds: dict[str, str]) -> list[str]:
        asked = replace(query, type="referral-status", own_filters={"typeOfRequest": list(kinds)})
        return [entry["header"]["documentId"] for entry in select(asked, steps(query))]

    assert found({"code": "2", "codeSystem": system, "displayName": "prov"}) == ["r2-1"]
    assert found({"code": "1", "codeSystem": system}, {"code": "4", "codeSystem": system}) == ["r1-1", "r1-7"]
    assert found({"code": "2", "codeSystem": "1.2.3"}) == []


def test_a_reference_holds_for_the_same_kinds_in_any_order() -> None:
    """A filter with codes has an order nowhere else than on the wire."""
    one, two = {"code": "1", "codeSystem": "1.2.3"}, {"codeSystem": "1.2.3", "code": "2"}
    key = b"0" * 32

    def digest(*kinds: dict[str, str]) -> bytes:
        return query_digest("referral-status", {"typeOfRequest": list(kinds)}, key)

    assert digest(one, two) == digest(two, one)
    assert digest(one) != digest(two)
