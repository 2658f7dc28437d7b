"""A SOAP library that is made of the official descriptions, and of nothing of ours, asks and understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut_contracts.identity import PERSONNUMMER
from anslut_contracts.rivta import mapping_table, mapping_tables
from rivta_caller import ASKED, NUMBER, SAID, SYSTEM, Door, opened, question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOAP_LIBRARY = [
    (table.type, table.version, SAID.get(table.type))
    for type_name in (
        "care-documentation",
        "diagnoses",
        "laboratory-results",
        "care-contacts",
        "referral-status",
    )
    for table in mapping_tables(type_name)
]


@pytest.fixture
def door(connector: Any, make: Any) -> Iterator[Door]:
    """Return a door where everybody has one diagnosis and one note."""
    with opened(connector, make) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize(("type_name", "version", "said"), SOAP_LIBRARY)
def test_a_soap_library_gets_right_answers_by_the_official_description(
    door: Door, national_schemas: Path, type_name: str, version: str, said: str | None
) -> None:
    """Nothing of ours is between: the client is made of the official WSDL, and is strict."""
    import zeep  # noqa: PLC0415 - slow to import, and only here

    table = mapping_table(type_name, version)
    wsdl = next((national_schemas / table.xsd).parent.glob("*_RIVTABP21.wsdl"))
    session = requests.Session()
    session.trust_env = False
    session.headers["x-rivta-original-serviceconsumer-hsaid"] = "SE2321000999-C001"
    client = zeep.Client(str(wsdl), transport=zeep.Transport(session=session))
    service = client.create_service(
        next(iter(client.wsdl.bindings)), f"{door.url}/rivta/{table.contract}/{table.version}"
    )
    asked = next(row.element for row in table.request.children if row.path == ("patientId",))
    people = [
        NUMBER,
        {"id": NUMBER, "type": PERSONNUMMER},
        {"root": PERSONNUMMER, "extension": NUMBER},
    ]
    person = people[0 if asked == "subjectOfCareId" else 1 if "<core:id>" in question(ASKED, table) else 2]

    answer = getattr(service, table.contract)(_soapheaders={"LogicalAddress": SYSTEM}, **{asked: person})

    found = zeep.helpers.serialize_object(answer, dict)
    entries = (
        found.get(table.entry.element) if isinstance(found, dict) and table.entry.element in found else found
    )
    assert len(entries or []) == (said is not None)
    assert said is None or said in str(entries)
