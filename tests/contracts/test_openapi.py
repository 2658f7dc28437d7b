"""The HTTP door's description: valid OpenAPI 3.1, and about the same contract as the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anslut_contracts
import pytest
from anslut_contracts import information_types, schema, schema_names
from openapi_spec_validator import OpenAPIV31SpecValidator

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = Path(anslut_contracts.__file__).parent / "openapi" / "v1" / "connector.json"
METHODS = {"get", "post", "put", "delete"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the description."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return found


def references(node: object) -> Iterator[str]:
    """Yield every reference in *node*."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield str(value)
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    """Generators and test tools of any language read it; file references are followed."""
    errors = list(OpenAPIV31SpecValidator(document, base_uri=PATH.as_uri()).iter_errors())

    assert errors == []


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """A reference to nothing is found here, not by an adopter's generator."""
    for reference in references(document):
        file, _, pointer = reference.partition("#")
        target: Any = document
        if file:
            name = file.removeprefix("../../schemas/v1/").removesuffix(".json")
            assert name in schema_names(), reference
            target = schema(name)
        for step in pointer.split("/")[1:]:
            assert step in target, reference
            target = target[step]


def test_every_information_type_has_its_search(document: dict[str, Any]) -> None:
    """A new type is not forgotten: copy a search path and change its name."""
    searches = {path for path in document["paths"] if path.endswith("/search")}

    assert searches == {f"/v1/{name}/search" for name in information_types()}
    for name in information_types():
        post = document["paths"][f"/v1/{name}/search"]["post"]
        body = post["requestBody"]["content"]["application/json"]["schema"]
        answer = post["responses"]["200"]["content"]["application/json"]["schema"]
        assert body == {"$ref": f"../../schemas/v1/types/{name}.json#/$defs/query"}
        assert answer == {"$ref": f"../../schemas/v1/types/{name}.json#/$defs/answer"}


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    """One form for every error, and nothing of an answer is kept on the way."""
    operations = [
        op for path in document["paths"].values() for method, op in path.items() if method in METHODS
    ]

    for operation in operations:
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            name = response["$ref"].rpartition("/")[2]
            assert list(document["components"]["responses"][name]["content"]) == ["application/problem+json"]
    searches = [operation for operation in operations if operation["tags"] == ["search"]]
    expected = {"200", "400", "401", "403", "404", "413", "415", "422", "429", "500", "502", "503", "504"}
    assert all(set(operation["responses"]) == expected for operation in searches)


def test_no_persons_number_has_a_place_outside_the_body(document: dict[str, Any]) -> None:
    """Addresses and headers end up in logs on the way."""
    assert not any("{" in path for path in document["paths"])
    assert {item["in"] for item in document["components"]["parameters"].values()} == {"header"}
