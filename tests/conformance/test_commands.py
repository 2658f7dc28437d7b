"""The commands say what they need to, and end as they promise."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import anslut_contracts
import pytest
from anslut_conformance.commands.certify import certify
from anslut_conformance.commands.doctor import doctor
from anslut_conformance.commands.explain import explain
from anslut_conformance.commands.rules import rules
from click.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("certify", "doctor", "explain", "rules")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_nothing_heavy_until_it_is_carried_out(command: str) -> None:
    """`anslut --help` must not wait for pytest and a country."""
    code = (
        f"import sys, anslut_conformance.commands.{command}; "
        "print([m for m in ('pytest', 'anslut_simulators', 'anslut_contracts', 'jinja2', 'rich') if m in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.strip() == "[]"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_rule_can_be_explained_in_both_languages(language: str) -> None:
    """What, why for the patient, where from: in the words of the catalogue."""
    for rule in anslut_contracts.rules().values():
        result = CliRunner().invoke(explain, [rule.id.lower(), "--language", language])
        title = rule.title_sv if language == "sv" else rule.title_en

        assert result.exit_code == 0
        assert result.output.startswith(f"{rule.id}  {title}")


@pytest.mark.parametrize("misspelt", ["EXC-01", "exc1", "EXC-0001", "EXX-001"])
def test_a_misspelt_rule_is_answered_with_those_that_resemble_it(misspelt: str) -> None:
    """Nobody remembers numbers."""
    result = CliRunner().invoke(explain, [misspelt])

    assert result.exit_code == 1
    assert "EXC-001" in result.output


def test_the_rules_are_listed() -> None:
    """One line each."""
    output = CliRunner().invoke(rules, []).output

    assert len(output.splitlines()) == len(anslut_contracts.rules())


@pytest.mark.parametrize("command", [certify, doctor])
def test_a_wrong_order_ends_with_two(
    command: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says what to write instead."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command, ["--connector", "just-a-word"])

    assert result.exit_code == 2
    assert "http://127.0.0.1:8080" in result.output


def test_a_run_file_gives_defaults_and_what_is_typed_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One shareable file for a run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "anslut.toml").write_text('[certify]\nconnector = "from-the-file"\nwayt = 1\n', "utf-8")
    unknown = CliRunner().invoke(certify, [])
    (tmp_path / "anslut.toml").write_text('[certify]\nconnector = "from-the-file"\nwait = 1\n', "utf-8")
    filed = CliRunner().invoke(certify, [])
    typed = CliRunner().invoke(certify, ["--connector", "typed"])

    assert "options nobody knows: wayt" in unknown.output
    assert "'from-the-file'" in filed.output
    assert "'typed'" in typed.output


def test_only_failed_needs_a_report_to_know_them_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty selection would be an empty, green run."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(certify, ["--connector", "x:Y", "--failed"])

    assert result.exit_code == 2
    assert "no last report" in result.output


@pytest.mark.parametrize(
    "options", [["--spot-check"], ["--kill-matrix", "--spot-check", "--mutant", "two-levels"]]
)
def test_a_spot_check_of_nothing_is_refused(options: list[str]) -> None:
    """An option that changes nothing would be believed to have been heard."""
    result = CliRunner().invoke(rules, options)

    assert result.exit_code == 2
    assert "--spot-check goes with --kill-matrix" in result.output
