"""The kill matrix holds mutants to their word, and the coverage table believes only what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anslut_contracts
import orjson
import pytest
from anslut_conformance import matrix
from anslut_conformance.commands.rules import rules
from anslut_conformance.errors import ConfigurationError
from anslut_conformance.matrix import Mutant, Row
from anslut_conformance.setting import Setting
from click.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path


def row(**changes: object) -> Row:
    """Return a row of a mutant that is red exactly where it says."""
    values: dict[str, object] = {
        "name": "m",
        "kills": ("EXC-001",),
        "also": (),
        "red": ("EXC-001",),
        "missed": (),
        "extra": (),
        "broke": (),
        "seconds": 1.0,
    }
    return Row(**{**values, **changes})


def recorded(path: Path, *rows: Row) -> Path:
    """Write a matrix of *rows* as if recorded today."""
    path.write_bytes(orjson.dumps(matrix.to_document(rows, seconds=1.0, made_with=matrix.digests())))
    return path


def test_every_tested_rule_has_a_mutant_made_for_it() -> None:
    """A check nobody has seen fail may be unable to."""
    made = {rule for mutant in matrix.mutants() for rule in mutant.kills}
    tested = {rule.id for rule in anslut_contracts.rules().values() if not rule.not_tested_because}

    assert tested - made == set()


@pytest.mark.parametrize(
    ("changes", "killed"),
    [
        ({}, ["m"]),
        ({"red": (), "missed": ("EXC-001",)}, []),
        ({"red": ("EXC-001", "ALL-001"), "extra": ("ALL-001",)}, []),
        ({"broke": ("ALL-001: KeyError",)}, []),
    ],
)
def test_only_a_mutant_red_exactly_where_it_says_covers_its_rule(
    tmp_path: Path, changes: dict[str, object], killed: list[str]
) -> None:
    """One that falls for another reason proves nothing."""
    document = matrix.recorded(recorded(tmp_path / "matrix.json", row(**changes)))

    assert matrix.killers(document, "EXC-001") == killed


def test_a_matrix_of_other_checks_is_stale(tmp_path: Path) -> None:
    """A check that has changed since has not been seen to fail."""
    path = recorded(tmp_path / "matrix.json", row())
    document = orjson.loads(path.read_bytes())

    assert not matrix.stale(document)
    assert matrix.stale({**document, "suiteDigest": "0" * 64})
    assert matrix.stale({**document, "mutantsDigest": "0" * 64})


def test_coverage_fails_while_a_rule_has_no_killed_mutant(tmp_path: Path) -> None:
    """And passes when each has; a stale or missing record counts for nothing."""
    tested = [rule.id for rule in anslut_contracts.rules().values() if not rule.not_tested_because]
    everything = [row(name=f"m-{rule}", kills=(rule,), red=(rule,)) for rule in tested]
    whole = recorded(tmp_path / "whole.json", *everything)
    partly = recorded(tmp_path / "partly.json", *everything[1:])
    old = tmp_path / "old.json"
    old.write_bytes(orjson.dumps({**orjson.loads(whole.read_bytes()), "rulesDigest": "0" * 64}))

    def code(path: Path) -> int:
        return CliRunner().invoke(rules, ["--coverage", "--matrix", str(path)]).exit_code

    assert (code(whole), code(partly), code(old), code(tmp_path / "none.json")) == (0, 1, 1, 1)


def test_the_recorded_matrix_is_of_todays_checks_and_exact() -> None:
    """It goes with the package and is what `anslut rules --coverage` shows: `anslut rules --kill-matrix` makes it."""
    document = matrix.recorded()

    assert document is not None
    assert not matrix.stale(document)
    assert [row["name"] for row in document["rows"]] == [
        *(f"good-{system}" for system in matrix.examples()),
        *(one.name for one in matrix.mutants()),
    ]
    assert [row["name"] for row in document["rows"] if not row["exact"]] == []


def test_an_unknown_mutant_is_refused() -> None:
    """A typing error must not read as a green matrix."""
    with pytest.raises(ConfigurationError, match="nobody"):
        matrix.select(["nobody"])


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_mutant_that_lies_about_itself_is_found_out() -> None:
    """One that breaks nothing, and one whose declaration names too much."""
    with Setting() as setting:
        idle = matrix.try_mutant(_declared(kills=("EXC-001",)), setting)
        broken = matrix.try_mutant(_declared(factory="no_such_module:thing", kills=("EXC-001",)), setting)

    assert (idle.red, idle.missed, idle.exact) == ((), ("EXC-001",), False)
    assert broken.broke
    assert not broken.exact


def _declared(*, kills: tuple[str, ...], factory: str = "anslut_examples.kosmos:KosmosConnector") -> Mutant:
    return Mutant(name="liar", sv="", en="", kills=kills, also=(), doors=("in-process",), factory=factory)
