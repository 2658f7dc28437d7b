"""The repository speaks only of itself: no machine, no path outside it, no tracker, no unfinished note."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FORBIDDEN = {
    "a folder of someone's machine": re.compile(r"(?<![\w.:/-])/(?:work|home|root|opt|Users|private)/\w"),
    "a number of a tracker": re.compile(r"(?i)(?<![\w/])issues? #?\d+\b"),
    "an unfinished note": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
}
PARENT_PATH = re.compile(r"(?<![\w./])(?:\.\./)+[\w.-]+")
TEXT = {".md", ".py", ".toml", ".json", ".ini", ".yaml", ".yml", ".html", ".css", ".csv", ".txt", ".j2", ""}
THIS_TEST = Path(__file__)


def sayings(text: str) -> list[str]:
    """Return what *text* says that the repository should not say."""
    return [
        f"{what}: {match[0]!r}" for what, pattern in FORBIDDEN.items() for match in pattern.finditer(text)
    ]


def stray_paths(text: str, *, folder: Path) -> list[str]:
    """Return the relative paths in *text* that start above *folder* and lead nowhere."""
    return [match[0] for match in PARENT_PATH.finditer(text) if not (folder / match[0]).exists()]


def test_no_file_speaks_of_another_place(tracked_files: list[Path], root: Path) -> None:
    """Whoever clones the repository has only the repository."""
    found = {
        str(path.relative_to(root)): said
        for path in tracked_files
        if path.suffix in TEXT and path != THIS_TEST and (said := sayings(path.read_text("utf-8")))
    }

    assert found == {}


def test_every_path_upwards_in_a_document_leads_somewhere(tracked_files: list[Path], root: Path) -> None:
    """A document that points outside the repository points nowhere for its reader."""
    found = {
        str(path.relative_to(root)): stray
        for path in tracked_files
        if path.suffix in TEXT
        and not path.is_relative_to(root / "tests")
        and (stray := stray_paths(path.read_text("utf-8"), folder=path.parent))
    }

    assert found == {}


@pytest.mark.parametrize(
    "text", ["see /home/someone/file", "fixed in issue #12", "# TODO: finish", "read /opt/thing first"]
)
def test_each_forbidden_saying_is_noticed(text: str) -> None:
    """The patterns find what they are meant to find."""
    assert sayings(text)


def test_ordinary_words_are_left_alone(root: Path) -> None:
    """Web paths, requests' sessions and ordinary relative links are fine."""
    assert sayings("POST /v1/diagnoses/search, requests.Session, https://x.example/home/page") == []
    assert stray_paths("[contracts](../contracts/README.md)", folder=root / "docs") == []
    assert stray_paths("look at ../elsewhere", folder=root) == ["../elsewhere"]
