"""The schemas themselves: valid, closed, named as promised, and never broken by a later change."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import jsonschema
import pytest
from anslut_contracts import code_list, code_list_names, information_types, schema, schema_names, validation
from anslut_contracts.documents import read_json
from anslut_contracts.errors import UnknownSchemaError
from anslut_contracts.schema_files import shared_schema
from anslut_contracts.semantics import CHECKS, is_time_field
from anslut_contracts.types import values_at
from anslut_contracts.validation import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(anslut_contracts.__file__).parent
RELEASED = Path(__file__).parent / "released"


def nodes(node: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object in a schema, with its place."""
    if isinstance(node, dict):
        yield path, node
        for key, item in node.items():
            yield from nodes(item, f"{path}/{key}")
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from nodes(item, f"{path}/{number}")


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_follows_its_metaschema_and_its_name(name: str) -> None:
    """Editors and other languages find a schema by its $id and trust the dialect that it names."""
    found = schema(name)

    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"https://anslut.example/contracts/v1/{name}.json"
    assert found["title"]
    assert found["description"]


@pytest.mark.parametrize("name", schema_names())
def test_no_pattern_lets_a_line_feed_through(name: str) -> None:
    """In some languages `$` also matches before a last line feed: every end is guarded."""
    for path, node in nodes(schema(name)):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and "$" in pattern:
            assert pattern.endswith("$(?!\\n)"), path


@pytest.mark.parametrize("name", schema_names())
def test_objects_are_closed(name: str) -> None:
    """A misspelt field must not pass as an unknown one."""
    for path, node in nodes(schema(name)):
        if node.get("type") == "object" and "properties" in node and "/if" not in path:
            assert "additionalProperties" in node, path


@pytest.mark.parametrize("name", schema_names())
def test_times_are_told_by_their_names(name: str) -> None:
    """The check of offsets finds times by the names of their fields, so the names must keep the rule."""
    for path, node in nodes(schema(name)):
        for field, inner in (
            node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ()
        ):
            if isinstance(inner, dict) and str(inner.get("$ref", "")).endswith("parts.json#/$defs/time"):
                assert is_time_field(field), f"{path}/{field}"


@pytest.mark.parametrize("name", sorted(information_types()))
def test_an_information_type_describes_itself(name: str) -> None:
    """What the rest of the product needs to know of a type stands in its schema, and holds."""
    found = information_types()[name]
    about = found.schema["x-anslut"]

    assert errors("information-type", about) == []
    assert about["type"] == name
    assert set(found.checks) <= set(CHECKS)
    assert found.filters | {"patientId"} == set(found.schema["$defs"]["query"]["properties"])
    example = json.loads(
        next((PACKAGE / "examples" / "v1" / name / "valid").glob("entry-*.json")).read_text("utf-8")
    )
    assert found.period_times(example)


def test_values_are_found_at_paths() -> None:
    """Paths lead through lists and to any depth; what is absent is nothing."""
    document = {"a": [{"b": 1}, {"b": 2, "c": [{"b": 3}]}, {}], "d": {"e": None}}

    assert list(values_at(document, "a[].b")) == [1, 2]
    assert list(values_at(document, "**.b")) == [1, 2, 3]
    assert list(values_at(document, "a[].x")) == []
    assert list(values_at(document, "d.e")) == []
    assert list(values_at(document, "a.b")) == []


def test_a_laboratory_answer_counts_by_specimen_or_else_by_its_own_time() -> None:
    """The national contract counts specimens at any depth; an answer without any must still be found."""
    entry = json.loads(
        (
            PACKAGE / "examples/v1/laboratory-results/valid/entry-lankad-identitet-utan-analyser.json"
        ).read_text("utf-8")
    )

    assert information_types()["laboratory-results"].period_times(entry) == [entry["header"]["documentTime"]]


def test_unknown_names_are_refused() -> None:
    """A misspelt kind must not pass as a schema that accepts everything."""
    for name in ("nope", "query", "entry:nope", "nope:diagnoses"):
        with pytest.raises(UnknownSchemaError):
            errors(name, {})
    with pytest.raises(UnknownSchemaError):
        schema("../header")
    with pytest.raises(UnknownSchemaError):
        code_list("nope")
    assert "entry:diagnoses" in validation.kinds()


def test_a_schema_that_is_handed_out_is_a_copy() -> None:
    """Whoever changes what they got must not change what others are judged by."""
    schema("header")["properties"].clear()

    assert shared_schema("header")["properties"]


DATA = [
    *[
        ("code-list", path)
        for path in sorted((PACKAGE / "codes" / "v1").glob("*.json"))
        if path.stem != "identity-types"
    ],
    ("identity-types", PACKAGE / "codes" / "v1" / "identity-types.json"),
    *[("mapping-table", path) for path in sorted((PACKAGE / "rivta" / "v1").glob("*.json"))],
    *[("rule", path) for path in sorted((PACKAGE / "rules" / "v1").glob("*.json"))],
]


