"""The suite runs under its own settings, and every way a check can end has its own verdict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from anslut_conformance import runner
from anslut_conformance.doors import InProcessDoor
from anslut_conformance.errors import ExaminerError
from anslut_conformance.exam import Exam
from anslut_conformance.exam_door import ExamDoor
from anslut_conformance.observation import Observations
from anslut_conformance.plugin import Examination, Selection
from anslut_conformance.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUITE = '''
"""Checks that end in every way there is."""

import time

import pytest

from anslut_conformance.errors import ConfigurationError, Finding

pytestmark = pytest.mark.rule("AAA-001")


@pytest.mark.lane("quick")
def test_holds(exam):
    """It holds."""
    assert exam.door.get("/x").status == 200


def test_breaks(exam):
    raise Finding("broken", expected=1, got=2, patient="tom")


def test_asserts(exam):
    assert exam.door.get("/x").status == 404


def test_ours(exam):
    raise KeyError("ours")


def test_set_up(exam):
    raise ConfigurationError("set up wrong", hint="set it right")


@pytest.mark.observes("files")
def test_unseen(exam):
    pass


@pytest.mark.capability("index-updates")
def test_not_offered(exam):
    pass


def test_skipped(exam):
    pytest.skip("no reason is good enough")


@pytest.mark.seconds(0.1)
def test_slow_of_ours(exam):
    time.sleep(2)


@pytest.mark.rule("AAA-002")
@pytest.mark.needs("AAA-001")
def test_stands_on_another(exam):
    pass


@pytest.mark.lane("long")
def test_long(exam):
    pass
'''


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer everything with a manifest."""
    del environ
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"types": ["care-documentation"], "capabilities": []}']


def examination(selection: Selection | None = None) -> Examination:
    """Return a run over an application of three lines."""
    exam = Exam(
        door=ExamDoor(InProcessDoor(answer), None),
        control=SimpleNamespace(clear_faults=lambda: None),
        profile=SimpleNamespace(),
        settings={},
        observations=Observations(missing={"files": "nobody looks"}),
    )
    told = SimpleNamespace(types=("*",), systems=("*",), forms=("json", "rivta"))
    catalogue = dict.fromkeys(("AAA-001", "AAA-002"), told)
    catalogue["AAA-003"] = SimpleNamespace(types=("*",), systems=("*",), forms=("rivta",))
    return Examination(exam=exam, catalogue=catalogue, selection=selection or Selection())


@pytest.fixture(name="suite")
def write_suite(tmp_path: Path) -> Path:
    """A folder with the suite above, beside settings that would switch every check off."""
    folder = tmp_path / "adopter"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\npython_functions = nothing_*\n")
    (folder / "test_every_way.py").write_text(SUITE)
    return folder


def test_every_way_to_end_has_its_own_verdict(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, theirs, and nobody's fault are never confused; an adopter's options reach nothing."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    run = examination()

    runner.run(run, suite=suite)

    assert {result.check: result.verdict for result in run.results} == {
        "test_holds": Verdict.PASS,
        "test_breaks": Verdict.FAIL,
        "test_asserts": Verdict.FAIL,
        "test_ours": Verdict.ERROR,
        "test_set_up": Verdict.CONFIG,
        "test_unseen": Verdict.NOT_OBSERVED,
        "test_not_offered": Verdict.NOT_APPLICABLE,
        "test_skipped": Verdict.ERROR,
        "test_slow_of_ours": Verdict.ERROR,
        "test_stands_on_another": Verdict.BLOCKED,
    }
    assert [result.check for result in run.unrun] == ["test_long"]


def test_a_finding_keeps_what_was_expected_and_what_was_asked(suite: Path) -> None:
    """Without them a developer has to run the check again to understand it."""
    run = examination()

    runner.run(run, suite=suite)

    broken = next(result for result in run.results if result.check == "test_breaks")
    assert (broken.message, broken.expected, broken.got, broken.patient) == ("broken", "1", "2", "tom")
    asserted = next(result for result in run.results if result.check == "test_asserts")
    assert "200 == 404" in asserted.message
    assert asserted.exchanges[0]["path"] == "/x"


def test_a_rule_of_another_form_does_not_apply(tmp_path: Path) -> None:
    """Nobody is judged in JSON by how SOAP has to look; nor is it held for them."""
    (tmp_path / "test_form.py").write_text(
        "import pytest\n@pytest.mark.rule('AAA-003')\ndef test_soap(exam):\n    pass\n"
    )
    run = examination()

    runner.run(run, suite=tmp_path)

    assert [result.verdict for result in run.results] == [Verdict.NOT_APPLICABLE]


def test_a_failed_gate_blocks_everything_after_it(tmp_path: Path) -> None:
    """A first run is one root cause, not a wall of red."""
    (tmp_path / "test_gate.py").write_text(
        "import pytest\n"
        "@pytest.mark.rule('AAA-002')\ndef test_after(exam):\n    pass\n"
        "@pytest.mark.gate\n@pytest.mark.rule('AAA-001')\ndef test_gate(exam):\n    assert False, 'no manifest'\n"
    )
    run = examination()

    runner.run(run, suite=tmp_path)

    assert [(r.check, r.verdict) for r in run.results] == [
        ("test_gate", Verdict.FAIL),
        ("test_after", Verdict.BLOCKED),
    ]
    assert "AAA-001" in run.results[1].reason


def test_only_selected_rules_and_unfinished_checks_run(suite: Path) -> None:
    """`--rule` and `--resume` leave the rest alone."""
    run = examination(Selection(rules=frozenset({"AAA-002"})))
    runner.run(run, suite=suite)
    resumed = examination(Selection(lane="quick", done=frozenset({"test_holds"})))
    runner.run(resumed, suite=suite)

    assert [r.check for r in run.results] == ["test_stands_on_another"]
    assert resumed.results == []


def test_a_check_that_names_an_unknown_rule_stops_the_run(tmp_path: Path) -> None:
    """A check nobody can trace to a clause is worth nothing."""
    (tmp_path / "test_stray.py").write_text(
        "import pytest\n@pytest.mark.rule('ZZZ-999')\ndef test_stray(exam):\n    pass\n"
    )

    with pytest.raises(ExaminerError, match="ZZZ-999"):
        runner.run(examination(), suite=tmp_path)
