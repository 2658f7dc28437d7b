"""Every example does what its folder says, by two validators that share no code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import jsonschema
import pytest
from anslut_contracts import code_list, code_list_names, information_types, schema, schema_names
from anslut_contracts.semantics import CHECKS
from anslut_contracts.validation import errors, kinds
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(anslut_contracts.__file__).parent / "examples" / "v1"
VALID = sorted(ROOT.glob("*/valid/*.json"))
INVALID = sorted(ROOT.glob("*/invalid/*.json"))
BEYOND_THE_SCHEMA = {
    *CHECKS,
    "depth",
    "identity-check-digit",
    "identity-date",
    "identity-form",
    "index-category",
    "local-time",
    "logical-address-is-source-system",
    "period-order",
    "stockholm-offset",
    "unique-document-id",
    "unique-engagement",
    "unique-id",
}


def kind(path: Path) -> str:
    """Return an example's kind: its folder, and for information types also the first word of its name."""
    folder = path.parent.parent.name
    return f"{path.name.partition('-')[0]}:{folder}" if folder in information_types() else folder


def name(path: Path) -> str:
    """Return an example's name for the test's own."""
    return str(path.relative_to(ROOT).with_suffix(""))


@cache
def second_judge(of_kind: str) -> jsonschema.Draft202012Validator:
    """Return the reference implementation's validator for a kind, with formats checked."""
    resources = [(schema(each)["$id"], Resource.from_contents(schema(each))) for each in schema_names()]
    part, _, type_name = of_kind.partition(":")
    start = schema(f"types/{type_name}" if type_name else part)["$id"] + (
        f"#/$defs/{part}" if type_name else ""
    )
    return jsonschema.Draft202012Validator(
        {"$ref": start},
        registry=Registry().with_resources(resources),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def comparable(found: set[tuple[str, str]]) -> set[str]:
    """Return the paths that both validators must name.

    The reference implementation places a field that must not be there at the object that holds it.
    """
    by_schema = {item for item in found if item[1] not in BEYOND_THE_SCHEMA}
    return {path.rpartition("/")[0] if rule == "falseSchema" else path for path, rule in by_schema}


def second_opinion(of_kind: str, document: Any) -> set[tuple[str, str]]:
    """Return path and keyword of what the reference implementation finds."""
    found = set()
    for error in second_judge(of_kind).iter_errors(document):
        path = "".join(f"/{step}" for step in error.absolute_path)
        found.add((path, str(error.validator or "falseSchema")))
    return found


@pytest.mark.parametrize("path", VALID, ids=name)
def test_a_valid_example_is_valid(path: Path) -> None:
    """What adopters copy must hold."""
    document = json.loads(path.read_text("utf-8"))

    assert errors(kind(path), document) == []
    assert second_opinion(kind(path), document) == set()


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_an_invalid_example_breaks_what_it_says_and_nothing_else(path: Path) -> None:
    """The place and the rule are part of the contract: a problem document repeats them."""
    example = json.loads(path.read_text("utf-8"))
    promised = {(item["path"], item["rule"]) for item in example["breaks"]}

    assert {(error.path, error.rule) for error in errors(kind(path), example["document"])} == promised
    assert {path for path, _ in second_opinion(kind(path), example["document"])} == comparable(promised)


def test_every_information_type_has_examples_of_each_sort() -> None:
    """A type without examples is not explained."""
    for type_name in information_types():
        assert list((ROOT / type_name / "valid").glob("entry-*.json")), type_name
        assert list((ROOT / type_name / "valid").glob("query-*.json")), type_name
        assert list((ROOT / type_name / "invalid").glob("entry-*.json")), type_name


def coded(node: object) -> Iterator[tuple[str, str, str]]:
    """Yield code system, code and text of every coded value in *node*."""
    if isinstance(node, dict):
        if {"code", "codeSystem", "displayName"} <= set(node):
            yield node["codeSystem"], node["code"], node["displayName"]
        for item in node.values():
            yield from coded(item)
    elif isinstance(node, list):
        for item in node:
            yield from coded(item)


def test_examples_say_codes_as_the_code_lists_do() -> None:
    """Whoever copies an example must not copy a code with another one's text."""
    listed = {
        (found.code_system, code): text
        for found in map(code_list, code_list_names())
        for code, text in found.texts.items()
    }
    said = {one for path in VALID for one in coded(json.loads(path.read_text("utf-8")))}
    known = [(system, code, text) for system, code, text in said if (system, code) in listed]

    assert len(known) > 20
    assert [one for one in known if listed[one[:2]] != one[2]] == []


def values(node: object) -> list[str]:
    """Return every text in *node* that is long enough to be told from the schema's own words."""
    if isinstance(node, dict):
        return [text for item in node.values() for text in values(item)]
    if isinstance(node, list):
        return [text for item in node for text in values(item)]
    return [node] if isinstance(node, str) and len(node.strip()) > 3 else []


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_an_error_never_quotes_the_document(path: Path) -> None:
    """Errors go to logs and over the wire: they hold the schema's words, never the document's."""
    example = json.loads(path.read_text("utf-8"))
    said = " ".join(f"{error.path} {error.message}" for error in errors(kind(path), example["document"]))

    own = json.dumps([schema(each) for each in schema_names()], ensure_ascii=False)
    assert [text for text in values(example["document"]) if text in said and text not in own] == []


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "\n", "199001022384\n", "2023-02-29T10:00:00+01:00", "2023-03-04T24:00:00+01:00", "+"]
    ),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{}]),
)


