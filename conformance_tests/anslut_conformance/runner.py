"""Runs the suite: pytest in this process, under the suite's own settings and nobody else's."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anslut_conformance.errors import ExaminerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anslut_conformance.plugin import Examination

PACKAGE = Path(__file__).parent
SUITE = PACKAGE / "suite"

#: Ours to set aside while the suite runs: an adopter's options cannot reach it.
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")

_OFF = (
    "cacheprovider",
    "terminal",
    "faulthandler",
    "junitxml",
    "debugging",
    "doctest",
    "unittest",
    "recwarn",
)


def run(examination: Examination, *, suite: Path = SUITE) -> None:
    """Run the checks in *suite*; results are on *examination*. Raise `ExaminerError` when pytest could not."""
    arguments = ["-c", str(PACKAGE / "pytest.ini"), "--rootdir", str(suite), "-s"]
    for name in _OFF:
        arguments += ["-p", f"no:{name}"]
    with _own_settings():
        code = pytest.main([*arguments, str(suite)], plugins=[examination])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise ExaminerError(f"the suite could not run: pytest ended with {code!r} ({examination.trouble})")


@contextmanager
def _own_settings() -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in _FOREIGN if name in os.environ}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    bytecode = sys.dont_write_bytecode
    try:
        yield
    finally:
        sys.dont_write_bytecode = bytecode
        os.environ.update(kept)
        if autoload is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = autoload
