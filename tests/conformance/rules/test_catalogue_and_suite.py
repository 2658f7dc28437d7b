"""The catalogue against the suite: every rule is tried, every check is named, and no clause hangs in the air."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from anslut_conformance.runner import SUITE
from anslut_contracts import chapters, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The fifteen facts of the national framework, and the systems it names.
FRAMEWORK_FACTS = {f"F{number}" for number in range(1, 17)}

#: Chapters that bind the national service, which has no checks here.
NATIONAL = {"ACC", "RSP"}


def checks() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield every check of the suite with its module's name."""
    for path in sorted(SUITE.glob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.stem, node


def rules_of(check: ast.FunctionDef) -> list[str]:
    """Return the rules a check is marked with."""
    return [
        str(argument.value)
        for mark in check.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.rule"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    ]


def test_the_catalogue_names_exactly_the_checks_there_are() -> None:
    """A rule whose check was renamed or removed must not look tried."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, check in checks():
        for rule in rules_of(check):
            found[rule].append(f"{module}::{check.name}")

    declared = {rule.id: list(rule.checks) for rule in rules().values() if rule.checks}

    assert declared == dict(found)


def test_every_check_stands_in_its_rules_chapter_and_says_why() -> None:
    """A check is found by its rule's chapter, and its first line tells a vendor what it is for."""
    misplaced = [
        f"{module}::{check.name}"
        for module, check in checks()
        if any(not rule.lower().startswith(module.removeprefix("test_")) for rule in rules_of(check))
    ]
    silent = [check.name for _, check in checks() if not ast.get_docstring(check)]
    unruled = [check.name for _, check in checks() if not rules_of(check)]

    assert (misplaced, silent, unruled) == ([], [], [])


def test_rules_that_bind_a_connector_are_tried() -> None:
    """Not to test a rule is a decision with a reason, and only for those who are not here to be tested."""
    untried = {rule.chapter for rule in rules().values() if rule.not_tested_because}

    assert untried == NATIONAL
    assert all(rule.binds == ("national service",) for rule in rules().values() if rule.chapter in NATIONAL)


def test_every_framework_fact_is_covered() -> None:
    """The framework's facts are what the whole product stands on."""
    named = {fact for rule in rules().values() for fact in re.findall(r"\bF\d+\b", rule.source.locator)}

    assert named == FRAMEWORK_FACTS


def test_every_rule_says_what_goes_wrong_and_how_to_mend_it() -> None:
    """`anslut explain` has an answer for everybody, in both languages."""
    for rule in rules().values():
        words = (
            rule.text_sv,
            rule.text_en,
            rule.usual_cause_sv,
            rule.usual_cause_en,
            rule.fix_sv,
            rule.fix_en,
        )
        assert all(words), rule.id
        assert rule.text_sv != rule.text_en, rule.id


def test_rule_numbers_run_without_a_gap() -> None:
    """A number that is gone would have been used again by somebody."""
    for name, chapter in chapters().items():
        assert list(chapter.rule_ids) == [f"{name}-{n:03d}" for n in range(1, len(chapter.rule_ids) + 1)]


@pytest.mark.parametrize("word", ["design", "decisions.md", "/work", "../", "issue ", "kravlista"])
def test_sources_are_public_documents(word: str) -> None:
    """A reader outside must be able to find what a rule stands on."""
    assert [rule.id for rule in rules().values() if word in rule.source.locator.lower()] == []
