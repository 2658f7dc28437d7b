"""A growth observation holds against the contract, or does not exist."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from anslut import (
    Author,
    Code,
    GrowthPatient,
    OrgUnit,
    Quantity,
    Query,
    SchoolHealthConnector,
    from_local,
    growth_observation,
    header,
)
from anslut.entries import ObservationTime
from anslut.errors import EntryInvalidError
from anslut.filtering import event_time
from anslut_contracts import code_list, validation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anslut import Caller, Entry, Settings

SNOMED = "1.2.752.116.2.1.1"
LENGTH = Code.of("1153637007", "kroppslängd", system=SNOMED)
WEIGHT = Code.of("27113001", "kroppsvikt", system=SNOMED)
MEASURED = from_local("2023-10-05 10:30:00")


def made(query: Query, *, about: dict[str, Any] | None = None, **changed: Any) -> Entry:
    """Return a valid length, but for what is changed."""
    fields: dict[str, Any] = {
        "patient": GrowthPatient(date_of_birth=date(2011, 3, 9)),
        "type": LENGTH,
        "time": MEASURED,
        "value": Quantity(value="152.4", unit="cm"),
    }
    author = Author(
        time=MEASURED,
        role=Code.of("206017", "Sjuksköterska, medicin/kirurgi", system="1.2.752.129.2.2.1.4"),
        org_unit=OrgUnit(name="Elevhälsan"),
    )
    entry_header = header(
        query,
        **{
            "document_id": "g1",
            "author": author,
            "care_provider": "SE2321000999-V002",
            "care_unit": "SE2321000999-A2101",
            "approved": True,
            **(about or {}),
        },
    )
    return growth_observation(entry_header, **(fields | changed))


def test_a_measurement_is_what_the_contract_allows(query: Query) -> None:
    """The schema judges the same JSON that the door sends."""
    entry = made(query).to_json()

    assert validation.errors("entry:growth-observations", entry) == []
    assert entry["body"]["time"] == {"start": "2023-10-05T10:30:00+02:00", "end": "2023-10-05T10:30:00+02:00"}
    assert entry["body"]["valueNegation"] is False


def test_a_day_is_enough(query: Query) -> None:
    """Old measurements are known by their day, and it begins at midnight in Sweden."""
    entry = made(query, time=date(2012, 9, 11)).to_json()

    assert entry["body"]["time"]["start"] == "2012-09-11"
    assert event_time("growth-observations", entry) == from_local("2012-09-11 00:00:00").timestamp()


def test_a_time_that_is_text_gets_stockholm_s_offset_too() -> None:
    """Nothing later looks at the offset of what a part holds."""
    told = ObservationTime(start="2023-10-05T08:30:00Z", end="2012-09-11")  # type: ignore[arg-type]  # as from JSON

    assert msgspec.to_builtins(told) == {"start": "2023-10-05T10:30:00+02:00", "end": "2012-09-11"}


@pytest.mark.parametrize(
    ("about", "changed", "message"),
    [
        ({}, {"value": Quantity(value="1524", unit="mm")}, "/body/value/pq/unit: const"),
        ({}, {"type": WEIGHT, "value": Quantity(value="43800", unit="g")}, "/body/value/pq/unit: const"),
        ({}, {"value": Quantity(value="152,4", unit="cm")}, "/body/value/pq/value: pattern"),
        ({}, {"type": Code(original_text="längd")}, "/body/type: required"),
        ({}, {"time": datetime(2023, 10, 5, 10, 30)}, "/body/time/end: "),  # noqa: DTZ001 - the point
        ({"care_unit": None}, {}, "/header: required"),
        ({"document_time": MEASURED}, {}, "/header/documentTime: falseSchema"),
    ],
)
def test_what_the_contract_refuses_is_refused_where_it_is_made(
    query: Query, about: dict[str, Any], changed: dict[str, Any], message: str
) -> None:
    """A child of fifteen metres must not reach a curve."""
    with pytest.raises(EntryInvalidError, match=message):
        made(query, about=about, **changed)


@pytest.mark.parametrize("code", code_list("growth-observations").texts)
def test_each_measure_has_its_unit(query: Query, code: str) -> None:
    """The code list and the schema say the same."""
    measures = code_list("growth-observations")
    kind = Code.of(code, measures.texts[code], system=SNOMED)

    assert made(query, type=kind, value=Quantity(value="50", unit=measures.units[code]))
    with pytest.raises(EntryInvalidError):
        made(query, type=kind, value=Quantity(value="50", unit="inch"))


def test_one_can_ask_for_some_measures(settings: Settings, caller: Caller, query: Query) -> None:
    """A curve of lengths needs no weights."""

    class Mine(SchoolHealthConnector):
        product, vendor, version, system = "P", "V", "1", "elevjournal"

        def read_growth_observations(self, query: Query) -> Iterable[Entry]:
            yield made(query)
            yield made(
                query, about={"document_id": "g2"}, type=WEIGHT, value=Quantity(value="43.8", unit="kg")
            )

    def asked(**filters: Any) -> list[str]:
        document = {"patientId": query.patient_id.to_json(), **filters}
        found = Mine(settings).search("growth-observations", document, caller=caller)["entries"]
        return sorted(entry["header"]["documentId"] for entry in found)

    weight = {"code": "27113001", "codeSystem": SNOMED}
    assert asked() == ["g1", "g2"]
    assert asked(observationTypes=[weight]) == ["g2"]
    assert asked(observationTypes=[{**weight, "codeSystem": "1.2.3"}]) == []
    assert asked(observationTypes=[]) == ["g1", "g2"]
