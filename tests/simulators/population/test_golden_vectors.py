"""The world is the same on every machine: golden vectors, in other orders, processes and hash seeds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import golden_vectors  # noqa: E402 - a script beside this file, not a package

GOLDEN = json.loads((HERE / "golden_vectors.json").read_text(encoding="utf-8"))


def test_this_world_is_the_one_we_promised() -> None:
    """A difference here is a new version of the world: bump it, or find what changed by mistake.

    `python tests/simulators/population/golden_vectors.py > tests/simulators/population/golden_vectors.json`
    writes the vectors anew when the change is meant.
    """
    assert golden_vectors.vectors() == GOLDEN


def test_order_does_not_matter() -> None:
    """Asking for people backwards gives the same people."""
    assert golden_vectors.vectors(backwards=True) == GOLDEN


@pytest.mark.slow
@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_process_and_hash_seed_do_not_matter(hash_seed: str) -> None:
    """Sets and dictionaries must not decide anything, nor the process that asks."""
    script = str(HERE / "golden_vectors.py")

    done = subprocess.run(
        [sys.executable, script, "backwards"],
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "America/Lima", "PYTHONUTF8": "1"},
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout) == GOLDEN
