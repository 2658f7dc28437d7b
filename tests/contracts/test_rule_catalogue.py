"""The rule catalogue's form: what it says is complete, and a changed clause is noticed."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from anslut_contracts import chapters, information_types, rule_catalogue, rules
from anslut_contracts.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOURCE = {"clause": "Det som är infört visas.", "locator": "Ramverk, kapitel 2", "date": "2023-01-01"}
RULE: dict[str, Any] = {
    "id": "TST-001",
    "title": {"sv": "Titel", "en": "Title"},
    "text": {"sv": "Text", "en": "Text"},
    "level": "MUST",
    "binds": ["connector"],
    "systems": ["*"],
    "types": ["*"],
    "consequence": "missing",
    "source": SOURCE,
    "clauseHash": rule_catalogue.clause_hash(SOURCE["clause"], SOURCE["locator"], SOURCE["date"]),
    "evidence": "A",
    "validFrom": "2023-01-01",
    "status": "active",
    "checks": ["test_x"],
}


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that puts chapters where the loader looks."""
    monkeypatch.setattr(rule_catalogue, "folder", lambda _name: tmp_path)
    monkeypatch.setattr(
        rule_catalogue,
        "read_json",
        lambda name: json.loads((tmp_path / name.rpartition("/")[2]).read_text("utf-8")),
    )
    rules.cache_clear()
    chapters.cache_clear()

    def put(*items: dict[str, Any]) -> None:
        for number, found in enumerate(items):
            chapter = {"chapter": "TST", "sv": "Prov", "en": "Trial", "rules": [found]}
            (tmp_path / f"{number}.json").write_text(json.dumps(chapter), "utf-8")

    yield put
    rules.cache_clear()
    chapters.cache_clear()


def test_a_rule_is_read_whole(catalogue: Callable[..., None]) -> None:
    """What the file says is what `explain` and the report show."""
    catalogue({**RULE, "validUntil": "2024-12-31", "fix": {"sv": "Gör så", "en": "Do so"}})

    found = rules()["TST-001"]

    assert (found.title_sv, found.title_en, found.fix_sv) == ("Titel", "Title", "Gör så")
    assert str(found.source) == "Ramverk, kapitel 2 (2023-01-01)"
    assert found.chapter == "TST"
    assert chapters()["TST"].rule_ids == ("TST-001",)
    assert not found.holds_on(date(2022, 12, 31))
    assert found.holds_on(date(2023, 1, 1))
    assert found.holds_on(date(2024, 12, 31))
    assert not found.holds_on(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": {**SOURCE, "clause": "Det som är signerat visas."}}, "has the clause changed"),
        ({"id": "EXC-001"}, "another chapter"),
        ({"level": "MAY"}, r"/rules/0/level must be one of"),
        ({"notTestedBecause": "Går inte att se."}, "exactly one"),
        ({"checks": []}, "at least 1"),
    ],
)
def test_a_wrong_rule_is_refused(
    catalogue: Callable[..., None], change: dict[str, Any], message: str
) -> None:
    """A rule that is silently left out is a rule that nobody checks."""
    catalogue({**RULE, **change})

    with pytest.raises(RuleError, match=message):
        rules()


def test_an_id_that_stands_twice_is_refused(catalogue: Callable[..., None]) -> None:
    """Ids are never used again: one of the two would be lost."""
    catalogue(RULE, RULE)

    with pytest.raises(RuleError, match="TST-001 stands twice"):
        rules()


def test_the_catalogue_holds_and_names_types_that_exist() -> None:
    """The real catalogue loads, and no rule is about a type that nobody has."""
    found = rules()

    assert list(found) == sorted(found)
    assert {name for rule in found.values() for name in rule.types} <= {"*", *information_types()}
    assert {name for chapter in chapters().values() for name in chapter.rule_ids} == set(found)