@pytest.mark.parametrize(("kind", "path"), DATA, ids=lambda value: getattr(value, "stem", value))
def test_every_data_file_follows_its_schema(kind: str, path: Path) -> None:
    """Data in files is only as good as the check of its form."""
    assert errors(kind, json.loads(path.read_text("utf-8"))) == []


def test_code_lists_say_where_they_come_from() -> None:
    """A list that might be memory must not look like a published one."""
    for name in code_list_names():
        found = code_list(name)
        assert found.name == name
        assert found.basis
        assert found.source
        assert len(found.texts) == len(read_json(f"codes/v1/{name}.json")["codes"]), "a code stands twice"
    assert code_list("note-types").texts["bes"] == "Besöksanteckning"
    assert code_list("laboratory-analyses").units["NPU18016"] == "µmol/L"


KEYWORDS_FOR_READERS = {"title", "description", "$comment", "examples", "deprecated", "missing"}
OPEN_LISTS = {"enum", "filters"}


def breaking_changes(old: object, new: object, path: str = "") -> Iterator[str]:
    """Yield what in *new* breaks what *old* promised; only additions are free.

    Free are: new optional fields, new definitions, new values in an enumeration, words for readers, and new
    filters of a type: the SDK applies them, whatever a connector's author knows of them.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        names = path.rpartition("/")[2] in ("properties", "$defs", "filterFields")
        may_come = {"filterFields"} if path.endswith("/x-anslut") else set()
        for key, value in old.items():
            if key in KEYWORDS_FOR_READERS and not names:
                continue
            if key not in new:
                yield f"{path}/{key} is gone"
            elif key in OPEN_LISTS and isinstance(value, list):
                yield from (f"{path}/{key} lost {item!r}" for item in value if item not in new[key])
            else:
                yield from breaking_changes(value, new[key], f"{path}/{key}")
        if not names:
            added = set(new) - set(old) - KEYWORDS_FOR_READERS - may_come
            yield from (f"{path}/{key} is a new demand" for key in sorted(added))
    elif old != new:
        yield f"{path} was {old!r}, is {new!r}"


@pytest.mark.parametrize("path", sorted(RELEASED.glob("*.json")), ids=lambda path: path.stem)
def test_version_1_only_grows(path: Path) -> None:
    """Connectors that hold today must hold tomorrow.

    Each file is the schemas of one release, as they were. To release: write `schema_names()` with their
    schemas to a new file here, named by version. Never change an old file.
    """
    for name, old in json.loads(path.read_text("utf-8")).items():
        assert name in schema_names(), f"{name} is gone"
        assert list(breaking_changes(old, schema(name), name)) == []


OLD: dict[str, Any] = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"enum": [1, 2], "title": "A"}},
    "$defs": {},
    "x-anslut": {"filters": ["period"], "periodFields": ["a"], "missing": ["b"]},
}
ABOUT: dict[str, Any] = OLD["x-anslut"]
BREAKING: list[dict[str, Any]] = [
    {**OLD, "required": ["a", "b"]},
    {**OLD, "properties": {}},
    {**OLD, "properties": {"a": {"enum": [1], "title": "A"}}},
    {**OLD, "properties": {"a": {"enum": [1, 2], "title": "A", "maxLength": 3}}},
    {**OLD, "type": "array"},
    {**OLD, "additionalProperties": False},
    {**OLD, "x-anslut": {**ABOUT, "filters": []}},
    {**OLD, "x-anslut": {**ABOUT, "periodFields": ["a", "b"]}},
    {**OLD, "x-anslut": {**ABOUT, "periodGroup": "a"}},
]
FREE: list[dict[str, Any]] = [
    {**OLD, "properties": {"a": {"enum": [1, 2, 3], "title": "B"}, "b": {"type": "string"}}},
    {**OLD, "$defs": {"x": {"type": "string"}}, "description": "Words."},
    {**OLD, "x-anslut": {"filters": ["period", "b"], "filterFields": {"b": "b"}, "periodFields": ["a"]}},
    OLD,
]


@pytest.mark.parametrize("new", BREAKING, ids=range(len(BREAKING)))
def test_a_breaking_change_is_seen(new: dict[str, Any]) -> None:
    """The guard is itself tried on every sort of change that it guards against."""
    assert list(breaking_changes(OLD, new))


@pytest.mark.parametrize("new", FREE, ids=range(len(FREE)))
def test_growth_is_free(new: dict[str, Any]) -> None:
    """New optional fields, types and codes need no new major version."""
    assert list(breaking_changes(OLD, new)) == []


def test_releases_follow_each_other() -> None:
    """A file for each release, in order, so that nobody edits history."""
    names = [path.stem for path in sorted(RELEASED.glob("*.json"))]

    assert names
    assert all(re.fullmatch(r"\d+\.\d+", name) for name in names)
    assert all(one < other for one, other in pairwise(names))
