"""Slow sources: how long they take and how few bytes they give at a time, without a test that measures time.

The server's waiting is put in the tests' hands: it waits until a test lets it go on, and says for how long it
would have waited.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import pytest
from anslut_simulators.faults.fault import Fault
from anslut_simulators.faults.hit import Hit
from anslut_simulators.faults.waits import lognormal
from plain_system import JSON, LINES, ask, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_simulators import ControlClient, RunningRegion


class Waiting:
    """What the server does instead of sleeping."""

    def __init__(self) -> None:
        self.asked: queue.Queue[float] = queue.Queue()
        self._go_on = threading.Semaphore(0)

    def __call__(self, seconds: float) -> None:
        """Say how long, and wait to be let go."""
        self.asked.put(seconds)
        assert self._go_on.acquire(timeout=20)

    def let_go(self) -> float:
        """Return for how long the server is asked to wait now, and let it go on."""
        seconds = self.asked.get(timeout=20)
        self._go_on.release()
        return seconds


@pytest.fixture
def waiting(plain_region: RunningRegion, monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    """Take over the server's waiting."""
    waiting = Waiting()
    gate = plain_region.parts.gate
    assert gate is not None
    monkeypatch.setattr(gate._strikes, "wait", waiting)
    yield waiting
    assert waiting.asked.empty()


@pytest.mark.parametrize(("path", "whole"), [("/json", JSON), ("/xml", None)])
def test_a_dribble_gives_so_many_bytes_and_waits(
    plain: ControlClient, waiting: Waiting, path: str, whole: bytes | None
) -> None:
    """Each arrival is one piece; nothing more comes until the wait is over."""
    plain.fault("dribble", system="plain", size=100, seconds=2.5)
    arrivals: list[bytes] = []
    with connect(plain, path) as connection:
        head = b""
        while not head.partition(b"\r\n\r\n")[2]:
            head += connection.recv(65536)
        arrivals.append(head.partition(b"\r\n\r\n")[2])
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while sum(map(len, arrivals)) < length:
            assert waiting.let_go() == 2.5
            arrivals.append(connection.recv(65536))

    assert [len(arrival) for arrival in arrivals[:-1]] == [100] * (length // 100)
    assert whole is None or b"".join(arrivals) == whole


def test_a_dribbled_stream_has_a_chunk_for_every_piece(plain: ControlClient, waiting: Waiting) -> None:
    """The wait falls between chunks."""
    plain.fault("dribble", system="plain", size=1000, seconds=1)
    with connect(plain, "/stream") as connection:
        got = b""
        for line in LINES:
            while line not in got:
                got += connection.recv(65536)
            assert got.count(b"samtal") == LINES.index(line) + 1
            if line != LINES[-1]:
                assert waiting.let_go() == 1


@pytest.mark.parametrize("path", ["/json", "/stream"])
def test_a_source_that_hangs_gives_half_and_then_silence(
    plain: ControlClient, waiting: Waiting, path: str
) -> None:
    """Under Content-Length and in chunks: what was read is no answer, and the end never comes in order."""
    plain.fault("hang", system="plain", seconds=300)
    with connect(plain, path) as connection:
        seconds = waiting.asked.get(timeout=20)  # it is silent now, with half an answer sent
        got = connection.recv(65536)
        connection.setblocking(False)  # noqa: FBT003 - the standard library's own
        with pytest.raises(BlockingIOError):
            connection.recv(1)
        connection.setblocking(True)  # noqa: FBT003 - the standard library's own
        waiting._go_on.release()
        assert connection.recv(1) == b""

    assert seconds == 300
    assert got.startswith(b"HTTP/1.1 200 ")
    assert not got.endswith(b"0\r\n\r\n")
    assert (JSON[: len(JSON) // 2] if path == "/json" else LINES[2]) in got
    assert (JSON if path == "/json" else LINES[3]) not in got


def test_a_lognormal_latency_is_drawn_from_the_seed(plain: ControlClient, waiting: Waiting) -> None:
    """The same calls wait as long on every machine; the answer is whole."""
    plain.fault("latency", system="plain", seconds=0.8, sigma=0.7, seed=11)
    waits = []
    for _ in range(4):
        asking = threading.Thread(target=ask, args=(plain,))
        asking.start()
        waits.append(waiting.let_go())
        asking.join(20)

    assert waits == [_latency(number, seconds=0.8, sigma=0.7, seed=11) for number in range(1, 5)]
    assert waits == GOLDEN


#: The first four waits of that order: a change of the draw changes every recorded run.
GOLDEN = [0.521, 1.363, 0.216, 1.516]


def test_a_lognormal_latency_has_its_median_and_its_tail() -> None:
    """Half of the calls are quicker; one in twenty takes more than exp(1.645 sigma) times as long."""
    waits = sorted(_latency(number, seconds=1.0, sigma=1.0, seed=1) for number in range(1, 2001))

    assert 0.9 < waits[1000] < 1.1
    assert 4.5 < waits[1900] < 6.0
    assert all(wait == round(wait, 3) for wait in waits)
    assert len(set(waits)) > 1000


def test_a_latency_without_a_sigma_is_the_same_every_time() -> None:
    """As it always was."""
    assert {_latency(number, seconds=2.5, sigma=None, seed=0) for number in range(1, 50)} == {2.5}


def _latency(number: int, *, seconds: float, sigma: float | None, seed: int) -> float:
    fault = Fault(fault="latency", system="plain", seconds=seconds, sigma=sigma, seed=seed)
    return lognormal(Hit(fault, number))
