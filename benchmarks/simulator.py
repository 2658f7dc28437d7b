"""Kosmos, the simulated record system, beside moto's server and beside a bare Flask application."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import requests
from anslut_simulators.app import EXTENSION, create_app
from anslut_simulators.credentials import credentials
from anslut_simulators.population import default_population

from benchmarks.load import Request, Target
from benchmarks.measure import server_row
from benchmarks.peers import OK, bare_row, granian, moto_row
from benchmarks.report import Bar, Section, ratio_notes
from benchmarks.server import serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from anslut_simulators.population import Person

    from benchmarks.measure import Row, Setup

REGION, SCENARIO = "fjallmark", "benchmark"
KOSMOS = f"/s/{SCENARIO}/kosmos"
LOGIN = {"grant_type": "client_credentials"}
WORKERS, THREADS = 2, 8
PERSONS, SMOKE_PERSONS, TRIED_PERSONS = 25_000, 100, 200
PAGE_BYTES, MOST_ROWS = 3_400, 10
RATE_BAR, P99_BAR_MILLISECONDS, MOTO_BAR, START_BAR_SECONDS, MEMORY_BAR_MEGABYTES = 2_000, 50, 6, 1.0, 80


def run(setup: Setup) -> Section:
    """Measure distinct persons' notes: a token on each call, the journal on, an overlay to look in."""
    people = default_population().sample(
        SMOKE_PERSONS if setup.smoke else PERSONS, region=REGION, stratum="scale", label="benchmark"
    )
    with tempfile.TemporaryDirectory(prefix="anslut-bench-") as folder:
        paths, body = _prepare(people, Path(folder, "prepared.sqlite"))
        ours = _kosmos_row(paths, Path(folder, "state.sqlite"), len(body), setup)
    command = granian("benchmarks.bare:app", workers=WORKERS, threads=THREADS)
    bare = bare_row("bare Flask, same bytes", body, command, request=Request(path="/"), setup=setup)
    moto = moto_row(setup)
    peers = [bare] if moto is None else [moto, bare]
    return Section(
        title="The simulated record system",
        how=f"granian, {WORKERS} workers of {THREADS} threads; the notes of {len(paths)} persons in turn",
        rows=[ours, *peers],
        notes=[*ratio_notes(ours, peers), *([] if moto else ["moto is not installed: not compared"])],
        bars=_bars(ours, moto),
    )


def _bars(ours: Row, moto: Row | None) -> list[Bar]:
    bars = [
        Bar(
            name="distinct persons' answers",
            wanted=RATE_BAR,
            got=ours.per_second,
            unit="/s",
            more_is_better=True,
        ),
        Bar(
            name="p99 at 70 %",
            wanted=P99_BAR_MILLISECONDS,
            got=ours.p99_milliseconds,
            unit="ms",
            more_is_better=False,
        ),
        Bar(
            name="first answer",
            wanted=START_BAR_SECONDS,
            got=ours.start_seconds,
            unit="s",
            more_is_better=False,
        ),
        Bar(
            name="memory",
            wanted=MEMORY_BAR_MEGABYTES,
            got=ours.worker_megabytes,
            unit="MB/worker",
            more_is_better=False,
        ),
    ]
    if moto is not None:
        times = ours.per_second / moto.per_second
        bars.append(Bar(name="Kosmos / moto", wanted=MOTO_BAR, got=times, unit="×", more_is_better=True))
    return bars


def _prepare(people: Sequence[Person], state: Path) -> tuple[list[str], bytes]:
    """Return the address of each person's notes, and one answer of about the mean size.

    A patient key is the same in every process of a scenario, so they are fetched from an application in this
    one. The page size is the one whose mean answer is nearest to `PAGE_BYTES`.
    """
    app = create_app(REGION, state=state)
    client = app.test_client()
    login = client.post(f"{KOSMOS}/oauth/token", data=LOGIN, headers=_basic())
    headers = {"Authorization": f"Bearer {login.get_json()['access_token']}"}
    keys = []
    for person in people:
        searched = {"reservnummer": person.identity.extension}
        answer = client.post(f"{KOSMOS}/api/v2/patienter/sok", json=searched, headers=headers)
        if answer.status_code == OK:
            keys.append(answer.get_json()["patientnyckel"])
    tried = keys[:TRIED_PERSONS]
    sizes = {}
    for rows in range(1, MOST_ROWS + 1):
        pages = [client.get(_notes(key, rows), headers=headers).data for key in tried]
        sizes[rows] = (mean(len(page) for page in pages), pages)
    rows = min(sizes, key=lambda rows: abs(sizes[rows][0] - PAGE_BYTES))
    wanted, pages = sizes[rows]
    app.extensions[EXTENSION].close()
    return [_notes(key, rows) for key in keys], min(pages, key=lambda page: abs(len(page) - wanted))


def _kosmos_row(paths: Sequence[str], state: Path, size: int, setup: Setup) -> Row:
    environment = {"ANSLUT_SIMULATOR_REGION": REGION, "ANSLUT_SIMULATOR_STATE": str(state)}
    command = granian("anslut_simulators.app:create_app", workers=WORKERS, threads=THREADS, factory=True)

    def answers(url: str) -> bool:
        try:
            return requests.get(url + paths[0], headers=_bearer(url), timeout=5).status_code == OK
        except requests.RequestException:
            return False

    with serving(command, answers=answers, environment=environment) as server:
        target = Target(
            base_url=server.base_url,
            requests=[Request(path=path) for path in paths],
            headers=_bearer(server.base_url),
        )
        return server_row("Kosmos, distinct persons", server, target, setup=setup, answer_bytes=size)


def _notes(key: str, rows: int) -> str:
    return f"{KOSMOS}/api/v2/patienter/{key}/anteckningar?antal={rows}"


def _bearer(url: str) -> dict[str, str]:
    answer = requests.post(f"{url}{KOSMOS}/oauth/token", data=LOGIN, headers=_basic(), timeout=5)
    answer.raise_for_status()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _basic() -> dict[str, str]:
    known = credentials("kosmos", SCENARIO)
    pair = base64.b64encode(f"{known.client_id}:{known.client_secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
