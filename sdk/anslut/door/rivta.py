"""The RIV-TA door: the same connector, asked in SOAP 1.1 as the national service platform asks.

One address for each contract and version, `/rivta/GetDiagnosis/2.0`. Form is the contracts' (`anslut_contracts.rivta`);
here is what a question must be before the connector is asked, and which outcome each mistake has, which is data of
the contract's table. An answer is whole, or a fault: only GetCareDocumentation 3.0 can say that there is more.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from anslut_contracts.errors import CodecError, EnvelopeError
from anslut_contracts.rivta import (
    More,
    Result,
    has_room,
    mapping_tables,
    query_from_elements,
    write_response,
)
from anslut_contracts.rivta.envelope import (
    MEDIA_TYPE,
    Fault,
    Message,
    read_envelope,
    write_envelope,
    write_fault,
)
from anslut_contracts.rivta.tables import RESPONDER
from flask import Response
from flask.globals import request_ctx

from anslut import answers
from anslut.door.mistakes import MistakeError, check_query
from anslut.door.reading import drain, is_plain, read_body
from anslut.errors import (
    AnslutError,
    AskDifferentlyError,
    ConnectorFailedError,
    InvalidQueryError,
    MalformedRequestError,
    UnknownTypeError,
    UnsupportedMediaTypeError,
)
from anslut.failures import where
from anslut.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_contracts.rivta import MappingTable
    from flask import Request

    from anslut.connector import Connector
    from anslut.door.app import Door
    from anslut.query import Caller

LARGEST_MESSAGE = 15_000_000
_CHUNK = 262_144
_log = get_logger("anslut")


def _tables(connector: Connector) -> dict[tuple[str, str], MappingTable]:
    return {
        (table.contract, table.version): table
        for type_name in connector.serves
        for table in mapping_tables(type_name)
    }


def addresses(connector: Connector) -> list[str]:
    """Return the paths at which *connector* is asked in SOAP, in order."""
    return [f"/rivta/{contract}/{version}" for contract, version in sorted(_tables(connector))]


class RivtaDoor:
    """The views of one application's RIV-TA addresses."""

    def __init__(self, door: Door) -> None:
        """Answer for the types of *door*'s connector, in all versions that there are tables for."""
        self._door = door
        self._tables = _tables(door.connector)

    def answer(self, contract: str, version: str) -> Response:
        """Answer one request; every outcome leaves a line in the access log."""
        started = time.perf_counter()
        asked = request_ctx.request
        table = self._tables.get((contract, version))
        caller = self._door.unknown_caller(asked.environ)
        outcome, searched = "internal", False
        try:
            caller = self._door.caller(caller, asked.environ)
            known = _known(table)
            message = _read(asked, known)
            query = self._query(known, message)
            searched = True
            response = self._search(known, query, caller, str(message.logical_address))
            outcome = "ok"
        except MistakeError as mistake:
            outcome = InvalidQueryError.slug
            response = _mistaken(table, mistake, caller) if table else _fault(mistake, caller)
        except AnslutError as error:
            outcome = error.slug
            response = _fault(error, caller)
        except (EnvelopeError, CodecError) as error:
            outcome = MalformedRequestError.slug
            response = _fault(error, caller)
        except Exception as error:  # noqa: BLE001 - whatever it was, none of it may come out
            _log.error("door failed", log_id=caller.log_id, where=where(error))
            response = _fault(ConnectorFailedError("the connector failed"), caller)
        self._door.tell(
            caller, type_name=table.type if table else None, outcome=outcome, started=started, logged=searched
        )
        return response

    def _query(self, table: MappingTable, message: Message) -> dict[str, Any]:
        """Return the question as JSON, with its source system; raise `MistakeError` for what the table judges."""
        if message.logical_address is None:
            raise EnvelopeError("the header has no LogicalAddress")
        systems = {one.upper(): one for one in self._door.connector.settings.source_system_ids}
        system = systems.get(message.logical_address.upper())  # HSA-ids are the same in any case
        if system is None:
            raise EnvelopeError("LogicalAddress is not a source system of this connector")
        query = query_from_elements(table.type, message.payload, version=table.version)
        check_query(query, system)
        return {**query, "sourceSystemId": system}

    def _search(
        self, table: MappingTable, query: Mapping[str, Any], caller: Caller, address: str
    ) -> Response:
        try:
            answer = answers.search(
                self._door.connector,
                table.type,
                query,
                caller=caller,
                page_size=None if table.response.has_more else sys.maxsize,
                tell=partial(has_room, table) if table.refused or not table.approval_flag else None,
            )
        except InvalidQueryError as error:
            raise MistakeError("invalid-query", str(error)) from None
        more = answer.get("hasMore")
        try:
            pieces = list(
                write_response(
                    table,
                    answer["entries"],
                    result=Result(code="OK", log_id=caller.log_id),
                    more=More(logical_address=address, reference=more["reference"]) if more else None,
                )
            )
        except CodecError as error:
            _log.error("an answer cannot be told in this version", log_id=caller.log_id, detail=str(error))
            raise ConnectorFailedError(
                f"an entry cannot be told in {table.contract} {table.version}"
            ) from None
        chunks = _encoded(write_envelope(pieces))
        if sum(map(len, chunks)) > LARGEST_MESSAGE:
            raise ConnectorFailedError("the answer is larger than a message may be: ask for a shorter period")
        return _answer(chunks, 200)


