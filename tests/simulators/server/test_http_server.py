"""The little server: keeps connections, survives garbage, and stops at once."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import requests
from anslut_simulators import create_app, serve_region
from anslut_simulators.app import EXTENSION
from small_country import ANNA, SmallPopulation

if TYPE_CHECKING:
    from pathlib import Path

    from anslut_simulators import ControlClient, RunningRegion
    from kosmos_caller import Caller


def _exchange(region: RunningRegion, request: bytes, *, seconds: float = 5) -> bytes:
    """Send raw bytes and return everything that comes back until the server closes."""
    port = int(region.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def test_a_connection_is_kept(region: RunningRegion) -> None:
    """Connectors keep connections; a simulator that closes them would hide how they behave."""
    request = b"GET /_sim/faults HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = _exchange(region, request * 3)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert b"Connection: close" not in answer


def test_an_unread_body_does_not_become_the_next_request(region: RunningRegion) -> None:
    """What follows a body is a request; what is in it never."""
    body = b"DELETE /_sim/s/prov/journal HTTP/1.1\r\nHost: x\r\n\r\n"
    first = b"POST /_sim/s/prov-x/reset HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )
    answer = _exchange(region, first + b"GET /_sim/faults HTTP/1.1\r\nHost: x\r\n\r\n")

    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_a_chunked_body_is_read(region: RunningRegion) -> None:
    """Some clients stream."""
    request = (
        b"PUT /_sim/s/styckad/clock HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'8\r\n{"mode":\r\n9;x=y\r\n"frozen"}\r\n0\r\n\r\n'
    )

    assert b"HTTP/1.1 200 OK" in _exchange(region, request)


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00\xff\x00\r\n\r\n",
        b"199001022384\r\n\r\n",
        b"GET\r\n\r\n",
        b"FETCH199001022384 / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"h%d: 1\r\n" % n for n in range(200)) + b"\r\n",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nContent-Length: 199001022384x\r\n\r\n",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /_sim/s/a/truth HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
    ],
)
def test_garbage_is_refused_without_an_echo(region: RunningRegion, request_: bytes) -> None:
    """The status line and nothing else: the request may hold anything."""
    answer = _exchange(region, request_)

    assert answer == b"" or b" 4" in answer[:13] or b" 5" in answer[:13]
    assert b"199001022384" not in answer
    assert requests.get(f"{region.base_url}/_sim/faults", timeout=5).status_code == 200


def test_ten_megabytes_are_refused_in_good_order(caller: Caller) -> None:
    """The client gets its answer although nobody read what it sent."""
    answer = caller.call("POST", "/api/v2/patienter/sok", data=b"x" * 10_000_000)

    assert (answer.status_code, answer.json()["fel"]) == (413, "FOR_STORT")


def test_a_slow_sender_gets_its_refusal_too(region: RunningRegion) -> None:
    """Who is refused while still sending is not cut off before having read why."""
    port = int(region.base_url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        head = b"POST /s/trog/kosmos/api/v2/patienter/sok HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n"
        connection.sendall(head)
        time.sleep(0.1)
        for _ in range(80):
            connection.sendall(b"x" * 100_000)
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_the_source_tells_the_scenarios_time(caller: Caller, control: ControlClient) -> None:
    """A connector learns the date, which a number's sign depends on, from the answer's `Date`."""
    control.advance(86_400)
    answer = caller.get("/api/v2/koder/roller")

    assert answer.headers["Date"] == "Thu, 16 Nov 2023 07:00:00 GMT"


def test_a_region_stops_while_a_call_is_stalled() -> None:
    """Ctrl-C ends at once, whatever is under way."""
    with serve_region(population=SmallPopulation()) as region:
        region.control("stilla").fault("stall", seconds=60)
        url = f"{region.source_url(scenario='stilla')}/api/v2/koder/roller"
        waiting = threading.Thread(target=_quietly, args=(url,))
        waiting.start()
        time.sleep(0.2)
        started = time.perf_counter()
    waiting.join(timeout=5)

    assert time.perf_counter() - started < 3
    assert not waiting.is_alive()


def test_the_process_environment_never_reaches_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Granian copies os.environ into requests, where HTTP_… would pass for a header."""
    monkeypatch.setenv("HTTP_AUTHORIZATION", "Bearer stolen")
    monkeypatch.setenv("DATABASE_SECRET", "hush")
    app = create_app(population=SmallPopulation(), state=tmp_path / "state")
    seen: list[dict[str, object]] = []
    gate = app.extensions[EXTENSION].gate
    monkeypatch.setattr(gate, "_control", lambda environ, _: seen.append(dict(environ)) or [])
    leaked = {"HTTP_AUTHORIZATION": "Bearer stolen", "DATABASE_SECRET": "hush", "HTTP_X": "kept"}
    app({"PATH_INFO": "/_sim/", "REQUEST_METHOD": "GET", **leaked}, lambda *_: None)

    assert seen == [{"PATH_INFO": "/_sim/", "REQUEST_METHOD": "GET", "HTTP_X": "kept"}]
    app.extensions[EXTENSION].close()


def test_a_second_system_costs_a_folder(region: RunningRegion) -> None:
    """Systems are found, not listed: Kosmos' folder names its own factory."""
    assert list(region.parts.systems) == ["kosmos"]
    assert region.system_hsa_id() == "SE2321000999-K001"


def test_an_unknown_region_is_told_with_the_known_ones() -> None:
    """A slip of the pen costs one reading."""
    with pytest.raises(ValueError, match="fjallmark"):
        create_app("fjällmark", population=SmallPopulation())


def test_the_start_page_shows_where_to_go(region: RunningRegion, caller: Caller) -> None:
    """Swedish first; every link works."""
    caller.region.control(caller.scenario).write(type="diagnoses", patient_id=ANNA)
    page = requests.get(f"{region.base_url}/", timeout=5)

    assert page.url.endswith("/_sim/")
    assert "Region Fjällmark" in page.text
    assert f"/_sim/s/{caller.scenario}/journal" in page.text
    assert f"/_sim/room/{caller.scenario}/" in page.text


def _quietly(url: str) -> None:
    try:
        requests.get(url, timeout=30)
    except requests.RequestException:
        return
