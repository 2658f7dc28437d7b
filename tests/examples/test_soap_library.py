"""A SOAP library that is made of the official descriptions, and of nothing of ours, asks the example connectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from anslut import Settings
from anslut.server import running
from anslut_conformance.candidates import load
from anslut_conformance.matrix import examples
from anslut_contracts import information_types
from anslut_contracts.identity import PERSONNUMMER, SAMORDNINGSNUMMER
from anslut_contracts.rivta import has_room, mapping_tables, reduced
from anslut_simulators import serve_region
from anslut_simulators.national.consumer import AGREEMENT
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anslut_contracts.rivta import MappingTable

OFFICIAL = {PERSONNUMMER, SAMORDNINGSNUMMER}
REGION = "fjallmark"
CONSUMER = {"x-rivta-original-serviceconsumer-hsaid": "SE2321000999-1177"}
#: So many persons with something to tell are asked about in every contract and version.
PERSONS = 3


def people() -> Iterator[dict[str, str]]:
    """Yield the official identities of the personas whose source does not fail on purpose.

    Those with letters that XML writes in another way come first, so that every system that has one is asked about it.
    """
    personas = default_population().personas()
    for name, persona in sorted(personas.items(), key=lambda one: "tecken" not in one[0]):
        for identity in persona.identities:
            if identity.root in OFFICIAL and not name.startswith("tc"):
                yield {"root": identity.root, "extension": identity.extension}


class Library:
    """A client of one contract, made of its WSDL, and strict."""

    def __init__(self, url: str, table: MappingTable, schemas: Path) -> None:
        import zeep  # noqa: PLC0415 - slow to import, and only here

        self.table, self.zeep = table, zeep
        wsdl = next((schemas / table.xsd).parent.glob("*_RIVTABP21.wsdl"))
        session = requests.Session()
        session.trust_env = False
        session.headers.update(CONSUMER)
        client = zeep.Client(str(wsdl), transport=zeep.Transport(session=session))
        binding = next(iter(client.wsdl.bindings))
        self.service = client.create_service(binding, f"{url}/rivta/{table.contract}/{table.version}")

    def ask(self, person: dict[str, str], system: str) -> list[Any]:
        """Return the entries about *person*, as the library reads them."""
        row = next(row for row in self.table.request.children if row.path == ("patientId",))
        values = {"root": person["root"], "type": person["root"]}
        parts = {
            child.element: values.get(child.element, person["extension"])
            for child in row.children or self.table.types.get(row.type or "", ())
        }
        agreement = {"interactionAgreementId": AGREEMENT}
        needed = agreement if agreement.keys() & information_types()[self.table.type].filters else {}
        answer = getattr(self.service, self.table.contract)(
            _soapheaders={"LogicalAddress": system},
            **{row.element: parts or person["extension"]},
            **needed,
        )
        found = self.zeep.helpers.serialize_object(answer, dict)
        element = self.table.entry.element
        return list((found.get(element) if isinstance(found, dict) and element in found else found) or [])


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value of any shape."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts(one)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("system", sorted(examples()))
def test_a_soap_library_gets_what_the_json_door_gives(
    system: str, national_schemas: Path, tmp_path: Path
) -> None:
    """In every contract and version: as many entries, the same ids and the same words."""
    with serve_region(REGION) as region:
        environment = {**region.environment(system, "soap-library"), "ANSLUT_STATE_DIR": str(tmp_path)}
        environment.pop("ANSLUT_INDEX_URL")
        connector = load(examples()[system])(Settings.from_environment(environment))
        source = connector.settings.source_system_ids[0]
        with running(connector, rivta=True) as url, requests.Session() as session:
            session.trust_env = False
            session.headers.update(CONSUMER)
            for type_name in connector.serves:
                asked = 0
                libraries = [Library(url, table, national_schemas) for table in mapping_tables(type_name)]
                for person in people():
                    reply = session.post(
                        f"{url}/v1/{type_name}/search", json={"patientId": person}, timeout=30
                    )
                    told = reply.json()
                    if not told["entries"] or "hasMore" in told:
                        continue
                    asked += 1
                    for library in libraries:
                        compare(library, told["entries"], library.ask(person, source))
                    if asked == PERSONS:
                        break
                assert asked, type_name


def compare(library: Library, told: list[dict[str, Any]], found: list[Any]) -> None:
    """Hold what the library read against the entries of the JSON door, as far as this version can tell them.

    A version that has a word of its own for a code leaves the code's text out.
    """
    table = library.table
    expected = [reduced(table, entry) for entry in told if has_room(table, entry)]
    assert len(found) == len(expected), table.name
    read = set(texts(found))
    ids = {entry["header"]["documentId"] for entry in expected if "documentId" in entry["header"]}
    coded = {text for codes in table.codes.values() for one in codes for text in texts(one.value)}
    words = {text for entry in expected for text in texts(entry) if " " in text.strip()} - coded
    assert ids <= read, table.name
    assert words <= read, table.name
    assert words, table.name
