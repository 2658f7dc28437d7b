"""Every answer of every example connector follows the national schemas, in every contract and version it has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from anslut import Settings
from anslut.door import create_app
from anslut_conformance.candidates import load
from anslut_conformance.matrix import examples
from anslut_contracts import information_types
from anslut_contracts.identity import PERSONNUMMER, SAMORDNINGSNUMMER
from anslut_contracts.rivta import mapping_tables
from anslut_contracts.rivta.envelope import Message, read_envelope
from anslut_simulators import serve_region
from anslut_simulators.national.consumer import write_question
from anslut_simulators.population import default_population

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml import etree

OFFICIAL = {PERSONNUMMER, SAMORDNINGSNUMMER}
REGION = "fjallmark"

#: Tried whole before a release; every build tries fewer.
SAMPLED = 300 if os.environ.get("ANSLUT_THOROUGH") else 40
CONSUMER = {"x-rivta-original-serviceconsumer-hsaid": "SE2321000999-1177"}
#: Whose source answers with a fault on purpose: TC5, TC6 and TC8; nothing to hold against a schema.
REFUSED = 500


def people() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield a name to call them by, and the identity, of every persona and of sampled people."""
    population = default_population()
    for name, persona in population.personas().items():
        for identity in (persona.person.identity, *persona.person.linked):
            yield name, {"root": identity.root, "extension": identity.extension}
    for place, person in enumerate(population.sample(SAMPLED, region=REGION, label="real schemas")):
        yield f"sampled {place}", {"root": person.identity.root, "extension": person.identity.extension}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("system", sorted(examples()))
def test_every_answer_follows_the_real_schemas(
    system: str, national_schema: Callable[[str], etree.XMLSchema], tmp_path: Any
) -> None:
    """Our tables say what a contract demands; only its own schema can contradict them."""
    answered = 0
    with serve_region(REGION) as region:
        environment = {**region.environment(system, "real-schemas"), "ANSLUT_STATE_DIR": str(tmp_path)}
        environment.pop("ANSLUT_INDEX_URL")
        connector = load(examples()[system])(Settings.from_environment(environment))
        client = create_app(connector, rivta=True).test_client()
        source = connector.settings.source_system_ids[0]
        tables = [table for type_name in connector.serves for table in mapping_tables(type_name)]
        for name, person in people():
            for table in tables:
                query: dict[str, Any] = {"patientId": person}
                if "sourceSystemId" in information_types()[table.type].filters - table.unsupported_filters:
                    query["sourceSystemId"] = source
                elif person["root"] not in OFFICIAL:
                    continue  # a reserve number is asked for together with its system, and this contract cannot
                headers, body = write_question(table, query, logical_address=source)
                reply = client.post(
                    f"/rivta/{table.contract}/{table.version}", data=body, headers={**CONSUMER, **headers}
                )
                if reply.status_code == REFUSED and name.startswith("tc"):
                    continue
                message = read_envelope(reply.data)
                assert isinstance(message, Message), f"{name}: {table.name}: {message}"
                judge = national_schema(table.xsd)
                assert judge.validate(message.payload), f"{name}: {table.name}: {judge.error_log}"
                answered += 1
    assert answered > SAMPLED
