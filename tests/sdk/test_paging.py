"""Partial answers: nothing lost, nothing doubled, nothing given away."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from anslut import Caller, from_local, paging
from anslut.errors import InvalidQueryError
from anslut_contracts.identity import PERSONNUMMER
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

ASKED = {"patientId": {"root": PERSONNUMMER, "extension": "199001022384"}}
CALLER = Caller(consumer_hsa_id="SE2321000999-C001")
START = from_local("2023-01-01 00:00:00")


def at(hours: int) -> str:
    """Return a local time some hours into 2023."""
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S")


def follow(connector: Any, asked: dict[str, Any], *, between: Any = lambda: None) -> list[str]:
    """Return the documentIds of all pages, in order; call *between* after each page."""
    found, reference = [], None
    for _ in range(1000):
        extra = {"hasMoreReference": reference} if reference else {}
        answer = connector.search("diagnoses", asked | extra, caller=CALLER)
        found += [entry["header"]["documentId"] for entry in answer["entries"]]
        if "hasMore" not in answer:
            return found
        reference = answer["hasMore"]["reference"]
        between()
    raise AssertionError("the pages never end")


@trying(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=st.lists(st.integers(0, 20), max_size=25),
    size=st.integers(1, 7),
    added=st.lists(st.integers(0, 20), max_size=5),
)
def test_the_pages_together_are_the_whole_also_while_entries_are_added(
    connector: Any, make: Any, hours: list[int], size: int, added: list[int]
) -> None:
    """Every entry that was there from the start comes exactly once, newest first."""
    there = [(f"d{number}", hour) for number, hour in enumerate(hours)]
    coming = [(f"x{number}", hour) for number, hour in enumerate(added)]
    connector.settings = replace(connector.settings, page_size=size)
    connector.readers["diagnoses"] = lambda query: [
        make.diagnosis(query, name, entered=at(hour)) for name, hour in there
    ]

    def add() -> None:
        if coming:
            there.append(coming.pop())

    found = follow(connector, ASKED, between=add)

    old = [name for name in found if name.startswith("d")]
    by_name = dict(there)
    assert sorted(old) == sorted(f"d{number}" for number in range(len(hours)))
    assert len(set(found)) == len(found)
    assert [by_name[name] for name in found] == sorted((by_name[name] for name in found), reverse=True)


def test_an_answer_never_weighs_more_than_one_may(
    connector: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Few large entries are paged as many small ones are."""
    monkeypatch.setattr(paging, "LARGEST_BYTES", 3000)
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query, f"d{n:02}") for n in range(20)]

    first = connector.search("diagnoses", ASKED, caller=CALLER)

    assert 1 <= len(first["entries"]) < 20
    assert sorted(follow(connector, ASKED)) == [f"d{n:02}" for n in range(20)]


@pytest.fixture
def reference(connector: Any, make: Any) -> str:
    """Return a reference to the second page of Anna's diagnoses at one unit."""
    connector.settings = replace(connector.settings, page_size=1)
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query, f"d{n}") for n in range(3)]
    answer = connector.search("diagnoses", ASKED | {"careUnitIds": ["SE2321000999-A1001"]}, caller=CALLER)
    return str(answer["hasMore"]["reference"])


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        ASKED | {"careUnitIds": ["SE2321000999-A1002"]},
        {
            "patientId": {"root": PERSONNUMMER, "extension": "201103092381"},
            "careUnitIds": ["SE2321000999-A1001"],
        },
    ],
)
def test_a_reference_belongs_to_its_query(connector: Any, reference: str, asked: dict[str, Any]) -> None:
    """Another person, another filter: another query."""
    with pytest.raises(InvalidQueryError, match="another query") as caught:
        connector.search("diagnoses", asked | {"hasMoreReference": reference}, caller=CALLER)

    assert caught.value.errors[0].path == "/hasMoreReference"


def test_a_reference_goes_with_the_same_query_written_otherwise(connector: Any, reference: str) -> None:
    """An empty filter is no filter, and the order of a list means nothing."""
    asked = ASKED | {"careUnitIds": ["SE2321000999-A1001"], "careProviderIds": []}

    answer = connector.search("diagnoses", asked | {"hasMoreReference": reference}, caller=CALLER)

    assert len(answer["entries"]) == 1


def test_a_reference_that_somebody_has_turned_is_refused(connector: Any, reference: str) -> None:
    """Every single byte is signed."""
    raw = urlsafe_b64decode(reference + "==")
    asked = ASKED | {"careUnitIds": ["SE2321000999-A1001"]}
    for place in range(len(raw)):
        turned = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        with pytest.raises(InvalidQueryError):
            connector.search(
                "diagnoses",
                asked | {"hasMoreReference": urlsafe_b64encode(turned).decode().rstrip("=")},
                caller=CALLER,
            )


def test_a_reference_holds_no_identity(reference: str) -> None:
    """Neither the person's number nor the documentId can be read out of it."""
    raw = urlsafe_b64decode(reference + "==")

    assert b"199001022384" not in raw
    assert b"9001022384" not in raw
    assert b"d0" not in raw


def test_a_reference_holds_in_another_process(connector: Any, reference: str) -> None:
    """Several workers share the key, not a memory."""
    other = type(connector)(connector.settings)
    other.readers = connector.readers
    asked = ASKED | {"careUnitIds": ["SE2321000999-A1001"], "hasMoreReference": reference}

    assert len(other.search("diagnoses", asked, caller=CALLER)["entries"]) == 1
