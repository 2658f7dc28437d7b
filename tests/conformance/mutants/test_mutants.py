"""The mutants' declaration, and the ground they stand on: each is wrong in one way, what it is made of in none."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from anslut_conformance import matrix
from anslut_conformance.candidates import load
from anslut_conformance.examine import examine
from anslut_conformance.order import Order
from anslut_conformance.verdicts import Verdict
from anslut_contracts import rules, validation
from anslut_contracts.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

#: Rules that need no writing and no waiting, over all that the open connector lays open.
SOME = frozenset({"ALL-001", "ALL-002", "EXC-001", "EXC-002", "IDN-002", "NUL-003", "PAG-004"})


@pytest.mark.parametrize("path", sorted(matrix.MUTANTS.glob("*.json")), ids=lambda path: path.stem)
def test_the_declaration_follows_its_schema(path: Path) -> None:
    """A misspelt field would make a mutant silently kill nothing."""
    assert validation.errors("mutants", json.loads(path.read_text("utf-8"))) == []


def test_every_rule_for_connectors_has_a_mutant() -> None:
    """A rule whose check nothing has ever failed may be a rule that cannot fail."""
    killed = {rule for mutant in matrix.mutants() for rule in mutant.kills}

    assert {rule.id for rule in rules().values() if rule.checks} - killed == set()


def test_no_mutant_is_declared_twice_over() -> None:
    """The same piece under two names would count for two."""
    counted = Counter(mutant.factory for mutant in matrix.mutants())

    assert [factory for factory, count in counted.items() if count > 1] == []
    assert all(set(mutant.kills).isdisjoint(mutant.also) for mutant in matrix.mutants())


@pytest.mark.parametrize("mutant", matrix.mutants(), ids=lambda one: one.name)
def test_every_factory_can_be_called(mutant: matrix.Mutant) -> None:
    """The name in the declaration leads to something that makes a connector, and says what is wrong with it."""
    assert callable(load(mutant.factory))
    assert mutant.sv != mutant.en


@pytest.mark.slow
def test_the_open_connector_does_nothing_wrong() -> None:
    """A mutant made of a wrong connector would be red for a reason of its own."""
    outcome = examine(
        Order(connector="anslut_conformance.mutants.reading:OpenKosmos", rules=SOME), clock=SystemClock()
    )

    assert {check.verdict for check in outcome.checks} == {Verdict.PASS}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["two-levels", "unlinked"])
def test_a_mutant_is_red_where_it_says(name: str) -> None:
    """The whole matrix is `anslut rules --kill-matrix`; these two show that it is no list of wishes."""
    (mutant,) = matrix.select([name])
    outcome = examine(Order(connector=mutant.factory, rules=SOME), clock=SystemClock())
    red = {one.rule for one in outcome.judgement.rules if one.verdict is Verdict.FAIL}

    assert red == set(mutant.kills)