def _known(table: MappingTable | None) -> MappingTable:
    if table is None:
        raise UnknownTypeError("this connector does not answer that contract in that version")
    return table


def _read(asked: Request, table: MappingTable) -> Message:
    """Return the request's message; raise when it is not one of *table*'s contract and version."""
    if asked.mimetype != MEDIA_TYPE or not is_plain(asked):
        drain(asked, asked.content_length)
        raise UnsupportedMediaTypeError(f"send {MEDIA_TYPE} (SOAP 1.1), without content encoding")
    action = asked.headers.get("SOAPAction", "").strip().strip('"')
    message = read_envelope(read_body(asked), charset=asked.mimetype_params.get("charset"))
    if not isinstance(message, Message):
        raise EnvelopeError("a request must not be a fault")
    if action not in {"", table.soap_action}:
        raise EnvelopeError(f"SOAPAction is not that of {table.contract} {table.version}")
    if message.payload.tag != table.tag(table.request, RESPONDER):
        raise EnvelopeError(f"the body must hold the request of {table.contract} {table.version}")
    return message


def _mistaken(table: MappingTable, mistake: MistakeError, caller: Caller) -> Response:
    """Return what the contract's official text demands for a mistake: a result, nothing at all, or a fault."""
    outcome = table.outcomes[mistake.kind]
    if outcome == "fault":
        return _fault(mistake, caller)
    result = Result(code="OK", log_id=caller.log_id)
    if outcome == "invalid-request":
        result = Result(
            code="ERROR", error_code="INVALID_REQUEST", log_id=caller.log_id, message=str(mistake)
        )
    return _answer(_encoded(write_envelope(write_response(table, [], result=result))), 200)


def _fault(error: Exception, caller: Caller) -> Response:
    if isinstance(error, AnslutError):
        fault = Fault(
            code="Client" if isinstance(error, AskDifferentlyError) else "Server",
            text=f"{error.title}: {error}",
            log_id=caller.log_id,
            slug=error.slug,
            status=error.status,
            retryable=error.retryable,
            retry_after_seconds=error.retry_after_seconds,
            source=error.source,
        )
    else:
        fault = Fault(
            code=getattr(error, "code", "Client"),
            text=str(error),
            log_id=caller.log_id,
            slug=MalformedRequestError.slug,
            status=MalformedRequestError.status,
            retryable=False,
        )
    response = _answer([write_fault(fault).encode()], 500)
    if fault.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(fault.retry_after_seconds)
    return response


def _encoded(pieces: Iterator[str]) -> list[bytes]:
    """Return *pieces* as UTF-8 in chunks, so that a large answer is not copied whole once more."""
    chunks, held, size = [], [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > _CHUNK:
            chunks.append("".join(held).encode())
            held, size = [], 0
    chunks.append("".join(held).encode())
    return chunks


def _answer(chunks: list[bytes], status: int) -> Response:
    response = Response(chunks, status=status, content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response.content_length = sum(map(len, chunks))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
