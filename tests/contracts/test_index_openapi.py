"""The index's description: valid OpenAPI 3.1, and about the same contract as the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anslut_contracts
import pytest
from anslut_contracts import schema
from openapi_spec_validator import OpenAPIV31SpecValidator

PATH = Path(anslut_contracts.__file__).parent / "openapi" / "v1" / "index.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Return the description."""
    found: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return found


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    """Whoever builds an index reads it; file references are followed."""
    assert list(OpenAPIV31SpecValidator(document, base_uri=PATH.as_uri()).iter_errors()) == []


def test_it_describes_the_update_and_its_answer(document: dict[str, Any]) -> None:
    """There is one thing to post, and one answer that lets a connector move on."""
    assert list(document["paths"]) == ["/v1/engagements"]
    post = document["paths"]["/v1/engagements"]["post"]

    assert post["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "../../schemas/v1/engagements.json"
    }
    assert post["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "../../schemas/v1/engagements.json#/$defs/answer"
    }
    assert schema("engagements")["$defs"]["answer"]["properties"] == {"result": {"const": "OK"}}


def test_every_error_is_a_problem(document: dict[str, Any]) -> None:
    """One form for every error, as at the connector's own door."""
    responses = document["paths"]["/v1/engagements"]["post"]["responses"]

    for status, response in responses.items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
