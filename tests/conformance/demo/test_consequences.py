"""What the demo says that broken rules do to a patient."""

from __future__ import annotations

import json
from importlib.resources import files

import anslut_contracts
from anslut_conformance.demo.consequences import consequences


def test_every_broken_rule_is_told_about() -> None:
    """Nothing a connector did may be left out because nobody wrote a story for it."""
    everything = list(anslut_contracts.rules())

    told = {rule for one in consequences(everything) for rule in one.rules}

    assert told == set(everything)


def test_nothing_is_told_that_was_not_seen() -> None:
    """A story belongs to the rules that were broken, not to the connector we expect to be careless."""
    found = consequences(["TIM-001"])

    assert [one.rules for one in found] == [("TIM-001",)]


def test_the_gravest_comes_first() -> None:
    """Whoever reads one line only must read about the right patient."""
    grades = [one.grade for one in consequences(list(anslut_contracts.rules()))]

    order = ["wrong person", "shown though protected", "missing", "misleading", "cosmetic"]
    assert grades == sorted(grades, key=order.index)


def test_an_unbroken_connector_does_nothing_to_patients() -> None:
    """No rule, no consequence."""
    assert consequences([]) == []


def test_stories_name_rules_that_exist() -> None:
    """A story for a rule that is gone would never be told."""
    text = files("anslut_conformance.demo").joinpath("consequences.json").read_text(encoding="utf-8")
    named = {rule for story in json.loads(text)["consequences"] for rule in story["rules"]}

    assert named - set(anslut_contracts.rules()) == set()
