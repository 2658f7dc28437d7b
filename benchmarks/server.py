"""A server under load: started as a process of its own, its processor time and memory read, then stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 5
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class ServerError(Exception):
    """A server did not start or did not answer: nothing was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: *base_url* on loopback, and how long it took from start to first answer."""

    base_url: str
    process_id: int
    start_seconds: float

    def processes(self) -> list[int]:
        """Return the process ids of the server and everything below it."""
        found, ahead = [], [self.process_id]
        while ahead:
            process = ahead.pop()
            found.append(process)
            for tasks in Path(f"/proc/{process}/task").glob("*/children"):
                ahead += [int(child) for child in tasks.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """Return the processor time used so far by all processes."""
        total = 0
        for process in self.processes():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])  # utime and stime, proc(5)
        return total / TICKS_PER_SECOND

    def memory_megabytes(self) -> list[float]:
        """Return each process's share of memory (PSS), largest first; empty where it is unknown."""
        shares = []
        for process in self.processes():
            rollup = Path(f"/proc/{process}/smaps_rollup")
            lines = rollup.read_text().splitlines() if os.access(rollup, os.R_OK) else []
            shares += [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]
        return sorted(shares, reverse=True)


@contextmanager
def serving(
    command: Callable[[int], Sequence[str]],
    *,
    answers: Callable[[str], bool],
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Start `command(port)` and yield it once `answers(base_url)` is true; stop it afterwards.

    The process gets a group of its own, and exactly that group is stopped. Raise `ServerError` when nothing
    answers.
    """
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    environ = {**os.environ, **(environment or {}), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(command(port)),
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        try:
            _await_answer(process, lambda: answers(base_url), said=said)
            yield Server(base_url=base_url, process_id=process.pid, start_seconds=time.perf_counter() - start)
        finally:
            _stop(process)


def python(*arguments: str) -> list[str]:
    """Return the command that runs this interpreter with *arguments*."""
    return [sys.executable, *arguments]


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_answer(process: subprocess.Popen[bytes], answers: Callable[[], bool], *, said: IO[bytes]) -> None:
    deadline = time.perf_counter() + START_TIMEOUT_SECONDS
    while not answers():
        if process.poll() is not None:
            said.seek(0)
            last = said.read().decode(errors="replace")[-600:]
            raise ServerError(f"a server ended with {process.returncode} before it answered: {last}")
        if time.perf_counter() > deadline:
            raise ServerError(f"a server did not answer in {START_TIMEOUT_SECONDS} s")
        time.sleep(0.01)


def _stop(process: subprocess.Popen[bytes]) -> None:
    for kind in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):  # the group is gone: that is what is wanted
            os.killpg(process.pid, kind)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_SECONDS)
