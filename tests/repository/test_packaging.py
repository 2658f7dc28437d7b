"""The wheel and the sdist carry everything the product reads at run time, and the wheel nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

pytestmark = pytest.mark.slow


def build(source: Path, target: Path, kind: str) -> Path:
    """Build *kind* ("wheel" or "sdist") of the project in *source* and return the one file made."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    (made,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built from the working tree."""
    return build(root, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="session")
def sdist(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an sdist built from the working tree."""
    return build(root, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="session")
def package_files(package_folders: dict[str, Path], tracked_files: list[Path]) -> set[str]:
    """Return every file of the five packages, as the wheel names it."""
    return {
        str(PurePosixPath(folder.name, *path.relative_to(folder).parts))
        for folder in package_folders.values()
        for path in tracked_files
        if path.is_relative_to(folder)
    }


def wheel_names(wheel: Path) -> set[str]:
    """Return the names in *wheel*, its own metadata left out."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_carries_exactly_the_five_packages(wheel: Path, package_files: set[str]) -> None:
    """A schema left out fails at the first call on an adopter's machine; a test taken along pollutes it."""
    assert wheel_names(wheel) == package_files


def test_the_wheel_carries_schemas_rules_tables_and_types(wheel: Path) -> None:
    """Each kind of file that the product reads is named here, so that an empty tree could not pass."""
    names = wheel_names(wheel)

    for needed in (
        "anslut_contracts/schemas/v1/types/diagnoses.json",
        "anslut_contracts/schemas/v1/problem.json",
        "anslut_contracts/py.typed",
        "anslut/py.typed",
        "anslut_simulators/py.typed",
        "anslut_conformance/py.typed",
        "anslut_examples/py.typed",
    ):
        assert needed in names
    for folder, suffix in (
        ("anslut_contracts/rules/v1/", ".json"),
        ("anslut_contracts/codes/v1/", ".json"),
        ("anslut_contracts/rivta/v1/", ".json"),
        ("anslut_contracts/profiles/", ".toml"),
        ("anslut_contracts/openapi/v1/", ""),
        ("anslut_contracts/examples/v1/", ".json"),
        ("anslut_simulators/tables/", ".json"),
        ("anslut_simulators/tables/", ".gz"),
        ("anslut_simulators/personas/", ".toml"),
        ("anslut_conformance/", ".ini"),
    ):
        assert any(name.startswith(folder) and name.endswith(suffix) for name in names), folder


def test_the_wheel_says_its_licence_and_whose_data_it_carries(wheel: Path) -> None:
    """LICENSE and NOTICE travel with the code."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" in name]

    assert [name for name in names if name.endswith("/LICENSE")]
    assert [name for name in names if name.endswith("/NOTICE")]


def test_the_wheel_brings_no_plugin_into_other_peoples_pytest(wheel: Path) -> None:
    """A pytest11 entry point would load the examiner into every test run of every adopter."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        entry_points = archive.read(name).decode()

    assert "[anslut.commands]" in entry_points
    assert "pytest11" not in entry_points


def test_a_wheel_made_from_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """A distribution that packages from the sdist gets the whole product."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()

    rebuilt = build(source, tmp_path / "rebuilt", "wheel")

    assert wheel_names(rebuilt) == wheel_names(wheel)


def test_a_missing_file_is_noticed(wheel: Path, package_files: set[str], tmp_path: Path) -> None:
    """The first check of this module fails for a wheel without its type marks."""
    lean = tmp_path / "lean.whl"
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(lean, "w") as target:
        for name in source.namelist():
            if not name.endswith("py.typed"):
                target.writestr(name, source.read(name))

    assert package_files - wheel_names(lean) == {name for name in package_files if name.endswith("py.typed")}