def places(node: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every value in *node*."""
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in items:
        found += places(item, (*path, key))
    return found


@given(data=st.data())
@settings(max_examples=600)
def test_two_validators_agree_on_mutated_examples(data: st.DataObject) -> None:
    """Producers are judged by either: what one refuses and the other accepts is a hole in the schema.

    Mutations: a value replaced by junk or by its own text with a line feed, a field removed, a field added.
    """
    path = data.draw(st.sampled_from(VALID), label="example")
    document = json.loads(path.read_text("utf-8"))
    for _ in range(data.draw(st.integers(1, 2), label="mutations")):
        where = data.draw(st.sampled_from(places(document)), label="place")
        holder: Any = document
        for step in where[:-1]:
            holder = holder[step]
        how = data.draw(st.sampled_from(["junk", "line feed", "remove", "add"]), label="how")
        if how == "remove":
            del holder[where[-1]]
        elif how == "line feed" and isinstance(holder[where[-1]], str):
            holder[where[-1]] += "\n"
        elif how == "add" and isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["extra", "time", "code", "nullified", "unit"]))] = data.draw(
                JUNK
            )
        else:
            holder[where[-1]] = data.draw(JUNK)
        if not places(document):
            break

    ours = {(error.path, error.rule) for error in errors(kind(path), document)}

    assert comparable(ours) == {path for path, _ in second_opinion(kind(path), document)}


@pytest.mark.parametrize("of_kind", sorted(kinds()))
@given(document=JUNK)
@settings(max_examples=25)
def test_junk_is_judged_alike_and_never_crashes(of_kind: str, document: Any) -> None:
    """Hostile requests end up here: a list of errors, never an exception."""
    assert bool(errors(of_kind, document)) == bool(second_opinion(of_kind, document))


@pytest.mark.parametrize(
    "document", ["\ud800", {"patientId": "\ud800"}, float("nan"), 10**400, {1: 2}, object()]
)
def test_what_json_cannot_hold_is_an_error_not_a_crash(document: object) -> None:
    """Python can hold more than JSON can."""
    assert errors("query:diagnoses", document)


def test_bottomless_documents_are_an_error_not_a_crash() -> None:
    """Nesting without end is an attack; depth is refused before it can hurt."""
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    entry = json.loads((ROOT / "laboratory-results" / "valid" / "entry-slutsvar.json").read_text("utf-8"))
    analysis = entry["body"]["groupOfAnalyses"][0]["analysis"][0]
    inner = analysis
    for _ in range(400):
        inner["result"] = [{"value": {"st": "x"}, "related": [{"code": {"originalText": "x"}}]}]
        inner = inner["result"][0]["related"][0]

    assert errors("query:diagnoses", {"patientId": deep})
    assert errors("entry:laboratory-results", entry)
