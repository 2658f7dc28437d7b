"""The SDK's door beside a bare Flask application that answers the same bytes, under the same server."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import requests
from anslut_conformance.exam_door import CONSUMER
from anslut_conformance.issuer import Issuer
from anslut_simulators.population import default_population

from benchmarks.load import Request, Target
from benchmarks.measure import server_row
from benchmarks.peers import answered, bare_row, gunicorn
from benchmarks.report import Bar, Section, ratio_notes
from benchmarks.server import python, serving

if TYPE_CHECKING:
    from benchmarks.measure import Row, Setup

PATH = "/v1/diagnoses/search"
AUDIENCE = "anslut-benchmark"
WORKERS, THREADS = 2, 16
SHARE_BAR = 0.6


def run(setup: Setup) -> Section:
    """Measure the door with tokens and access log, then without tokens, then bare Flask."""
    with ExitStack() as stack:
        issuer = stack.enter_context(Issuer(audience=AUDIENCE))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="anslut-bench-")))
        told = {
            "ANSLUT_SOURCE_SYSTEM_ID": "SE2321000999-K001",
            "ANSLUT_REGION_PROFILE": "fjallmark",
            "ANSLUT_ACCESS_LOG": str(folder / "access.log"),
        }
        guarded = told | {"ANSLUT_JWKS_URL": issuer.jwks_url, "ANSLUT_AUDIENCE": AUDIENCE}
        token = {"Authorization": f"Bearer {issuer.token()}"}
        full, body = _door_row("SDK door, tokens and access log", "StubConnector", guarded, token, setup)
        made, _ = _door_row("SDK door, access log", "StubConnector", told, {}, setup)
        ready, _ = _door_row("SDK door, access log, entries ready", "ReadyConnector", told, {}, setup)
        command = gunicorn("benchmarks.bare:app", workers=WORKERS, threads=THREADS)
        bare = bare_row("bare Flask, same bytes", body, command, request=_request(), setup=setup)
    doors = [full, made, ready]
    return Section(
        title="The SDK's door",
        how=f"gunicorn, {WORKERS} workers of {THREADS} threads; 4 diagnoses, made and checked a call or ready",
        rows=[*doors, bare],
        notes=[line for door in doors for line in ratio_notes(door, [bare])],
        bars=[
            Bar(
                name=f"{door.name} / bare Flask",
                wanted=SHARE_BAR,
                got=door.per_second / bare.per_second,
                unit="×",
                more_is_better=True,
            )
            for door in doors
        ],
    )


def _door_row(
    name: str, kind: str, told: dict[str, str], more: dict[str, str], setup: Setup
) -> tuple[Row, bytes]:
    headers = {"Content-Type": "application/json", "x-rivta-original-serviceconsumer-hsaid": CONSUMER, **more}

    def command(port: int) -> list[str]:
        shape = ["--port", str(port), "--workers", str(WORKERS), "--threads", str(THREADS)]
        return python("-m", "anslut", "serve", f"benchmarks.stub:{kind}", *shape)

    with serving(command, answers=lambda url: answered(f"{url}/health/live"), environment=told) as server:
        request = _request()
        answer = requests.post(
            server.base_url + request.path, data=request.body.encode(), headers=headers, timeout=10
        )
        answer.raise_for_status()
        target = Target(base_url=server.base_url, requests=[request], headers=headers)
        row = server_row(name, server, target, setup=setup, answer_bytes=len(answer.content))
        return row, answer.content


def _request() -> Request:
    identity = default_population().personas()["anna-vuxen"].identities[0]
    person = {"root": identity.root, "extension": identity.extension}
    return Request(path=PATH, method="POST", body=json.dumps({"patientId": person}))
