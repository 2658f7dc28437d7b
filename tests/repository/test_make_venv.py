"""A fresh machine is told plainly what it lacks; a Python that only pretends to be there is passed over."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD = 'case "$2" in *version_info*) exit 1;; esac\n'
NO_VENV = 'case "$2" in *ensurepip*) exit 1;; esac\n'
SHIM = 'echo "pyenv: command not found" >&2; exit 127\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder with `.ci/make-venv` alone in a clone, and a `bin` with what it needs but Python."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "clone" / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "make-venv", tmp_path / "clone" / ".ci")
    for tool in ("sh", "dirname"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    script(tmp_path / "bin" / "id", "echo 1000\n")
    return tmp_path


def script(path: Path, text: str) -> None:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}", "utf-8")
    path.chmod(0o755)


def make_venv(machine: Path) -> subprocess.CompletedProcess[str]:
    """Run `.ci/make-venv` with nothing on PATH but the machine's own `bin`."""
    return subprocess.run(
        [str(machine / "clone" / ".ci" / "make-venv")],
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_without_python_the_cure_is_named(machine: Path) -> None:
    """No traceback of make: one sentence, and the command for this kind of machine."""
    script(machine / "bin" / "python3", OLD)

    done = make_venv(machine)

    assert done.returncode == 1
    assert "Python 3.11 or later" in done.stderr
    assert "apt install python3" in done.stderr


def test_without_the_venv_module_the_package_is_named(machine: Path) -> None:
    """Debian ships Python without venv; somebody who is not root is told what to install."""
    script(machine / "bin" / "python3", f'{NO_VENV}exec "{sys.executable}" "$@"\n')

    done = make_venv(machine)

    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr


def test_a_python_that_only_pretends_is_passed_over(machine: Path) -> None:
    """Pyenv's shims stand on PATH for versions that are not active, and fail when called."""
    script(machine / "bin" / "python3", SHIM)
    script(machine / "bin" / "python3.13", SHIM)
    (machine / "bin" / "python3.12").symlink_to(sys.executable)

    done = make_venv(machine)

    assert done.returncode == 0, done.stderr
    assert (machine / "clone" / ".venv" / "bin" / "python").exists()
