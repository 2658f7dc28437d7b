"""Each source system beside Kosmos: what its example connector asks for a person's entries, asked again under load.

The calls are taken down while the connector reads from a region in this process; patient keys and tokens are the same
in every process of a scenario. Systems differ in how much one answer holds, so each is held against Kosmos' pages of
about the same size. Elevjournal is a database that connectors read themselves, without calls.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import requests
from anslut import Caller
from anslut.settings import Settings
from anslut_conformance.candidates import load as load_connector
from anslut_conformance.matrix import examples
from anslut_simulators import serve_region
from anslut_simulators.population import default_population
from anslut_simulators.systems import described_systems

from benchmarks.load import Request, Target
from benchmarks.measure import server_row
from benchmarks.peers import granian
from benchmarks.report import Bar, Section
from benchmarks.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anslut_simulators.population import Person

    from benchmarks.measure import Row, Setup
    from benchmarks.server import Server

REGION, SCENARIO, KOSMOS = "fjallmark", "benchmark", "kosmos"
WORKERS, THREADS = 2, 8
PERSONS, SMOKE_PERSONS = 300, 20
MOST_ROWS, MOST_TRIED, TRIED, FACTOR_BAR = 40, 1_400, 60, 0.5
ALIKE = 1.25
CALLER = Caller(consumer_hsa_id="SE2321000999-1177", correlation_id="00000000-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What was asked: prepared *requests* with common *headers*, and the mean size of their answers in bytes."""

    requests: list[Request]
    headers: dict[str, str]
    mean_bytes: float


def run(setup: Setup) -> Section:
    """Measure every system that speaks HTTP, each followed by Kosmos with pages of the same size."""
    rows: list[Row] = []
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(prefix="anslut-bench-") as folder:
        state = Path(folder, "state.sqlite")
        with serve_region(REGION, state=state) as region:
            taken = {
                system: _calls(system, target, region.environment(system, SCENARIO), setup)
                for system, target in examples().items()
            }
        pages = {system: calls for system, calls in taken.items() if calls is not None}
        with _served(state) as server:
            for system, calls in pages.items():
                row = _row(f"{system}, {calls.mean_bytes:.0f} B", server, calls, setup)
                rows.append(row)
                if system != KOSMOS:
                    same = _kosmos(state, calls.mean_bytes, setup)
                    beside = _row(f"  kosmos, {same.mean_bytes:.0f} B", server, same, setup)
                    rows.append(beside)
                    bars.append(_bar(system, row, beside))
    return Section(
        title="Source systems beside Kosmos",
        how=f"granian, {WORKERS} workers of {THREADS} threads; the example connector's own calls, asked in turn",
        rows=rows,
        notes=["no HTTP, so not here: " + ", ".join(sorted(set(taken) - set(pages)))],
        bars=bars,
    )


def _bar(system: str, row: Row, beside: Row) -> Bar:
    times = row.per_second / beside.per_second if beside.per_second else 0.0
    name = f"{system} / kosmos"
    if row.answer_bytes > ALIKE * beside.answer_bytes:
        # Nobody's notes in Kosmos fill such a page: bytes are compared instead of answers.
        times *= row.answer_bytes / beside.answer_bytes
        name += ", byte for byte"
    return Bar(name=name, wanted=FACTOR_BAR, got=times, unit="×", more_is_better=True)


def _row(name: str, server: Server, calls: Calls, setup: Setup) -> Row:
    target = Target(base_url=server.base_url, requests=calls.requests, headers=calls.headers)
    return server_row(name, server, target, setup=setup, answer_bytes=round(calls.mean_bytes))


@contextmanager
def _served(state: Path) -> Iterator[Server]:
    environment = {"ANSLUT_SIMULATOR_REGION": REGION, "ANSLUT_SIMULATOR_STATE": str(state)}
    command = granian("anslut_simulators.app:create_app", workers=WORKERS, threads=THREADS, factory=True)

    def answers(url: str) -> bool:
        try:
            return requests.get(f"{url}/_sim/", timeout=5).ok
        except requests.RequestException:
            return False

    with serving(command, answers=answers, environment=environment) as server:
        yield server


