"""Imports run one way, and nobody imports what is not declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAY_IMPORT = {
    "anslut_contracts": set(),
    "anslut": {"anslut_contracts"},
    "anslut_simulators": {"anslut_contracts"},
    "anslut_conformance": {"anslut_contracts", "anslut", "anslut_simulators", "anslut_examples"},
    "anslut_examples": {"anslut"},
}
EXTRAS = {
    "anslut_simulators": ["simulators", "postgresql"],
    "anslut_conformance": ["simulators", "conformance"],
}


def imported_packages(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the top-level package of every absolute import in *source*."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.split(".")[0]


def wrong_way(source: str, *, package: str) -> list[str]:
    """Return the imports in *source* that a module of *package* must not have."""
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package] - {package}
    return [f"line {line} imports {name}" for line, name in imported_packages(source) if name in forbidden]


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_run_one_way(package: str, package_folders: dict[str, Path]) -> None:
    """A simulator that used the SDK could not disagree with it; an example that did would be no example."""
    found = {
        str(path): lines
        for path in package_folders[package].rglob("*.py")
        if (lines := wrong_way(path.read_text("utf-8"), package=package))
    }

    assert found == {}


def test_an_import_the_wrong_way_is_noticed() -> None:
    """The check above sees imports anywhere in a module, also the lazy ones."""
    source = "def f():\n    from anslut_simulators.truth import Event\n    return Event\n"

    assert wrong_way(source, package="anslut") == ["line 2 imports anslut_simulators"]
    assert wrong_way(source, package="anslut_conformance") == []
    assert wrong_way("import anslut.door\n", package="anslut_simulators") == ["line 1 imports anslut"]


def distribution_names(requirements: list[str]) -> set[str]:
    """Return the normalised names of the distributions in *requirements*."""
    return {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0].lower().replace("_", "-") for one in requirements}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_every_import_is_declared_in_the_extra_of_its_package(
    package: str, package_folders: dict[str, Path], root: Path
) -> None:
    """`pip install anslut` must be enough for the SDK; flask's friends may not hide an undeclared need."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    declared = distribution_names(project["dependencies"])
    for extra in EXTRAS.get(package, []):
        declared |= distribution_names(project["optional-dependencies"][extra])
    own = set(MAY_IMPORT) | set(sys.stdlib_module_names)
    distributions = packages_distributions()

    undeclared = {
        f"{path.name}:{line} {name}"
        for path in package_folders[package].rglob("*.py")
        for line, name in imported_packages(path.read_text("utf-8"))
        if name not in own
        and not (name == "pytest" and path.name == "pytest_plugin.py")  # who loads it has pytest
        and not declared & {one.lower().replace("_", "-") for one in distributions.get(name, [name])}
    }

    assert undeclared == set()
