"""Every benchmark runs; its figures are not looked at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "name", ["simulator", "systems", "country", "population", "door", "rivta", "validation"]
)
def test_a_benchmark_runs(tmp_path: Path, name: str) -> None:
    """A benchmark that nobody runs for a month would otherwise have stopped working."""
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks", "--smoke", "--tool", "python", "--json", str(file), name]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    (section,) = json.loads(file.read_text(encoding="utf-8"))["sections"]
    figures = [one["value"] for one in section["figures"] if one["unit"]]
    measured = [row["per_second"] for row in section["rows"]] + figures
    assert measured
    assert all(value > 0 for value in measured)
    assert [row["name"] for row in section["rows"] if row["failed"]] == []
    assert [one["name"] for one in section["figures"] if not one["unit"] and one["value"]] == []
