"""The commands in README and tutorial run, as written, from the repository's root."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```console run\n(.*?)^```", re.DOTALL | re.MULTILINE)
MODULE = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```", re.DOTALL | re.MULTILINE)
DOCUMENTS = ("README.md", "docs/tutorial.md")


def commands(text: str) -> list[str]:
    """Return the commands of every block marked as runnable, in order."""
    return [
        line.removeprefix("$ ")
        for block in BLOCK.findall(text)
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


COMMANDS = [
    pytest.param(document, command, id=f"{document}: {command}")
    for document in DOCUMENTS
    for command in commands((ROOT / document).read_text("utf-8"))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like a clone's root, so that written reports do not land in the repository."""
    folder = tmp_path_factory.mktemp("clone")
    for path in ROOT.iterdir():
        if path.name not in {".git", ".tox", ".venv", "build", "dist"} and not path.name.startswith(
            "anslut-report"
        ):
            (folder / path.name).symlink_to(path)
    # What is tried is what these tests run with: in tox, the built wheel.
    (folder / ".venv").symlink_to(sys.prefix)
    for document in DOCUMENTS:
        for name, text in MODULE.findall((ROOT / document).read_text("utf-8")):
            (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_documented_command_runs(document: str, command: str, folder: Path) -> None:
    """What a newcomer pastes works; a make target is looked up, and what it runs is documented beside it."""
    words = shlex.split(command)
    if words[0] == "make":
        words.insert(1, "--dry-run")
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    done = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, f"{document}: {done.stdout.decode()[-2000:]}\n{done.stderr.decode()[-2000:]}"


def test_readme_has_commands_to_run() -> None:
    """An empty list above would pass in silence."""
    assert {"make demo", "make test"} <= {param.values[1] for param in COMMANDS}


def test_only_marked_blocks_are_run() -> None:
    """A block without the mark is for reading."""
    text = "```console run\n$ anslut --version\nanslut 0.1.0\n```\n```console\n$ rm -rf x\n```\n"

    assert commands(text) == ["anslut --version"]
