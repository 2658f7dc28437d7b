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
WORKERS, THREADS, TRIES, MANY = 2, 16, 3, 1_000
SHARE_BAR, PER_SECOND_BAR, SECONDS_BAR = 0.4, 1_000, 1.0
TABLE = mapping_table("diagnoses")


def run(setup: Setup) -> Section:
    """Measure both doors of one server, then a thousand entries in one answer, written and read."""
    rows = {
        (door, how): row
        for kind, how in (("TenConnector", "made"), ("ReadyTenConnector", "ready"))
        for door, row in zip(("JSON", "RIV-TA"), _doors(kind, how, setup), strict=True)
    }
    written, read, plain_write, plain_read = _many(10 if setup.smoke else MANY)
    return Section(
        title="The RIV-TA door",
        how=(
            f"gunicorn, {WORKERS} workers of {THREADS} threads; ten diagnoses, made and checked a call or ready;"
            f" the best of {_tries(setup)}"
        ),
        rows=list(rows.values()),
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
                name="RIV-TA door, ready",
                wanted=PER_SECOND_BAR,
                got=rows["RIV-TA", "ready"].per_second,
                unit="answers/s",
                more_is_better=True,
            ),
            *(
                Bar(
                    name=f"RIV-TA door / JSON door, {how}",
                    wanted=SHARE_BAR,
                    got=rows["RIV-TA", how].per_second / rows["JSON", how].per_second,
                    unit="×",
                    more_is_better=True,
                )
                for how in ("made", "ready")
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


def _tries(setup: Setup) -> int:
    return 1 if setup.smoke else TRIES


def _doors(kind: str, how: str, setup: Setup) -> list[Row]:
    """Measure both doors of the stub *kind*, in turn, as often as is tried; return the best of each."""

    def command(port: int) -> list[str]:
        shape = ["--port", str(port), "--workers", str(WORKERS), "--threads", str(THREADS), "--rivta"]
        return python("-m", "anslut", "serve", f"benchmarks.stub:{kind}", *shape)

    query = _query()
    soap_headers, soap = write_question(TABLE, query, logical_address=SYSTEM)
    asked = {
        "JSON": (
            Request(path="/v1/diagnoses/search", method="POST", body=json.dumps(query)),
            {"Content-Type": "application/json"},
        ),
        "RIV-TA": (
            Request(path="/rivta/GetDiagnosis/2.0", method="POST", body=soap.decode().replace("\n", " ")),
            soap_headers,
        ),
    }
    found: dict[str, list[Row]] = {door: [] for door in asked}
    with serving(command, answers=lambda url: answered(f"{url}/health/live"), environment=TOLD) as server:
        for door, (request, headers) in list(asked.items()) * _tries(setup):
            sent = {**headers, "x-rivta-original-serviceconsumer-hsaid": CONSUMER}
            target = Target(base_url=server.base_url, requests=[request], headers=sent)
            answer = requests.post(
                server.base_url + request.path, data=request.body.encode(), headers=sent, timeout=10
            )
            answer.raise_for_status()
            size = len(answer.content)
            found[door].append(
                server_row(f"{door} door, {how}", server, target, setup=setup, answer_bytes=size)
            )
    return [max(tried, key=lambda row: row.per_second) for tried in found.values()]


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
