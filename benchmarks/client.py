"""A small load client for machines without `wrk`: one process, kept-alive connections, HTTP/1.1.

`python -m benchmarks.client HOST PORT PLAN SECONDS CONNECTIONS RATE` prints the same line as `wrk.lua` does.
It takes far more processor time than `wrk`, so its figures are for ratios on one machine only.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.load import Pressure

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER_TIMEOUT_SECONDS = 10
FIRST_ERROR_STATUS = 400


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has been seen so far; times in milliseconds."""

    times: list[float] = field(default_factory=list)
    failed: int = 0


class Timetable:
    """When the next request is due: at once, or at a steady *rate* per second kept in absolute time."""

    def __init__(self, rate: float, *, start: float) -> None:
        self._step = 1 / rate if rate else 0.0
        self._due = start

    def wait_seconds(self, at: float) -> float:
        """Return how long to wait, seen from *at*, and book that place in the table."""
        self._due = max(self._due + self._step, at - 1)
        return max(0.0, self._due - at) if self._step else 0.0


def prepare(plan: Path, host: str) -> list[bytes]:
    """Return the requests of *plan*, which `wrk.lua` describes, as ready bytes."""
    ready, headers = [], [f"Host: {host}"]
    for line in plan.read_text(encoding="utf-8").splitlines():
        first, second, third = line.split("\t")
        if first == "#":
            headers.append(f"{second}: {third}")
            continue
        lines = [f"{first} {second} HTTP/1.1", *headers, f"Content-Length: {len(third.encode())}"]
        ready.append("\r\n".join([*lines, "", third]).encode())
    return ready


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Read one answer whole; return its status and whether the connection stays. Raise when it breaks."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(headers.get("content-length", "0")))
    version, status = head[0].split(" ")[:2]
    default = "keep-alive" if version == "HTTP/1.1" else "close"
    return int(status), headers.get("connection", default).lower() != "close"


async def ask_until(
    deadline: float, *, where: tuple[str, int], requests: Iterator[bytes], table: Timetable, tally: Tally
) -> None:
    """Send *requests* over one connection, opened again when it breaks, until *deadline*."""
    writer: asyncio.StreamWriter | None = None
    while time.perf_counter() < deadline:
        await asyncio.sleep(table.wait_seconds(time.perf_counter()))
        try:
            if writer is None:
                reader, writer = await asyncio.open_connection(*where)
            start = time.perf_counter()
            writer.write(next(requests))
            status, stays = await asyncio.wait_for(read_answer(reader), ANSWER_TIMEOUT_SECONDS)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            tally.failed += 1
            if writer is not None:
                writer.close()
            writer = None
            continue
        tally.times.append((time.perf_counter() - start) * 1000)
        tally.failed += status >= FIRST_ERROR_STATUS
        if not stays:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def run(requests: list[bytes], where: tuple[str, int], pressure: Pressure) -> Tally:
    """Return the tally of sending *requests* in turn to *where* (host, port) under *pressure*."""
    tally, endless, start = Tally(), cycle(requests), time.perf_counter()
    table, deadline = Timetable(pressure.rate or 0, start=start), start + pressure.seconds
    lanes = range(pressure.connections)
    await asyncio.gather(
        *(ask_until(deadline, where=where, requests=endless, table=table, tally=tally) for _ in lanes)
    )
    return tally


def percentile(times: list[float], share: float) -> float:
    """Return the time that *share* of *times* do not exceed; 0 for none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main(arguments: list[str]) -> None:
    """Run the load that *arguments* name, and print what was seen."""
    host, port, plan, seconds, connections, rate = arguments
    requests = prepare(Path(plan), f"{host}:{port}")
    start = time.perf_counter()
    pressure = Pressure(seconds=float(seconds), connections=int(connections), rate=float(rate))
    tally = asyncio.run(run(requests, (host, int(port)), pressure))
    seen = {
        "answers": len(tally.times),
        "seconds": time.perf_counter() - start,
        "failed": tally.failed,
        "p50_milliseconds": percentile(tally.times, 0.5),
        "p99_milliseconds": percentile(tally.times, 0.99),
    }
    sys.stdout.write(f"RESULT {json.dumps(seen)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
