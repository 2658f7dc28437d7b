"""A recorded matrix stands in for trying every mutant only where it was made with this very code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from anslut_conformance import matrix, matrix_record
from anslut_conformance.commands import listing
from anslut_conformance.matrix import Row

if TYPE_CHECKING:
    from pathlib import Path

CODE = "c" * 64


def row(name: str, **changes: Any) -> Row:
    """Return a row of a mutant that was red as declared."""
    red = ("ERR-001",)
    values: dict[str, Any] = {"kills": red, "also": (), "red": red, "missed": (), "extra": (), "broke": ()}
    return Row(name=name, **{**values, "seconds": 1.0, **changes})


def whole(**changes: Any) -> dict[str, Any]:
    """Return a matrix of all mutants as it is recorded."""
    names = [*(f"good-{system}" for system in matrix.examples()), *(one.name for one in matrix.mutants())]
    made_with = {**matrix.digests(), "codeDigest": CODE}
    document = matrix.to_document(map(row, names), seconds=1.0, made_with=made_with) | changes
    found: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return found


@pytest.mark.parametrize(
    ("document", "is_good"),
    [
        (whole(), True),
        (None, False),
        (whole(codeDigest="0" * 64), False),
        (whole(rulesDigest="0" * 64), False),
        (whole(rows=[{**whole()["rows"][0], "exact": False}, *whole()["rows"][1:]]), False),
        (whole(rows=whole()["rows"][1:]), False),
    ],
)
def test_only_an_exact_record_of_this_code_counts(document: dict[str, Any] | None, *, is_good: bool) -> None:
    """Whatever else it is: all are tried."""
    assert matrix_record.is_of_this_code(document, CODE) is is_good


def test_each_byte_of_code_and_data_counts_and_the_record_does_not(tmp_path: Path) -> None:
    """The record cannot hold its own digest."""
    (tmp_path / "data").mkdir()
    (tmp_path / "module.py").write_text("one = 1\n")
    (tmp_path / "data" / "codes.json").write_text("{}")
    before = matrix_record.folder_digest(tmp_path)

    (tmp_path / "kill_matrix.json").write_text("{}")
    (tmp_path / "module.pyc").write_bytes(b"\0")
    assert matrix_record.folder_digest(tmp_path) == before

    (tmp_path / "data" / "codes.json").write_text("[]")
    changed = matrix_record.folder_digest(tmp_path)
    (tmp_path / "data" / "codes.json").rename(tmp_path / "codes.json")
    assert len({before, changed, matrix_record.folder_digest(tmp_path)}) == 3


def test_the_packages_that_run_are_what_is_digested() -> None:
    """All five, wherever they are installed."""
    for name in matrix_record.PACKAGES:
        assert (matrix_record._folder(name) / "__init__.py").is_file()
    assert matrix_record.code_digest() == matrix_record.code_digest()


def test_another_state_of_the_code_draws_other_mutants() -> None:
    """Over some builds, every mutant is tried again."""
    everyone = matrix.mutants()
    drawn = [{one.name for one in matrix_record.spot(everyone, str(state))} for state in range(60)]

    assert all(len(everyone) / 15 < len(names) < len(everyone) / 3 for names in drawn)
    assert set.union(*drawn) == {one.name for one in everyone}
    assert matrix_record.spot(everyone, "1") == matrix_record.spot(everyone, "1")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return the names of the mutants that a run tries; a matrix of all is recorded for `CODE`."""
    names: list[str] = []

    def run(chosen: Any, **_: Any) -> list[Row]:
        names.extend(one.name for one in chosen)
        return [row(one.name, seconds=2.0) for one in chosen]

    path = tmp_path / "recorded.json"
    path.write_bytes(orjson.dumps(whole()))
    monkeypatch.setattr(matrix, "run", run)
    monkeypatch.setattr(matrix, "recorded", lambda: orjson.loads(path.read_bytes()))
    monkeypatch.setattr(matrix, "RECORDED", path)
    monkeypatch.setattr(matrix_record, "code_digest", lambda: CODE)
    return names


def test_a_spot_check_tries_a_share_and_takes_the_rest_from_the_record(
    tried: list[str], tmp_path: Path
) -> None:
    """What comes out is a whole matrix, and the recorded one is as it was."""
    before = matrix.RECORDED.read_bytes()
    target = tmp_path / "result.json"

    assert listing.kill_matrix((), jobs=1, path=target, spot_check=True) == 0
    document = orjson.loads(target.read_bytes())
    assert 0 < len(tried) < len(matrix.mutants()) / 3
    assert {found["name"] for found in document["rows"] if found["seconds"] == 2} == set(tried)
    assert document["triedAgain"] == tried
    assert [found["name"] for found in document["rows"]] == [found["name"] for found in whole()["rows"]]

    assert listing.kill_matrix((), jobs=1, path=None, spot_check=True) == 0
    assert matrix.RECORDED.read_bytes() == before


def test_a_spot_check_of_other_code_tries_all(
    tried: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record of yesterday's code says nothing of today's."""
    monkeypatch.setattr(matrix_record, "code_digest", lambda: "d" * 64)

    assert listing.kill_matrix((), jobs=1, path=tmp_path / "result.json", spot_check=True) == 0
    assert tried == [one.name for one in matrix.mutants()]
