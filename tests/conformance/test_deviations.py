"""A deviation is a decision with a reason and an end, and is held to both."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from anslut_conformance import deviations
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.verdicts import RuleResult, Verdict

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 11, 22)
CONSUMER = "SE2321000999-1177"
GOOD = """
[[deviation]]
rule = "EXC-003"
consumer = "*"
reason = "Byte av journalsystem pågår"
decided_by = "Region Fjällmark, informationssäkerhet"
until = 2027-01-31
"""


def declared(tmp_path: Path, text: str) -> deviations.Declarations:
    """Return what *text* declares."""
    path = tmp_path / "deviations.toml"
    path.write_text(text, "utf-8")
    return deviations.read(path)


def failed(rule: str = "EXC-003") -> RuleResult:
    """Return a broken rule."""
    return RuleResult(rule=rule, verdict=Verdict.FAIL)


def test_a_decision_in_force_excuses_its_rule_and_says_until_when(tmp_path: Path) -> None:
    """And no other rule."""
    found = declared(tmp_path, GOOD)

    excused = found.excuse(failed(), consumer=CONSUMER, today=TODAY)

    assert (excused.verdict, excused.until) == (Verdict.EXCUSED, date(2027, 1, 31))
    assert "Byte av journalsystem" in excused.reason
    assert found.excuse(failed("EXC-001"), consumer=CONSUMER, today=TODAY).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("text", "today"),
    [
        (GOOD, date(2027, 2, 1)),
        (GOOD.replace('"*"', '"SE0000000000-NPO"'), TODAY),
    ],
)
def test_a_decision_that_ended_or_is_for_another_consumer_excuses_nothing(
    tmp_path: Path, text: str, today: date
) -> None:
    """An end date that nobody watches is no end date."""
    result = declared(tmp_path, text).excuse(failed(), consumer=CONSUMER, today=today)

    assert result.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("verdict", "today", "fault"),
    [
        (Verdict.PASS, TODAY, "håller nu"),
        (Verdict.FAIL, date(2027, 2, 1), "gick ut"),
        (Verdict.NOT_APPLICABLE, TODAY, "gäller inte"),
    ],
)
def test_a_decision_that_no_longer_fits_is_reported(
    tmp_path: Path, verdict: Verdict, today: date, fault: str
) -> None:
    """A healed deviation left in the file would hide the next failure."""
    results = [RuleResult(rule="EXC-003", verdict=verdict)]

    faults = declared(tmp_path, GOOD).faults(results, known={"EXC-003"}, consumer=CONSUMER, today=today)

    assert len(faults) == 1
    assert fault in faults[0]


def test_a_decision_about_no_rule_is_reported(tmp_path: Path) -> None:
    """A typing error must not read as an excuse."""
    faults = declared(tmp_path, GOOD).faults([], known=set(), consumer=CONSUMER, today=TODAY)

    assert faults == ["EXC-003: regeln finns inte"]


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD.replace('reason = "Byte av journalsystem pågår"', ""),
        GOOD.replace('"Byte av journalsystem pågår"', '"  "'),
        GOOD.replace("2027-01-31", '"soon"'),
        GOOD + 'extra = "x"',
        "[[deviance]]\nrule = 'X'",
        "not toml",
    ],
)
def test_a_decision_without_reason_person_or_end_cannot_be_written(tmp_path: Path, wrong: str) -> None:
    """An excuse nobody has to answer for is none."""
    with pytest.raises(ConfigurationError):
        declared(tmp_path, wrong)


def test_an_attestation_carries_the_hash_of_its_evidence(tmp_path: Path) -> None:
    """So that the paper cannot be changed afterwards."""
    (tmp_path / "protokoll.txt").write_text("sett och hört", "utf-8")
    text = """
[[attestation]]
rule = "SEC-009"
person = "Maj Exempel"
date = 2026-11-20
file = "protokoll.txt"
statement = "Granskat på plats"
"""
    (one,) = declared(tmp_path, text).attestations

    assert len(one.digest) == 64
    with pytest.raises(ConfigurationError):
        declared(tmp_path, text.replace("protokoll.txt", "borta.txt"))
