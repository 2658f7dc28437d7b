"""The last pytest session of `make test` says what every check said, no better and no worse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OK = {"python": {}, "result": {"success": True, "exit_code": 0}}
JUNIT = """<testsuites><testsuite>
<testcase classname="tests.a" name="test_good"/>
<testcase classname="tests.a" name="test_bad"><failure message="assert 1 == 2">trace</failure></testcase>
<testcase classname="tests.a" name="test_broken"><error message="fixture fell">trace</error></testcase>
<testcase classname="tests.a" name="test_left_out"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def verdict(folder: Path) -> tuple[int, str]:
    """Return the exit code and the output of the last session over the records in *folder*."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-c",
            str(ROOT / ".ci" / "pytest.ini"),
            "-p",
            "verdict",
            str(folder),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / ".ci"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def test_every_recorded_outcome_is_counted(tmp_path: Path) -> None:
    """Failures and errors of any environment fail the whole, and a skip is shown with its reason."""
    (tmp_path / "unit.xml").write_text(JUNIT, "utf-8")
    (tmp_path / "tox.json").write_text(json.dumps({"testenvs": {"py311": OK}}), "utf-8")

    code, output = verdict(tmp_path)

    assert code == 1
    assert "2 failed, 3 passed, 1 skipped" in output.splitlines()[-1]
    assert "assert 1 == 2" in output
    assert "no browser" in output


def test_a_failed_environment_without_tests_fails_the_whole(tmp_path: Path) -> None:
    """Lint and types leave no test behind; their exit code counts."""
    failed = {"python": {}, "result": {"success": False, "exit_code": 3}}
    (tmp_path / "tox.json").write_text(json.dumps({"testenvs": {"lint": failed, "py311": OK}}), "utf-8")

    code, output = verdict(tmp_path)

    assert code == 1
    assert "1 failed, 2 passed" in output.splitlines()[-1]


def test_a_missing_python_is_named_and_any_other_skipped_environment_fails(tmp_path: Path) -> None:
    """An interpreter may be missing on a machine; a check may not."""
    skipped = {"result": {"success": True, "exit_code": 0, "skipped": True}}
    (tmp_path / "tox.json").write_text(
        json.dumps({"testenvs": {"py311": OK, "py314": skipped, "certify": skipped}}), "utf-8"
    )

    code, output = verdict(tmp_path)

    assert code == 1
    assert "1 failed, 2 passed, 1 skipped" in output.splitlines()[-1]
    assert "no Python 3.14 on this machine" in output


def test_a_machine_without_any_of_our_pythons_fails(tmp_path: Path) -> None:
    """Every interpreter missing means that no test ran at all."""
    skipped = {"result": {"success": True, "exit_code": 0, "skipped": True}}
    (tmp_path / "tox.json").write_text(json.dumps({"testenvs": {"py311": skipped, "lint": OK}}), "utf-8")

    code, output = verdict(tmp_path)

    assert code == 1
    assert "no tests ran" in output


def test_all_green_is_green(tmp_path: Path) -> None:
    """Green checks give a green verdict."""
    (tmp_path / "tox.json").write_text(json.dumps({"testenvs": {".pkg": {}, "py312": OK}}), "utf-8")

    code, output = verdict(tmp_path)

    assert code == 0
    assert "2 passed" in output.splitlines()[-1]


def test_a_run_that_recorded_nothing_fails(tmp_path: Path) -> None:
    """When tox falls over before its first environment, silence is not success."""
    (tmp_path / "tox.json").write_text("{}", "utf-8")

    code, _ = verdict(tmp_path)

    assert code == 1
