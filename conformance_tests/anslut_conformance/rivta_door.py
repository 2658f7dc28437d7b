"""The third door: a connector's RIV-TA form, asked in SOAP, answered to the checks as the contract's JSON.

Checks ask every door the same way. What RIV-TA has no words for is not asked: such a check does not apply here. The
chapter RIV looks at the form itself, through `raw`.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import orjson
from anslut_contracts import information_types
from anslut_contracts.errors import CodecError
from anslut_contracts.rivta import mapping_table
from anslut_simulators.national.consumer import AnswerError, FaultError, read_answer, write_question

from anslut_conformance.doors import Door, Reply
from anslut_conformance.errors import Finding, NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anslut_contracts.rivta import MappingTable, Response
    from anslut_contracts.rivta.envelope import Fault

_SEARCH: Final = re.compile(r"/v1/([a-z-]+)/search")
_PROBLEM: Final = "application/problem+json"
_ADDRESS: Final = "/rivta/{contract}/{version}"
#: What a fault or a result comes to that says no more than whose mistake it was. Failures of the source are faults.
_OUTCOMES: Final = {"Client": 422, "INVALID_REQUEST": 422, "ERROR": 422}


@dataclass(slots=True, kw_only=True)
class RivtaDoor:
    """Asks through *raw* in SOAP; *manifest* stands in for the one that a RIV-TA producer does not have.

    *address* is the path of a contract's endpoint, with `{contract}` and `{version}` in it.
    """

    raw: Door
    source_system_id: str
    manifest: Mapping[str, Any]
    address: str = _ADDRESS
    name: str = "rivta"

    def call(
        self, method: str, path: str, *, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> Reply:
        """Ask a search in SOAP and return the answer as JSON; other calls go as they are."""
        found = _SEARCH.fullmatch(path)
        if method == "POST" and found and found[1] in information_types():
            return self._search(mapping_table(found[1]), headers=headers, body=body or b"", timeout=timeout)
        reply = self.raw.call(method, path, headers=headers, body=body, timeout=timeout)
        stand_in = {"/v1/connector": self.manifest, "/health/ready": {"status": "ok"}}.get(path)
        if method == "GET" and stand_in is not None and reply.status == HTTPStatus.NOT_FOUND:
            return _json(reply, 200, stand_in)
        return reply

    def close(self) -> None:
        """Close the door that is asked through."""
        self.raw.close()

    def lacks(self, type_name: str) -> frozenset[str]:
        """Return the filters of the type's query that its RIV-TA contract has no words for."""
        return mapping_table(type_name).unsupported_filters

    def path(self, table: MappingTable) -> str:
        """Return where *table*'s contract and version is answered."""
        return self.address.format(contract=table.contract, version=table.version)

    def post(self, table: MappingTable, body: bytes, *, headers: Mapping[str, str], timeout: float) -> Reply:
        """Send *body* to the address of *table*'s contract and version, as it is."""
        return self.raw.call("POST", self.path(table), headers=headers, body=body, timeout=timeout)

    def _search(
        self, table: MappingTable, *, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Reply:
        query = _query(body)
        try:
            own, message = write_question(table, query, logical_address=self.source_system_id)
        except CodecError as error:
            raise NotApplicableError(f"går inte att fråga i RIV-TA (cannot be asked): {error}") from None
        sent = {**{k: v for k, v in headers.items() if k.lower() not in {"content-type", "accept"}}, **own}
        reply = self.post(table, message, headers=sent, timeout=timeout)
        if reply.status not in {HTTPStatus.OK, HTTPStatus.INTERNAL_SERVER_ERROR}:
            return reply
        try:
            response = read_answer(
                table, reply.body, content_type=reply.headers.get("Content-Type", ""), query=query
            )
        except FaultError as error:
            return _refused(reply, error.fault)
        except AnswerError as error:
            raise Finding(
                f"{table.contract} {table.version}: the answer cannot be read",
                expected="SOAP",
                got=str(error),
            ) from None
        return _json(reply, 200, _answer(response))


def _query(body: bytes) -> dict[str, Any]:
    try:
        query = orjson.loads(body)
    except orjson.JSONDecodeError:
        query = None
    if not isinstance(query, dict):
        raise NotApplicableError("handlar om JSON-formen (is about the JSON form)")
    return query


def _answer(response: Response) -> dict[str, Any]:
    result = response.result
    answer: dict[str, Any] = {"entries": response.entries}
    if response.more is not None:
        answer["hasMore"] = {"reference": response.more.reference}
    log_id = (result.log_id if result else None) or str(uuid.uuid4())
    answer["result"] = {"code": result.code if result else "OK", "logId": log_id}
    return answer


def _refused(reply: Reply, fault: Fault) -> Reply:
    """Return the problem that a fault, or an error in the result, stands for."""
    status = fault.status or _OUTCOMES.get(fault.code, HTTPStatus.BAD_GATEWAY)
    slug = fault.slug or ("source-failed" if status == HTTPStatus.BAD_GATEWAY else "invalid-query")
    document = {
        "type": f"urn:anslut:problem:{slug}",
        "title": "SOAP fault",
        "status": status,
        "detail": fault.text or fault.code,
        "logId": fault.log_id,
        "retryable": fault.code == "Server" if fault.retryable is None else fault.retryable,
    }
    if fault.source:
        document["source"] = fault.source
    return _json(reply, int(status), document, media_type=_PROBLEM)


def _json(
    reply: Reply, status: int, document: Mapping[str, Any], *, media_type: str = "application/json"
) -> Reply:
    headers = {name: value for name, value in reply.headers.items() if name.lower() != "content-type"}
    return Reply(
        status=status,
        headers={**headers, "Content-Type": media_type},
        body=orjson.dumps(document),
        seconds=reply.seconds,
        method=reply.method,
        path=reply.path,
    )
