"""The documents are true: links lead somewhere, names exist, every command and decision is described."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)(?:#[^)]*)?\)")
PLACE = re.compile(
    r"`((?:contracts|sdk|simulators|conformance_tests|examples|tests|docs|changelog\.d)/[^`\s]+)`"
)
RULE_ID = re.compile(r"\b[A-Z]{3}-\d{3}\b")
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|deprecated|removed|fixed|security)\.md")
ADR = re.compile(r"\d{4}-[a-z0-9-]+\.md")
TERMS_AT_LEAST = 70
ADR_PARTS = ("## Context", "## Decision", "## Consequences")


def dead_links(text: str, *, folder: Path) -> list[str]:
    """Return the relative links in *text* that lead to no file."""
    links = (match[1] for match in LINK.finditer(text))
    return [link for link in links if "://" not in link and not (folder / link).exists()]


def unknown_rules(text: str, *, known: set[str], chapters: set[str]) -> list[str]:
    """Return the rule ids in *text* that look like ours and are not in the catalogue."""
    return [found for found in RULE_ID.findall(text) if found[:3] in chapters and found not in known]


@pytest.fixture(scope="module")
def rule_ids(root: Path) -> set[str]:
    """Return the id of every rule in the catalogue."""
    folder = root / "contracts" / "anslut_contracts" / "rules" / "v1"
    return {
        found
        for path in folder.glob("*.json")
        for found in re.findall(r'"id": *"([A-Z]{3}-\d{3})"', path.read_text("utf-8"))
    }


def test_every_link_leads_somewhere(documents: list[Path], root: Path) -> None:
    """A dead link in a README is the first thing a newcomer finds."""
    found = {
        str(path.relative_to(root)): dead
        for path in documents
        if (dead := dead_links(path.read_text("utf-8"), folder=path.parent))
    }

    assert found == {}


def test_a_dead_link_is_noticed(root: Path) -> None:
    """The check reads links as a reader does."""
    text = "[here](README.md#top), [web](https://example.com/x), [gone](nowhere.md)"

    assert dead_links(text, folder=root) == ["nowhere.md"]


def lost_places(text: str, *, root: Path) -> list[str]:
    """Return the paths in *text* at which the repository has nothing; `<…>` stands for a name."""
    named = {match[1] for match in PLACE.finditer(text)}
    return sorted(place for place in named if not any(root.glob(re.sub(r"<[^>]+>", "*", place.rstrip("/")))))


def test_every_place_that_a_how_to_names_is_there(root: Path) -> None:
    """Whoever adds a type, a system or a rule goes by these pages, file by file."""
    pages = sorted((root / "docs").glob("adding-*.md"))
    found = {page.name: lost for page in pages if (lost := lost_places(page.read_text("utf-8"), root=root))}

    assert len(pages) >= 3
    assert found == {}


def test_a_place_that_has_moved_is_noticed(root: Path) -> None:
    """A name in brackets stands for any, everything else for itself."""
    text = (
        "`sdk/anslut/entries/<entry>.py`, `docs/README.md`, `sdk/anslut/entires/<entry>.py`, `anslut certify`"
    )

    assert lost_places(text, root=root) == ["sdk/anslut/entires/<entry>.py"]


def test_every_rule_named_in_a_document_exists(documents: list[Path], root: Path, rule_ids: set[str]) -> None:
    """Rule ids are never reused and never invented."""
    chapters = {one[:3] for one in rule_ids}
    found = {
        str(path.relative_to(root)): unknown
        for path in documents
        if (unknown := unknown_rules(path.read_text("utf-8"), known=rule_ids, chapters=chapters))
    }

    assert len(rule_ids) >= 40
    assert found == {}


def test_an_invented_rule_is_noticed() -> None:
    """Only ids of our chapters count, and only those in the catalogue pass."""
    text = "EXC-001 and EXC-999, but SHA-256 is no rule"

    assert unknown_rules(text, known={"EXC-001"}, chapters={"EXC"}) == ["EXC-999"]


def test_every_command_is_documented(documents: list[Path], root: Path) -> None:
    """A command nobody can find does not exist."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    text = "\n".join(path.read_text("utf-8") for path in documents)

    missing = [name for name in project["entry-points"]["anslut.commands"] if f"anslut {name}" not in text]

    assert missing == []


def test_every_setting_of_a_connector_is_in_the_readme(root: Path) -> None:
    """Whoever writes a connector in another language has the README and nothing else."""
    readme = (root / "README.md").read_text("utf-8")
    sources = "\n".join(path.read_text("utf-8") for path in (root / "sdk" / "anslut").rglob("*.py"))
    settings = set(re.findall(r"ANSLUT_[A-Z_]+[A-Z]", sources))

    assert len(settings) >= 10
    assert {name for name in settings if name not in readme} == set()


def test_every_decision_has_its_parts_and_stands_in_the_index(root: Path) -> None:
    """An ADR says why; the index is how it is found; numbers are consecutive."""
    folder = root / "docs" / "adr"
    index = (folder / "README.md").read_text("utf-8")
    decisions = sorted(path for path in folder.glob("*.md") if path.name != "README.md")

    assert [path.name for path in decisions if not ADR.fullmatch(path.name)] == []
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert [path.name for path in decisions if f"({path.name})" not in index] == []
    for path in decisions:
        text = path.read_text("utf-8")
        assert "Status: " in text, path.name
        assert [part for part in ADR_PARTS if part not in text] == [], path.name


def test_the_glossary_has_one_row_per_term_and_every_term_is_used(
    root: Path, tracked_files: list[Path]
) -> None:
    """One English name for each Swedish term, and no term that nobody uses."""
    glossary = root / "docs" / "glossary.md"
    rows = re.findall(r"^\| ([^|]+) \| `?([^|`]+)`? \|", glossary.read_text("utf-8"), re.MULTILINE)
    terms = [
        (swedish.strip(), english.strip())
        for swedish, english in rows
        if swedish.strip() not in {"Svenska", "---"}
    ]
    rest = "\n".join(
        path.read_text("utf-8")
        for path in tracked_files
        if path.suffix in {".md", ".py", ".json", ".toml"} and path != glossary
    ).casefold()
    squeezed = re.sub(r"[^a-zåäö]", "", rest)

    assert len(terms) >= TERMS_AT_LEAST
    assert len({swedish for swedish, _ in terms}) == len(terms)
    assert [
        english for _, english in terms if re.sub(r"[^a-zåäö]", "", english.casefold()) not in squeezed
    ] == []


def test_changelog_fragments_are_short_and_well_named(root: Path) -> None:
    """One or two sentences in the user's words, in a file that says what kind of change it is."""
    fragments = [path for path in (root / "changelog.d").iterdir() if path.name != "README.md"]

    assert fragments
    assert [path.name for path in fragments if not FRAGMENT.fullmatch(path.name)] == []
    assert [path.name for path in fragments if not 20 <= len(path.read_text("utf-8")) <= 400] == []


def test_every_json_file_is_utf8_and_parses(tracked_files: list[Path], root: Path) -> None:
    """A broken data file is found here and not at an adopter's first call."""
    broken = []
    for path in tracked_files:
        if path.suffix == ".json":
            try:
                json.loads(path.read_bytes())
            except ValueError:
                broken.append(str(path.relative_to(root)))

    assert broken == []
