"""The load: a list of prepared requests, sent in turn over kept-alive connections by one and the same tool.

`wrk` where the machine has it, else `benchmarks.client`, a small one of our own. Which one is printed with
every result, and a comparison never mixes them. Prepared requests may hold test persons' numbers in their
bodies; they stand in a private temporary folder while the tool runs, and are gone afterwards.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WRK_SCRIPT = Path(__file__).with_name("wrk.lua")
MARK = "RESULT "


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One prepared request; *body* is one line of text."""

    path: str
    method: str = "GET"
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where requests go: *base_url* on loopback, the *requests* in turn, *headers* on each."""

    base_url: str
    requests: Sequence[Request]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """How hard to ask: for *seconds*, over *connections*, at *rate* a second or (None) at full speed."""

    seconds: float
    connections: int
    rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the load tool saw in one run; *failed* counts answers of 400 and up and broken connections."""

    answers: int
    seconds: float
    failed: int
    p50_milliseconds: float
    p99_milliseconds: float
    tool_cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Answers per second of wall time."""
        return self.answers / self.seconds if self.seconds else 0.0


class LoadError(Exception):
    """The load tool itself did not work: nothing was measured."""


def tool_name(*, wanted: str | None = None) -> str:
    """Return "wrk" or "python": the one *wanted*, else `wrk` where there is one."""
    if wanted:
        return wanted
    return "wrk" if shutil.which("wrk") else "python"


def run(target: Target, pressure: Pressure, *, tool: str) -> Load:
    """Send *target*'s requests under *pressure* and return what was seen.

    Raise `LoadError` when the tool did not run.
    """
    with tempfile.TemporaryDirectory(prefix="anslut-bench-") as folder:
        plan = Path(folder, "requests.tsv")
        plan.touch(mode=0o600)
        plan.write_text(_plan(target), encoding="utf-8")
        command = _command(target, plan, pressure, tool=tool)
        before = _children_cpu()
        # the load tool's own time is bounded; the margin covers its start and its last answers
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=pressure.seconds + 30, check=False, cwd=ROOT
        )
        cpu = _children_cpu() - before
    for line in done.stdout.splitlines():
        if line.startswith(MARK):
            return Load(**json.loads(line.removeprefix(MARK)), tool_cpu_seconds=cpu)
    raise LoadError(f"{tool} ended with {done.returncode} and no result: {done.stderr.strip()[-400:]}")


def _plan(target: Target) -> str:
    lines = [("#", name, value) for name, value in target.headers.items()]
    lines += [(request.method, request.path, request.body) for request in target.requests]
    if any(mark in part for line in lines for part in line for mark in "\t\n"):
        raise LoadError("a prepared request holds a tab or a line break")
    return "".join("\t".join(line) + "\n" for line in lines)


def _command(target: Target, plan: Path, pressure: Pressure, *, tool: str) -> list[str]:
    seconds, connections = pressure.seconds, str(pressure.connections)
    paced = f"{pressure.rate:.3f}" if pressure.rate else "0"
    if tool == "wrk":
        whole_seconds = max(1, round(seconds))  # wrk counts no finer
        options = ["-t1", f"-c{connections}", f"-d{whole_seconds}s", "--timeout", "10s"]
        return ["wrk", *options, "-s", str(WRK_SCRIPT), target.base_url, "--", str(plan), paced]
    address = urlsplit(target.base_url)
    where = [str(address.hostname), str(address.port), str(plan)]
    return [sys.executable, "-m", "benchmarks.client", *where, str(seconds), connections, paced]


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
