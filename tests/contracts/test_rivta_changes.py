"""What each change of a loss does, on the smallest document that shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anslut_contracts
import pytest
from anslut_contracts.rivta import mapping_table, reduced
from anslut_contracts.rivta.changes import CHANGES, copied, pruned
from anslut_contracts.rivta.tables import Coded
from anslut_contracts.rivta.wording import worded

SYSTEM = "1.2.3.4"
CODES = {
    "kinds": (
        Coded(text="1", value={"code": "a", "codeSystem": SYSTEM, "displayName": "A"}),
        Coded(text="2", value={"code": "b", "codeSystem": SYSTEM}, of=({"code": "c", "codeSystem": SYSTEM},)),
    ),
    "nothing": (Coded(text="0", of=({"code": "n", "codeSystem": SYSTEM},)),),
}


def coded(code: str, system: str = SYSTEM) -> dict[str, str]:
    """Return a coded value."""
    return {"code": code, "codeSystem": system, "displayName": f"text of {code}"}


CODED = {"change": "coded", "codes": ["kinds", "nothing"]}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "dropped": ({"change": "dropped", "path": "a.b"}, {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}),
    "dropped with what it stood in": (
        {"change": "dropped", "path": "a.b"},
        {"a": {"b": 1}, "c": 2},
        {"c": 2},
    ),
    "dropped in a list": (
        {"change": "dropped", "path": "a[].b"},
        {"a": [{"b": 1, "c": 2}, {"b": 3}, {"c": 4}]},
        {"a": [{"c": 2}, {"c": 4}]},
    ),
    "dropped where nothing stands beside": (
        {"change": "dropped", "path": "a[].b", "without": "c"},
        {"a": [{"b": 1, "c": 2}, {"b": 1, "d": 2}]},
        {"a": [{"b": 1, "c": 2}, {"d": 2}]},
    ),
    "dropped but for one": (
        {"change": "dropped", "path": "a[].b", "isNot": {"c.d": "1"}},
        {"a": [{"b": {"c": {"d": "1"}}}, {"b": {"c": {"d": "2"}}}, {"b": {"e": "1"}}, {"f": 1}]},
        {"a": [{"b": {"c": {"d": "1"}}}, {"f": 1}]},
    ),
    "set": (
        {"change": "set", "path": "a.b", "from": "c.d"},
        {"a": {"b": 1}, "c": {"d": 2}},
        {"a": {"b": 2}, "c": {"d": 2}},
    ),
    "set to nothing": (
        {"change": "set", "path": "a.b", "from": "c.d"},
        {"a": {"b": 1, "e": 3}},
        {"a": {"e": 3}},
    ),
    "filled": ({"change": "filled", "path": "a.b", "from": ["c", "d"]}, {"d": 2}, {"a": {"b": 2}, "d": 2}),
    "filled already": (
        {"change": "filled", "path": "a.b", "from": ["c"]},
        {"a": {"b": 1}, "c": 2},
        {"a": {"b": 1}, "c": 2},
    ),
    "filled by the first": (
        {"change": "filled", "path": "a", "from": ["c", "d"]},
        {"c": 1, "d": 2},
        {"a": 1, "c": 1, "d": 2},
    ),
    "filled in each item": (
        {"change": "filled", "path": "a[].b", "from": ["c"]},
        {"a": [{"b": 1}, {"d": 2}], "c": 3},
        {"a": [{"b": 1}, {"d": 2, "b": 3}], "c": 3},
    ),
    "coded": ({**CODED, "path": "a"}, {"a": coded("a")}, {"a": CODES["kinds"][0].value}),
    "coded as another": ({**CODED, "path": "a"}, {"a": coded("c")}, {"a": CODES["kinds"][1].value}),
    "coded in another system": ({**CODED, "path": "a"}, {"a": coded("a", "1.2.3.5"), "b": 1}, {"b": 1}),
    "coded as nothing": (
        {**CODED, "path": "a", "otherwise": {"code": "x"}},
        {"a": coded("n"), "b": 1},
        {"b": 1},
    ),
    "coded otherwise": (
        {**CODED, "path": "a", "otherwise": {"code": "x"}},
        {"a": coded("z")},
        {"a": {"code": "x"}},
    ),
    "coded in words": (
        {**CODED, "path": "a", "otherwise": "worded"},
        {"a": coded("z")},
        {"a": {"originalText": "text of z"}},
    ),
    "coded in a list": (
        {**CODED, "path": "a[]"},
        {"a": [coded("n"), coded("a"), coded("z")]},
        {"a": [CODES["kinds"][0].value]},
    ),
    "worded": (
        {"change": "worded", "path": "a[].b", "to": "a[].c.d"},
        {"a": [{"b": coded("z")}, {"e": 1}]},
        {"a": [{"c": {"d": "text of z"}}, {"e": 1}]},
    ),
    "worded in its place": (
        {"change": "worded", "path": "a.b", "to": "a.b.originalText"},
        {"a": {"b": {"code": "1"}}},
        {"a": {"b": {"originalText": "1"}}},
    ),
    "worded if it is so": (
        {"change": "worded", "path": "a[].b", "to": "a[].c", "is": {"unit": ""}},
        {"a": [{"b": {"value": "1", "unit": ""}}, {"b": {"value": "2", "unit": "g"}}]},
        {"a": [{"c": "1"}, {"b": {"value": "2", "unit": "g"}}]},
    ),
    "joined": (
        {"change": "joined", "path": "a[].b[].c", "to": "a[].d"},
        {"a": [{"b": [{"c": "1"}, {"c": "2", "e": 0}], "d": "0"}, {"b": [{"c": "3"}]}, {"d": "4"}]},
        {"a": [{"b": [{"e": 0}], "d": "0\n1\n2"}, {"d": "3"}, {"d": "4"}]},
    ),
    "joined to each": (
        {"change": "joined", "path": "a.b", "to": "a.c[].d"},
        {"a": {"b": "1", "c": [{"d": "0"}, {"e": 2}]}},
        {"a": {"c": [{"d": "0\n1"}, {"e": 2, "d": "1"}]}},
    ),
    "first": (
        {"change": "first", "path": "a[].b"},
        {"a": [{"b": [1, 2]}, {"c": 3}]},
        {"a": [{"b": [1]}, {"c": 3}]},
    ),
    "apart": (
        {"change": "apart", "path": "a", "over": "b[].c"},
        {"a": [{"b": [{"c": [1, 2, 3], "d": 4}], "e": 5}, {"b": [{"d": 6}]}]},
        {
            "a": [
                {"b": [{"c": [1], "d": 4}], "e": 5},
                {"b": [{"c": [2], "d": 4}], "e": 5},
                {"b": [{"c": [3], "d": 4}], "e": 5},
                {"b": [{"d": 6}]},
            ]
        },
    ),
    "lifted": (
        {"change": "lifted", "path": "a", "from": "b[].c[].d", "as": "b"},
        {"a": [{"b": [{"c": [{"d": [{"x": 1, "c": [{"d": [{"x": 2}]}]}, {"x": 3}]}]}]}, {"b": [{"x": 4}]}]},
        {"a": [{"b": [{"x": 1}]}, {"b": [{"x": 2}]}, {"b": [{"x": 3}]}, {"b": [{"x": 4}]}]},
    ),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_change_does_what_its_name_says(name: str) -> None:
    """Whoever writes a table, in whatever language reads it, has to be able to know."""
    loss, before, after = CASES[name]
    entry = copied(before)

    CHANGES[loss["change"]](entry, loss, CODES)

    assert pruned(entry) == after


def test_every_change_is_shown() -> None:
    """A change that nobody has seen at work is a guess."""
    assert {loss["change"] for loss, _, _ in CASES.values()} == set(CHANGES)


def test_a_laboratory_answer_loses_no_value() -> None:
    """Groups, several results and related analyses go; what was measured stays, in its order, each with its unit."""
    entry = json.loads(
        (
            Path(anslut_contracts.__file__).parent
            / "examples/v1/laboratory-results/valid/entry-preliminart-med-relaterad.json"
        ).read_text("utf-8")
    )
    first = entry["body"]["groupOfAnalyses"][0]["analysis"][0]
    first["result"].append({"value": {"st": "andra"}, "related": copied([first])})

    groups = reduced(mapping_table("laboratory-results", "3.1"), entry)["body"]["groupOfAnalyses"]

    def values(analysis: dict[str, Any]) -> list[str]:
        """Return every value of an analysis: its own, then those of the analyses related to each result."""
        own = analysis.get("result", [])
        inner = [value for one in own for below in one.get("related", ()) for value in values(below)]
        said = [next(iter(one["value"].values())) for one in own]
        return [one if isinstance(one, str) else worded(one) for one in said] + inner

    expected = [
        value
        for group in entry["body"]["groupOfAnalyses"]
        for one in group["analysis"]
        for value in values(one)
    ]
    assert len(expected) > len(entry["body"]["groupOfAnalyses"])
    assert [value for group in groups for value in values(group["analysis"][0])] == expected
    assert all(len(group["analysis"]) == 1 for group in groups)
