"""The load tool of our own, and what is made of its figures."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.client import Timetable, percentile, prepare
from benchmarks.load import LoadError, Pressure, Request, Target, run, tool_name
from benchmarks.measure import Row
from benchmarks.report import Bar, Section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Seen(ThreadingHTTPServer):
    """A server that keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, bytes, str | None]] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers 404 on /missing, closes on /close, and 200 elsewhere."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Answer and remember."""
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.asked.append((self.command, self.path, body, self.headers.get("X-Mark")))
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", "2")
        if self.path == "/close":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(name="server")
def seen_server() -> Iterator[Seen]:
    """Run a server for one test."""
    with Seen() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


TOOLS = ["python", pytest.param("wrk", marks=pytest.mark.skipif(tool_name() != "wrk", reason="no wrk here"))]
BRIEFLY = Pressure(seconds=0.2, connections=2)


@pytest.mark.parametrize("tool", TOOLS)
def test_prepared_requests_are_sent_in_turn(server: Seen, tool: str) -> None:
    """Distinct persons are what is measured: each request must be the next one, whole."""
    prepared = [Request(path=f"/{number}", method="POST", body=f'{{"å": {number}}}') for number in range(5)]

    load = run(Target(base_url=server.url, requests=prepared, headers={"X-Mark": "m"}), BRIEFLY, tool=tool)

    assert load.answers > 5
    assert load.failed == 0
    assert {path for _, path, _, _ in server.asked} == {"/0", "/1", "/2", "/3", "/4"}
    assert all(body == f'{{"å": {path[1:]}}}'.encode() for _, path, body, _ in server.asked)
    assert {(method, mark) for method, _, _, mark in server.asked} == {("POST", "m")}


@pytest.mark.parametrize("tool", TOOLS)
def test_failures_are_counted(server: Seen, tool: str) -> None:
    """A fast error is not a fast answer."""
    load = run(Target(base_url=server.url, requests=[Request(path="/missing")]), BRIEFLY, tool=tool)

    assert load.answers > 0
    assert load.failed == load.answers


def test_a_server_that_closes_is_asked_again(server: Seen) -> None:
    """Some peers close after each answer; that is slow, not wrong."""
    load = run(Target(base_url=server.url, requests=[Request(path="/close")]), BRIEFLY, tool="python")

    assert load.answers > 1
    assert load.failed == 0


def test_a_request_that_would_break_the_plan_is_refused() -> None:
    """A line break in a body would become another request."""
    target = Target(base_url="http://127.0.0.1:1", requests=[Request(path="/", body="a\nb")])

    with pytest.raises(LoadError):
        run(target, BRIEFLY, tool="python")


def test_a_steady_pace_is_kept_in_absolute_time() -> None:
    """A late answer is caught up with; otherwise the slowest answers would thin out the load that made them."""
    table = Timetable(10, start=100.0)

    assert table.wait_seconds(100.0) == pytest.approx(0.1)
    assert table.wait_seconds(100.3) == 0.0
    assert table.wait_seconds(100.3) == pytest.approx(0.0)
    assert table.wait_seconds(100.3) == pytest.approx(0.1)
    assert Timetable(0, start=5.0).wait_seconds(5.0) == 0.0


def test_requests_are_ready_bytes(tmp_path: Path) -> None:
    """Nothing is made while the clock runs."""
    plan = tmp_path / "plan.tsv"
    plan.write_text("#\tX-Mark\tm\nPOST\t/a\t{}\n", encoding="utf-8")

    (ready,) = prepare(plan, "here:1")

    assert ready == b"POST /a HTTP/1.1\r\nHost: here:1\r\nX-Mark: m\r\nContent-Length: 2\r\n\r\n{}"


def test_the_slowest_hundredth() -> None:
    """Of a hundred times, one is slower than p99."""
    assert percentile([float(number) for number in range(100)], 0.99) == 99.0
    assert percentile([], 0.99) == 0.0


@pytest.mark.parametrize(("more", "got", "met"), [(True, 2.0, True), (True, 1.9, False), (False, 2.1, False)])
def test_a_bar_says_by_how_much_it_is_missed(*, more: bool, got: float, met: bool) -> None:
    """A bar that is nearly met is not met."""
    bar = Bar(name="rate", wanted=2.0, got=got, unit="/s", more_is_better=more)

    assert bar.is_met is met
    assert ("5% short" in bar.line()) is not met


@pytest.mark.parametrize(("other_share", "doubted"), [(0.04, False), (0.06, True)])
def test_a_bar_met_on_a_busy_machine_is_doubted(*, other_share: float, doubted: bool) -> None:
    """A peer that was slowed down by something else makes us look good."""
    row = Row(
        name="peer",
        per_second=1.0,
        per_cpu_second=1.0,
        p99_milliseconds=1.0,
        full_p50_milliseconds=1.0,
        full_p99_milliseconds=1.0,
        worker_megabytes=1.0,
        start_seconds=1.0,
        failed=0,
        answer_bytes=1,
        other_share=other_share,
    )
    bar = Bar(name="rate", wanted=2.0, got=3.0, unit="/s", more_is_better=True)

    text = Section(title="t", how="h", rows=[row], bars=[bar]).text()

    assert ("run again" in text) is doubted