def _calls(system: str, target: str, environment: dict[str, str], setup: Setup) -> Calls | None:
    """Return what the connector *target* asks for people who have entries; None for a source without calls."""
    if not environment["ANSLUT_SOURCE_URL"].startswith("http"):
        return None
    pattern = re.compile(described_systems()[system].records or "")
    people = _people(system, SMOKE_PERSONS if setup.smoke else PERSONS)
    connector = load_connector(target)(Settings.from_environment(environment))
    with _listening(pattern) as heard:
        for person in people:
            identity = {"root": person.identity.root, "extension": person.identity.extension}
            for type_name in connector.manifest()["types"]:
                connector.search(type_name, {"patientId": identity}, caller=CALLER)
    return _prepared(heard, base=environment["ANSLUT_SOURCE_URL"])


def _people(system: str, count: int) -> list[Person]:
    """Return people who have something in *system*: an empty answer says nothing about speed."""
    population = default_population()
    now = population.world.clock_start
    types = described_systems()[system].keeps
    found = []
    for person in population.sample(MOST_TRIED, region=REGION, label="benchmark systems"):
        if any(population.history(person, one, system=system, until=now) for one in types):
            found.append(person)
        if len(found) == count:
            break
    return found


def _prepared(heard: Sequence[requests.PreparedRequest], *, base: str) -> Calls:
    origin = "/".join(base.split("/", 3)[:3])
    with requests.Session() as session:
        sizes = [len(session.send(one, timeout=10).content) for one in heard[:TRIED]]
    first = heard[0].headers
    kept = ("Authorization", "Content-Type", "Accept", "SOAPAction", "X-API-Key")
    return Calls(
        requests=[
            Request(path=str(one.url).removeprefix(origin), method=str(one.method), body=_text(one.body))
            for one in heard
        ],
        headers={name: first[name] for name in kept if name in first},
        mean_bytes=mean(sizes),
    )


def _text(body: bytes | str | None) -> str:
    text = body.decode("iso-8859-1") if isinstance(body, bytes) else body or ""
    return re.sub(r"\s*\n\s*", " ", text)


@contextmanager
def _listening(pattern: re.Pattern[str]) -> Iterator[list[requests.PreparedRequest]]:
    """Take down every call that *pattern* finds in its path."""
    heard: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def listen(
        self: requests.Session, request: requests.PreparedRequest, **options: object
    ) -> requests.Response:
        answer = send(self, request, **options)  # type: ignore[arg-type]
        if answer.ok and pattern.search(str(request.path_url)):
            heard.append(request)
        return answer

    requests.Session.send = listen  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        requests.Session.send = send  # type: ignore[method-assign]


def _kosmos(state: Path, wanted: float, setup: Setup) -> Calls:
    """Return calls for Kosmos' notes with the page size whose mean answer is nearest to *wanted* bytes."""
    with serve_region(REGION, state=state) as region:
        environment = region.environment(KOSMOS, SCENARIO)
        calls = _calls(KOSMOS, examples()[KOSMOS], environment, setup)
        if calls is None:
            raise RuntimeError("Kosmos speaks HTTP")
        keys = sorted(
            {match[0] for one in calls.requests if (match := re.match(r".*/patienter/[^/]+", one.path))}
        )
        best: tuple[float, list[Request], float] | None = None
        with requests.Session() as session:
            for rows in range(1, MOST_ROWS + 1):
                asked = [Request(path=f"{key}/anteckningar?antal={rows}") for key in keys]
                answers = [
                    session.get(region.base_url + one.path, headers=calls.headers, timeout=10)
                    for one in asked[:TRIED]
                ]
                size = mean(len(answer.content) for answer in answers)
                if best is None or abs(size - wanted) < best[0]:
                    best = (abs(size - wanted), asked, size)
                if size > wanted:
                    break
    if best is None:
        raise RuntimeError("nobody has notes")
    return Calls(requests=best[1], headers=calls.headers, mean_bytes=best[2])
