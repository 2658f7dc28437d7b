"""`anslut serve` as somebody starts it: a process, a socket, and an end."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import requests
from door_process import CALLER, NUMBER, SEARCH, post, serving

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_a_door_opens_says_what_it_is_answers_and_ends(tmp_path: Path) -> None:
    """With several workers their numbers and their access log are one, and a call at hand is finished."""
    log = tmp_path / "access.jsonl"
    with serving(tmp_path, "--workers", "2", ANSLUT_ACCESS_LOG=str(log)) as door:
        banner = "".join(door.lines)
        replies = [post(door.url) for _ in range(20)]
        metrics = requests.get(door.url + "/metrics", timeout=5).text
        failed = post(door.url, "/v1/laboratory-results/search")
        last: list[requests.Response] = []
        late = threading.Thread(target=lambda: last.append(post(door.url, "/v1/care-documentation/search")))
        late.start()
        time.sleep(0.3)
        code = door.stop()
        late.join()
        errors = door.errors

    assert "Slow 1.0 (Tests)" in banner
    assert "fjallmark, sha256 " in banner
    assert "authentication   OFF (loopback only)" in banner
    assert "WARNING" in banner
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.headers["Server"] for reply in replies} == {"anslut"}
    assert 'anslut_searches_total{outcome="ok",type="diagnoses"} 20.0' in metrics
    assert failed.status_code == 500
    assert failed.json()["logId"] in errors
    assert NUMBER not in errors + failed.text
    assert [reply.status_code for reply in last] == [200]
    assert code == 0
    assert len([json.loads(line) for line in log.read_text("utf-8").splitlines()]) == 22


def test_ten_slow_calls_are_answered_at_once(tmp_path: Path) -> None:
    """One worker's threads wait side by side for a slow source."""
    with serving(tmp_path) as door:
        post(door.url)
        started = time.monotonic()
        with ThreadPoolExecutor(10) as pool:
            statuses = list(
                pool.map(lambda _: post(door.url, "/v1/care-documentation/search").status_code, range(10))
            )

    assert statuses == [200] * 10
    assert time.monotonic() - started < 8  # one after another would take ten


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE 199001022384\r\n\r\n",
        b"POST /v1/199001022384 HTTP/9.9\r\n\r\n",
        b"GET /v1/connector HTTP/1.1\r\nBad Header 199001022384: x\r\n\r\n",
        b"GET /" + b"1" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/diagnoses/search HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n",
        b"POST /v1/diagnoses/search HTTP/1.1\r\nContent-Length: 199001022384x\r\n\r\n",
    ],
)
def test_what_is_not_http_gets_a_problem_and_nothing_back(tmp_path: Path, sent: bytes) -> None:
    """The server's own error page would quote the request."""
    with serving(tmp_path) as door:
        host, _, port = door.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(OSError):
                while chunk := connection.recv(65_536):
                    answer += chunk
        alive = post(door.url).status_code
        errors = door.errors

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"application/problem+json" in answer
    assert b"199001022384" not in answer
    assert b"gunicorn" not in answer.lower()
    assert NUMBER not in errors
    assert alive == 200


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_ten_megabytes_are_refused_and_the_caller_gets_to_know(tmp_path: Path, connection: str) -> None:
    """Not a broken pipe: a caller that writes all of it before it reads still finds the answer."""
    head = (
        f"POST {SEARCH} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\nContent-Type: application/json\r\n"
        f"x-rivta-original-serviceconsumer-hsaid: {CALLER}\r\nContent-Length: 10000000\r\n\r\n"
    )
    with serving(tmp_path) as door:
        port = int(door.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as caller:
            caller.sendall(head.encode())
            for _ in range(100):
                caller.sendall(b"x" * 100_000)
                time.sleep(0.002)
            answer = caller.recv(65_536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_door_without_authentication_opens_on_this_machine_only(tmp_path: Path) -> None:
    """The message says how to do it right."""
    with serving(tmp_path, "--host", "0.0.0.0") as door:  # noqa: S104 - what is refused
        code = door.process.wait(timeout=20)
        errors = door.errors

    assert code == 1
    assert "ANSLUT_JWKS_URL" in errors
    assert "--client-ca" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("options", "environment", "message"),
    [
        (("--client-ca", "stderr"), {}, "--tls-cert"),
        (("--tls-cert", "stderr"), {}, "--tls-key"),
        (("--tls-cert", "stderr", "--tls-key", "stderr"), {}, "--tls-cert with --tls-key"),
        ((), {"ANSLUT_REGION_PROFILE": "nowhere"}, "nowhere"),
        ((), {"ANSLUT_REGION_PROFILE": ""}, "ANSLUT_REGION_PROFILE"),
        ((), {"ANSLUT_SOURCE_SYSTEM_ID": ""}, "ANSLUT_SOURCE_SYSTEM_ID"),
        ((), {"ANSLUT_ACCESS_LOG": "/nowhere/at/all"}, "ANSLUT_ACCESS_LOG"),
        ((), {"ANSLUT_JWKS_URL": "http://127.0.0.1:1"}, "ANSLUT_AUDIENCE"),
    ],
)
def test_a_wrong_set_up_is_said_in_one_line(
    tmp_path: Path, options: tuple[str, ...], environment: dict[str, str], message: str
) -> None:
    """Not by a traceback, and not by a worker that dies again and again."""
    (tmp_path / "stderr").touch()
    with serving(tmp_path, *options, **environment) as door:
        code = door.process.wait(timeout=20)
        errors = door.errors

    assert code == 1
    assert message in errors
    assert "Traceback" not in errors
