"""One server measured: as fast as it answers, then at 70 % of that for the slowest answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import load

if TYPE_CHECKING:
    from benchmarks.server import Server

STEADY_SHARE = 0.7
WARM_UP_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How everything in one run is measured: the same *tool*, time and number of connections for all."""

    tool: str
    seconds: float
    connections: int
    smoke: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One server's figures.

    *per_cpu_second* counts the server's own processor time. *p99_milliseconds* is taken at 70 % of
    *per_second*, *full_p50_milliseconds* and *full_p99_milliseconds* at full speed. *worker_megabytes* is the
    largest process's PSS after load. *other_share* is the share of the machine that neither server nor load
    tool used: above 0.05 the figures are those of a busy machine.
    """

    name: str
    per_second: float
    per_cpu_second: float
    p99_milliseconds: float
    full_p50_milliseconds: float
    full_p99_milliseconds: float
    worker_megabytes: float
    start_seconds: float
    failed: int
    answer_bytes: int
    other_share: float

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        return asdict(self)


def server_row(name: str, server: Server, target: load.Target, *, setup: Setup, answer_bytes: int) -> Row:
    """Measure *server* under *target*'s requests."""
    warm_up = max(0.5, setup.seconds * WARM_UP_SHARE)
    load.run(target, load.Pressure(seconds=warm_up, connections=setup.connections), tool=setup.tool)
    machine, cpu = _machine_times(), server.cpu_seconds()
    full = load.run(
        target, load.Pressure(seconds=setup.seconds, connections=setup.connections), tool=setup.tool
    )
    used, other = server.cpu_seconds() - cpu, _machine_times() - machine
    steady = load.run(
        target,
        load.Pressure(
            seconds=setup.seconds, connections=setup.connections, rate=full.per_second * STEADY_SHARE
        ),
        tool=setup.tool,
    )
    memory = server.memory_megabytes()
    return Row(
        name=name,
        per_second=full.per_second,
        per_cpu_second=full.answers / used if used else 0.0,
        p99_milliseconds=steady.p99_milliseconds,
        full_p50_milliseconds=full.p50_milliseconds,
        full_p99_milliseconds=full.p99_milliseconds,
        worker_megabytes=memory[0] if memory else 0.0,
        start_seconds=server.start_seconds,
        failed=full.failed + steady.failed,
        answer_bytes=answer_bytes,
        other_share=max(0.0, other.busy - used - full.tool_cpu_seconds) / other.all if other.all else 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTimes:
    """Processor time of the whole machine in seconds: *busy* with anything, and *all* there was."""

    busy: float
    all: float

    def __sub__(self, earlier: MachineTimes) -> MachineTimes:
        return MachineTimes(busy=self.busy - earlier.busy, all=self.all - earlier.all)


def _machine_times() -> MachineTimes:
    """Read `/proc/stat`; zeros where there is none."""
    statistics = Path("/proc/stat")
    if not statistics.exists():
        return MachineTimes(busy=0.0, all=0.0)
    ticks = [int(field) for field in statistics.read_text().splitlines()[0].split()[1:9]]
    idle = ticks[3] + ticks[4]  # idle and iowait, proc(5)
    return MachineTimes(busy=(sum(ticks) - idle) / 100, all=sum(ticks) / 100)
