"""Asking a running connector in SOAP, and holding what it answers against what every answer owes."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from anslut.server import running
from anslut_contracts.identity import PERSONNUMMER
from anslut_contracts.rivta import mapping_table, read_response, write_request
from anslut_contracts.rivta.envelope import Fault, Message, read_envelope, write_envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_contracts.rivta import MappingTable, Response

NUMBER = "199001022384"
SYSTEM = "SE2321000999-K001"
ASKED = {"patientId": {"root": PERSONNUMMER, "extension": NUMBER}}
DIAGNOSES = mapping_table("diagnoses")
HEADERS = {
    "x-rivta-original-serviceconsumer-hsaid": "SE2321000999-C001",
    "Content-Type": "text/xml; charset=UTF-8",
}
SAID = {"diagnoses": "Essentiell hypertoni", "care-documentation": 'å <b> & "ö"'}
"""What the connector's only entry of a type says; of the others it has none."""


class Door:
    """A running connector, and how to ask it in SOAP."""

    def __init__(self, url: str, connector: Any) -> None:
        self.url, self.connector = url, connector
        self.session = requests.Session()
        self.session.trust_env = False

    def post(
        self, body: str | bytes, table: MappingTable = DIAGNOSES, *, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send *body* to the table's address."""
        own = {**HEADERS, "SOAPAction": f'"{table.soap_action}"', **(headers or {})}
        raw = body.encode() if isinstance(body, str) else body
        path = f"/rivta/{table.contract}/{table.version}"
        return self.session.post(self.url + path, data=raw, headers=own, timeout=30)

    def ask(
        self, query: dict[str, Any], table: MappingTable = DIAGNOSES, **headers: str
    ) -> requests.Response:
        """Ask *query* of this source system."""
        return self.post(question(query, table), table, headers=headers)


def question(query: dict[str, Any], table: MappingTable = DIAGNOSES, *, address: str | None = SYSTEM) -> str:
    """Return the envelope that asks *query*."""
    return "".join(write_envelope([write_request(table, query)], logical_address=address))


def answer_of(reply: requests.Response, table: MappingTable = DIAGNOSES, query: Any = ASKED) -> Response:
    """Return what a good reply holds."""
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert reply.headers["Cache-Control"] == "no-store"
    found = read_envelope(reply.content, charset="utf-8")
    assert isinstance(found, Message)
    return read_response(table, found.payload, query=query)


def fault_of(reply: requests.Response) -> Fault:
    """Return the fault a reply is, after looking for what no fault may hold."""
    assert (reply.status_code, reply.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    assert NUMBER not in reply.text
    found = read_envelope(reply.content, charset="utf-8")
    assert isinstance(found, Fault)
    assert found.log_id is not None
    assert uuid.UUID(found.log_id)
    return found


@contextmanager
def opened(connector: Any, make: Any) -> Iterator[Door]:
    """Serve *connector*, in which everybody has one diagnosis and one note."""
    connector.readers["diagnoses"] = lambda query: [make.diagnosis(query)]
    connector.readers["care-documentation"] = lambda query: [
        make.note(query, text=SAID["care-documentation"])
    ]
    with running(connector, rivta=True) as url:
        yield Door(url, connector)
