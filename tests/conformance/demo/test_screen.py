"""What the demo writes where there is no terminal."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

from anslut_conformance.demo.screen import Screen
from anslut_conformance.demo.trial import CONTENDERS, Trial
from anslut_conformance.verdicts import RuleResult, Verdict

CAREFUL, CARELESS = CONTENDERS


def trial(
    contender: Any, *, held: tuple[str, ...] = (), broken: tuple[str, ...] = (), fault: str | None = None
) -> Trial:
    """Return a trial with these rules held and broken."""
    rules = [RuleResult(rule=rule, verdict=Verdict.PASS) for rule in held]
    rules += [RuleResult(rule=rule, verdict=Verdict.FAIL) for rule in broken]
    outcome: Any = SimpleNamespace(judgement=SimpleNamespace(rules=tuple(rules)), set_up_fault=fault)
    written: Any = None
    return Trial(contender=contender, outcome=outcome, written=written)


def test_the_two_are_shown_side_by_side() -> None:
    """The difference is what the demo is for: one rule, two marks."""
    stream = io.StringIO()

    Screen(stream).compare([trial(CAREFUL, held=("EXC-001",)), trial(CARELESS, broken=("EXC-001",))])

    (row,) = [line for line in stream.getvalue().splitlines() if "EXC-001" in line]
    assert row.split()[-2:] == ["✓", "✗"]


def test_no_colour_codes_outside_a_terminal() -> None:
    """A log must be readable."""
    stream = io.StringIO()

    Screen(stream).harm(trial(CARELESS, broken=("EXC-001", "TIM-001")))

    assert "\x1b" not in stream.getvalue()


def test_brackets_are_not_read_as_markup() -> None:
    """Rule ids stand in brackets; a mark-up language would swallow them."""
    stream = io.StringIO()

    Screen(stream).harm(trial(CARELESS, broken=("TIM-001",)))

    assert "[TIM-001]" in stream.getvalue()


def test_green_takes_more_than_no_failure() -> None:
    """A run in which nothing was tried has not shown that anything holds."""
    assert trial(CAREFUL, held=("EXC-001",)).is_green
    assert not trial(CAREFUL).is_green
    assert not trial(CAREFUL, held=("EXC-001",), broken=("TIM-001",)).is_green


def test_the_demo_knows_when_it_did_not_work() -> None:
    """A careful connector that fails, or a careless one that passes, is our fault and must not look fine."""
    assert trial(CAREFUL, held=("EXC-001",)).surprise() is None
    assert trial(CARELESS, broken=("EXC-001",)).surprise() is None
    assert "EXC-001" in str(trial(CAREFUL, broken=("EXC-001",)).surprise())
    assert "no rule" in str(trial(CARELESS, held=("EXC-001",)).surprise())
    assert "no port" in str(trial(CAREFUL, held=("EXC-001",), fault="no port").surprise())
