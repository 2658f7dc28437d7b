"""The RIV-TA door beside the JSON door on the same entries, and the codec beside plain lxml."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import requests
from anslut import Caller
from anslut.settings import Settings
from anslut_conformance.exam_door import CONSUMER
from anslut_contracts.rivta import mapping_table, read_response, write_response
from anslut_contracts.rivta.envelope import Message, read_envelope, write_envelope
from anslut_contracts.rivta.responses import Result
from anslut_simulators.national.consumer import write_question
from anslut_simulators.population import default_population
from lxml import etree

from benchmarks.load import Request, Target
from benchmarks.measure import server_row
from benchmarks.peers import answered
from benchmarks.report import Bar, Section
from benchmarks.server import python, serving
from benchmarks.stub import TenConnector

if TYPE_CHECKING:
    from benchmarks.measure import Row, Setup

SYSTEM = "SE2321000999-K001"
TOLD = {"ANSLUT_SOURCE_SYSTEM_ID": SYSTEM, "ANSLUT_REGION_PROFILE": "fjallmark"}
WORKERS, THREADS, MANY = 2, 16, 1_000
SHARE_BAR, PER_SECOND_BAR, SECONDS_BAR = 0.4, 1_000, 1.0
TABLE = mapping_table("diagnoses")


def run(setup: Setup) -> Section:
    """Measure both doors of one server, then a thousand entries in one answer, written and read."""

    def command(port: int) -> list[str]:
        shape = ["--port", str(port), "--workers", str(WORKERS), "--threads", str(THREADS), "--rivta"]
        return python("-m", "anslut", "serve", "benchmarks.stub:TenConnector", *shape)

    query = _query()
    soap_headers, soap = write_question(TABLE, query, logical_address=SYSTEM)
    asked = {
        "JSON door": (
            Request(path="/v1/diagnoses/search", method="POST", body=json.dumps(query)),
            {"Content-Type": "application/json"},
        ),
        "RIV-TA door": (
            Request(path="/rivta/GetDiagnosis/2.0", method="POST", body=soap.decode().replace("\n", " ")),
            soap_headers,
        ),
    }
    rows: list[Row] = []
    with serving(command, answers=lambda url: answered(f"{url}/health/live"), environment=TOLD) as server:
        for name, (request, headers) in asked.items():
            sent = {**headers, "x-rivta-original-serviceconsumer-hsaid": CONSUMER}
            target = Target(base_url=server.base_url, requests=[request], headers=sent)
            answer = requests.post(
                server.base_url + request.path, data=request.body.encode(), headers=sent, timeout=10
            )
            answer.raise_for_status()
            rows.append(server_row(name, server, target, setup=setup, answer_bytes=len(answer.content)))
    plain, soap_row = rows
    written, read, plain_write, plain_read = _many(10 if setup.smoke else MANY)
    return Section(
        title="The RIV-TA door",
        how=f"gunicorn, {WORKERS} workers of {THREADS} threads; ten diagnoses, made and checked a call",
        rows=rows,
        figures=[
            ("a thousand entries written as one answer", written, "s"),
            ("the same, by lxml from ready elements", plain_write, "s"),
            ("the same read and mapped back", read, "s"),
            ("the same, only parsed by lxml", plain_read, "s"),
        ],
        notes=[
            f"written / lxml serialising: {written / plain_write:.1f} × the time",
            f"read and mapped back / lxml parsing: {read / plain_read:.1f} × the time",
        ],
        bars=[
            Bar(
                name="RIV-TA door",
                wanted=PER_SECOND_BAR,
                got=soap_row.per_second,
                unit="answers/s",
                more_is_better=True,
            ),
            Bar(
                name="RIV-TA door / JSON door",
                wanted=SHARE_BAR,
                got=soap_row.per_second / plain.per_second,
                unit="×",
                more_is_better=True,
            ),
            Bar(
                name="a thousand entries written",
                wanted=SECONDS_BAR,
                got=written,
                unit="s",
                more_is_better=False,
            ),
            Bar(name="a thousand entries read", wanted=SECONDS_BAR, got=read, unit="s", more_is_better=False),
        ],
    )


def _query() -> dict[str, Any]:
    identity = default_population().personas()["anna-vuxen"].identities[0]
    return {"patientId": {"root": identity.root, "extension": identity.extension}}


def _many(count: int) -> tuple[float, float, float, float]:
    """Return the seconds that *count* entries take to write and read, and what lxml alone takes for the same."""
    connector = TenConnector(Settings.from_environment(TOLD))
    ten = connector.search("diagnoses", _query(), caller=Caller())["entries"]
    entries = [ten[number % len(ten)] for number in range(count)]
    result = Result(code="OK", log_id="9c0f1f3e-0000-4000-8000-000000000000")

    begun = time.perf_counter()
    body = "".join(write_envelope(write_response(TABLE, entries, result=result))).encode()
    written = time.perf_counter() - begun

    begun = time.perf_counter()
    message = read_envelope(body)
    if not isinstance(message, Message) or len(read_response(TABLE, message.payload).entries) != count:
        raise RuntimeError("what was written cannot be read")
    read = time.perf_counter() - begun

    begun = time.perf_counter()
    tree = etree.fromstring(body)
    plain_read = time.perf_counter() - begun
    begun = time.perf_counter()
    etree.tostring(tree)
    plain_write = time.perf_counter() - begun
    return written, read, plain_write, plain_read
