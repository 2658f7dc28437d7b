"""The third door: a question in SOAP, an answer in JSON, and a fault as the problem that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from anslut_conformance.doors import Reply
from anslut_conformance.errors import ConfigurationError, Finding, NotApplicableError
from anslut_conformance.order import Order
from anslut_conformance.rivta_door import RivtaDoor
from anslut_contracts.rivta import Result, mapping_table, query_from_elements, write_response
from anslut_contracts.rivta.envelope import Fault, Message, read_envelope, write_envelope, write_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "SE2321000999-K001"
PERSON = {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"}
MANIFEST = {"types": ["diagnoses"]}
TABLE = mapping_table("diagnoses")
SOAP = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass
class Producer:
    """A producer that answers what it is told to, and remembers what it was asked."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: SOAP)
    asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = field(default_factory=list)
    name: str = "http"

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Reply:
        """Remember the call, and answer."""
        del timeout
        self.asked.append((method, path, headers, body))
        return Reply(
            status=self.status,
            headers=self.headers,
            body=self.body.encode(),
            seconds=0.5,
            method=method,
            path=path,
        )

    def lacks(self, type_name: str) -> frozenset[str]:
        """Lack nothing."""
        del type_name
        return frozenset()

    def close(self) -> None:
        """Do nothing."""


def door(producer: Producer, **more: Any) -> RivtaDoor:
    """Return the door to *producer*."""
    return RivtaDoor(raw=producer, source_system_id=SYSTEM, manifest=MANIFEST, **more)


def search(producer: Producer, query: object = None, **more: Any) -> Reply:
    """Ask for diagnoses through the door."""
    body = orjson.dumps({"patientId": PERSON} if query is None else query)
    return door(producer, **more).call(
        "POST",
        "/v1/diagnoses/search",
        headers={"Content-Type": "application/json", "Authorization": "Bearer x"},
        body=body,
        timeout=1.0,
    )


def answer(**result: Any) -> str:
    """Return an answer without entries."""
    told = Result(**{"code": "OK", "log_id": "L1", **result})
    return "".join(write_envelope(write_response(TABLE, [], result=told)))


def test_a_question_is_put_in_soap_and_its_answer_in_json() -> None:
    """Address, action, token and query arrive; the checks see what they see through other doors."""
    producer = Producer(answer())

    reply = search(producer, {"patientId": PERSON, "careUnitIds": ["SE2321000999-A1"]})

    assert (reply.status, reply.headers["Content-Type"], reply.seconds) == (200, "application/json", 0.5)
    assert reply.json() == {"entries": [], "result": {"code": "OK", "logId": "L1"}}
    ((method, path, headers, body),) = producer.asked
    assert (method, path) == ("POST", "/rivta/GetDiagnosis/2.0")
    assert headers["SOAPAction"] == f'"{TABLE.soap_action}"'
    assert headers["Authorization"] == "Bearer x"
    assert headers["Content-Type"].startswith("text/xml")
    message = read_envelope(body or b"")
    assert isinstance(message, Message)
    assert message.logical_address == SYSTEM
    assert query_from_elements("diagnoses", message.payload)["careUnitIds"] == ["SE2321000999-A1"]


FAULTS = {
    "our own": (
        Fault(
            code="Server",
            text="slow",
            log_id="L",
            slug="source-timeout",
            status=504,
            retryable=True,
            source=SYSTEM,
        ),
        (504, "source-timeout", True),
    ),
    "somebody's, whose mistake it was not": (Fault(code="Server", text="x"), (502, "source-failed", True)),
    "somebody's, whose mistake it was": (Fault(code="Client", text="x"), (422, "invalid-query", False)),
}


@pytest.mark.parametrize("whose", FAULTS)
def test_a_fault_becomes_the_problem_that_it_stands_for(whose: str) -> None:
    """Checks hold problems in their hands, whatever form they came in."""
    fault, due = FAULTS[whose]

    reply = search(Producer(write_fault(fault), status=500))

    problem = reply.json()
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert (reply.status, problem["type"].rpartition(":")[2], problem["retryable"]) == due
    assert problem["status"] == reply.status


def test_an_error_in_the_result_is_a_refusal() -> None:
    """HTTP says 200, the contract says that it was not answered."""
    reply = search(Producer(answer(code="ERROR", error_code="INVALID_REQUEST")))

    assert reply.status == 422


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("<html/>", SOAP),
        ("", SOAP),
        (answer(), {"Content-Type": "text/html"}),
        (answer().replace("resultCode", "resultcode"), SOAP),
        ("".join(write_envelope(["<a/>"])), SOAP),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_finding(body: str, headers: Mapping[str, str]) -> None:
    """It is the connector's, and never taken for an empty record."""
    with pytest.raises(Finding, match="cannot be read"):
        search(Producer(body, headers=headers))


@pytest.mark.parametrize("status", [401, 404, 503])
def test_other_statuses_are_what_they_are(status: int) -> None:
    """A server in front of the connector knows no SOAP."""
    assert search(Producer("nej", status=status, headers={})).status == status


@pytest.mark.parametrize(
    "query", [[], {"patientId": PERSON, "careProviderIds": ["SE2321000999-V1"]}, {"a": 1}]
)
def test_what_rivta_has_no_words_for_is_not_asked(query: object) -> None:
    """A check about it does not apply here; an unfiltered question instead would be another question."""
    producer = Producer(answer())

    with pytest.raises(NotApplicableError):
        search(producer, query)
    assert producer.asked == []
    assert "careProviderIds" in door(producer).lacks("diagnoses")


def test_a_producer_without_manifest_and_health_is_taken_at_its_word() -> None:
    """RIV-TA has neither; what else is not there stays not there."""
    nothing = door(Producer("", status=404, headers={}))

    def get(path: str) -> Reply:
        return nothing.call("GET", path, headers={}, body=None, timeout=1.0)

    assert get("/v1/connector").json() == MANIFEST
    assert get("/health/ready").status == 200
    assert get("/metrics").status == 404


def test_a_producer_may_have_addresses_of_its_own() -> None:
    """Real producers are not built after our paths."""
    order = Order(connector="rivta+https://vard.example:8443/ws/{contract}/v{version}")
    producer = Producer(answer())

    assert (order.in_soap, order.target, order.by_hand) == (True, "https://vard.example:8443", True)
    search(producer, address=order.address)
    assert producer.asked[0][1] == "/ws/GetDiagnosis/v2.0"


@pytest.mark.parametrize("name", ["rivta+pkg.mod:Class", "pkg.mod:Class"])
def test_a_name_is_the_same_behind_either_door(name: str) -> None:
    """`rivta+` says how to ask, not what."""
    order = Order(connector=name)

    assert (order.target, order.by_hand, order.address) == ("pkg.mod:Class", False, None)
    assert order.in_soap is name.startswith("rivta+")


def test_a_client_certificate_needs_its_key() -> None:
    """Half a proof is a mistake in the set-up, said before anything is asked."""
    from anslut_conformance.commands.running import order_of  # noqa: PLC0415 - heavy

    with pytest.raises(ConfigurationError, match="needs its key"):
        order_of({"connector": "http://127.0.0.1:1", "client_cert": "a.pem"})
