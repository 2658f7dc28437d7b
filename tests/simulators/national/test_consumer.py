"""The national side's consumer against a producer on a real socket."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from anslut_contracts.rivta import Result, mapping_table, write_response
from anslut_contracts.rivta.envelope import Fault, write_envelope, write_fault
from anslut_simulators.national.consumer import AnswerError, Consumer, FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM, CONSUMER = "SE2321000999-K001", "SE2321000999-1177"
QUERY = {"patientId": {"root": "1.2.752.129.2.1.3.1", "extension": "199001022384"}}
NUMBER = "199001022384"
TABLE = mapping_table("diagnoses")
ENTRY = {
    "header": {
        "documentId": "D1",
        "sourceSystemHsaId": SYSTEM,
        "patientId": QUERY["patientId"],
        "author": {"time": "2023-03-04T10:00:00+01:00", "name": "Ada Ek"},
        "careProviderHsaId": "SE2321000999-V1",
        "blockComparisonTime": "2023-03-04T10:00:00+01:00",
        "approvedForPatient": True,
    },
    "body": {
        "typeOfDiagnosis": "Huvuddiagnos",
        "diagnosisCode": {
            "code": "I10.9",
            "codeSystem": "1.2.752.116.1.1.1",
            "displayName": "Hypertoni & annat",
        },
    },
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's own
        """Write nothing."""


@contextmanager
def producer(
    body: bytes, status: str = "200 OK", media_type: str = "text/xml; charset=utf-8"
) -> Iterator[tuple[str, list[Any]]]:
    """Serve *body*, and give the address and what was asked."""
    asked: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append((environ, environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        start_response(status, [("Content-Type", media_type), ("Content-Length", str(len(body)))])
        return [body]

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{contract}}/{{version}}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer() -> str:
    """Return a whole answer with one entry."""
    return "".join(write_envelope(write_response(TABLE, [ENTRY], result=Result(code="OK", log_id="L1"))))


def ask(address: str) -> Any:
    """Ask for Anna's diagnoses."""
    consumer = Consumer(address=address, hsa_id=CONSUMER, timeout_seconds=2.0)
    return consumer.ask("diagnoses", QUERY, logical_address=SYSTEM)


def test_a_producers_answer_becomes_entries() -> None:
    """Who asks, for whom and what is said as the platform says it."""
    with producer(answer().encode()) as (address, asked):
        found = ask(address)

    assert found.entries == [ENTRY]
    assert found.result.log_id == "L1"
    ((environ, body),) = asked
    assert environ["PATH_INFO"] == "/GetDiagnosis/2.0"
    assert environ["HTTP_X_RIVTA_ORIGINAL_SERVICECONSUMER_HSAID"] == CONSUMER
    assert environ["HTTP_SOAPACTION"] == f'"{TABLE.soap_action}"'
    assert NUMBER in body.decode()


def test_how_it_is_written_does_not_matter() -> None:
    """Other prefixes, white space, comments, and something of the producer's own at the end."""
    text = (
        answer()
        .replace("responder:", "ns7:")
        .replace("xmlns:responder", "xmlns:ns7")
        .replace(":responder=", ":ns7=")
    )
    text = text.replace("><", ">\n  <!-- x -->\n  <").replace(
        "</diagnosisBody>", "<x:y xmlns:x='urn:x'>1</x:y></diagnosisBody>"
    )

    with producer(text.encode()) as (address, _):
        assert ask(address).entries == [ENTRY]


WRONG: dict[str, tuple[str, dict[str, str]]] = {
    "a page": ("<html>" + NUMBER + "</html>", {"media_type": "text/html"}),
    "no content type": (answer(), {"media_type": ""}),
    "cut off": (answer()[:-30], {}),
    "another contract": (
        "".join(write_envelope(write_response(mapping_table("laboratory-results"), []))),
        {},
    ),
    "another status": (answer(), {"status": "404 Not Found"}),
    "a code that is none": (answer().replace("<approvedForPatient>true", "<approvedForPatient>ja"), {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_answer_is_an_error_that_names_nobody(what: str) -> None:
    """Never an empty list, and never somebody's number."""
    body, more = WRONG[what]

    with producer(body.encode(), **more) as (address, _), pytest.raises(AnswerError) as caught:
        ask(address)
    assert NUMBER not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (write_fault(Fault(code="Server", text=f"VP009 {NUMBER}")), "Server"),
        (
            "".join(
                write_envelope(
                    write_response(
                        TABLE, [], result=Result(code="ERROR", error_code="INVALID_REQUEST", log_id="L")
                    )
                )
            ),
            "INVALID_REQUEST",
        ),
    ],
)
def test_a_refusal_is_told_apart(body: str, code: str) -> None:
    """A fault or an error in the result: somebody said no, and said why."""
    with (
        producer(body.encode(), status="500 Internal Server Error") as (address, _),
        pytest.raises(FaultError) as caught,
    ):
        ask(address)

    assert caught.value.fault.code == code
    assert NUMBER not in str(caught.value)


def test_nobody_there_is_an_error_too() -> None:
    """Silence is no empty record."""
    with producer(b"") as (address, _):
        gone = address
    with pytest.raises(AnswerError, match="no answer"):
        ask(gone)
