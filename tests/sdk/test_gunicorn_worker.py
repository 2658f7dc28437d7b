"""How the processes and threads of `anslut serve` share the connections, seen by those who hold them open."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from anslut.gunicorn_worker import DoorWorker, shared_counts
from door_process import ASKED, HEADERS, SEARCH, post, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from door_process import Running

pytestmark = pytest.mark.slow

BODY = json.dumps(ASKED)
SLOW = "/v1/care-documentation/search"


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


@contextlib.contextmanager
def _two_workers(folder: Path) -> Iterator[Running]:
    with serving(folder, "--workers", "2") as door:
        while len(set(door.answered_by)) < 2:  # until both are there
            post(door.url)
        yield door


@contextlib.contextmanager
def _connections(url: str, count: int) -> Iterator[list[HTTPConnection]]:
    opened = [HTTPConnection("127.0.0.1", _port(url), timeout=20) for _ in range(count)]
    try:
        yield opened
    finally:
        for connection in opened:
            connection.close()


def _ask(connection: HTTPConnection, path: str = SEARCH) -> int:
    connection.request("POST", path, BODY, {"Content-Type": "application/json", **HEADERS})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_connections_that_come_at_once_are_shared(tmp_path: Path) -> None:
    """Else one processor works and the other rests."""
    with (
        _two_workers(tmp_path) as door,
        _connections(door.url, 24) as opened,
        ThreadPoolExecutor(24) as pool,
    ):
        before = Counter(door.answered_by)
        statuses = list(pool.map(_ask, opened))
        shares = Counter(door.answered_by) - before

    assert statuses == [200] * 24
    assert min(shares[worker] for worker in before) >= 9


def test_who_has_fewer_connections_takes_the_next(tmp_path: Path) -> None:
    """As many as it takes until both have the same again."""
    with _two_workers(tmp_path) as door:
        for first in sorted(set(door.answered_by)):
            with _connections(door.url, 24) as opened:
                assert [_ask(connection) for connection in opened] == [200] * 24
                for connection, worker in zip(opened, door.answered_by[-24:], strict=True):
                    if worker == first:
                        connection.close()
                time.sleep(1.0)  # until it has noticed
                with _connections(door.url, 10) as more:
                    assert [_ask(connection) for connection in more] == [200] * 10
                    assert Counter(door.answered_by[-10:])[first] >= 9


def test_a_worker_counts_where_no_other_does() -> None:
    """Also one that takes the place of one that ended; those above the number told count with the first."""
    counts = shared_counts(2)
    workers = [object.__new__(DoorWorker) for _ in range(4)]
    for worker, taken in zip(workers, [set(), {0}, {1}, {0, 1}], strict=True):
        counts[0] = counts[1] = 7
        worker.take_place(counts, taken=taken)
        assert counts[worker.place] == 0

    assert [worker.place for worker in workers] == [0, 1, 0, 0]


def test_those_who_ask_on_and_on_leave_room_for_others(tmp_path: Path) -> None:
    """There are as many of them as threads, each of which stays with a connection that asks again at once."""
    done = threading.Event()
    with (
        serving(tmp_path, "--threads", "10") as door,
        _connections(door.url, 14) as opened,
        ThreadPoolExecutor(14) as pool,
    ):

        def ask_on_and_on(connection: HTTPConnection) -> int:
            answers = 0
            while not done.is_set() and _ask(connection) == 200:
                answers += 1
            return answers

        many = [pool.submit(ask_on_and_on, connection) for connection in opened[:10]]
        try:
            late = list(pool.map(_ask, opened[10:], timeout=10))
        finally:
            done.set()
        answers = [each.result() for each in many]

    assert late == [200] * 4
    assert min(answers) > 0


def test_an_idle_connection_is_kept_and_holds_no_thread(tmp_path: Path) -> None:
    """More of them than there are threads."""
    with serving(tmp_path, "--threads", "10") as door, _connections(door.url, 40) as opened:
        first = [_ask(connection) for connection in opened]
        sockets = [connection.sock for connection in opened]
        again = [_ask(connection) for connection in opened]

        assert first == again == [200] * 40
        assert [connection.sock for connection in opened] == sockets  # none was opened anew


def test_two_requests_sent_together_get_two_answers(tmp_path: Path) -> None:
    """The second is read with the first, so that nothing more comes on the connection."""
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    request = (
        f"POST {SEARCH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{head}"
        f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
    )
    with (
        serving(tmp_path) as door,
        socket.create_connection(("127.0.0.1", _port(door.url)), timeout=10) as caller,
    ):
        caller.sendall(request.encode() * 2)
        answer = b""
        while answer.count(b"HTTP/1.1 200 ") < 2:
            chunk = caller.recv(65_536)
            assert chunk, answer
            answer += chunk


def test_stopping_ends_with_the_answers_at_hand(tmp_path: Path) -> None:
    """Those who ask on and on do not keep the door open, and each request that got in has its answer."""
    with serving(tmp_path) as door, _connections(door.url, 8) as opened, ThreadPoolExecutor(8) as pool:

        def ask_until_closed(connection: HTTPConnection) -> int:
            statuses = set()
            while not statuses or connection.sock:
                statuses.add(_ask(connection, SLOW if connection is opened[0] else SEARCH))
            return statuses.pop() if len(statuses) == 1 else 0

        assert _ask(opened[0]) == 200
        all_of_them = [pool.submit(ask_until_closed, connection) for connection in opened]
        time.sleep(0.5)
        code = door.stop()
        statuses = [each.result() for each in all_of_them]

    assert code == 0
    assert statuses == [200] * 8
