"""How a period is compared with an entry: by its times, by the days it lasts, or with those it belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from anslut_contracts import information_types
from anslut_contracts.semantics import CHECKS


def contact(**times: str) -> dict[str, Any]:
    """Return what of a care contact counts for a period."""
    return {
        "header": {"author": {"time": "2023-03-01T10:00:00+01:00"}},
        "body": {"careContactTimePeriod": times},
    }


def prescription(**times: Any) -> dict[str, Any]:
    """Return what of a prescription counts for a period."""
    return {
        "header": {"author": {"time": "2023-03-01T10:00:00+01:00"}},
        "body": {"medicationPrescription": times},
    }


START, END = "2023-03-10T08:00:00+01:00", "2023-03-20T08:00:00+01:00"


@pytest.mark.parametrize(
    ("type_name", "entry", "inside", "outside"),
    [
        ("care-contacts", contact(), ["2023-03-01"], ["2023-02-28", "2023-03-02"]),
        ("care-contacts", contact(start=START), ["2023-03-05", "2023-03-10"], ["2023-03-11"]),
        ("care-contacts", contact(start=START, end=END), ["2023-03-15", "2023-03-20"], ["2023-03-21"]),
        ("medications", prescription(), ["2023-03-01", "2030-01-01"], ["2023-02-28"]),
        ("medications", prescription(startOfTreatment=START), ["2023-03-10"], ["2023-03-09"]),
        (
            "medications",
            prescription(startOfTreatment=START, prescriber={"time": "2023-03-05T10:00:00+01:00"}),
            ["2023-03-05"],
            ["2023-03-04"],
        ),
        (
            "medications",
            prescription(startOfTreatment=START, endOfTreatment=END),
            ["2023-03-15"],
            ["2023-03-21"],
        ),
    ],
)
def test_an_entry_that_lasts_counts_for_each_of_its_days(
    type_name: str, entry: dict[str, Any], inside: list[str], outside: list[str]
) -> None:
    """A day in the middle is a hit, though no time of the entry's is on it."""
    found = information_types()[type_name]

    assert all(found.in_period([entry], day, day) for day in inside)
    assert not any(found.in_period([entry], day, day) for day in outside)


def test_steps_of_a_referral_are_compared_together() -> None:
    """One before and one after is a hit: the referral was on its way."""
    found = information_types()["referral-status"]
    steps = [{"body": {"eventTime": time}} for time in (END, START)]

    assert found.period_group == "body.request.id"
    assert found.in_period(steps, "2023-03-15", "2023-03-15")
    assert not found.in_period(steps[:1], "2023-03-15", "2023-03-15")


def test_other_types_count_by_their_times_alone() -> None:
    """Between two of a diagnosis's times nothing happened."""
    found = information_types()["diagnoses"]
    entry = {"header": {"author": {"time": START}, "signature": {"time": END}}, "body": {}}

    assert found.in_period([entry], "2023-03-10", "2023-03-10")
    assert not found.in_period([entry], "2023-03-15", "2023-03-15")


def test_each_filter_has_the_field_that_it_is_compared_with() -> None:
    """A filter without one would let everything through."""
    not_compared = {"period", "sourceSystemId", "hasMoreReference"}
    for name, found in information_types().items():
        assert found.filters - not_compared - {"interactionAgreementId"} == set(found.filter_fields), name
    assert information_types()["care-contacts"].filter_fields["careContactIds"] == "header.documentId"


def test_any_time_period_of_a_body_can_be_held_in_order() -> None:
    """A new type with a period of its own names the check, and changes nothing."""
    body = {"validityTimePeriod": {"start": END, "end": START}, "careContactTimePeriod": {"start": START}}

    found = list(CHECKS["time-period-order"]({"body": body}, "/entries/0"))

    assert [(breach.path, breach.rule) for breach in found] == [
        ("/entries/0/body/validityTimePeriod", "time-period-order")
    ]
