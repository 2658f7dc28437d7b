"""What checks of the RIV-TA form send and look at: questions written by hand, and answers as they came."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from anslut_contracts import information_types
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import has_room, mapping_tables
from anslut_contracts.rivta.envelope import Fault, read_envelope
from anslut_contracts.rivta.forms import FORMS
from anslut_contracts.safe_xml import parse
from anslut_simulators.national.consumer import AnswerError, FaultError, read_answer, write_question

from anslut_conformance.checks import OK, fail
from anslut_conformance.errors import ExaminerError
from anslut_conformance.rivta_door import RivtaDoor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anslut_contracts.rivta import MappingTable, Response, Row

    from anslut_conformance.doors import Reply
    from anslut_conformance.exam import Exam

__all__ = [
    "FAULT",
    "answer",
    "empty_elements",
    "fault_of",
    "filters",
    "has_log_id",
    "has_room",
    "is_uuid",
    "outcome",
    "question",
    "refused",
    "send",
    "tables",
]

FAULT: Final = 500
_CLIENT_ERRORS: Final = range(400, 500)


def tables(exam: Exam) -> Iterator[MappingTable]:
    """Yield the table of every contract and version that the check's types have, the newest first of each."""
    for type_ in exam.types:
        yield from mapping_tables(type_)


def question(exam: Exam, table: MappingTable, query: Mapping[str, Any], *, address: str | None = None) -> str:
    """Return the envelope that asks *query*, addressed to the source system or to *address*."""
    try:
        _, body = write_question(table, query, logical_address=address or exam.source_system_id)
    except CodecError as error:
        raise ExaminerError(f"{table.contract} {table.version} cannot be asked: {error}") from error
    return body.decode()


def send(
    exam: Exam,
    table: MappingTable,
    body: str | bytes,
    *,
    headers: Mapping[str, str | None] | None = None,
    timeout: float = 30.0,
) -> Reply:
    """Send *body* to *table*'s address as it is; *headers* say what differs from those of a right question."""
    door = exam.door.raw
    if not isinstance(door, RivtaDoor):
        raise ExaminerError("a check of the RIV-TA form was run through another door")
    own: dict[str, str | None] = {
        "Content-Type": "text/xml; charset=UTF-8",
        "SOAPAction": f'"{table.soap_action}"',
        "Accept": "text/xml",
        **(headers or {}),
    }
    raw = body.encode() if isinstance(body, str) else body
    return exam.door.call("POST", door.path(table), headers=own, body=raw, timeout=timeout)


def answer(exam: Exam, table: MappingTable, query: Mapping[str, Any]) -> Response:
    """Return what *query* is answered in *table*'s version; a fault, or what cannot be read, is a finding."""
    reply = send(exam, table, question(exam, table, query))
    try:
        return read_answer(table, reply.body, content_type=reply.headers.get("Content-Type", ""), query=query)
    except AnswerError as error:
        fail(
            f"{table.contract} {table.version}: a right question was not answered as the contract says",
            expected="an answer with the contract's elements, in its order and spelling",
            got=f"HTTP {reply.status}: {error}",
        )


def fault_of(reply: Reply, what: str) -> Fault:
    """Return the SOAP fault that *reply* is; anything else is a finding."""
    charset = reply.headers.get("Content-Type", "").lower().partition("charset=")[2].strip('" ') or None
    try:
        found = read_envelope(reply.body, charset=charset)
    except Exception as error:  # noqa: BLE001 - whatever cannot be read is no fault
        fail(
            f"{what} was not answered with a SOAP fault",
            expected="a SOAP fault",
            got=f"{reply.status}: {error}",
        )
    if not isinstance(found, Fault):
        fail(f"{what} was answered as if nothing were wrong", expected="a SOAP fault", got=reply.text()[:300])
    return found


def refused(reply: Reply, what: str) -> None:
    """Report *what* unless it was refused: with a fault, or by HTTP with 4xx."""
    if reply.status in _CLIENT_ERRORS:
        return
    if reply.status not in {OK, FAULT}:
        fail(f"{what} was answered {reply.status}", expected="a SOAP fault (HTTP 500), or HTTP 4xx")
    fault_of(reply, what)


def empty_elements(reply: Reply, table: MappingTable) -> list[str]:
    """Return the names of elements of an answer that hold nothing and must, in *table*'s contract."""
    empty = [
        str(element.tag).rpartition("}")[2]
        for element in parse(reply.body).iter()
        if len(element) == 0 and not (element.text or "").strip()
    ]
    rows = [
        *_rows(table.entry),
        *(row for shared in table.types.values() for one in shared for row in _rows(one)),
    ]
    allowed = {row.element for row in rows if row.form and FORMS[row.form].may_be_empty}
    return [name for name in empty if name not in {table.response.element, *allowed}]


def _rows(row: Row) -> Iterator[Row]:
    yield row
    for child in row.children:
        yield from _rows(child)


def filters(table: MappingTable) -> frozenset[str]:
    """Return the filters that a request of *table*'s contract can have, in the query's own words."""
    return information_types()[table.type].filters - table.unsupported_filters


def has_log_id(table: MappingTable) -> bool:
    """Say whether the contract's result has a log id."""
    result = table.response.result
    return result is not None and any(row.path == ("logId",) for row in table.children(result))


def outcome(table: MappingTable, reply: Reply, query: Mapping[str, Any]) -> str:
    """Return what a mistaken *query* came to, in the words of a table's outcomes; `entries` when it was answered."""
    try:
        response = read_answer(
            table, reply.body, content_type=reply.headers.get("Content-Type", ""), query=query
        )
    except FaultError as error:
        return "invalid-request" if error.fault.code in {"INVALID_REQUEST", "ERROR"} else error.fault.code
    except AnswerError as error:
        return str(error)
    return "entries" if response.entries else "empty"


def is_uuid(text: str | None) -> bool:
    """Say whether *text* is a UUID."""
    try:
        return text is not None and str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
