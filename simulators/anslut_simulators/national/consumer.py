"""A consumer of RIV-TA contracts: asks any producer in SOAP, and turns what it answers into contract entries.

Tolerant of how things are written (prefixes, white space, extensions, codes that nobody has seen), strict about what
they mean: an answer that cannot be understood whole is an error, never a shorter list.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import requests
from anslut_contracts import information_types
from anslut_contracts.errors import CodecError, EnvelopeError
from anslut_contracts.http_headers import CONSUMER_HEADER, CORRELATION_HEADERS
from anslut_contracts.rivta import mapping_table, read_response, write_request
from anslut_contracts.rivta.envelope import MEDIA_TYPE, Fault, read_envelope, write_envelope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_contracts.rivta import MappingTable, Response

__all__ = ["AnswerError", "Consumer", "FaultError", "read_answer", "write_question"]

AGREEMENT: Final = "9d1b6a52-3c1e-4d57-8a3e-6b0f2c5d7e41"
"""The interaction agreement asked under where a contract demands one: made up, the national ids are not public."""

LARGEST_BYTES: Final = 32 * 1024 * 1024
_STATUSES: Final = {200, 500}
_CHUNK: Final = 65_536


class AnswerError(Exception):
    """A producer answered something that is no answer; the message names the place, never a value."""


class FaultError(AnswerError):
    """A producer answered with a SOAP fault, or with a result that is an error (*code* `INVALID_REQUEST` …)."""

    def __init__(self, fault: Fault) -> None:
        """Keep the *fault*; the message is its code alone, since its text is somebody else's."""
        super().__init__(f"SOAP fault {fault.code}")
        self.fault = fault


def write_question(
    table: MappingTable, query: Mapping[str, Any], *, logical_address: str
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the request for *query*, contract JSON; raise `CodecError` if RIV-TA cannot ask it."""
    if "interactionAgreementId" in information_types()[table.type].filters:
        query = {"interactionAgreementId": AGREEMENT, **query}
    body = "".join(write_envelope([write_request(table, query)], logical_address=logical_address))
    headers = {"Content-Type": f"{MEDIA_TYPE}; charset=UTF-8", "SOAPAction": f'"{table.soap_action}"'}
    return headers, body.encode()


def read_answer(table: MappingTable, body: bytes, *, content_type: str, query: Mapping[str, Any]) -> Response:
    """Return what a producer answered *query* with.

    Raise `FaultError` for a fault or a result that is an error, `AnswerError` for what is neither.
    """
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != MEDIA_TYPE:
        raise AnswerError(f"the answer's Content-Type is not {MEDIA_TYPE}")
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip().strip('"') or None
    try:
        message = read_envelope(body, charset=charset)
        if isinstance(message, Fault):
            raise FaultError(message)
        response = read_response(table, message.payload, query=query)
    except (EnvelopeError, CodecError) as error:
        raise AnswerError(str(error)) from None
    if response.result is not None and response.result.code == "ERROR":
        raise FaultError(
            Fault(
                code=response.result.error_code or "ERROR",
                text=response.result.message or "",
                log_id=response.result.log_id,
            )
        )
    return response


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Asks producers over HTTP as *hsa_id*; *certificate* is a client certificate and key, *ca_file* whom to trust.

    *address* is where a producer answers; `{contract}` and `{version}` in it are filled in.
    """

    address: str
    hsa_id: str
    certificate: tuple[str, str] | None = None
    ca_file: str | None = None
    timeout_seconds: float = 27.0

    def ask(
        self, type_name: str, query: Mapping[str, Any], *, logical_address: str, version: str | None = None
    ) -> Response:
        """Return the producer's answer to *query* in *version* of the type's contract, the newest unless said.

        Raise `AnswerError` (`FaultError` for faults) when there is none, also when nobody answers in time.
        """
        table = mapping_table(type_name, version)
        headers, body = write_question(table, query, logical_address=logical_address)
        headers |= {CONSUMER_HEADER: self.hsa_id, CORRELATION_HEADERS[0]: str(uuid.uuid4())}
        with requests.Session() as session:
            session.trust_env = False
            try:
                reply = session.post(
                    self.address.format(contract=table.contract, version=table.version),
                    data=body,
                    headers=headers,
                    timeout=(2.0, self.timeout_seconds),
                    cert=self.certificate,
                    verify=self.ca_file or True,
                    allow_redirects=False,
                    stream=True,
                )
                content = _content(reply)
            except requests.RequestException as error:
                raise AnswerError(f"no answer ({type(error).__name__})") from None
        if reply.status_code not in _STATUSES:
            raise AnswerError(f"the producer answered HTTP {reply.status_code}")
        return read_answer(table, content, content_type=reply.headers.get("Content-Type", ""), query=query)


def _content(reply: requests.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in reply.iter_content(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise AnswerError("the answer is larger than any may be")
    return b"".join(chunks)
