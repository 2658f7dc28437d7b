"""What the tests of the repository share: where it is, and which files belong to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the repository's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def package_folders() -> dict[str, Path]:
    """Return the folder of each import package, by its name."""
    return {
        "anslut_contracts": ROOT / "contracts" / "anslut_contracts",
        "anslut": ROOT / "sdk" / "anslut",
        "anslut_simulators": ROOT / "simulators" / "anslut_simulators",
        "anslut_conformance": ROOT / "conformance_tests" / "anslut_conformance",
        "anslut_examples": ROOT / "examples" / "anslut_examples",
    }


@pytest.fixture(scope="session")
def modules(package_folders: dict[str, Path]) -> list[Path]:
    """Return every Python module of the five packages."""
    return sorted(path for folder in package_folders.values() for path in folder.rglob("*.py"))


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """Return every file of the repository: those git knows or would add; all of them in an unpacked sdist."""
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
        return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file()]


@pytest.fixture(scope="session")
def documents(tracked_files: list[Path]) -> list[Path]:
    """Return every Markdown document of the repository."""
    return [path for path in tracked_files if path.suffix == ".md"]
